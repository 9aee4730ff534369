"""Where the quotes of an answer stand in a text.

A quote is looked for as it is, then with quotation marks and white space folded, and nowhere else:
what does not stand there word for word is not placed. Of several places that a quote may mean, the
answer's order decides: quotes follow the text as far as they can, and go on as near as they can.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import chain, pairwise
from unicodedata import category

from corpus.core.span import Range, trim

Place = tuple[Range, ...]
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″＂", '"') | dict.fromkeys("‘’‚‛‹›′`´＇", "'"))
# What parts the fragments of a span in a quote.
ELLIPSIS = re.compile(r"\[(?:…|\.\.\.)\]|…|\.\.\.")
# More of them are no span, and each is looked for.
MOST_FRAGMENTS = 30
# More than this of one quote in one passage is no text.
MOST_PLACES = 400
# Going back in the text costs more than any distance.
BACK = 1 << 40


class Quotable:
    """A range of a text in which quotes are looked for; offsets are the text's code points."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._start = start
        self._end = end

    def places(self, quote: str) -> list[Place]:
        """Return where a quote stands as whole words, in order.

        A quote with an ellipsis may be fragments, which then stand in order.
        """
        quote = quote.strip()
        flat = " ".join(quote.split())
        # Twice as long, as ellipses stand in the quote and not in the text.
        if len(flat) > 2 * (self._end - self._start):
            return []
        ranges = self._ranges(quote)
        if ranges:
            return [(place,) for place in ranges]
        pieces = [piece.strip() for piece in ELLIPSIS.split(flat) if piece.strip()]
        return self._fragments(pieces) if 1 < len(pieces) <= MOST_FRAGMENTS else []

    def _ranges(self, quote: str) -> list[Range]:
        if not quote:
            return []
        found = [(at, at + len(quote)) for at in _occurrences(self._text, quote, *self._whole)]
        if not found:
            found = self._folded_ranges(quote)
        return [place for place in found if not any(map(self._is_inside_word, place))]

    @property
    def _whole(self) -> Range:
        return self._start, self._end

    def _folded_ranges(self, quote: str) -> list[Range]:
        folded, starts, ends = self._folded
        wanted = fold(quote)[0].strip()
        if not wanted:
            return []
        found = []
        for at in _occurrences(folded, wanted, 0, len(folded)):
            found.append((self._start + starts[at], self._start + ends[at + len(wanted) - 1]))
        return found

    @cached_property
    def _folded(self) -> tuple[str, list[int], list[int]]:
        return fold(self._text[self._start : self._end])

    def _is_inside_word(self, edge: int) -> bool:
        """Tell whether an offset parts a word; scripts without spaces have no such words."""
        if not 0 < edge < len(self._text):
            return False
        sides = self._text[edge - 1], self._text[edge]
        return all(side.isalnum() and category(side) != "Lo" for side in sides)

    def _fragments(self, pieces: Sequence[str]) -> list[Place]:
        """Return the places of pieces that stand one after the other, each as near as it can."""
        by_piece = [self._ranges(piece) for piece in pieces]
        if not all(by_piece):
            return []
        places: list[Place] = []
        following = [0] * len(by_piece)
        for first in by_piece[0]:
            place = [first]
            for number, ranges in enumerate(by_piece[1:], start=1):
                at = following[number]
                while at < len(ranges) and ranges[at][0] < place[-1][1]:
                    at += 1
                following[number] = at
                if at == len(ranges):
                    return places
                place.append(ranges[at])
            # Only white space between them: no fragments, one range.
            if all(trim(self._text, a[1], b[0])[0] < b[0] for a, b in pairwise(place)):
                places.append(tuple(place))
        return places


def fold(text: str) -> tuple[str, list[int], list[int]]:
    """Return a text with one kind of quotation marks and single spaces.

    With each of its characters goes where what it stands for begins and ends in the text.
    """
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, char in enumerate(text.translate(QUOTES)):
        if char.isspace():
            if folded and folded[-1] == " ":
                ends[-1] = at + 1
                continue
            char = " "
        folded.append(char)
        starts.append(at)
        ends.append(at + 1)
    return "".join(folded), starts, ends


def _occurrences(text: str, quote: str, start: int, end: int) -> list[int]:
    found: list[int] = []
    at = text.find(quote, start, end)
    while at >= 0 and len(found) < MOST_PLACES:
        found.append(at)
        at = text.find(quote, at + 1, end)
    return found


def chosen(names: Sequence[str], places: Sequence[Sequence[Place]]) -> list[Place | None]:
    """Return which of its places each quote of an answer means.

    `names` tells the quotes apart: two of one name are two mentions. What is named more often than
    it stands there has None. By dynamic programming, in time linear in the number of places.
    """
    placed: list[Place | None] = [None for _ in places]
    known = [number for number, candidates in enumerate(places) if candidates]
    best = _in_order([names[n] for n in known], [places[n] for n in known])
    taken: set[tuple[str, Place]] = set()
    for number, choice in zip(known, best, strict=True):
        free = _free(names[number], places[number], choice, taken)
        if free is not None:
            taken.add((names[number], free))
        placed[number] = free
    return placed


def _free(
    name: str, candidates: Sequence[Place], choice: int, taken: set[tuple[str, Place]]
) -> Place | None:
    """Return the chosen place, or else the next that no other mention of the name has."""
    for at in chain(range(choice, len(candidates)), range(choice - 1, -1, -1)):
        if (name, candidates[at]) not in taken:
            return candidates[at]
    return None


def _in_order(names: Sequence[str], places: Sequence[Sequence[Place]]) -> list[int]:
    """Return the choices with the fewest steps back, and of those with the shortest way."""
    if not places:
        return []
    costs = [place[0][0] for place in places[0]]
    steps: list[list[int]] = []
    for number in range(1, len(places)):
        strictly = names[number] == names[number - 1]
        costs, step = _step(places[number - 1], costs, places[number], strictly=strictly)
        steps.append(step)
    at = min(range(len(costs)), key=costs.__getitem__)
    choices = [at]
    for step in reversed(steps):
        at = step[at]
        choices.append(at)
    return choices[::-1]


def _step(
    before: Sequence[Place], costs: Sequence[int], after: Sequence[Place], *, strictly: bool
) -> tuple[list[int], list[int]]:
    """Return the least cost of each place after, and the place before that it comes from."""
    starts = [place[0][0] for place in before]
    # The best place before to go back from is one of the last, as the way back is measured, too.
    back = [0] * len(starts)
    best = len(starts) - 1
    for at in range(len(starts) - 1, -1, -1):
        if costs[at] + starts[at] <= costs[best] + starts[best]:
            best = at
        back[at] = best
    new_costs = []
    came_from = []
    reached = 0
    forward = -1
    for place in after:
        start = place[0][0]
        while reached < len(starts) and (
            starts[reached] < start or (starts[reached] == start and not strictly)
        ):
            if forward < 0 or costs[reached] - starts[reached] < costs[forward] - starts[forward]:
                forward = reached
            reached += 1
        options = []
        if forward >= 0:
            options.append((costs[forward] + start - starts[forward], forward))
        if reached < len(starts):
            behind = back[reached]
            options.append((costs[behind] + starts[behind] - start + BACK, behind))
        cost, origin = min(options)
        new_costs.append(cost)
        came_from.append(origin)
    return new_costs, came_from

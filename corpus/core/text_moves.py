"""Where the words of a text are in a corrected version of it, so that spans move along.

The texts are compared line by line, and word by word where lines differ: words that stand once in
both hold the rest together, as in a patience diff. All of it takes time in proportion to the texts:
where that is not enough to tell, nothing is taken to be the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import NamedTuple

from .span import LayerView, Range, Span

# Of the shorter of two texts, or of two passages, so much must stand in the other.
ALIKE = 0.5
# So often a passage is divided where words stand once in both.
DEPTH = 32
# So many edits are looked for where no word stands once in both, in so many steps for each word.
EDITS = 200
STEPS = 8

_MARKS = r"!-/:-@\[-`{-~¡-¿‐-‧‰-⁞、-〃〈-】〔-〟！-／：-＠"
_IDEOGRAMS = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_LETTER = rf"[^\s{_MARKS}{_IDEOGRAMS}]"
# What may stand within a word and a number: "3" is not found in "3.5", nor "no" in "no-one".
TOKEN = re.compile(rf"{_LETTER}+(?:['’.,\-‐‑]{_LETTER}+)*|\n|[^\S\n]+|.", re.DOTALL)


class Block(NamedTuple):
    """What stands in both: where it begins in the old and in the new, and how long it is."""

    old: int
    new: int
    size: int


@dataclass(frozen=True, slots=True)
class Moves:
    """Where the characters of an old text are in a new one, in code points.

    `too_different` tells that the texts have too little in common for anything to move.
    """

    blocks: Sequence[Block]
    too_different: bool = False

    def place(self, piece: Range) -> Range | None:
        """Return where a range of the old text is now, None unless its words stand unchanged."""
        start, end = piece
        number = bisect_right(self.blocks, start, key=attrgetter("old")) - 1
        if number < 0:
            return None
        block = self.blocks[number]
        if end > block.old + block.size:
            return None
        shift = block.new - block.old
        return start + shift, end + shift

    def span(self, span: Span) -> Span | None:
        """Return a span at its new place, None unless all of its fragments have one."""
        ranges = [self.place(piece) for piece in span.ranges]
        placed = [piece for piece in ranges if piece is not None]
        if len(placed) < len(ranges):
            return None
        fragments = tuple(placed) if span.fragments else None
        return replace(span, start=placed[0][0], end=placed[-1][1], fragments=fragments)


@dataclass(frozen=True, slots=True)
class MovedLayer:
    """A layer over the new text, and the spans that did not move, at their old places."""

    view: LayerView
    left: tuple[Span, ...] = ()


def moved_layer(view: LayerView, moves: Moves) -> MovedLayer:
    """Return a layer with the spans that move and the links between them; idents stay.

    Settled disputes are not moved here: what they name is gold's.
    """
    spans: dict[int, Span] = {}
    left = []
    for ident, span in view.spans.items():
        moved = moves.span(span)
        if moved is None:
            left.append(span)
        else:
            spans[ident] = moved
    links = {
        ident: link
        for ident, link in view.links.items()
        if link.source in spans and link.target in spans
    }
    layer = LayerView(
        spans,
        links,
        rejected=view.rejected,
        deferred=view.deferred,
        attributes=view.attributes,
    )
    left.sort(key=attrgetter("start", "end", "ident"))
    return MovedLayer(layer, tuple(left))


def moves_between(old: str, new: str) -> Moves:
    """Return where the characters of one text are in another."""
    blocks = _joined(_blocks(old, new))
    if _too_little(blocks, old, new):
        return Moves((), too_different=True)
    return Moves(blocks)


def _blocks(old: str, new: str) -> Iterator[Block]:
    """Yield what stands in both texts, in order."""
    old_lines = _lines(old)
    new_lines = _lines(new)
    old_starts = _starts(old_lines)
    new_starts = _starts(new_lines)
    same = _Matching(old_lines, new_lines, edits=0).blocks()
    i = j = 0
    for block in [*same, Block(len(old_lines), len(new_lines), 0)]:
        yield from _within(
            old, new, (old_starts[i], old_starts[block.old]), (new_starts[j], new_starts[block.new])
        )
        i, j = block.old + block.size, block.new + block.size
        start, end = old_starts[block.old], old_starts[i]
        if start < end:
            yield Block(start, new_starts[block.new], end - start)


def _within(old: str, new: str, here: Range, there: Range) -> Iterator[Block]:
    """Yield what stands in two passages, unless they have too little in common."""
    passage, other = old[slice(*here)], new[slice(*there)]
    if not passage or not other:
        return
    tokens = TOKEN.findall(passage)
    others = TOKEN.findall(other)
    starts = _starts(tokens)
    other_starts = _starts(others)
    found = []
    for block in _Matching(tokens, others, edits=EDITS).blocks():
        size = starts[block.old + block.size] - starts[block.old]
        found.append(Block(starts[block.old], other_starts[block.new], size))
    if _too_little(found, passage, other):
        return
    for block in found:
        yield Block(here[0] + block.old, there[0] + block.new, block.size)


def _lines(text: str) -> list[str]:
    """Return the lines of a text, each with its end."""
    lines = text.split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


def _starts(parts: Iterable[str]) -> list[int]:
    """Return where each part begins when they stand one after the other, and where all end."""
    starts = [0]
    for part in parts:
        starts.append(starts[-1] + len(part))
    return starts


def _too_little(blocks: Iterable[Block], old: str, new: str) -> bool:
    """Tell whether so little stands in both that they are not one text, corrected."""
    held = sum(_letters(old[block.old : block.old + block.size]) for block in blocks)
    return held < ALIKE * min(_letters(old), _letters(new))


def _letters(text: str) -> int:
    """Count the characters beside white space."""
    return sum(map(len, text.split()))


def _joined(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks, joined where they touch in both texts."""
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        touches = last is not None and (
            (last.old + last.size, last.new + last.size) == (block.old, block.new)
        )
        if last is not None and touches:
            joined[-1] = Block(last.old, last.new, last.size + block.size)
        else:
            joined.append(block)
    return joined


@dataclass(slots=True)
class _Matching:
    """Finds what two sequences have in common, in the order of both.

    `edits` says how many are looked for where nothing stands once in both, 0 for none.
    """

    old: Sequence[str]
    new: Sequence[str]
    edits: int
    steps: int = 0
    found: list[Block] = field(default_factory=list)

    def blocks(self) -> list[Block]:
        """Return what stands in both, in order."""
        self.steps = STEPS * (len(self.old) + len(self.new)) + EDITS * EDITS
        waiting = [(0, len(self.old), 0, len(self.new), 0)]
        while waiting:
            a, a_end, b, b_end, depth = self._without_ends(*waiting.pop())
            if a == a_end or b == b_end or depth > DEPTH:
                continue
            anchors = self._anchors(a, a_end, b, b_end)
            if not anchors:
                self._edit(a, a_end, b, b_end)
                continue
            for i, j in anchors:
                waiting.append((a, i, b, j, depth + 1))
                # The anchor begins what follows, so that what stands after it is found with it.
                a, b = i, j
            waiting.append((a, a_end, b, b_end, depth + 1))
        return sorted(self.found)

    def _without_ends(
        self, a: int, a_end: int, b: int, b_end: int, depth: int
    ) -> tuple[int, int, int, int, int]:
        """Note what both begin and end with, and return what is between."""
        old, new = self.old, self.new
        start = a
        while a < a_end and b < b_end and old[a] == new[b]:
            a += 1
            b += 1
        if a > start:
            self.found.append(Block(start, b - (a - start), a - start))
        end = a_end
        while a < a_end and b < b_end and old[a_end - 1] == new[b_end - 1]:
            a_end -= 1
            b_end -= 1
        if a_end < end:
            self.found.append(Block(a_end, b_end, end - a_end))
        return a, a_end, b, b_end, depth

    def _anchors(self, a: int, a_end: int, b: int, b_end: int) -> list[tuple[int, int]]:
        """Return the places of what stands once in both, as many as are in the order of both."""
        times = Counter(self.old[a:a_end])
        others = Counter(self.new[b:b_end])
        place_of = {}
        for j in range(b, b_end):
            if others[self.new[j]] == 1:
                place_of[self.new[j]] = j
        pairs = []
        for i in range(a, a_end):
            if times[self.old[i]] == 1 and self.old[i] in place_of:
                pairs.append((i, place_of[self.old[i]]))
        return _rising(pairs)

    def _edit(self, a: int, a_end: int, b: int, b_end: int) -> None:
        """Note what the fewest edits leave, as Myers finds them, unless that takes too long."""
        # How far each diagonal reaches in the old, before each number of edits.
        reached: list[dict[int, int]] = []
        furthest = {1: 0}
        length, width = a_end - a, b_end - b
        for edits in range(min(self.edits, length + width) + 1):
            reached.append(dict(furthest))
            for diagonal in range(-edits, edits + 1, 2):
                x = _begin(furthest, diagonal, edits)
                y = x - diagonal
                while x < length and y < width and self.old[a + x] == self.new[b + y]:
                    x += 1
                    y += 1
                    self.steps -= 1
                furthest[diagonal] = x
                self.steps -= 1
                if x >= length and y >= width:
                    self._trace(a, b, length, width, reached)
                    return
            if self.steps < 0:
                return

    def _trace(self, a: int, b: int, x: int, y: int, reached: Sequence[dict[int, int]]) -> None:
        """Note the blocks on the way that the fewest edits took."""
        for edits in range(len(reached) - 1, -1, -1):
            diagonal = x - y
            start = _begin(reached[edits], diagonal, edits) if edits else 0
            if x > start:
                self.found.append(Block(a + start, b + start - diagonal, x - start))
            if not edits:
                return
            down = _is_down(reached[edits], diagonal, edits)
            x, y = (start, start - diagonal - 1) if down else (start - 1, start - diagonal)


def _is_down(furthest: dict[int, int], diagonal: int, edits: int) -> bool:
    """Tell whether a diagonal is reached by what the new text has more."""
    if diagonal in (-edits, edits):
        return diagonal == -edits
    return furthest[diagonal - 1] < furthest[diagonal + 1]


def _begin(furthest: dict[int, int], diagonal: int, edits: int) -> int:
    """Return where one more edit leads on a diagonal."""
    if _is_down(furthest, diagonal, edits):
        return furthest[diagonal + 1]
    return furthest[diagonal - 1] + 1


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return as many of the pairs as rise in the second place too; they rise in the first."""
    tails: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(tails, place)
        before.append(last[at - 1] if at else -1)
        if at == len(tails):
            tails.append(place)
            last.append(number)
        else:
            tails[at] = place
            last[at] = number
    rising = []
    number = last[-1] if last else -1
    while number >= 0:
        rising.append(pairs[number])
        number = before[number]
    return rising[::-1]

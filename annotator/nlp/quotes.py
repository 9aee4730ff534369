"""Find quotation regions in raw text, whatever marks it uses and however many of them are lost.

Marks are read on the text, not on tokens, paragraph by paragraph. An unclosed quotation ends with
its paragraph; one that is followed by a paragraph that opens anew goes on there. An odd number of
marks never stops the search.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter

from corpus.core.span import Range, trim

MARK = re.compile(r"''|``|‘‘|’’|[\"“”„«»]")
OPENING = {"“": "”", "„": "“”", "«": "»", "``": "''\"’’", "‘‘": "’’\"''"}
CLOSING = frozenset({"”", "»", "’’"})
SINGLE = re.compile(r"(?<![\w'’‘])[‘'](?=[\w“\"…])")
SINGLE_END = re.compile(r"(?<=[\w.,!?…;—–\-”\")])['’](?![\w'’])")
LABEL = re.compile(r"[A-Z][A-Z.'’ -]{1,30}:\s")
LONGEST_SINGLE = 2_000
# Marks that open deeper than this are noise, and so many are never searched for the one that a mark
# closes.
DEEPEST = 8

# A quotation with a mark lost ends where a reporting clause follows a comma or a stop, or starts
# with that sentence.
CLAUSE = (
    r"(?=\s+(?:(?:[A-Z][\w.'’\-]*|he|she|they|it|we|the|an?)\s+){1,6}?(?:says?|said|told|adds|added|wrote|asked|explained|"
    r"tweeted|continued|insisted|argued|noted|warned)\b|\s+(?:says|said|added|wrote|asked)\s+[A-Z])"
)
LOST_END = re.compile("[,?!]" + CLAUSE)
REPORTED = re.compile("[,.?!]”" + CLAUSE)
SENTENCE_START = re.compile(r"(?:[.?!][”\"]?|:)\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation with its marks; `depth` counts the quotations around it.

    `closed` tells whether it has a closing mark, `continues` whether the next paragraph opens it
    anew.
    """

    start: int
    end: int
    inner: Range
    closed: bool
    depth: int = 0
    continues: bool = False


def regions(text: str, paragraphs: Iterable[Range]) -> list[Quote]:
    """Return every quotation in the paragraphs, by start, the outer one first."""
    found: list[Quote] = []
    ranges = list(paragraphs)
    for n, (start, end) in enumerate(ranges):
        anew = _opens(text, *ranges[n + 1]) if n + 1 < len(ranges) else ""
        doubles = [q for q in _doubles(text, start, end, anew) if q.inner[0] < q.inner[1]]
        found += _with_depth(doubles + list(_not_crossing(_singles(text, start, end), doubles)))
    return found


def outermost(quotes: Iterable[Quote]) -> list[Quote]:
    """Return the quotations that stand in no other."""
    return [q for q in quotes if q.depth == 0]


def within(quotes: Sequence[Quote], start: int, end: int) -> Sequence[Quote]:
    """Return those of the outermost quotations, given in order, that overlap a range."""
    first = bisect_right(quotes, start, key=attrgetter("end"))
    return quotes[first : bisect_left(quotes, end, key=attrgetter("start"))]


def _opens(text: str, start: int, end: int) -> str:
    """Return the mark that a paragraph opens with, unless a name and a colon behind it start
    another's words.
    """
    mark = MARK.match(text, start, end)
    return (
        mark[0]
        if mark is not None and mark[0] not in CLOSING and not LABEL.match(text, mark.end(), end)
        else ""
    )


def _doubles(text: str, start: int, end: int, anew: str) -> Iterator[Quote]:
    """Yield the quotations in double marks of one paragraph; `anew` is the mark that the next one
    opens with.
    """
    stack: list[tuple[int, int, str]] = []
    free = start
    unopened = text.count("”", start, end) - text.count("“", start, end)
    for mark in MARK.finditer(text, start, end):
        sign, a, b = mark[0], mark.start(), mark.end()
        unopened += (sign == "“") - (sign == "”")
        if _is_inch(text, a, sign, bool(stack)) or (
            len(sign) == 2 and sign in ("''", "’’") and _possessive(text, a, b)
        ):
            continue
        if _is_opening(text, a, b, sign, stack, start, end):
            # A straight or equal mark that opens inside an open one means that the closing mark was
            # lost, unless more curly marks close than open from here on: then they are truly
            # nested.
            if stack and stack[-1][2] == sign and (sign not in OPENING or unopened <= 0):
                yield _lost(text, stack.pop(), a)
            if len(stack) < DEEPEST:
                stack.append((a, b, sign))
        elif stack:
            opened = _matching(stack, sign)
            while len(stack) > opened + 1:
                yield _lost(text, stack.pop(), a)
            first, inner, _ = stack.pop()
            yield Quote(first, b, (inner, a), closed=True)
            free = b
        elif a > free and REPORTED.match(text, a - 1, end):
            first = max((m.end() for m in SENTENCE_START.finditer(text, free, a - 1)), default=free)
            first = trim(text, first, a)[0]
            yield Quote(first, b, (first, a), closed=True)
            free = b
    for depth, (first, inner, sign) in enumerate(stack):
        if sign == anew and depth == 0:
            yield Quote(first, end, (inner, end), closed=False, continues=True)
        else:
            yield _lost(text, (first, inner, sign), end)


def _is_opening(
    text: str, a: int, b: int, sign: str, stack: list[tuple[int, int, str]], start: int, end: int
) -> bool:
    if sign in OPENING and not (sign == "“" and stack and stack[-1][2] == "„"):
        return True
    if sign in CLOSING:
        return not stack and sign == "”" and _looks_opening(text, a, b, start, end)
    if not stack:
        return (b < end and not text[b].isspace()) or not _looks_closing(text, a, b, start, end)
    return _looks_opening(text, a, b, start, end)


def _looks_opening(text: str, a: int, b: int, start: int, end: int) -> bool:
    before = text[a - 1] if a > start else " "
    after = text[b] if b < end else " "
    return (before.isspace() or before in "([—–-") and not after.isspace()


def _looks_closing(text: str, a: int, b: int, start: int, end: int) -> bool:
    return a > start and not text[a - 1].isspace() and (b == end or not text[b].isalnum())


def _is_inch(text: str, a: int, sign: str, inside: bool) -> bool:
    return sign == '"' and not inside and a > 0 and text[a - 1].isdigit()


def _possessive(text: str, a: int, b: int) -> bool:
    """Tell whether two single marks stand inside a word, as in a doubled apostrophe."""
    return a > 0 and b < len(text) and text[a - 1].isalnum() and text[b].isalnum()


def _matching(stack: list[tuple[int, int, str]], sign: str) -> int:
    """Return which open mark this one closes: the last of its family, else the last."""
    for n in range(len(stack) - 1, -1, -1):
        opened = stack[n][2]
        if sign in OPENING.get(opened, sign):
            return n
    return len(stack) - 1


def _lost(text: str, opened: tuple[int, int, str], end: int) -> Quote:
    """Return a quotation that nothing closes, up to a reporting clause or `end`."""
    first, inner, _ = opened
    cut = LOST_END.search(text, inner, end)
    stop = cut.end() if cut else end
    while stop > inner and text[stop - 1].isspace():
        stop -= 1
    return Quote(first, max(stop, inner), (inner, max(stop, inner)), closed=False)


def _singles(text: str, start: int, end: int) -> Iterator[Quote]:
    """Yield the quotations in single marks of one paragraph, told from apostrophes by what stands
    around.
    """
    at = start
    while opening := SINGLE.search(text, at, end):
        limit = min(end, opening.end() + LONGEST_SINGLE)
        following = SINGLE.search(text, opening.end() + 1, limit)
        ends = list(
            SINGLE_END.finditer(text, opening.end() + 1, following.start() if following else limit)
        )
        if not ends:
            at = opening.end()
            continue
        # `workers' rights` inside a quotation: a mark after a stop or comma is the surer end.
        sure = next((m for m in ends if text[m.start() - 1] in ".,!?…"), ends[0])
        close = (
            sure
            if text[ends[0].start() - 1] == "s" and text[ends[0].end() : ends[0].end() + 1] == " "
            else ends[0]
        )
        yield Quote(opening.start(), close.end(), (opening.end(), close.start()), closed=True)
        at = close.end()


def _not_crossing(singles: Iterable[Quote], doubles: Iterable[Quote]) -> Iterator[Quote]:
    """Yield the quotations in single marks that cross none in double marks: each edge in one has
    its partner there.
    """
    edges = sorted(edge for q in doubles for edge in ((q.start, q.end), (q.end, q.start)))
    for single in singles:
        first = bisect_right(edges, single.start, key=itemgetter(0))
        last = bisect_left(edges, single.end, key=itemgetter(0))
        if all(single.start <= partner <= single.end for _, partner in edges[first:last]):
            yield single


def _with_depth(quotes: list[Quote]) -> Iterator[Quote]:
    open_ends: list[int] = []
    for quote in sorted(quotes, key=lambda q: (q.start, -q.end)):
        while open_ends and open_ends[-1] <= quote.start:
            open_ends.pop()
        depth = len(open_ends)
        yield Quote(quote.start, quote.end, quote.inner, quote.closed, depth, quote.continues)
        open_ends.append(quote.end)

"""Find quotation regions in raw text, whatever marks it uses and however many of them are lost.

Marks are read on the text, not on tokens, paragraph by paragraph. An unclosed quotation ends with
its paragraph; one that is followed by a paragraph that opens anew goes on there. An odd number of
marks never stops the search.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
    r"(?=\s+(?:(?:[A-Z][\w.'’\-]*|he|she|they|it|we|the|an?)\s+){1,6}?"
    r"(?:says?|said|told|adds|added|wrote|asked|explained|"
    r"tweeted|continued|insisted|argued|noted|warned)\b|\s+(?:says|said|added|wrote|asked)\s+[A-Z])"
)
LOST_END = re.compile("[,?!]" + CLAUSE)
REPORTED = re.compile("[,.?!]”" + CLAUSE)
# Nor does it go on where a sentence starts that says what somebody said.
OTHERS = re.compile(
    r"(?<=[.?!])(?=\s+(?!(?:I|We|He|She|They|You|It|The|And|But)\b)(?:[A-Z][\w.’'\-]*\s+){1,4}"
    r"(?:says|said|told|added|wrote|argued|denied|insisted|replied)\b)"
)
SENTENCE_START = re.compile(r"(?:[.?!][”\"]?|:)\s+(?=\S)")


# Speech behind a dash ends where a reporting clause follows it: `— Since when? asked Lena.`
DASH = re.compile(r"[—–]\s+(?=\w)")
DASH_END = re.compile(
    r"(?<=[?!,.…])(?:\s+[—–])?"
    r"(?=\s+(?:says|said|asked|asks|replied|answered|added|cried|shouted)\s+\w)"
)


# A mark that opened: where it starts, where the words behind it do, and the sign.
OpenMark = tuple[int, int, str]


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
    quotes: list[Quote] = []
    ranges = list(paragraphs)
    for number, (start, end) in enumerate(ranges):
        anew = _opens(text, *ranges[number + 1]) if number + 1 < len(ranges) else ""
        spoken = _dashed(text, start, end)
        if spoken is not None:
            quotes.append(spoken)
            continue
        doubles = [q for q in _doubles(text, start, end, anew) if q.inner[0] < q.inner[1]]
        singles = list(_not_crossing(_singles(text, start, end), doubles))
        quotes += _with_depth(doubles + singles)
    return quotes


def outermost(quotes: Iterable[Quote]) -> list[Quote]:
    """Return the quotations that stand in no other."""
    return [q for q in quotes if q.depth == 0]


def within(quotes: Sequence[Quote], start: int, end: int) -> Sequence[Quote]:
    """Return those of the outermost quotations, given in order, that overlap a range."""
    first = bisect_right(quotes, start, key=attrgetter("end"))
    return quotes[first : bisect_left(quotes, end, key=attrgetter("start"))]


def _dashed(text: str, start: int, end: int) -> Quote | None:
    """Return what a paragraph that starts with a dash says before its reporting clause."""
    dash = DASH.match(text, start, end)
    stop = DASH_END.search(text, dash.end(), end) if dash is not None else None
    if dash is None or stop is None:
        return None
    inner = (dash.end(), stop.start())
    return Quote(*inner, inner, closed=True)


def _opens(text: str, start: int, end: int) -> str:
    """Return the mark that a paragraph opens with, unless a name and a colon behind it start
    another's words.
    """
    mark = MARK.match(text, start, end)
    if mark is None or mark[0] in CLOSING or LABEL.match(text, mark.end(), end):
        return ""
    return mark[0]


def _doubles(text: str, start: int, end: int, anew: str) -> Iterator[Quote]:
    """Yield the quotations in double marks of one paragraph; `anew` is the mark that the next one
    opens with.
    """
    stack: list[OpenMark] = []
    free = start
    unopened = text.count("”", start, end) - text.count("“", start, end)
    for mark in MARK.finditer(text, start, end):
        sign = mark[0]
        a, b = mark.span()
        unopened += (sign == "“") - (sign == "”")
        if _is_inch(text, a, sign, bool(stack)) or _is_apostrophe(text, a, b, sign):
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
            # Only the closing mark is left: the sentence before it is what it closes.
            first = free
            for stop in SENTENCE_START.finditer(text, free, a - 1):
                first = stop.end()
            first = trim(text, first, a)[0]
            yield Quote(first, b, (first, a), closed=True)
            free = b
    for depth, opened_mark in enumerate(stack):
        first, inner, sign = opened_mark
        if sign == anew and depth == 0:
            yield Quote(first, end, (inner, end), closed=False, continues=True)
        else:
            yield _lost(text, opened_mark, end)


def _is_opening(
    text: str, a: int, b: int, sign: str, stack: list[OpenMark], start: int, end: int
) -> bool:
    """Tell whether a mark opens a quotation, by its sign and what stands around it."""
    # “ is the closing mark of „.
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
    """Tell whether a straight mark stands for inches: `12" pipes`."""
    return sign == '"' and not inside and a > 0 and text[a - 1].isdigit()


def _is_apostrophe(text: str, a: int, b: int, sign: str) -> bool:
    """Tell whether two single marks stand inside a word, as in a doubled apostrophe."""
    if sign not in ("''", "’’"):
        return False
    return a > 0 and b < len(text) and text[a - 1].isalnum() and text[b].isalnum()


def _matching(stack: list[OpenMark], sign: str) -> int:
    """Return which open mark this one closes: the last of its family, else the last."""
    for n in range(len(stack) - 1, -1, -1):
        opened = stack[n][2]
        if sign in OPENING.get(opened, sign):
            return n
    return len(stack) - 1


def _lost(text: str, opened: OpenMark, end: int) -> Quote:
    """Return a quotation that nothing closes, up to a reporting clause or `end`."""
    first, inner, _ = opened
    stop = end
    for pattern in (LOST_END, OTHERS):
        cut = pattern.search(text, inner, stop)
        stop = cut.end() if cut else stop
    while stop > inner and text[stop - 1].isspace():
        stop -= 1
    return Quote(first, max(stop, inner), (inner, max(stop, inner)), closed=False)


def _singles(text: str, start: int, end: int) -> Iterator[Quote]:
    """Yield the quotations in single marks of one paragraph, told from apostrophes by what stands
    around.
    """
    at = start
    while opening := SINGLE.search(text, at, end):
        close = _single_end(text, opening.end(), end)
        if close is None:
            at = opening.end()
            continue
        yield Quote(opening.start(), close.end(), (opening.end(), close.start()), closed=True)
        at = close.end()


def _single_end(text: str, inner: int, end: int) -> re.Match[str] | None:
    """Return the mark that closes a quotation in single marks, none before the next one opens."""
    limit = min(end, inner + LONGEST_SINGLE)
    following = SINGLE.search(text, inner + 1, limit)
    ends = list(SINGLE_END.finditer(text, inner + 1, following.start() if following else limit))
    if not ends:
        return None
    first = ends[0]
    if text[first.start() - 1] == "s" and text[first.end() : first.end() + 1] == " ":
        # `workers' rights` inside a quotation: a mark after a stop or comma is the surer end.
        return next((mark for mark in ends if text[mark.start() - 1] in ".,!?…"), first)
    return first


def _not_crossing(singles: Iterable[Quote], doubles: Iterable[Quote]) -> Iterator[Quote]:
    """Yield the quotations in single marks that cross none in double marks: each edge in one has
    its partner there.
    """
    edges: list[tuple[int, int]] = []
    for double in doubles:
        edges.append((double.start, double.end))
        edges.append((double.end, double.start))
    edges.sort()
    for single in singles:
        first = bisect_right(edges, single.start, key=itemgetter(0))
        last = bisect_left(edges, single.end, key=itemgetter(0))
        if all(single.start <= partner <= single.end for _, partner in edges[first:last]):
            yield single


def _with_depth(quotes: list[Quote]) -> Iterator[Quote]:
    """Yield quotations in order, each with the number of those around it."""
    open_ends: list[int] = []
    for quote in sorted(quotes, key=lambda q: (q.start, -q.end)):
        while open_ends and open_ends[-1] <= quote.start:
            open_ends.pop()
        yield replace(quote, depth=len(open_ends))
        open_ends.append(quote.end)

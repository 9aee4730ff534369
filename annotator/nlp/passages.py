"""Cut a text into passages, each parsed on its own, with token offsets in the stored text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from spacy.language import Language
from spacy.tokens import Doc

from corpus.core.span import Range, trim

from .quotes import Quote, outermost, regions, within
from .repair import repair

LONGEST = 6_000
SHORTEST_INSIDE = 4
DEEPEST_INSIDE = 3
WRAPPED = range(50, 101)


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph with its parse; `starts` and `ends` hold the stored offsets of each token.

    `insides` are the quotations in it, each read as a passage of its own, where nested claims are
    wanted.
    """

    text: str
    start: int
    end: int
    doc: Doc
    starts: list[int]
    ends: list[int]
    quotes: list[Quote]
    insides: tuple[Passage, ...] = ()

    def range_of(self, first: int, last: int) -> Range:
        """Return the stored range of the tokens from `first` to `last`, both included."""
        return trim(self.text, self.starts[first], self.ends[last])

    def quotes_in(self, start: int, end: int) -> Sequence[Quote]:
        """Return the outermost quotations that overlap a stored range, in order."""
        return within(self.quotes, start, end)

    def tokens_in(self, start: int, end: int) -> range:
        """Return the token numbers that overlap a stored range."""
        return range(bisect_right(self.ends, start), bisect_left(self.starts, end))


def paragraphs(text: str) -> list[Range]:
    """Return the trimmed range of each paragraph.

    Lines are paragraphs, except where they are wrapped: all of a block but the last about as long
    as a screen line, or the next one in the middle of a sentence.
    """
    found: list[Range] = []
    block: list[Range] = []
    at = 0
    for line in (*text.split("\n"), ""):
        start, end = trim(text, at, at + len(line))
        at += len(line) + 1
        if start < end:
            block.append((start, end))
        elif block:
            found += _unwrapped(text, block)
            block = []
    return found


def _unwrapped(text: str, lines: list[Range]) -> list[Range]:
    """Return the paragraphs of lines that no blank line parts."""
    wrapped = len(lines) > 2 and all(end - start in WRAPPED for start, end in lines[:-1])
    found = lines[:1]
    for start, end in lines[1:]:
        if wrapped or text[start].islower():
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def pieces(text: str, start: int, end: int) -> Iterator[Range]:
    """Yield a paragraph in pieces that a parser takes in one go, cut at a stop or a space."""
    while end - start > LONGEST:
        window = text[start : start + LONGEST]
        stops = [m.end() for m in re.finditer(r"[.?!][\"”]?\s", window)]
        cut = stops[-1] if stops else window.rfind(" ") + 1 or LONGEST
        yield trim(text, start, start + cut)
        start += cut
    yield trim(text, start, end)


def read(text: str, nlp: Language, *, nested: bool = False) -> list[Passage]:
    """Return the parsed passages of a text, in order; with `nested` the insides of their quotations
    are parsed too.
    """
    return _read(text, paragraphs(text), nlp, DEEPEST_INSIDE if nested else 0)


def _read(text: str, wanted: Iterable[Range], nlp: Language, levels: int) -> list[Passage]:
    """Return the passages of the wanted ranges, with the insides of quotations down to this many
    levels.
    """
    ranges = [p for a, b in wanted for p in pieces(text, a, b) if p[0] < p[1]]
    quotes = regions(text, ranges)
    by_passage: list[list[Quote]] = [[] for _ in ranges]
    starts = [a for a, _ in ranges]
    for quote in outermost(quotes):
        by_passage[bisect_right(starts, quote.start) - 1].append(quote)
    copies = [repair(text, a, b, q) for (a, b), q in zip(ranges, by_passage, strict=True)]
    found = []
    for (a, b), own, copy, doc in zip(
        ranges, by_passage, copies, nlp.pipe((c.text for c in copies), batch_size=64), strict=True
    ):
        offsets = [copy.to_stored(t.idx, t.idx + len(t)) for t in doc]
        found.append(
            Passage(text, a, b, doc, [s for s, _ in offsets], [e for _, e in offsets], own)
        )
    return _with_insides(text, found, nlp, levels) if levels else found


def _with_insides(text: str, passages: list[Passage], nlp: Language, levels: int) -> list[Passage]:
    """Return the passages with their quotations of some length read as passages, all parsed in one
    go.
    """
    inner = [trim(text, *q.inner) for p in passages for q in p.quotes]
    wanted = [
        (a, b)
        for a, b in inner
        if len(text[a:b].split(maxsplit=SHORTEST_INSIDE)) >= SHORTEST_INSIDE
    ]
    insides = _read(text, wanted, nlp, levels - 1) if wanted else []
    starts = [p.start for p in insides]
    return [
        replace(
            p, insides=tuple(insides[bisect_left(starts, p.start) : bisect_left(starts, p.end)])
        )
        for p in passages
    ]

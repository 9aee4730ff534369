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
from .repair import Repaired, is_sentence, repair

# Characters that a parser takes in one go.
LONGEST = 6_000
# Quotations from so many words on are read as passages, so many levels deep.
SHORTEST_INSIDE = 4
DEEPEST_INSIDE = 3
# How long lines are that an editor has wrapped.
WRAPPED = range(50, 101)
MARK = re.compile('[“”"]')
# A quotation left open runs on over so many lines at most.
LINES = 15
SENTENCE_END = re.compile(r"[.?!][\"”]?\s")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph with its parse; `starts` and `ends` hold the stored offsets of each token.

    `insides` are the quotations in it that were read as passages of their own: the sentences for
    which the parser saw a stand-in, and where nested claims are wanted every longer one.
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
    ranges: list[Range] = []
    block: list[Range] = []
    at = 0
    for line in (*text.split("\n"), ""):
        start, end = trim(text, at, at + len(line))
        at += len(line) + 1
        if start < end:
            block.append((start, end))
        elif block:
            ranges += _unwrapped(text, block)
            block = []
    return ranges


def _unwrapped(text: str, lines: list[Range]) -> list[Range]:
    """Return the paragraphs of lines that no blank line parts."""
    wrapped = len(lines) > 2 and all(end - start in WRAPPED for start, end in lines[:-1])
    joined = lines[:1]
    closing = _closing_lines(text, lines)
    for number, (start, end) in enumerate(lines[1:], 1):
        if wrapped or text[start].islower() or number in closing:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _closing_lines(text: str, lines: list[Range]) -> set[int]:
    """Return the numbers of the lines that go on with a quotation of the line before.

    That is so where one line leaves a quotation open, and one of the next closes it before any
    opens: each sentence stands on a line of its own.
    """
    going: set[int] = set()
    opened: int | None = None
    for number, (start, end) in enumerate(lines):
        marks = MARK.findall(text, start, end)
        if not marks:
            continue
        closes = marks[0] == "”" or (marks[0] == '"' and text[start] != '"')
        if opened is not None and number - opened <= LINES and closes:
            going.update(range(opened + 1, number + 1))
            del marks[0]
        opened = number if _is_left_open(marks) else None
    return going


def _is_left_open(marks: list[str]) -> bool:
    """Tell whether the double marks of a line leave a quotation open."""
    straight = marks.count('"')
    return bool(marks) and (marks[-1] == "“" or straight % 2 == 1)


def pieces(text: str, start: int, end: int) -> Iterator[Range]:
    """Yield a paragraph in pieces that a parser takes in one go, cut at a stop or a space."""
    while end - start > LONGEST:
        window = text[start : start + LONGEST]
        cut = window.rfind(" ") + 1 or LONGEST
        for stop in SENTENCE_END.finditer(window):
            cut = stop.end()
        yield trim(text, start, start + cut)
        start += cut
    yield trim(text, start, end)


def read(text: str, nlp: Language, *, nested: bool = False) -> list[Passage]:
    """Return the parsed passages of a text, in order, with the quoted sentences in them; with
    `nested` quoted phrases are parsed as passages too, and the quotations in quotations.
    """
    passages = _read(text, paragraphs(text), nlp, DEEPEST_INSIDE if nested else 0)
    return passages if nested else _with_insides(text, passages, nlp, 1, phrases=False)


def _read(
    text: str, wanted: Iterable[Range], nlp: Language, levels: int, without: Sequence[str] = ()
) -> list[Passage]:
    """Return the passages of the wanted ranges, with the insides of quotations down to this many
    levels, parsed `without` some components.
    """
    ranges: list[Range] = []
    for start, end in wanted:
        ranges.extend(piece for piece in pieces(text, start, end) if piece[0] < piece[1])
    starts = [start for start, _ in ranges]
    quotes: list[list[Quote]] = [[] for _ in ranges]
    for quote in outermost(regions(text, ranges)):
        quotes[bisect_right(starts, quote.start) - 1].append(quote)
    # What the parser reads.
    repaired: list[Repaired] = []
    for (start, end), own in zip(ranges, quotes, strict=True):
        repaired.append(repair(text, start, end, own))
    docs = nlp.pipe((copy.text for copy in repaired), batch_size=64, disable=without)
    passages = []
    for (start, end), own, copy, doc in zip(ranges, quotes, repaired, docs, strict=True):
        offsets = [copy.to_stored(token.idx, token.idx + len(token)) for token in doc]
        token_starts = [first for first, _ in offsets]
        token_ends = [last for _, last in offsets]
        passages.append(Passage(text, start, end, doc, token_starts, token_ends, own))
    return _with_insides(text, passages, nlp, levels) if levels else passages


def _with_insides(
    text: str, passages: list[Passage], nlp: Language, levels: int, *, phrases: bool = True
) -> list[Passage]:
    """Return the passages with their longer quotations read as passages, all parsed in one go;
    without `phrases` only those that are sentences.
    """
    wanted: list[Range] = []
    for passage in passages:
        for quote in passage.quotes:
            if not phrases and not is_sentence(text, quote):
                continue
            start, end = trim(text, *quote.inner)
            # The last piece is the rest: longer quotations need not be split to their end.
            if len(text[start:end].split(maxsplit=SHORTEST_INSIDE)) >= SHORTEST_INSIDE:
                wanted.append((start, end))
    # Names are learned from the outer text: half of the parse's time is theirs.
    without = () if phrases else ("ner",)
    insides = _read(text, wanted, nlp, levels - 1, without) if wanted else []
    starts = [inside.start for inside in insides]
    whole = []
    for passage in passages:
        first = bisect_left(starts, passage.start)
        last = bisect_left(starts, passage.end)
        whole.append(replace(passage, insides=tuple(insides[first:last])))
    return whole

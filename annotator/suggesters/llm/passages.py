"""Long documents in passages: whole paragraphs, with what stands around them as context."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.core.span import Range, trim

# Code points of a passage, and of the context before and after it.
LONGEST = 3000
BEFORE = 600
AFTER = 300
# No passage is halved below this.
SHORTEST = 300
PARAGRAPH_END = re.compile(r"\n\s*")
# Where a long paragraph may be parted: after a sentence, else at any white space.
SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[”\"’'»)\]]*\s+")
SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A range of a text, in code points, and the range of the context that it stands in."""

    start: int
    end: int
    context_start: int
    context_end: int

    @property
    def whole(self) -> Range:
        """Return the range with its context."""
        return self.context_start, self.context_end


def passages(text: str, longest: int = LONGEST) -> Iterator[Passage]:
    """Yield the passages of a text in order; together they hold all of it but white space."""
    start = end = 0
    for piece_start, piece_end in _pieces(text, 0, len(text), longest):
        if end > start and piece_end - start > longest:
            yield _passage(text, start, end)
            start = piece_start
        elif end == start:
            start = piece_start
        end = piece_end
    if end > start:
        yield _passage(text, start, end)


def halves(text: str, passage: Passage) -> list[Passage]:
    """Return a passage in two or more parts of about half its length; none when it is short."""
    length = passage.end - passage.start
    if length < 2 * SHORTEST:
        return []
    parts: list[Range] = []
    for start, end in _pieces(text, passage.start, passage.end, length // 2):
        if parts and end - parts[-1][0] <= length // 2 + 1:
            parts[-1] = parts[-1][0], end
        else:
            parts.append((start, end))
    return [_passage(text, start, end) for start, end in parts]


def _passage(text: str, start: int, end: int) -> Passage:
    return Passage(start, end, max(0, start - BEFORE), min(len(text), end + AFTER))


def _pieces(text: str, start: int, end: int, longest: int) -> Iterator[Range]:
    """Yield the paragraphs of a range, without white space at their edges.

    Those that are longer are parted at sentences, words or, where there are none, anywhere.
    """
    for paragraph in _between(text, start, end, PARAGRAPH_END):
        if paragraph[1] - paragraph[0] <= longest:
            yield paragraph
            continue
        for sentence in _between(text, *paragraph, SENTENCE_END):
            if sentence[1] - sentence[0] <= longest:
                yield sentence
                continue
            yield from _words(text, *sentence, longest)


def _between(text: str, start: int, end: int, separator: re.Pattern[str]) -> Iterator[Range]:
    for match in separator.finditer(text, start, end):
        piece = trim(text, start, match.end())
        if piece[0] < piece[1]:
            yield piece
        start = match.end()
    piece = trim(text, start, end)
    if piece[0] < piece[1]:
        yield piece


def _words(text: str, start: int, end: int, longest: int) -> Iterator[Range]:
    while end - start > longest:
        cut = start + longest
        spaces = [match.start() for match in SPACE.finditer(text, start + 1, cut)]
        if spaces:
            cut = spaces[-1]
        yield start, cut
        start, end = trim(text, cut, end)
    if start < end:
        yield start, end

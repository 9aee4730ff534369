"""Make a repaired copy of a passage for the parser, with a map back to the stored text.

The stored text never changes. Whole quoted sentences are replaced by a short one of the same shape:
a parser reads `“It is so,” said Smith` right far more often than forty quoted words, and in a
fraction of the time.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpus.core.span import Range, overlaps

from .quotes import Quote

STAND_IN = "It is so"
SENTENCE_WORDS = 4
BEFORE_SENTENCE = ("", ",", ":", ".", "”", "?", "!", "—", "–")
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
SPACES = re.compile(r"[^\S ]|\s{2,}")
DOUBLED_STOP = re.compile(r"(?<=\w)\.\.(?=\s|$)")
GLUED_SENTENCE = re.compile(r"(?<=[a-z]{2})(?<!www)([.?!])(?=[A-Z][a-z'’ ])")
GLUED_WORDS = re.compile(r"(?<![\w@#/])([a-z]{3,})(?=[A-Z][a-z]+)(?!Tube|Phone)")
GLUED_COMMA = re.compile(r"(?:(?<=[a-z]{2})|(?<=\d{2}))([,;:])(?=[A-Za-z]{2})")
WORD = re.compile(r"\S+")
LINK = re.compile(r"://|www\.|@")
# A tokenizer needs time in the square of a word's length: longer words are parted in the copy.
LONG_WORD = re.compile(r"\S{100}(?=\S)")


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters from `start` to `end` of the stored text with `new` in the copy.

    `at` is what the new characters stand for in the stored text: by default the characters they
    replace.
    """

    start: int
    end: int
    new: str
    at: Range | None = None


@dataclass(frozen=True, slots=True)
class Repaired:
    """A copy of a passage; `starts` and `ends` give the stored range of each of its characters."""

    text: str
    starts: array[int]
    ends: array[int]

    def to_stored(self, start: int, end: int) -> Range:
        """Return the stored range that a non-empty range of the copy stands for."""
        return self.starts[start], max(self.ends[end - 1], self.starts[start])


def repair(text: str, start: int, end: int, quotes: Iterable[Quote] = ()) -> Repaired:
    """Return the copy of `text[start:end]` that the parser reads."""
    copy: list[str] = []
    starts, ends = array("l"), array("l")

    def keep(a: int, b: int) -> None:
        copy.append(text[a:b])
        starts.extend(range(a, b))
        ends.extend(range(a + 1, b + 1))

    at = start
    for edit in _edits(text, start, end, list(quotes)):
        keep(at, edit.start)
        a, b = edit.at or (edit.start, edit.end)
        copy.append(edit.new)
        starts.extend([a] * len(edit.new))
        ends.extend([b] * len(edit.new))
        at = edit.end
    keep(at, end)
    return Repaired("".join(copy), starts, ends)


def is_sentence(text: str, quote: Quote) -> bool:
    """Tell whether a quotation holds whole sentences, or the end of one, and not a phrase of the
    sentence around it.
    """
    inner = text[quote.inner[0] : quote.inner[1]].strip()
    if len(inner.split()) < SENTENCE_WORDS:
        return False
    before = text[max(0, quote.start - 2) : quote.start].rstrip()[-1:]
    after = text[quote.end : quote.end + 1]
    starts = inner[0].isupper() or not inner[0].isalpha() or before in (",", ":")
    stops = inner[-1] in ".,?!…—–-" or after == "," or not quote.closed
    return starts and stops and (before in BEFORE_SENTENCE or inner[0].isupper())


def _edits(text: str, start: int, end: int, quotes: list[Quote]) -> list[Edit]:
    """Return the edits in order; where two overlap the earlier kind wins."""
    taken: list[Edit] = []
    last = start
    wanted = list(_wanted(text, start, end, quotes))
    # At one place what is only inserted comes first, then the longer edit.
    wanted.sort(key=lambda edit: (edit.start, edit.end > edit.start, -edit.end))
    for edit in wanted:
        if edit.start >= last and edit.end <= end:
            taken.append(edit)
            last = max(edit.end, edit.start)
    return taken


def _wanted(text: str, start: int, end: int, quotes: list[Quote]) -> Iterator[Edit]:
    """Yield every edit that a passage needs, kind by kind; some may overlap."""
    for quote in quotes:
        yield from _quote_edits(text, start, end, quote)
    links = []
    for word in WORD.finditer(text, start, end):
        if LINK.search(word[0]):
            links.append(word.span())
    for pattern, new in ((INVISIBLE, ""), (SPACES, " "), (DOUBLED_STOP, ".")):
        for match in pattern.finditer(text, start, end):
            yield Edit(match.start(), match.end(), new)
    for pattern, new in ((GLUED_SENTENCE, " "), (GLUED_WORDS, ". "), (GLUED_COMMA, " ")):
        for match in pattern.finditer(text, start, end):
            if not overlaps((match.start(), match.start() + 1), links):
                yield Edit(match.end(), match.end(), new, (match.end(), match.end()))
    for match in LONG_WORD.finditer(text, start, end):
        yield Edit(match.end(), match.end(), " ", (match.end(), match.end()))


def _quote_edits(text: str, start: int, end: int, quote: Quote) -> Iterator[Edit]:
    """Yield the edits that set a quotation apart, in curly marks, with a stand-in for whole
    sentences.
    """
    a, b = quote.inner
    glued_before = quote.start > start and _needs_space(text[quote.start - 1])
    yield Edit(quote.start, a, " “" if glued_before else "“", (quote.start, a))
    if is_sentence(text, quote):
        yield Edit(a, b, STAND_IN + _stop(text[b - 1]), (a, b))
    if quote.end > b:
        glued_after = quote.end < end and text[quote.end].isalnum()
        yield Edit(b, quote.end, "” " if glued_after else "”", (b, quote.end))


def _needs_space(before: str) -> bool:
    """Tell whether a quotation is glued to the character before it."""
    return not before.isspace() and before not in "([—–-"


def _stop(last: str) -> str:
    """Return how the stand-in for a quotation with this last character ends."""
    if last == "…":
        return "."
    return last if last in ",.?!" else ""

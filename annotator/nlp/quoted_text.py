"""Which parts of a text are quoted, lines that a lost mark leaves open included."""

from __future__ import annotations

import re

from corpus.core.span import Range

from .passages import Passage

MARK = re.compile('[“”"]')
# A quotation left open runs on over so many paragraphs at most.
LINES = 15


class QuotedText:
    """The quoted parts of a text, read from left to right.

    `ranges` holds those in quotation marks, and the lines that a quotation left open runs on over.
    """

    def __init__(self, passages: list[Passage]) -> None:
        self.ranges: list[Range] = []
        open_at: int | None = None
        for number, passage in enumerate(passages):
            marks = list(MARK.finditer(passage.text, passage.start, passage.end))
            if open_at is not None and number - open_at <= LINES and marks and _closes(marks):
                self.ranges.append((passages[open_at].end, marks[0].end()))
                del marks[0]
                open_at = None
            self.ranges.extend((quote.start, quote.end) for quote in passage.quotes)
            if marks:
                open_at = number if _is_left_open(marks) else None
        self.ranges.sort()
        self._at = 0
        self._reached = 0

    def covers(self, place: int) -> bool:
        """Tell whether a place, not before the last one given, is quoted."""
        while self._at < len(self.ranges) and self.ranges[self._at][0] <= place:
            self._reached = max(self._reached, self.ranges[self._at][1])
            self._at += 1
        return place < self._reached


def _closes(marks: list[re.Match[str]]) -> bool:
    """Tell whether the first mark of a paragraph closes what one before left open.

    A straight mark does where their number is odd.
    """
    first = marks[0].group()
    return first == "”" or (first == '"' and len(marks) % 2 == 1)


def _is_left_open(marks: list[re.Match[str]]) -> bool:
    """Tell whether the marks of a paragraph leave a quotation open."""
    if marks[0].group() == '"':
        return len(marks) % 2 == 1
    return marks[-1].group() == "“"

"""Tokens for formats that need some: runs of letters and digits, and every other sign."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from corpus.core.span import Range

TOKEN = re.compile(r"\w+|[^\w\s]")


def tokens(text: str) -> list[Range]:
    """Return where the tokens of a text stand; no character but white space is outside."""
    return [match.span() for match in TOKEN.finditer(text)]


def covering(places: list[Range], start: int, end: int) -> tuple[int, int]:
    """Return the numbers of the first and the last token that a range touches, one at least."""
    first = bisect_right(places, start, key=lambda token: token[1])
    last = bisect_left(places, end, key=lambda token: token[0]) - 1
    return first, last

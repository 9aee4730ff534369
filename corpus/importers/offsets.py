"""The ways in which files count characters, each as a function into code points."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate

from corpus.core.text import Utf16

Place = Callable[[int], int]


def ways(text: str) -> Iterator[tuple[str, Place]]:
    """Yield each way of counting `text` with its name, most likely first.

    Ways that agree are left out. `text` is as the file has it, offsets become those of the frozen
    text. An offset that lies inside a character raises ValueError.
    """
    kept = _without_cr(text)
    yield "", kept
    if "\r\n" in text:
        yield "line ends as one sign", lambda offset: offset
    if any(char > "\uffff" for char in text):
        units = Utf16(text)
        yield "UTF-16", lambda offset: kept(units.to_points(offset))
    if not text.isascii():
        sizes = [len(char.encode()) for char in text]
        points = {byte: point for point, byte in enumerate(accumulate(sizes, initial=0))}
        yield "bytes", lambda offset: kept(_known(points, offset))


def _known(points: dict[int, int], byte: int) -> int:
    if byte not in points:
        raise ValueError(f"offset {byte} lies inside a character")
    return points[byte]


def _without_cr(text: str) -> Place:
    """Return what takes off the BOM and the CR of each CRLF before an offset."""
    if "\r" not in text and not text.startswith("\ufeff"):
        return lambda offset: offset
    removed = [match.start() for match in re.finditer(r"\A\ufeff|\r(?=\n)", text)]
    return lambda offset: offset - bisect_left(removed, offset)

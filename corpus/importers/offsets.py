"""The ways in which files count characters, each as a function into code points."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate

import regex

from corpus.core.text import Utf16

Place = Callable[[int], int]
# What the frozen text lacks.
CR = re.compile(r"\A\ufeff|\r(?=\n)")


# A sign as people see it. Flags come first, in pairs: the library counts back over all of a row of
# them for each.
GRAPHEME = regex.compile(r"\p{RI}{2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*+|\X")


def ways(text: str) -> Iterator[tuple[str, Place]]:
    """Yield each way of counting `text` with its name, most likely first.

    Ways that agree are left out. `text` is as the file has it, offsets become those of the frozen
    text. An offset that lies inside a character raises ValueError.
    """
    kept = _without_cr(text)
    yield "", kept
    frozen = CR.sub("", text)
    short = frozen != text
    if short:
        yield "line ends as one sign", lambda offset: offset
    for name, to_points in UNITS:
        place = to_points(text)
        if place is None:
            continue
        yield name, _both(place, kept)
        short_place = to_points(frozen) if short else None
        if short_place is not None:
            yield f"{name}, line ends as one sign", short_place


def _both(first: Place, then: Place) -> Place:
    return lambda offset: then(first(offset))


def _from_utf_16(text: str) -> Place | None:
    return Utf16(text).to_points if any(char > "\uffff" for char in text) else None


def _from_bytes(text: str) -> Place | None:
    if text.isascii():
        return None
    sizes = [len(char.encode("utf-8", "surrogatepass")) for char in text]
    points = {byte: point for point, byte in enumerate(accumulate(sizes, initial=0))}
    return lambda offset: _known(points, offset)


def _from_graphemes(text: str) -> Place | None:
    starts = [match.start() for match in GRAPHEME.finditer(text)]
    if len(starts) == len(text):
        return None
    points = dict(enumerate((*starts, len(text))))
    return lambda offset: _known(points, offset)


# The units that offsets may count, each with what makes code points of them; None where these are
# the same.
UNITS = (("UTF-16", _from_utf_16), ("bytes", _from_bytes), ("graphemes", _from_graphemes))


def _known(points: dict[int, int], offset: int) -> int:
    if offset not in points:
        raise ValueError(f"offset {offset} lies inside a character")
    return points[offset]


def _without_cr(text: str) -> Place:
    """Return what takes off the BOM and the CR of each CRLF before an offset."""
    if "\r" not in text and not text.startswith("\ufeff"):
        return lambda offset: offset
    removed = [match.start() for match in CR.finditer(text)]
    return lambda offset: offset - bisect_left(removed, offset)

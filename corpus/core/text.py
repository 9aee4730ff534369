"""Freeze raw text once, and convert between the three ways of counting it.

The unit everywhere is the Unicode code point, half-open. UTF-16 is what browsers count, bytes what
some files count.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from .problems import Problem

MAX_CHARACTERS = 5_000_000


@dataclass(frozen=True, slots=True)
class FrozenText:
    """A text that will never change again, with its SHA-256 over UTF-8."""

    text: str
    digest: str


def digest(text: str) -> str:
    """Return the SHA-256 of `text` in UTF-8, in hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def freeze(raw: bytes | str) -> FrozenText:
    """Decode, strip the BOM, make CRLF and CR into LF, refuse what cannot be kept.

    Raises `Problem` for bytes that are not UTF-8 (or UTF-16 with a BOM), NUL, lone surrogates, text
    that is empty or blank, and text of more than `MAX_CHARACTERS` code points. Nothing else is
    changed: no Unicode normalisation, no trimming.
    """
    text = decode(raw) if isinstance(raw, bytes) else raw
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    nul = text.find("\0")
    if nul >= 0:
        raise Problem("text-nul", position=nul)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Problem("text-surrogate", position=error.start) from None
    if not text.strip():
        raise Problem("text-empty")
    if len(text) > MAX_CHARACTERS:
        raise Problem("text-too-large", limit=MAX_CHARACTERS)
    return FrozenText(text, digest(text))


def decode(raw: bytes) -> str:
    """Decode UTF-8, or UTF-16 when a BOM says so; raise `Problem` otherwise."""
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Problem("text-encoding", encoding=encoding.upper(), byte=error.start) from None


class Utf16:
    """Convert offsets of one text between code points and UTF-16 code units.

    Holds the positions of the characters outside the basic plane only; a text without any converts
    by identity.
    """

    def __init__(self, text: str) -> None:
        self._points = [i for i, char in enumerate(text) if char > "\uffff"]
        self._units = [point + before for before, point in enumerate(self._points)]

    def to_units(self, point: int) -> int:
        """Return the UTF-16 offset of a code point offset."""
        return point + bisect_left(self._points, point)

    def to_points(self, unit: int) -> int:
        """Return the code point offset of a UTF-16 offset.

        Raises ValueError inside a surrogate pair.
        """
        before = bisect_right(self._units, unit - 1)
        if before and self._units[before - 1] == unit - 1:
            raise ValueError(f"offset {unit} lies inside a surrogate pair")
        return unit - before


def words(text: str) -> int:
    """Count words, separated by white space."""
    return len(text.split())

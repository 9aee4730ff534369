"""Short names: what stands in addresses and commands, made from what people read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

from anyascii import anyascii

# These are addresses of pages, where a corpus has its own.
RESERVED = ("new", "restore")
PART = re.compile(r"[a-z0-9]+")
# "it's" is one word.
APOSTROPHES = re.compile(r"['’ʼ`]")


def short_name(words: str, *, longest: int = 60) -> str:
    """Return words of any script as Latin letters and digits, joined by hyphens.

    It ends with a whole word where that fits; of words without letters and digits it is "".
    """
    # The letters of other scripts become several each, never fewer than one in eight.
    plain = anyascii(words[: 8 * longest])
    parts = PART.findall(APOSTROPHES.sub("", plain.lower()))
    joined = "-".join(parts)
    if len(joined) <= longest:
        return joined
    whole, _, _ = joined[: longest + 1].rpartition("-")
    return whole or joined[:longest]


def numbered(name: str, *, longest: int = 60) -> Iterator[str]:
    """Yield a name, then the same with the numbers from 2 on behind it."""
    yield name
    for number in count(2):
        suffix = f"-{number}"
        yield f"{name[: longest - len(suffix)]}{suffix}"

"""Short names: what stands in addresses and commands, made from what people read."""

from __future__ import annotations

import re
from collections.abc import Container
from itertools import count

from anyascii import anyascii

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


def unique(name: str, taken: Container[str], *, longest: int = 80) -> str:
    """Return a name with the first number behind it, from 2 on, that makes it one not taken."""
    if name not in taken:
        return name
    numbered = (f"{name[: longest - len(str(n)) - 1]}-{n}" for n in count(2))
    return next(one for one in numbered if one not in taken)

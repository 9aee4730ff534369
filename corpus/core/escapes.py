"""Names in formats that allow few signs: what they do not allow is escaped, and read back.

A sign becomes its code point in hexadecimal between underscores, as XML tools write it: `NEWS ORG`
is `NEWS_x20_ORG`. A name that is allowed stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

ESCAPED = re.compile(r"_x([1-9A-F][0-9A-F]{0,5})_")


def escaped(name: str, keep: Callable[[str], object], reserved: Collection[str] = ()) -> str:
    """Return the name with every character escaped that `keep` is false of.

    A reserved name gets its first character escaped.
    """
    signs = []
    for at, char in enumerate(name):
        # An underscore before an x would look like the beginning of an escape.
        ambiguous = char == "_" and name[at + 1 : at + 2] == "x"
        allowed = keep(char) and not ambiguous
        if at == 0 and name in reserved:
            allowed = False
        signs.append(char if allowed else f"_x{ord(char):X}_")
    return "".join(signs)


def unescaped(name: str) -> str:
    """Return the name that `escaped` was given; any other name is itself."""
    return ESCAPED.sub(_sign, name)


def _sign(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    # Half of a surrogate pair, or beyond Unicode: nothing that `escaped` wrote.
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        return match[0]
    return chr(number)

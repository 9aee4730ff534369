"""Tokens and sentences for formats that need some.

A token is a run of letters and digits, or any other sign. Scripts that write no spaces between
words have a token for each character.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from corpus.core.span import Range

# Thai, Lao, Myanmar, Khmer; kana, bopomofo, Han.
UNSPACED = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u312f\u3400-\u9fff\uf900-\ufaff"
UNSPACED += "\U00020000-\U0003ffff"
TOKEN = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+|[^\w\s]")
STOPS = frozenset(".!?…。！？؟۔।॥")
# What may follow a stop and still belongs to its sentence.
CLOSING = frozenset("\"'”’»›)]}」』”")
NO_SPACE_AFTER = frozenset("。！？」』”")
# A model of 512 pieces takes this: no known one makes more pieces than `pieces` counts, by far.
MAX_PIECES = 320


def tokens(text: str) -> list[Range]:
    """Return where the tokens of a text stand; no character but white space is outside."""
    return [match.span() for match in TOKEN.finditer(text)]


def covering(places: list[Range], start: int, end: int) -> tuple[int, int]:
    """Return the numbers of the first and the last token that a range touches, one at least."""
    first = bisect_right(places, start, key=lambda token: token[1])
    last = bisect_left(places, end, key=lambda token: token[0]) - 1
    return first, last


def pieces(token: str) -> int:
    """Return how many pieces a model may cut a token into: one for about four bytes of it."""
    return 1 + (len(token.encode()) - 1) // 4


def sentences(text: str, places: list[Range], whole: Iterable[Range] = ()) -> list[Range]:
    """Return the first and the last token of each sentence, the last exclusive.

    A sentence ends at a stop or a line end, never within one of the `whole` ranges of tokens
    (last exclusive), except where it would have more than `MAX_PIECES`: then at the last stop or
    line end within it, or at the last token that fits.
    """
    inside: set[int] = set()
    for first, last in whole:
        inside.update(range(first + 1, last))
    ends = _ends(text, places)
    found: list[Range] = []
    first = 0
    for end in sorted({*(ends - inside), len(places)}):
        if end > first:
            found.extend(_capped(text, places, first, end, ends))
            first = end
    return found


def _ends(text: str, places: list[Range]) -> set[int]:
    """Return the numbers of the tokens before which a sentence may end."""
    ends = set()
    stopped = False
    before = 0
    for number, (start, end) in enumerate(places):
        apart = text[before:start]
        token = text[start:end]
        closes = stopped and not apart and token in CLOSING
        # Nothing stands between the sentences of scripts without spaces; a small letter goes on.
        may_begin = bool(apart) or text[start - 1] in NO_SPACE_AFTER
        new = stopped and may_begin and not closes and not token[0].islower()
        if number and (new or "\n" in apart):
            ends.add(number)
        stopped = token in STOPS or closes
        before = end
    return ends


def _capped(
    text: str, places: list[Range], first: int, end: int, ends: set[int]
) -> Iterator[Range]:
    """Yield a sentence, in several where it has too many pieces."""
    size = 0
    stop = 0
    number = first
    while number < end:
        if number > first and number in ends:
            stop = number
        start, after = places[number]
        size += pieces(text[start:after])
        if size > MAX_PIECES and number > first:
            cut = stop or number
            yield first, cut
            first = number = cut
            size = stop = 0
        else:
            number += 1
    yield first, end

"""Choose a share of the documents: by their ids alone, so that anybody chooses the same ones at any
time.
"""

from __future__ import annotations

import hashlib


def chosen(ident: str, percent: int, *, draw: str) -> bool:
    """Tell whether a document is in the share of so many percent (0 to 100).

    Each `draw` is independent of the others; a larger share holds all of a smaller one.
    """
    digest = hashlib.sha256(f"{draw}:{ident}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 10_000 < 100 * percent


def due(given: int, all_given: int, percent: int, *, draw: str) -> bool:
    """Tell whether the next piece of work is to be of a kind that makes up so many percent of it.

    `given` of the `all_given` pieces so far were of that kind. At 10 percent it is one of each ten
    pieces, and a secret `draw` says which of the ten, so that nobody can count up to it.
    """
    if not percent:
        return False
    before = 100 * given // percent
    last = 100 * (given + 1) // percent
    digest = hashlib.sha256(f"{draw}:{given}".encode()).digest()
    turn = before + 1 + int.from_bytes(digest[:8], "big") % (last - before)
    return all_given + 1 >= turn

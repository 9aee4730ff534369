"""Train, dev and test: which document goes where, the same on every run."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from corpus.core.problems import Problem

PARTS = ("train", "dev", "test")


def parse(split: str) -> tuple[int, int, int]:
    """Read three percentages like 80/10/10; raise `Problem` unless they add up to 100."""
    match = re.fullmatch(r"(\d{1,3})/(\d{1,3})/(\d{1,3})", split)
    shares = tuple(int(n) for n in match.groups()) if match else ()
    if len(shares) != 3 or sum(shares) != 100:
        raise Problem("split-invalid", split=split)
    return shares[0], shares[1], shares[2]


def assign(ids: Iterable[str], shares: tuple[int, int, int]) -> dict[str, str]:
    """Return the part of each document, by the order of the digests of their ids.

    Every part with a share gets at least one document as long as there are enough of them.
    """
    ordered = sorted(ids, key=lambda i: hashlib.sha256(i.encode()).hexdigest())
    sizes = [len(ordered) * share // 100 for share in shares]
    wanted = [part for part in (0, 1, 2) if shares[part]]
    sizes[wanted[0]] += len(ordered) - sum(sizes)
    for part in wanted[1:]:
        if sizes[part] == 0 and sizes[wanted[0]] > 1:
            sizes[part] += 1
            sizes[wanted[0]] -= 1
    parts = [name for name, size in zip(PARTS, sizes, strict=True) for _ in range(size)]
    return dict(zip(ordered, parts, strict=True))

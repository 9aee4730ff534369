"""Find near-duplicates, such as agency copy that several outlets ran, by MinHash.

Broder 1997, "On the resemblance and containment of documents"; bands as in Leskovec, Rajaraman, Ullman, "Mining of
Massive Datasets", section 3.4. Candidates are compared by their true resemblance, so that the hashing decides only
who is looked at.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"\w+")
SHINGLE = 3
HASHES, BANDS = 64, 16
ALIKE = 0.7
# Multiply-shift hashing (Dietzfelbinger et al. 1997): odd factors, arithmetic modulo 2**64, the upper half of the bits.
_dice = np.random.default_rng(1997)
_FACTORS = _dice.integers(0, 1 << 63, HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_ADDENDS = _dice.integers(0, 1 << 63, HASHES, dtype=np.uint64)


def shingles(text: str) -> frozenset[int]:
    """Return the hashes of every three words in a row, whatever their case; of fewer words, of all together."""
    words = WORD.findall(text.casefold())
    runs = range(max(1, len(words) - SHINGLE + 1))
    return frozenset(zlib.crc32(" ".join(words[n : n + SHINGLE]).encode()) for n in runs)


def signature(found: frozenset[int]) -> NDArray[np.uint64]:
    """Return the MinHash signature of a set of hashes: `HASHES` numbers."""
    values = np.fromiter(found, dtype=np.uint64, count=len(found))
    mixed = (values[:, None] * _FACTORS[None, :] + _ADDENDS[None, :]) >> np.uint64(32)
    lowest: NDArray[np.uint64] = mixed.min(axis=0)
    return lowest


def resemblance(one: frozenset[int], other: frozenset[int]) -> float:
    """Return the Jaccard index of two sets, from 0 to 1."""
    return len(one & other) / len(one | other) if one or other else 1.0


def groups(texts: Mapping[str, str]) -> dict[str, str]:
    """Return for each document the first id of its group of near-duplicates, which is its own when it has none."""
    found = {ident: shingles(text) for ident, text in sorted(texts.items())}
    return joined(found, _alike(found))


def _alike(found: Mapping[str, frozenset[int]]) -> Iterator[tuple[str, str]]:
    rows = HASHES // BANDS
    buckets: defaultdict[tuple[int, bytes], list[str]] = defaultdict(list)
    for ident, hashes in found.items():
        numbers = signature(hashes)
        for band in range(BANDS):
            buckets[band, numbers[band * rows : (band + 1) * rows].tobytes()].append(ident)
    seen: set[tuple[str, str]] = set()
    for bucket in buckets.values():
        for pair in pairwise(bucket):
            if pair not in seen:
                seen.add(pair)
                if resemblance(found[pair[0]], found[pair[1]]) >= ALIKE:
                    yield pair


def joined(idents: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for each id the first id of those that pairs connect it with."""
    first = {ident: ident for ident in idents}

    def root(ident: str) -> str:
        while first[ident] != ident:
            first[ident] = first[first[ident]]
            ident = first[ident]
        return ident

    for one, other in pairs:
        a, b = sorted((root(one), root(other)))
        first[b] = a
    return {ident: root(ident) for ident in first}


def same(keys: Mapping[str, Hashable]) -> Iterator[tuple[str, str]]:
    """Yield pairs that connect all ids with the same key."""
    by_key: dict[Hashable, str] = {}
    for ident, key in keys.items():
        if key in by_key:
            yield by_key[key], ident
        by_key[key] = ident

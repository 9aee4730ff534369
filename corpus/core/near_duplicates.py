"""Find near-duplicates, such as agency copy that several outlets ran, by MinHash.

Broder 1997, "On the resemblance and containment of documents"; bands as in Leskovec, Rajaraman,
Ullman, "Mining of Massive Datasets", section 3.4. Candidates are compared by their true
resemblance, so that the hashing decides only which are compared.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"\w+")
SHINGLE = 3
HASHES = 64
BANDS = 16
ALIKE = 0.7
# Shingles that are hashed at once: a long text must not take memory by its length times `HASHES`.
BLOCK = 4096
# Words whose hashes are kept.
MOST_WORDS = 1 << 17
# How much of two signatures must be the same for the texts to be compared: signatures give the
# resemblance within 0.06.
NEAR = ALIKE - 0.2
# Texts that one band holds at most: stories made from one template share bands without being
# near-duplicates.
CROWD = 100
# Signs of ASCII that stand between words.
_GAPS = {code: " " for code in range(128) if not WORD.match(chr(code))}
Band = tuple[int, bytes]
# Multiply-shift hashing (Dietzfelbinger et al. 1997): odd factors, arithmetic modulo 2**64, the
# upper half of the bits.
_dice = np.random.default_rng(1997)
_FACTORS = _dice.integers(0, 1 << 63, HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_ADDENDS = _dice.integers(0, 1 << 63, HASHES, dtype=np.uint64)


def shingles(text: str) -> NDArray[np.uint64]:
    """Return the hashes of every three words in a row, whatever their case, sorted.

    Fewer words are hashed all together.
    """
    words = _words(text.casefold())
    if len(_hashes) > MOST_WORDS:
        _hashes.clear()
    hashes = np.fromiter(map(_hashes.__getitem__, words), dtype=np.uint64, count=len(words))
    whole = np.zeros(max(1, len(words) - SHINGLE + 1), dtype=np.uint64)
    for n in range(min(SHINGLE, len(words))):
        whole = whole * _FACTORS[0] + hashes[n : n + len(whole)]
    whole.sort()
    # As np.unique, which takes ten times as long for so few.
    return whole[np.concatenate(([True], whole[1:] != whole[:-1]))]


def _words(text: str) -> list[str]:
    """Return the words of a text; where it is ASCII by a table, which takes half the time."""
    return text.translate(_GAPS).split() if text.isascii() else WORD.findall(text)


class _Hashes(dict[str, int]):
    """The hashes of words, kept: a corpus says the same words again and again."""

    def __missing__(self, word: str) -> int:
        number = zlib.crc32(word.encode())
        self[word] = number
        return number


_hashes = _Hashes()


def signature(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return the MinHash signature of a set of hashes: `HASHES` numbers."""
    lowest = np.full(HASHES, np.iinfo(np.uint64).max)
    for first in range(0, len(hashes), BLOCK):
        mixed = hashes[first : first + BLOCK, None] * _FACTORS[None, :] + _ADDENDS[None, :]
        np.minimum(lowest, mixed.min(axis=0), out=lowest)
    # The lowest number has the lowest upper half.
    return (lowest >> np.uint64(32)).astype(np.uint32)


def bands(numbers: NDArray[np.uint32]) -> Iterator[Band]:
    """Yield the bands of a signature: texts that share one are candidates."""
    stored = numbers.tobytes()
    size = len(stored) // BANDS
    for band in range(BANDS):
        yield band, stored[band * size : (band + 1) * size]


def band_numbers(signatures: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return a number for each band of each signature, a row for each.

    The same band of two signatures has the same number; that others have it too is rare.
    """
    parts = signatures.reshape(len(signatures), BANDS, -1).astype(np.uint64)
    numbers = np.tile(np.arange(BANDS, dtype=np.uint64), (len(signatures), 1))
    for part in range(parts.shape[2]):
        numbers = numbers * _FACTORS[1] + parts[:, :, part]
    return numbers


def resemblance(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    """Return the Jaccard index of two sets, from 0 to 1."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


class Candidates:
    """Texts seen so far by the bands of their signatures.

    They give those of which a further text may be a near-duplicate.
    """

    def __init__(self) -> None:
        # A text is a row: its key and its signature. A band holds rows.
        self._by_band: defaultdict[Band, list[int]] = defaultdict(list)
        self._keys: list[int] = []
        self._signatures = np.empty((CROWD, HASHES), dtype=np.uint32)
        self._known: set[bytes] = set()

    def near(self, numbers: NDArray[np.uint32]) -> list[int]:
        """Return the texts whose signature shares a band and is near, first seen first."""
        sharing: set[int] = set()
        for band in bands(numbers):
            sharing.update(self._by_band.get(band, ()))
        if not sharing:
            return []
        # Keys grow, so rows are in their order.
        rows = np.array(sorted(sharing))
        same = np.count_nonzero(self._signatures[rows] == numbers, axis=1)
        return [self._keys[row] for row in rows[same / HASHES >= NEAR]]

    def add(self, key: int, numbers: NDArray[np.uint32]) -> None:
        """Remember a text under a key that is larger than those before.

        Of texts with the same signature the first stands for all, so that a thousand of them take a
        thousand comparisons.
        """
        # A band where the first had no room has none now.
        whole = numbers.tobytes()
        if whole in self._known:
            return
        row = len(self._keys)
        kept = False
        for band in bands(numbers):
            here = self._by_band[band]
            if len(here) < CROWD:
                here.append(row)
                kept = True
        if kept:
            self._keep(key, numbers)
            self._known.add(whole)

    def _keep(self, key: int, numbers: NDArray[np.uint32]) -> None:
        """Write the next row, into twice the room where there is none left."""
        row = len(self._keys)
        if row == len(self._signatures):
            more = np.empty_like(self._signatures)
            self._signatures = np.concatenate((self._signatures, more))
        self._signatures[row] = numbers
        self._keys.append(key)


def groups(idents: Iterable[str], text_of: Callable[[str], str]) -> dict[str, str]:
    """Return for each document the first id of its group of near-duplicates.

    That is its own when it has none. Memory holds the signatures of all texts, and two texts.
    """
    ordered = sorted(idents)
    return joined(ordered, _pairs(ordered, text_of))


def _pairs(idents: Sequence[str], text_of: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Yield each two near-duplicates, the earlier first."""
    seen = Candidates()
    for key, ident in enumerate(idents):
        hashes = shingles(text_of(ident))
        numbers = signature(hashes)
        for other in seen.near(numbers):
            if resemblance(shingles(text_of(idents[other])), hashes) >= ALIKE:
                yield idents[other], ident
        seen.add(key, numbers)


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

"""Near-duplicates among the documents of a corpus: grouped after an import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from corpus.core.near_duplicates import (
    ALIKE,
    HASHES,
    Candidates,
    band_numbers,
    resemblance,
    shingles,
)
from corpus.models import Corpus, Document, DocumentText
from corpus.services import corpora, documents

BATCH = 5000
# Signatures, or groups, that are read at once.
SOME = 1000
# Documents whose texts are read at once, each with so many of its candidates.
AT_ONCE = 100
LIKELY = 2
# Shingles that are kept: 32 MB of them.
KEPT = 1 << 22


def group(corpus: Corpus) -> int:
    """Put the documents that are new since the last time into groups of near-duplicates.

    Returns how many joined one. Every new document is compared with those before it whose signature
    shares a band with its own. May be stopped and run again.
    """
    joined = 0
    upto: int = Corpus.objects.values_list("grouped_upto", flat=True).get(pk=corpus.pk)
    current = Document.objects.filter(corpus=corpus, retired_at__isnull=True).order_by("pk")
    while keys := list(current.filter(pk__gt=upto).values_list("pk", flat=True)[:BATCH]):
        groups = _groups(corpus, keys)
        upto = keys[-1]
        with transaction.atomic():
            joined += documents.join_groups(groups)
            corpora.set_grouped_upto(corpus, upto)
    return joined


def _groups(corpus: Corpus, new: list[int]) -> dict[int, int]:
    """Return the first document of its group for each new document that has one."""
    signed = list(_signatures(corpus, new[0], new[-1]))
    if not signed:
        return {}
    keys = [key for some, _ in signed for key in some]
    signatures = np.concatenate([some for _, some in signed])
    numbers = band_numbers(signatures)
    known, counts = np.unique(numbers, return_counts=True)
    shared = [known[counts > 1]]
    candidates = Candidates()
    # Only what shares a band with another can be near it; that is seen for all at once.
    for older, theirs in _signatures(corpus, 0, new[0] - 1):
        numbers_there = band_numbers(theirs)
        both = np.isin(numbers_there, known)
        shared.append(numbers_there[both])
        for row in np.flatnonzero(both.any(axis=1)):
            candidates.add(older[row], theirs[row])
    pairs: list[tuple[int, list[int]]] = []
    for row in np.flatnonzero(np.isin(numbers, np.concatenate(shared)).any(axis=1)):
        if near := candidates.near(signatures[row]):
            pairs.append((keys[row], near))
        candidates.add(keys[row], signatures[row])
    return _with_first(_originals(pairs))


def _originals(pairs: Sequence[tuple[int, list[int]]]) -> dict[int, int]:
    """Return for each document the first of its candidates whose text is nearly its own."""
    texts = _Texts()
    originals: dict[int, int] = {}
    for begin in range(0, len(pairs), AT_ONCE):
        some = pairs[begin : begin + AT_ONCE]
        texts.read(one for key, near in some for one in (key, *near[:LIKELY]))
        for key, near in some:
            original = next((other for other in near if texts.alike(key, other)), None)
            if original is not None:
                originals[key] = original
    return originals


def _with_first(originals: dict[int, int]) -> dict[int, int]:
    """Return for each document the first of the group that its original is in, or begins."""
    stored: dict[int, int] = {}
    found = sorted(set(originals.values()))
    for begin in range(0, len(found), SOME):
        rows = Document.objects.filter(pk__in=found[begin : begin + SOME])
        for key, first in rows.values_list("pk", "alike"):
            stored[key] = first or key
    groups: dict[int, int] = {}
    for key, original in originals.items():
        groups[key] = groups.get(original) or stored.get(original, original)
    return groups


def _signatures(
    corpus: Corpus, low: int, high: int
) -> Iterator[tuple[list[int], NDArray[np.uint32]]]:
    """Yield the keys of some documents with their signatures, a row for each, in order."""
    rows = DocumentText.objects.filter(
        document__corpus=corpus,
        document__retired_at__isnull=True,
        document__gte=low,
        document__lte=high,
    )
    signed = rows.exclude(signature=b"").order_by("document")
    stored = signed.values_list("document_id", "signature").iterator(SOME)
    while some := list(islice(stored, SOME)):
        whole = b"".join(bytes(signature) for _, signature in some)
        yield [key for key, _ in some], np.frombuffer(whole, np.uint32).reshape(-1, HASHES)


class _Texts:
    """The shingles of documents' texts, which are read for many at once and kept for the next."""

    def __init__(self) -> None:
        self._shingles: dict[int, NDArray[np.uint64]] = {}
        self._kept = 0

    def read(self, keys: Iterable[int]) -> None:
        """Read texts that are not there yet; one that was withdrawn is none."""
        lacking = set(keys) - self._shingles.keys()
        rows = DocumentText.objects.filter(document__in=lacking)
        for key, text in rows.values_list("document_id", "text").iterator(AT_ONCE):
            if self._kept > KEPT:
                self._shingles.clear()
                self._kept = 0
            self._shingles[key] = shingles(text)
            self._kept += len(self._shingles[key])

    def alike(self, one: int, other: int) -> bool:
        """Tell whether two documents have nearly the same text."""
        first = self._of(one)
        second = self._of(other)
        if first is None or second is None:
            return False
        return resemblance(first, second) >= ALIKE

    def _of(self, key: int) -> NDArray[np.uint64] | None:
        if key not in self._shingles:
            self.read([key])
        return self._shingles.get(key)

"""Near-duplicates among the documents of a corpus: grouped after an import."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
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
# Signatures that are read at once.
SOME = 1000


def group(corpus: Corpus) -> int:
    """Put the documents that are new since the last time into groups of near-duplicates.

    Returns how many joined one. Every new document is compared with those before it whose signature
    shares a band with its own. May be stopped and run again.
    """
    joined = 0
    upto: int = Corpus.objects.values_list("grouped_upto", flat=True).get(pk=corpus.pk)
    current = Document.objects.filter(corpus=corpus, retired_at__isnull=True).order_by("pk")
    while keys := list(current.filter(pk__gt=upto).values_list("pk", flat=True)[:BATCH]):
        for key, first in _groups(corpus, keys).items():
            joined += documents.join_group(key, first)
        upto = keys[-1]
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
    groups: dict[int, int] = {}
    for row in np.flatnonzero(np.isin(numbers, np.concatenate(shared)).any(axis=1)):
        near = candidates.near(signatures[row])
        original = next((other for other in near if _alike(keys[row], other)), None)
        if original is not None:
            groups[keys[row]] = groups.get(original) or _first_of(original)
        candidates.add(keys[row], signatures[row])
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


def _alike(one: int, other: int) -> bool:
    rows = DocumentText.objects.filter(document__in=(one, other))
    texts = list(rows.values_list("text", flat=True))
    if len(texts) < 2:
        return False
    return resemblance(shingles(texts[0]), shingles(texts[1])) >= ALIKE


def _first_of(key: int) -> int:
    stored = Document.objects.filter(pk=key).values_list("alike", flat=True).get()
    return stored or key

"""Near-duplicates among the documents of a corpus: grouped after an import."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from corpus.core.near_duplicates import ALIKE, Band, Candidates, bands, resemblance, shingles
from corpus.models import Corpus, Document, DocumentText
from corpus.services import corpora, documents

BATCH = 5000


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
    # Only what shares a band with a new document is kept of the older ones.
    new_bands: set[Band] = set()
    for _, numbers in _signatures(corpus, new[0], new[-1]):
        new_bands.update(bands(numbers))
    candidates = Candidates(new_bands)
    groups: dict[int, int] = {}
    for key, numbers in _signatures(corpus, 0, new[-1]):
        if key >= new[0]:
            near = candidates.near(numbers)
            original = next((other for other in near if _alike(key, other)), None)
            if original is not None:
                groups[key] = groups.get(original) or _first_of(original)
        candidates.add(key, numbers)
    return groups


def _signatures(corpus: Corpus, low: int, high: int) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    rows = DocumentText.objects.filter(
        document__corpus=corpus,
        document__retired_at__isnull=True,
        document__gte=low,
        document__lte=high,
    )
    signed = rows.exclude(signature=b"").order_by("document")
    for key, stored in signed.values_list("document_id", "signature").iterator(1000):
        yield key, np.frombuffer(bytes(stored), dtype=np.uint32)


def _alike(one: int, other: int) -> bool:
    rows = DocumentText.objects.filter(document__in=(one, other))
    texts = list(rows.values_list("text", flat=True))
    if len(texts) < 2:
        return False
    return resemblance(shingles(texts[0]), shingles(texts[1])) >= ALIKE


def _first_of(key: int) -> int:
    stored = Document.objects.filter(pk=key).values_list("alike", flat=True).get()
    return stored or key

"""Near-duplicates among the documents of a corpus: found after an import, kept as groups."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from corpus.core.near_duplicates import ALIKE, Candidates, bands, resemblance, shingles
from corpus.models import Corpus, Document, DocumentText

BATCH = 5000


def group(corpus: Corpus) -> int:
    """Put the documents that are new since the last time into groups of near-duplicates; return how
    many joined one.

    Every new document is compared with those before it whose signature shares a band with its own.
    May be stopped and run again.
    """
    joined = 0
    upto: int = Corpus.objects.values_list("grouped_upto", flat=True).get(pk=corpus.pk)
    current = Document.objects.filter(corpus=corpus, retired_at__isnull=True).order_by("pk")
    while keys := list(current.filter(pk__gt=upto).values_list("pk", flat=True)[:BATCH]):
        for key, first in _found(corpus, keys).items():
            joined += Document.objects.filter(pk=key, alike__isnull=True).update(alike=first)
        upto = keys[-1]
        Corpus.objects.filter(pk=corpus.pk).update(grouped_upto=upto)
    return joined


def _found(corpus: Corpus, new: list[int]) -> dict[int, int]:
    """Return the first document of its group for each new document that has one."""
    seen = Candidates(
        {band for _, numbers in _signatures(corpus, new[0], new[-1]) for band in bands(numbers)}
    )
    found: dict[int, int] = {}
    for key, numbers in _signatures(corpus, 0, new[-1]):
        if key >= new[0]:
            copied = next((other for other in seen.near(numbers) if _alike(key, other)), None)
            if copied is not None:
                found[key] = found.get(copied) or _first_of(copied)
        seen.add(key, numbers)
    return found


def _signatures(corpus: Corpus, low: int, high: int) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    rows = DocumentText.objects.filter(document__corpus=corpus, document__retired_at__isnull=True)
    rows = (
        rows.filter(document__gte=low, document__lte=high)
        .exclude(signature=b"")
        .order_by("document")
    )
    for key, stored in rows.values_list("document_id", "signature").iterator(1000):
        yield key, np.frombuffer(bytes(stored), dtype=np.uint32)


def _alike(one: int, other: int) -> bool:
    texts = list(
        DocumentText.objects.filter(document__in=(one, other)).values_list("text", flat=True)
    )
    return len(texts) == 2 and resemblance(shingles(texts[0]), shingles(texts[1])) >= ALIKE


def _first_of(key: int) -> int:
    stored = Document.objects.filter(pk=key).values_list("alike", flat=True).get()
    return stored or key

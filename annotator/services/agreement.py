"""Agreement over the submitted reviews of a corpus."""

from __future__ import annotations

from itertools import combinations

from annotator.core.agreement import Measure, Pair, agreement
from annotator.models import Layer, LayerKind, LayerState
from annotator.selectors import comparable_views
from corpus.models import Corpus
from corpus.selectors import schema_rows, texts_of


def corpus_agreement(corpus: Corpus) -> list[Measure]:
    """Return every measure for each pair of reviewers, and over all pairs together (`a`, `b` null)."""
    if corpus.schema is None:
        return []
    layers = (
        Layer.objects.filter(
            document__corpus=corpus,
            document__retired_at__isnull=True,
            schema=corpus.schema,
            kind=LayerKind.REVIEW,
            state__in=(LayerState.SUBMITTED, LayerState.CLOSED),
        )
        .select_related("document", "owner")
        .order_by("document_id", "owner__username")
    )
    by_document: dict[int, list[Layer]] = {}
    for layer in layers:
        by_document.setdefault(layer.document_id, []).append(layer)
    pairs: dict[tuple[str, str], list[Pair]] = {}
    for found in by_document.values():
        if len(found) < 2:
            continue
        views = comparable_views(found[0].document, found)
        text = texts_of([found[0].document]).get(found[0].document_id, "")
        for left, right in combinations(found, 2):
            pairs.setdefault((str(left.owner), str(right.owner)), []).append(
                Pair(text, views[str(left.pk)], views[str(right.pk)])
            )
    view = schema_rows(corpus.schema).view
    everything = [pair for _, some in sorted(pairs.items()) for pair in some]
    measures = agreement(everything, view, a=None, b=None) if everything else []
    for (a, b), some in sorted(pairs.items()):
        measures.extend(agreement(some, view, a=a, b=b))
    return measures

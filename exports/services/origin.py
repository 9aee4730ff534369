"""Where gold comes from: which part of it people found without a model.

A release may hold only that part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from annotator.core.frames import frames, owned_spans
from annotator.models import Layer, LayerKind, LayerState
from annotator.selectors.layers import layer_views
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Span, jaccard

ORIGINS = {
    "all": "all gold",
    "people": "only what no suggester had proposed",
    "blind": "only documents that were reviewed without suggestions",
}
# Jaccard index from which a span of gold is the one that a reviewer took from a suggestion.
SAME = 0.5
BATCH = 200


def check(origin: str) -> None:
    """Raise `Problem` when there is no such origin."""
    if origin not in ORIGINS:
        raise Problem("request-invalid", reason=f"origin is one of {', '.join(ORIGINS)}")


def blind(pinned: Mapping[int, int]) -> dict[int, int]:
    """Return the gold layers, with their versions, that owe nothing to suggestions.

    Those are of documents whose reviewers all worked without them.
    """
    assisted = _reviews(pinned).filter(shown_run__isnull=False).values("document")
    layers = Layer.objects.filter(pk__in=list(pinned)).exclude(document__in=assisted)
    kept = set(layers.values_list("pk", flat=True))
    return {key: version for key, version in pinned.items() if key in kept}


def proposed(views: Mapping[int, LayerView], schema: SchemaView) -> dict[int, list[int]]:
    """Return the spans of each gold layer that a release of what people found leaves out.

    A frame is left out when a reviewer took its span from a suggestion, whatever they changed about
    it; with it goes what only such frames own, as their speakers, and what stands alone but only
    ever is part of a frame.
    """
    left_out: dict[int, list[int]] = {}
    keys = list(views)
    for first in range(0, len(keys), BATCH):
        batch = keys[first : first + BATCH]
        taken = _taken_from_suggestions(batch)
        for key in batch:
            left_out[key] = _left_out(views[key], taken[key], schema)
    return left_out


def _taken_from_suggestions(gold: Iterable[int]) -> defaultdict[int, list[Span]]:
    """Return by gold layer the spans that reviewers of its document took from suggestions."""
    layers = Layer.objects.filter(pk__in=list(gold))
    gold_of = dict(layers.values_list("document_id", "pk"))
    reviews = _reviews(gold).filter(shown_run__isnull=False)
    document_of = dict(reviews.values_list("pk", "document_id"))
    taken: defaultdict[int, list[Span]] = defaultdict(list)
    for review, view in layer_views(reviews).items():
        spans = taken[gold_of[document_of[review]]]
        spans.extend(span for span in view.spans.values() if span.origin is not None)
    return taken


def _reviews(gold: Iterable[int]) -> QuerySet[Layer]:
    documents = Layer.objects.filter(pk__in=list(gold)).values("document")
    reviews = Layer.objects.filter(document__in=documents, kind=LayerKind.REVIEW, practice=False)
    return reviews.exclude(state__in=(LayerState.OPEN, LayerState.SUPERSEDED))


def _left_out(view: LayerView, taken: Iterable[Span], schema: SchemaView) -> list[int]:
    kept = set()
    taken = list(taken)
    for frame in frames(view, schema):
        head = frame.head
        part = head.label in schema.folded or schema.labels[head.label].fold
        if not part and not any(_is_same(head, other) for other in taken):
            kept.add(head.ident)
    owned = owned_spans(view, schema)
    kept |= {
        link.target for link in view.links.values() if link.source in kept and link.target in owned
    }
    return sorted(view.spans.keys() - kept)


def proposed_in(view: LayerView, schema: SchemaView) -> list[int]:
    """Return the spans of a review that a release of what people found leaves out."""
    taken = [span for span in view.spans.values() if span.origin is not None]
    return _left_out(view, taken, schema)


def _is_same(span: Span, taken: Span) -> bool:
    return span.label == taken.label and jaccard(taken, span) >= SAME


def without(view: LayerView, idents: Iterable[int]) -> LayerView:
    """Return a layer without some of its spans and the links that touch them."""
    excluded = set(idents)
    if not excluded:
        return view
    spans = {ident: span for ident, span in view.spans.items() if ident not in excluded}
    links = {
        ident: link
        for ident, link in view.links.items()
        if link.source in spans and link.target in spans
    }
    return LayerView(spans, links)

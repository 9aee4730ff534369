"""Where gold comes from: which part of it people found without a model, for releases that shall
hold only that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from annotator.models import Layer, LayerKind, LayerState
from annotator.selectors.layers import layer_views
from corpus.core.problems import Problem
from corpus.core.span import LayerView, Span, jaccard

ORIGINS = {
    "all": "all gold",
    "people": "only claims that no suggester had proposed",
    "blind": "only documents that were reviewed without suggestions",
}
SAME = 0.5
BATCH = 200


def check(origin: str) -> None:
    """Raise `Problem` when there is no such origin."""
    if origin not in ORIGINS:
        raise Problem("request-invalid", reason=f"origin is one of {', '.join(ORIGINS)}")


def blind(pinned: Mapping[int, int]) -> dict[int, int]:
    """Return the gold layers, with their versions, of documents whose reviewers all worked without
    suggestions.
    """
    seen = _reviews(pinned).filter(shown_run__isnull=False).values("document")
    kept = set(
        Layer.objects.filter(pk__in=list(pinned))
        .exclude(document__in=seen)
        .values_list("pk", flat=True)
    )
    return {key: version for key, version in pinned.items() if key in kept}


def proposed(views: Mapping[int, LayerView], sources: frozenset[str]) -> dict[int, list[int]]:
    """Return for each gold layer the spans that a release of what people found leaves out, in
    order.

    A claim (a span whose label is among `sources`) is left out when a reviewer took it from a
    suggestion, whatever they changed about it; with it goes what only such claims name, as their
    speakers, and what nothing names.
    """
    found: dict[int, list[int]] = {}
    keys = list(views)
    for first in range(0, len(keys), BATCH):
        batch = keys[first : first + BATCH]
        documents = dict(Layer.objects.filter(pk__in=batch).values_list("document_id", "pk"))
        reviews = _reviews(batch).filter(shown_run__isnull=False)
        taken: dict[int, list[Span]] = {}
        owners = dict(reviews.values_list("pk", "document_id"))
        for layer, view in layer_views(reviews).items():
            taken.setdefault(documents[owners[layer]], []).extend(
                s for s in view.spans.values() if s.origin is not None
            )
        for key in batch:
            found[key] = _left_out(views[key], taken.get(key, []), sources)
    return found


def _reviews(gold: Iterable[int]) -> QuerySet[Layer]:
    documents = Layer.objects.filter(pk__in=list(gold)).values("document")
    reviews = Layer.objects.filter(document__in=documents, kind=LayerKind.REVIEW, practice=False)
    return reviews.exclude(state=LayerState.OPEN)


def _left_out(view: LayerView, taken: Iterable[Span], sources: frozenset[str]) -> list[int]:
    claims = [span for span in view.spans.values() if span.label in sources]
    gone = {
        claim.ident
        for claim in claims
        if any(span.label == claim.label and jaccard(span, claim) >= SAME for span in taken)
    }
    kept = {claim.ident for claim in claims} - gone
    kept |= {link.target for link in view.links.values() if link.source in kept}
    return sorted(view.spans.keys() - kept)


def without(view: LayerView, idents: Iterable[int]) -> LayerView:
    """Return a layer without some of its spans and the links that touch them."""
    gone = set(idents)
    if not gone:
        return view
    spans = {ident: span for ident, span in view.spans.items() if ident not in gone}
    links = {k: x for k, x in view.links.items() if x.source in spans and x.target in spans}
    return LayerView(spans, links)

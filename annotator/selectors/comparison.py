"""The submitted reviews of a document, side by side: what gold is made from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from annotator.core.compare import Cluster, Suggestions, compare
from annotator.core.decisions import left_in
from annotator.models import Adjudication, Decision, Layer, LayerKind, LayerState
from annotator.selectors.layers import layer_views, spans_shown
from corpus.core.span import LayerView
from corpus.core.targets import with_target
from corpus.models import Document
from corpus.selectors import schema_rows


def submitted_layers(adjudication: Adjudication) -> list[Layer]:
    """Return the submitted review layers of a document.

    Their order is drawn for each document and fixed: it says neither who made them nor who was
    first. The versions of a dispute stand in the same order.
    """
    layers = Layer.objects.filter(
        document=adjudication.document,
        schema=adjudication.schema,
        kind=LayerKind.REVIEW,
        practice=False,
        state__in=(LayerState.SUBMITTED, LayerState.CLOSED),
    ).select_related("owner")

    return sorted(layers, key=_lot)


def _lot(layer: Layer) -> int:
    """Return what a layer's place among those of its document is drawn by."""
    if layer.lot is not None:
        return layer.lot
    # One of before lots were drawn when a review begins keeps its place.
    digest = hashlib.sha256(str(layer.pk).encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


def letters(layers: Iterable[Layer]) -> dict[int, str]:
    """Return the letters that stand for reviewers whose names are hidden, by layer key."""
    return {layer.pk: chr(ord("A") + place) for place, layer in enumerate(layers)}


def comparable_views(document: Document, layers: Iterable[Layer]) -> dict[str, LayerView]:
    """Return layers by their key as text, ready to compare.

    Where a claim names no target, the document's default target is filled in.
    """
    default = document.targets[0] if document.targets else None
    compared = list(layers)
    views = layer_views(compared)
    return {
        str(layer.pk): with_target(views[layer.pk], schema_rows(layer.schema).view, default)
        for layer in compared
    }


def shown_to(layers: Iterable[Layer]) -> dict[str, Suggestions]:
    """Return by layer key, as text, what its author was shown and what of it was not looked at.

    Handing in has noted that; whose author looked at all is left out. Two queries.
    """
    shown = [layer for layer in layers if layer.shown_run_id is not None]
    noted = Decision.objects.filter(layer__in=shown, subject="layer", verb="leave")
    last: dict[int, frozenset[int]] = {}
    for key, after in noted.order_by("layer", "seq").values_list("layer_id", "after"):
        last[key] = left_in(after)
    with_some = [layer for layer in shown if last.get(layer.pk)]
    if not with_some:
        return {}
    suggested = spans_shown(with_some)
    found = {}
    for layer in with_some:
        found[str(layer.pk)] = Suggestions(suggested[layer.pk], last[layer.pk])
    return found


def clusters(adjudication: Adjudication) -> list[Cluster]:
    """Compare the submitted layers of a document."""
    layers = submitted_layers(adjudication)
    views = comparable_views(adjudication.document, layers)
    schema = schema_rows(adjudication.schema).view
    return compare(views, schema, shown=shown_to(layers))

"""The layers, places and disputes of one document, taken over to a new version of its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from annotator.core.compare import Cluster
from annotator.core.decisions import span_value
from annotator.models import Adjudication, Layer, LayerKind, LayerState, Run
from annotator.selectors.layers import layer_view, layer_views
from annotator.services import adjudications, assignments
from annotator.services import layers as layer_rows
from annotator.services.decision_log import origin_keys
from annotator.services.layer_copies import (
    Compared,
    accepted_in,
    compare,
    content,
    disputes_before,
    disputes_of,
    fill,
    handing_in,
    left_waiting,
    log_of,
    noting_left,
)
from annotator.services.policies import gold_with
from annotator.services.runs import copy_runs
from corpus.core.schema_change import Change, mapped_layer
from corpus.core.settlement_change import Clusters, Where, mapped_settlements
from corpus.core.span import LayerView
from corpus.models import Document, Schema
from corpus.selectors import schema_rows


@dataclass(frozen=True, slots=True)
class Versions:
    """Two versions of a schema, how one becomes the other, and the runs of the new one by old."""

    old: Schema
    new: Schema
    change: Change
    runs: dict[int, Run]

    def run_of(self, key: int) -> Run:
        """Return the run of the new version that stands for one of the old."""
        if key not in self.runs:
            # One that ended while documents were moving.
            self.runs.update(copy_runs(self.old, self.new))
        return self.runs[key]

    @property
    def policy(self) -> str:
        """Return the policy by which decisions are carried over."""
        return f"schema:{self.new.version}"


def move(document: Document, versions: Versions) -> None:
    """Copy a document's layers, and move its places, its adjudication and what was said about it.

    The rows must be locked. What has moved already stays as it is.
    """
    old = Layer.objects.filter(document=document, schema=versions.old)
    current = list(old.exclude(state=LayerState.SUPERSEDED).order_by("pk"))
    adjudication, before = disputes_before(document, versions.old)
    of_kind: dict[str, list[Layer]] = {kind: [] for kind in LayerKind.values}
    for layer in current:
        layer.document = document
        layer.schema = versions.old
        of_kind[layer.kind].append(layer)
    _copy_suggestions(of_kind[LayerKind.SUGGESTION], versions)
    copies: dict[int, Layer] = {}
    for layer in of_kind[LayerKind.REVIEW]:
        copy = _copy_review(layer, versions)
        if copy is not None:
            copies[layer.pk] = copy
    layer_rows.supersede(document, versions.old)
    assignments.move(document, old=versions.old, new=versions.new)
    if adjudication is not None:
        (gold,) = of_kind[LayerKind.GOLD] or (None,)
        _move_adjudication(adjudication, gold, before, copies, versions)


def _copy_suggestions(layers: Sequence[Layer], versions: Versions) -> None:
    schema = schema_rows(versions.new)
    views = layer_views(layers)
    new = []
    for layer in layers:
        run = versions.run_of(layer.run_id or 0)
        if Layer.objects.filter(document=layer.document_id, run=run).exists():
            continue
        view, _ = mapped_layer(views[layer.pk], versions.change)
        new.append(layer_rows.NewSuggestions(run, layer.document, view, schema))
    if new:
        layer_rows.add_suggestions(new)


def _copy_review(layer: Layer, versions: Versions) -> Layer | None:
    """Return a copy of a review under the new version, None where somebody works on one."""
    run = versions.run_of(layer.shown_run_id).pk if layer.shown_run_id else None
    copy = layer_rows.copy_for(layer, versions.new, shown_run_id=run)
    if copy is None:
        return None
    view, _ = mapped_layer(layer_view(layer), versions.change)
    log = log_of(layer)
    made = content(view, log, origins=origin_keys(copy), accepted=accepted_in(layer))
    entries = [*made, *handing_in(layer, view, log), *noting_left(left_waiting(log))]
    fill(copy, layer, entries, policy=versions.policy, idents={})
    return copy


def _move_adjudication(
    adjudication: Adjudication,
    gold: Layer | None,
    before: Sequence[Cluster],
    copies: Mapping[int, Layer],
    versions: Versions,
) -> None:
    adjudications.move(adjudication, versions.new, gold=None)
    compared = compare(adjudication, before, copies)
    copy = None
    view = LayerView()
    if gold is not None:
        copy = layer_rows.copy_for(gold, versions.new, shown_run_id=None)
    if gold is not None and copy is not None:
        view = _copy_gold(gold, copy, compared, versions)
        adjudications.move(adjudication, versions.new, gold=copy)
    if before and copy is not None:
        adjudications.record_moved(adjudication, compared.clusters, view, idents=compared.idents)


def _copy_gold(gold: Layer, copy: Layer, compared: Compared, versions: Versions) -> LayerView:
    """Write gold of the new version; return what it holds."""
    log = log_of(gold)
    own = layer_view(gold)
    settled = mapped_settlements(own.settled, versions.change, _named(compared, own))
    deferred = frozenset(compared.idents.get(ident, ident) for ident in own.deferred)
    view, _ = mapped_layer(own, versions.change)
    view = replace(view, settled=settled, deferred=deferred)
    if not compared.same:
        schema = schema_rows(versions.new).view
        view = gold_with(compared.clusters, settled, schema, before=view)
    entries = [*content(view, log, origins={}), *disputes_of(view, log, compared.idents)]
    fill(copy, gold, entries, policy=versions.policy, idents=compared.idents)
    return view


def _named(compared: Compared, gold: LayerView) -> Clusters:
    """Return what settlements name, before and now."""
    spans = {}
    for cluster in compared.before:
        frame = gold.settled.get(cluster.ident, {}).get("frame")
        # Of what nobody settled, any version stands for the place.
        head = next(iter(cluster.members.values())).head
        spans[cluster.ident] = frame["span"] if frame else span_value(head)
    labels = {}
    places: dict[Where, int] = {}
    for cluster in compared.clusters:
        heads = [frame.head for frame in cluster.members.values()]
        labels[cluster.ident] = frozenset(head.label for head in heads)
        for head in heads:
            places.setdefault((head.label, head.ranges), cluster.ident)
    return Clusters(compared.idents, spans, labels, places)

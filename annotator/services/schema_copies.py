"""The layers, places and disputes of one document, taken over to a new version of its schema."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.contrib.auth import get_user_model

from annotator.core.acceptance import facts_of
from annotator.core.compare import Cluster
from annotator.core.decisions import DEFERRED, REJECTED, Decision, link_value, span_value
from annotator.models import Adjudication, AdjudicationState, Layer, LayerKind, LayerState, Run
from annotator.models import Decision as DecisionRow
from annotator.selectors import comparison, review_log
from annotator.selectors.layers import layer_view, layer_views
from annotator.services import adjudications, assignments, notes
from annotator.services import layers as layer_rows
from annotator.services.decision_log import Entry, origin_keys, write
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


@dataclass(frozen=True, slots=True)
class _Last:
    """The last decision about something: what it was called, who made it, and in which group."""

    verb: str
    user: int | None
    group: uuid.UUID
    after: Any


_Log = Mapping[tuple[str, int], _Last]


@dataclass(slots=True)
class _Compared:
    """A document's disputes before and after: how they are called now, and the new clusters."""

    idents: dict[int, int] = field(default_factory=dict)
    clusters: list[Cluster] = field(default_factory=list)
    # Whether exactly the same is agreed and in dispute as before.
    same: bool = True
    before: Sequence[Cluster] = ()


def move(document: Document, versions: Versions) -> None:
    """Copy a document's layers, and move its places, its adjudication and what was said about it.

    The rows must be locked. What has moved already stays as it is.
    """
    old = Layer.objects.filter(document=document, schema=versions.old)
    current = list(old.exclude(state=LayerState.SUPERSEDED).order_by("pk"))
    adjudication = (
        Adjudication.objects.select_related("document__corpus", "schema", "gold")
        .filter(document=document, schema=versions.old)
        .first()
    )
    before = _clusters(adjudication)
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


def _clusters(adjudication: Adjudication | None) -> list[Cluster]:
    """Return what the reviews of a document are compared into, none while some are missing."""
    if adjudication is None or adjudication.state == AdjudicationState.WAITING:
        return []
    return comparison.clusters(adjudication)


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
    log = _log(layer)
    content = _content(view, log, origins=origin_keys(copy), accepted=_accepted(layer))
    entries = [*content, *_handing_in(layer, view, log)]
    _write(copy, entries, versions)
    layer_rows.finish_copy(copy, layer)
    notes.move(layer, copy, idents={})
    return copy


def _log(layer: Layer) -> _Log:
    """Return the last decision about each thing of a layer."""
    rows = DecisionRow.objects.filter(layer=layer).order_by("seq")
    last = {}
    fields = ("subject", "ident", "verb", "user_id", "group", "after")
    for subject, ident, verb, user, group, after in rows.values_list(*fields):
        key = verb if subject == "layer" else subject
        last[key, ident] = _Last(verb, user, group, after)
    return last


def _accepted(layer: Layer) -> Set[int]:
    """Return the suggestions in a layer that wait for nothing more."""
    suggested = origin_keys(layer).keys()
    log = review_log.logs_of([layer]).get(layer.pk, [])
    return suggested - facts_of(log, suggested).unaccepted


# Who made it, and the decision on its way into the log.
_By = tuple[int | None, Entry]


def _content(
    view: LayerView, log: _Log, *, origins: Mapping[int, int], accepted: Set[int] = frozenset()
) -> Iterator[_By]:
    """Yield what makes an empty layer this one: spans, then links, then the document.

    What was accepted and changed since says that it is accepted: it waits for nothing.
    """
    for ident, span in sorted(view.spans.items()):
        by, entry = _carried(log, "span", ident, span_value(span), "add")
        if ident in accepted and entry.decision.verb != "add":
            entry = replace(entry, decision=replace(entry.decision, verb="accept"))
        yield by, entry
    for ident in sorted(view.rejected & origins.keys() - view.spans.keys()):
        yield _carried(log, "span", ident, REJECTED, "reject")
    for ident, link in sorted(view.links.items()):
        yield _carried(log, "link", ident, link_value(link), "link")
    if view.attributes:
        value = {"attributes": dict(view.attributes)}
        yield _carried(log, "document", 0, value, "attribute")


def _carried(log: _Log, subject: str, ident: int, value: Any, otherwise: str) -> _By:
    """Return a decision as its maker last made it; `otherwise` is what it is called without one."""
    last = log.get((subject, ident))
    if last is None or last.after is None:
        return None, Entry(Decision(otherwise, subject, ident, value))
    verb = last.verb if last.verb not in ("remove", "unlink") else otherwise
    return last.user, Entry(Decision(verb, subject, ident, value), group=last.group)


def _handing_in(layer: Layer, view: LayerView, log: _Log) -> Iterator[_By]:
    """Yield what a submitted review ends with."""
    if layer.state == LayerState.OPEN:
        return
    for verb in ("leave", "submit"):
        last = log.get((verb, 0))
        if last is not None:
            decision = Decision(verb, "layer", 0, last.after)
            yield last.user, Entry(decision, group=last.group)


def _write(layer: Layer, carried: Sequence[_By], versions: Versions) -> None:
    """Write decisions in order, each as its maker's, by the policy that carries them over."""
    users = {user for user, _ in carried if user is not None}
    people = get_user_model().objects.in_bulk(users)
    for user, group in groupby(carried, key=itemgetter(0)):
        entries = [entry for _, entry in group]
        maker = people[user] if user is not None else None
        write(layer, entries, at=layer.version, user=maker, policy=versions.policy)


def _move_adjudication(
    adjudication: Adjudication,
    gold: Layer | None,
    before: Sequence[Cluster],
    copies: Mapping[int, Layer],
    versions: Versions,
) -> None:
    adjudications.move(adjudication, versions.new, gold=None)
    compared = _compare(adjudication, before, copies, versions.change)
    copy = None
    view = LayerView()
    if gold is not None:
        copy = layer_rows.copy_for(gold, versions.new, shown_run_id=None)
    if gold is not None and copy is not None:
        view = _copy_gold(gold, copy, compared, versions)
        adjudications.move(adjudication, versions.new, gold=copy)
    if before and copy is not None:
        adjudications.record_moved(adjudication, compared.clusters, view, idents=compared.idents)


def _compare(
    adjudication: Adjudication,
    before: Sequence[Cluster],
    copies: Mapping[int, Layer],
    change: Change,
) -> _Compared:
    """Compare the copies, and find for each frame of before what it is called now."""
    if not before:
        return _Compared()
    clusters = comparison.clusters(adjudication)
    cluster_of: dict[tuple[str, int], Cluster] = {}
    for cluster in clusters:
        for name, frame in cluster.members.items():
            cluster_of[name, frame.head.ident] = cluster
    name_of = {str(pk): str(copy.pk) for pk, copy in copies.items()}
    idents: dict[int, int] = {}
    same = len(before) == len(clusters)
    for old in before:
        found = Counter(
            cluster_of[key].ident
            for name, frame in old.members.items()
            if (key := (name_of.get(name, ""), frame.head.ident)) in cluster_of
        )
        # Where two frames became one, the first keeps its number.
        for ident, _ in found.most_common():
            if ident not in idents.values():
                idents[old.ident] = ident
                break
    agreed = {cluster.ident: cluster.agreed for cluster in clusters}
    for old in before:
        if agreed.get(idents.get(old.ident, -1)) != old.agreed:
            same = False
    return _Compared(idents, clusters, same, before)


def _copy_gold(gold: Layer, copy: Layer, compared: _Compared, versions: Versions) -> LayerView:
    """Write gold of the new version; return what it holds."""
    log = _log(gold)
    own = layer_view(gold)
    settled = mapped_settlements(own.settled, versions.change, _named(compared, own))
    deferred = frozenset(compared.idents.get(ident, ident) for ident in own.deferred)
    view, _ = mapped_layer(own, versions.change)
    view = replace(view, settled=settled, deferred=deferred)
    if not compared.same:
        schema = schema_rows(versions.new).view
        view = gold_with(compared.clusters, settled, schema, before=view)
    entries = [*_content(view, log, origins={}), *_disputes(view, log, compared.idents)]
    _write(copy, entries, versions)
    layer_rows.finish_copy(copy, gold)
    notes.move(gold, copy, idents=compared.idents)
    return view


def _named(compared: _Compared, gold: LayerView) -> Clusters:
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


def _disputes(view: LayerView, log: _Log, idents: Mapping[int, int]) -> Iterator[_By]:
    """Yield what was last decided about each dispute, also that it was opened again."""
    for (subject, ident), last in log.items():
        if subject != "dispute":
            continue
        number = idents.get(ident, ident)
        after = view.settled.get(number)
        if after is None and number in view.deferred:
            after = DEFERRED
        if after is None and last.after is not None:
            continue
        yield last.user, Entry(Decision(last.verb, "dispute", number, after), group=last.group)

"""The copy of a layer, decision by decision, each as its maker's; and what its disputes become."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.contrib.auth import get_user_model

from annotator.core.acceptance import facts_of
from annotator.core.compare import Cluster
from annotator.core.decisions import (
    DEFERRED,
    LEFT_BEHIND,
    REJECTED,
    Decision,
    left_behind,
    left_behind_in,
    link_value,
    span_value,
)
from annotator.models import Adjudication, AdjudicationState, Layer, LayerState
from annotator.models import Decision as DecisionRow
from annotator.selectors import comparison, review_log
from annotator.services import layers as layer_rows
from annotator.services import notes
from annotator.services.decision_log import Entry, origin_keys, write
from corpus.core.span import LayerView
from corpus.models import Document, Schema


@dataclass(frozen=True, slots=True)
class _Last:
    """The last decision about something: what it was called, who made it, and in which group."""

    verb: str
    user: int | None
    group: uuid.UUID
    after: Any
    seq: int


Log = Mapping[tuple[str, int], _Last]


@dataclass(slots=True)
class Compared:
    """A document's disputes before and after: how they are called now, and the new clusters."""

    idents: dict[int, int] = field(default_factory=dict)
    clusters: list[Cluster] = field(default_factory=list)
    # Whether exactly the same is agreed and in dispute as before.
    same: bool = True
    before: Sequence[Cluster] = ()


def log_of(layer: Layer) -> Log:
    """Return the last decision about each thing of a layer."""
    rows = DecisionRow.objects.filter(layer=layer).order_by("seq")
    last = {}
    fields = ("subject", "ident", "verb", "user_id", "group", "after", "seq")
    for subject, ident, verb, *said in rows.values_list(*fields):
        key = verb if subject == "layer" else subject
        last[key, ident] = _Last(verb, *said)
    return last


def accepted_in(layer: Layer) -> Set[int]:
    """Return the suggestions in a layer that wait for nothing more."""
    suggested = origin_keys(layer).keys()
    log = review_log.logs_of([layer]).get(layer.pk, [])
    return suggested - facts_of(log, suggested).unaccepted


# Who made it, and the decision on its way into the log.
By = tuple[int | None, Entry]


def content(
    view: LayerView, log: Log, *, origins: Mapping[int, int], accepted: Set[int] = frozenset()
) -> Iterator[By]:
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


def _carried(log: Log, subject: str, ident: int, value: Any, otherwise: str) -> By:
    """Return a decision as its maker last made it; `otherwise` is what it is called without one."""
    last = log.get((subject, ident))
    if last is None or last.after is None:
        return None, Entry(Decision(otherwise, subject, ident, value))
    verb = last.verb if last.verb not in ("remove", "unlink") else otherwise
    return last.user, Entry(Decision(verb, subject, ident, value), group=last.group)


def handing_in(layer: Layer, view: LayerView, log: Log) -> Iterator[By]:
    """Yield what a submitted review ends with."""
    if layer.state == LayerState.OPEN:
        return
    for verb in ("leave", "submit"):
        last = log.get((verb, 0))
        if last is not None:
            decision = Decision(verb, "layer", 0, last.after)
            yield last.user, Entry(decision, group=last.group)


def left_waiting(log: Log) -> Mapping[str, Sequence[int]]:
    """Return what did not come along to the text of a layer, unless it was handed in since."""
    lost, submitted = log.get((LEFT_BEHIND, 0)), log.get(("submit", 0))
    if lost is None or (submitted is not None and submitted.seq > lost.seq):
        return {}
    return left_behind_in(lost.after)


def noting_left(texts: Mapping[str, Sequence[int]]) -> Iterator[By]:
    """Yield what notes spans that did not come along to a corrected text, if there are any."""
    if texts:
        yield None, Entry(left_behind(texts))


def disputes_before(
    document: Document, schema: Schema
) -> tuple[Adjudication | None, list[Cluster]]:
    """Return a document's row in the queue, and what its reviews are compared into.

    That is nothing while some of them are missing.
    """
    rows = Adjudication.objects.select_related("document__corpus", "schema", "gold")
    adjudication = rows.filter(document=document, schema=schema).first()
    if adjudication is None or adjudication.state == AdjudicationState.WAITING:
        return adjudication, []
    return adjudication, comparison.clusters(adjudication)


def fill(
    copy: Layer,
    layer: Layer,
    carried: Sequence[By],
    *,
    policy: str,
    idents: Mapping[int, int],
    only: Container[int] | None = None,
) -> None:
    """Make an empty copy what a layer became: its decisions, its state, and what was said of it.

    Frames may have other numbers, by `idents`; what was said of one not among `only` stays.
    """
    _write_all(copy, carried, policy=policy)
    layer_rows.finish_copy(copy, layer)
    notes.move(layer, copy, idents=idents, only=only)


def _write_all(layer: Layer, carried: Sequence[By], *, policy: str) -> None:
    """Write decisions in order, each as its maker's, by the policy that carries them over."""
    users = {user for user, _ in carried if user is not None}
    people = get_user_model().objects.in_bulk(users)
    for user, group in groupby(carried, key=itemgetter(0)):
        entries = [entry for _, entry in group]
        maker = people[user] if user is not None else None
        write(layer, entries, at=layer.version, user=maker, policy=policy)


def compare(
    adjudication: Adjudication,
    before: Sequence[Cluster],
    copies: Mapping[int, Layer],
) -> Compared:
    """Compare the copies, and find for each frame of before what it is called now."""
    if not before:
        return Compared()
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
    return Compared(idents, clusters, same, before)


def disputes_of(view: LayerView, log: Log, idents: Mapping[int, int]) -> Iterator[By]:
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

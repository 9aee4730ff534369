"""From reviews to gold: compare what came in, take over what agrees, settle the rest."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotator.core.compare import Cluster
from annotator.core.decisions import DEFERRED, Decision, read_attributes, read_span
from annotator.core.dispute import version
from annotator.core.frames import Frame, Linked, in_order
from annotator.core.gold import frame_value
from annotator.models import (
    Adjudication,
    AdjudicationState,
    Dispute,
    DisputeState,
    Layer,
    LayerKind,
)
from annotator.models import Decision as DecisionRow
from annotator.selectors import comparison, disputes, layers
from annotator.services import adjudications, looking
from annotator.services.decision_log import Entry, write
from annotator.services.policies import content_decisions, gold_with, prepare
from corpus import permissions
from corpus.core.problems import Problem
from corpus.core.schema import DOCUMENT, SchemaView
from corpus.core.span import LayerView, Span
from corpus.models import Document
from corpus.selectors import schema_rows

# Where a span begins and ends.
Place = tuple[int, int]


def review_came_in(layer: Layer) -> None:
    """Count a submitted review; with the last one, compare and take over what is agreed."""
    adjudication = adjudications.count_in(layer.document, layer.schema)
    if adjudication.submitted >= adjudication.needed:
        prepare(adjudication, policy="unanimous")


def open_disputes(document: Document, *, by: AbstractBaseUser) -> tuple[Adjudication, Layer]:
    """Return the queue row and the gold layer of a document whose reviews are in.

    A review that the person handed in is final from now on. Raises `Problem` with the document in
    their own hands, and while reviews are waited for, which leaves theirs as it was.
    """
    permissions.require(by, "adjudicate", document.corpus)
    adjudication = disputes.adjudication_of(document)
    if adjudication.gold is None or adjudication.state == AdjudicationState.WAITING:
        looking.require_out_of_hand([document], by=by)
        waiting = f"{adjudication.submitted} of {adjudication.needed} reviews are in"
        if permissions.allows(by, "review", document.corpus):
            # Who reviews could tell which colleague is through with it.
            waiting = "reviews are waited for"
        raise Problem("nothing-to-do", act="settle", reason=waiting)
    looking.look([document], by=by)
    gold = adjudication.gold
    gold.document = adjudication.document
    gold.schema = adjudication.schema
    return adjudication, gold


def open_gold(document: Document, *, by: AbstractBaseUser) -> tuple[Layer, str]:
    """Return gold of a document and how far its adjudication is.

    A review that the person handed in is final from now on. Raises `Problem` with the document in
    their own hands, and before there is gold, which leaves theirs as it was.
    """
    permissions.require(by, "adjudicate", document.corpus)
    found = layers.gold_and_state(document)
    if found is None:
        looking.require_out_of_hand([document], by=by)
        raise Problem("not-found", what="gold of the document", name=document.external_id)
    looking.look([document], by=by)
    return found


def may_settle(document: Document, *, by: AbstractBaseUser) -> bool:
    """Tell whether a person who adjudicates may do so here.

    Not where they annotated, unless the corpus allows it.
    """
    own = Layer.objects.filter(document=document, kind=LayerKind.REVIEW, owner_id=by.pk)
    return document.corpus.own_disputes or not own.exists()


def _begin(document: Document, *, by: AbstractBaseUser) -> tuple[Adjudication, Layer]:
    """Return queue row and gold for a write.

    Until the transaction ends no reviewer takes a review back.
    """
    adjudication, gold = open_disputes(document, by=by)
    if not may_settle(document, by=by):
        raise Problem("own-work")
    if not adjudications.all_in(adjudication):
        raise Problem("nothing-to-do", act="settle", reason="a review was taken back")
    return adjudication, gold


@transaction.atomic
def settle(
    document: Document,
    *,
    by: AbstractBaseUser,
    at: int,
    client_id: uuid.UUID,
    dispute: int,
    choice: str,
    number: int = 0,
    facets: Mapping[str, int] | None = None,
    reason: str = "",
    frame: Mapping[str, Any] | None = None,
) -> Adjudication:
    """Settle one dispute, or put it off ("defer").

    A choice takes a version by its `number`, with single `facets` of other versions by theirs; or
    nobody's ("none"); or writes an edited frame, with a reason ("edit").
    """
    adjudication, gold = _begin(document, by=by)
    if DecisionRow.objects.filter(layer=gold, client_id=client_id).exists():
        return adjudication
    clusters = comparison.clusters(adjudication)
    cluster = next((c for c in clusters if c.ident == dispute and not c.agreed), None)
    view = layers.layer_view(gold)
    if cluster is None or dispute in view.settled:
        raise Problem("dispute-unknown", ident=dispute)
    if choice == "defer":
        if dispute in view.deferred:
            return adjudication
        defer = Decision("defer", "dispute", dispute, DEFERRED)
        entries = [Entry(defer, client_id=client_id, group=client_id)]
        return _write_and_count(adjudication, gold, entries, clusters, by=by, at=at)
    schema = schema_rows(adjudication.schema).view
    value: dict[str, Any] = {"choice": choice, "number": number, "reason": reason}
    exact: dict[Place, str] = {}
    if choice == "version":
        chosen = version(cluster, schema, number=number, facets=facets or {})
        value["frame"] = frame_value(chosen, clusters)
    elif choice == "edit" and isinstance(frame, Mapping):
        chosen, exact = _edited(frame, clusters, schema, reason=reason)
        value["frame"] = frame_value(chosen, clusters)
    elif choice != "none":
        raise Problem(
            "dispute-choice",
            choice=choice,
            reason="choose version, none, defer, or edit with a frame",
        )
    if facets:
        value["facets"] = dict(facets)
    after = gold_with(clusters, {**view.settled, dispute: value}, schema, before=view)
    settled = Decision("settle", "dispute", dispute, after.settled[dispute])
    entries = [Entry(settled, client_id=client_id, group=client_id)]
    entries += _entries(view, after, verb="settle", group=client_id, exact=exact)
    return _write_and_count(adjudication, gold, entries, clusters, by=by, at=at)


def _entries(
    before: LayerView,
    after: LayerView,
    *,
    verb: str,
    group: uuid.UUID,
    exact: Mapping[Place, str] | None = None,
) -> list[Entry]:
    """Return what makes one state of gold the other, apart from the settlements.

    `exact` are the words that an edited frame claims to hold, by place.
    """
    entries = []
    for decision in content_decisions(before, after, verb=verb, away=verb):
        words = None
        if exact and decision.subject == "span" and decision.after is not None:
            words = exact.get((decision.after["start"], decision.after["end"]))
        entries.append(Entry(decision, group=group, exact=words))
    return entries


def _edited(
    frame: Mapping[str, Any], clusters: Sequence[Cluster], schema: SchemaView, *, reason: str
) -> tuple[Frame, dict[Place, str]]:
    """Read a frame that an adjudicator wrote, and the words that it claims to hold.

    A link names the dispute or agreed frame that it goes to (`cluster`), or holds a span of its
    own. Raises `Problem` when the frame is not well formed.
    """
    if not reason.strip():
        raise Problem("reason-needed")
    span = frame.get("span")
    links = frame.get("links") or []
    if not isinstance(span, dict) or not isinstance(links, list):
        raise Problem("decision-shape", reason="a frame has a span and a list of links")
    exact: dict[Place, str] = {}
    head = _edited_span(span, exact)
    number_of = {cluster.ident: number for number, cluster in enumerate(clusters)}
    linked = []
    for row in links:
        if not isinstance(row, dict) or not isinstance(row.get("kind"), str):
            raise Problem("decision-shape", reason="a link has a kind")
        if row["kind"] not in schema.links:
            known = ", ".join(schema.links) or "no kind"
            raise Problem("decision-shape", reason=f"the schema's links are of: {known}")
        named = row.get("cluster", 0)
        if not isinstance(named, int):
            raise Problem("decision-shape", reason="a link names a cluster by its number")
        anchor = number_of.get(named)
        if anchor is None:
            if not isinstance(row.get("span"), dict):
                reason = "a link names a cluster of this document, or has a span"
                raise Problem("decision-shape", reason=reason)
            target = _edited_span(row["span"], exact)
        else:
            target = next(iter(clusters[anchor].members.values())).head
        attributes = _attributes(row)
        linked.append(
            Linked(row["kind"], target, attributes, anchor, reverse=bool(row.get("reverse")))
        )
    if head.label and head.label not in schema.labels:
        raise Problem("span-label", id=0, label=head.label, known=", ".join(schema.labels))
    return Frame(head, in_order(linked)), exact


def _attributes(value: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(value.get("attributes") or {}, Mapping):
        raise Problem("decision-shape", reason="attributes have a name and a value each")
    return read_attributes(value)


def _edited_span(value: Mapping[str, Any], exact: dict[Place, str]) -> Span:
    attributes = _attributes(value)
    if value.get("label") == DOCUMENT:
        return Span(0, DOCUMENT, 0, 0, attributes=attributes)
    if not isinstance(value.get("exact"), str):
        raise Problem("decision-shape", reason="a span needs the words it means in `exact`")
    span = read_span(0, value)
    exact[span.start, span.end] = value["exact"]
    return span


@transaction.atomic
def give_reason(
    document: Document,
    *,
    by: AbstractBaseUser,
    at: int,
    client_id: uuid.UUID,
    dispute: int,
    reason: str,
) -> Adjudication:
    """Say why a dispute was settled as it is, once it is; "" takes the reason back."""
    adjudication, gold = _begin(document, by=by)
    if DecisionRow.objects.filter(layer=gold, client_id=client_id).exists():
        return adjudication
    value = layers.layer_view(gold).settled.get(dispute)
    # Nobody has looked at what a policy settled.
    if value is None or "policy" in value:
        raise Problem("dispute-unsettled", ident=dispute)
    if value.get("choice") == "edit" and not reason.strip():
        raise Problem("reason-needed")
    if reason == value.get("reason", ""):
        return adjudication
    settled = Decision("settle", "dispute", dispute, {**value, "reason": reason})
    entries = [Entry(settled, client_id=client_id, group=client_id)]
    clusters = comparison.clusters(adjudication)
    return _write_and_count(adjudication, gold, entries, clusters, by=by, at=at)


@transaction.atomic
def undo(
    document: Document, *, by: AbstractBaseUser, at: int, client_id: uuid.UUID, dispute: int
) -> Adjudication:
    """Open a settled or deferred dispute again: gold is as if it had never been settled."""
    adjudication, gold = _begin(document, by=by)
    if DecisionRow.objects.filter(layer=gold, client_id=client_id).exists():
        return adjudication
    view = layers.layer_view(gold)
    value = view.settled.get(dispute)
    if value is None and dispute not in view.deferred:
        raise Problem("dispute-unknown", ident=dispute)
    clusters = comparison.clusters(adjudication)
    schema = schema_rows(adjudication.schema).view
    settled = {ident: other for ident, other in view.settled.items() if ident != dispute}
    after = gold_with(clusters, settled, schema, before=view)
    opened = Decision("undo", "dispute", dispute, None)
    entries = [Entry(opened, client_id=client_id, group=client_id)]
    entries += _entries(view, after, verb="undo", group=client_id)
    return _write_and_count(adjudication, gold, entries, clusters, by=by, at=at)


def reopen(row: Dispute, *, by: AbstractBaseUser) -> None:
    """Undo the settlement of a dispute in the queue, at gold's newest version."""
    document = row.adjudication.document
    _, gold = open_disputes(document, by=by)
    undo(document, by=by, at=gold.version, client_id=uuid.uuid4(), dispute=row.ident)


def _write_and_count(
    adjudication: Adjudication,
    gold: Layer,
    entries: list[Entry],
    clusters: list[Cluster],
    *,
    by: AbstractBaseUser,
    at: int,
) -> Adjudication:
    write(gold, entries, at=at, user=by)
    adjudications.record_disputes(adjudication, clusters, layers.layer_view(gold), by=by)
    return adjudication


def close(document: Document, *, by: AbstractBaseUser) -> Document | None:
    """Leave a document whose disputes are settled or deferred.

    Returns the next one that this person may settle, None at the end.
    """
    adjudication, _ = open_disputes(document, by=by)
    left = Dispute.objects.filter(adjudication=adjudication, state=DisputeState.OPEN).count()
    if left:
        raise Problem("disputes-open", count=left)
    page, _ = disputes.queue(document.corpus, disputes.DisputeFilter(), by=by, size=1)
    return page[0].adjudication.document if page else None

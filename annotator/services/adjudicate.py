"""From reviews to gold: compare what came in, take over what agrees, settle the rest."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotator.core.compare import Cluster, Frame
from annotator.core.decisions import DEFERRED, Decision, apply, read_span
from annotator.core.dispute import mixed, parts, shuffled
from annotator.core.merge import place
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
from annotator.services import adjudications
from annotator.services.decision_log import Entry, write
from annotator.services.policies import prepare
from corpus import permissions
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.models import Document
from corpus.selectors import schema_rows


def review_came_in(layer: Layer) -> None:
    """Count a submitted review; with the last one, compare and take over what is agreed."""
    adjudication = adjudications.count_in(layer.document, layer.schema)
    if adjudication.submitted >= adjudication.needed:
        prepare(adjudication, policy="unanimous")


def open_disputes(document: Document, *, by: AbstractBaseUser) -> tuple[Adjudication, Layer]:
    """Return the queue row and the gold layer of a document whose reviews are in."""
    permissions.require(by, "adjudicate", document.corpus)
    adjudication = disputes.adjudication_of(document)
    if adjudication.gold is None or adjudication.state == AdjudicationState.WAITING:
        waiting = f"{adjudication.submitted} of {adjudication.needed} reviews are in"
        raise Problem("nothing-to-do", act="settle", reason=waiting)
    gold = adjudication.gold
    gold.document = adjudication.document
    gold.schema = adjudication.schema
    return adjudication, gold


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


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The frame that a choice puts into gold; none when nothing stands.

    `exact` are the words that an edited frame claims to hold, by place.
    """

    frame: Frame | None
    exact: Mapping[tuple[int, int], str] = field(default_factory=dict)


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
    facets = facets or {}
    schema = schema_rows(adjudication.schema).view
    if choice == "none":
        chosen = _Chosen(None)
    elif choice == "version":
        chosen = _Chosen(_version(cluster, schema, number=number, facets=facets))
    elif choice == "edit" and isinstance(frame, Mapping):
        chosen = _edited(frame, schema, reason=reason)
    else:
        raise Problem(
            "dispute-choice",
            choice=choice,
            reason="choose version, none, defer, or edit with a frame",
        )
    decisions = place(view, chosen.frame, verb="settle") if chosen.frame is not None else []
    value: dict[str, Any] = {"choice": choice, "number": number, "reason": reason}
    if facets:
        value["facets"] = dict(facets)
    # What undoing takes out again.
    value["spans"] = [d.ident for d in decisions if d.subject == "span"]
    value["links"] = [d.ident for d in decisions if d.subject == "link"]
    settled = Decision("settle", "dispute", dispute, value)
    entries = [Entry(settled, client_id=client_id, group=client_id)]
    for decision in decisions:
        exact = None
        if decision.subject == "span" and decision.after is not None:
            exact = chosen.exact.get((decision.after["start"], decision.after["end"]))
        entries.append(Entry(decision, group=client_id, exact=exact))
    return _write_and_count(adjudication, gold, entries, clusters, by=by, at=at)


def _version(
    cluster: Cluster, schema: SchemaView, *, number: int, facets: Mapping[str, int]
) -> Frame:
    """Return the version of a number, with single facets of other versions; or raise `Problem`."""
    versions = [frame for _, frame in shuffled(cluster, schema)]
    for wanted in (number, *facets.values()):
        if not 1 <= wanted <= len(versions):
            reason = f"there are {len(versions)} versions"
            raise Problem("dispute-choice", choice=wanted, reason=reason)
    disputed = parts(cluster)
    for facet in facets:
        if facet not in disputed:
            reason = f"in dispute here: {', '.join(disputed) or 'no facet'}"
            raise Problem("dispute-choice", choice=facet, reason=reason)
    taken = {facet: versions[n - 1] for facet, n in facets.items()}
    return mixed(versions[number - 1], taken)


def _edited(frame: Mapping[str, Any], schema: SchemaView, *, reason: str) -> _Chosen:
    """Read a frame that an adjudicator wrote; raise `Problem` when it is not well formed."""
    if not reason.strip():
        raise Problem("reason-needed")
    claim = frame.get("claim")
    speakers = frame.get("speakers") or []
    if (
        not isinstance(claim, dict)
        or not isinstance(speakers, list)
        or not all(isinstance(speaker, dict) for speaker in speakers)
    ):
        raise Problem("decision-shape", reason="a frame has a claim and a list of speakers")
    for span in (claim, *speakers):
        if not isinstance(span.get("exact"), str):
            raise Problem("decision-shape", reason="a span needs the words it means in `exact`")
    kinds = [kind.name for kind in schema.links.values() if kind.source == claim.get("label")]
    kind = kinds[0] if kinds else ""
    head = read_span(0, claim)
    linked = tuple((kind, read_span(0, speaker)) for speaker in speakers)
    exact = {(span["start"], span["end"]): span["exact"] for span in (claim, *speakers)}
    return _Chosen(Frame(head, linked), exact)


@transaction.atomic
def undo(
    document: Document, *, by: AbstractBaseUser, at: int, client_id: uuid.UUID, dispute: int
) -> Adjudication:
    """Open a settled or deferred dispute again.

    What settling added to gold goes, unless another frame uses it.
    """
    adjudication, gold = _begin(document, by=by)
    if DecisionRow.objects.filter(layer=gold, client_id=client_id).exists():
        return adjudication
    view = layers.layer_view(gold)
    value = view.settled.get(dispute)
    if value is None and dispute not in view.deferred:
        raise Problem("dispute-unknown", ident=dispute)
    value = value or {}
    opened = Decision("undo", "dispute", dispute, None)
    entries = [Entry(opened, client_id=client_id, group=client_id)]
    for ident in value.get("links", ()):
        unlink = Decision("undo", "link", ident, None)
        entries.append(Entry(unlink, group=client_id))
        view = apply(view, unlink)
    used = {end for link in view.links.values() for end in (link.source, link.target)}
    for ident in value.get("spans", ()):
        if ident in view.spans and ident not in used:
            entries.append(Entry(Decision("undo", "span", ident, None), group=client_id))
    clusters = comparison.clusters(adjudication)
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

"""From reviews to gold: compare what came in, take over what agrees, settle the rest."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
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
from annotator.selectors import layers
from annotator.selectors.disputes import Wanted, queue
from annotator.services import adjudications
from annotator.services.decision_log import Entry, write
from annotator.services.policies import prepare
from corpus import permissions
from corpus.core.problems import Problem
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
    adjudication = layers.adjudication_of(document)
    if adjudication.gold is None or adjudication.state == AdjudicationState.WAITING:
        waiting = f"{adjudication.submitted} of {adjudication.needed} reviews are in"
        raise Problem("nothing-to-do", act="settle", reason=waiting)
    gold = adjudication.gold
    gold.document = adjudication.document
    gold.schema = adjudication.schema
    return adjudication, gold


def may_settle(document: Document, *, by: AbstractBaseUser) -> bool:
    """Tell whether a person who adjudicates may do so here: not where they annotated, unless the
    corpus allows it.
    """
    own = Layer.objects.filter(document=document, kind=LayerKind.REVIEW, owner_id=by.pk)
    return document.corpus.own_disputes or not own.exists()


def _begin(document: Document, *, by: AbstractBaseUser) -> tuple[Adjudication, Layer]:
    """Return queue row and gold for a write; until the transaction ends no reviewer takes a review
    back.
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
    found = layers.clusters(adjudication)
    cluster = next((c for c in found if c.ident == dispute and not c.agreed), None)
    view = layers.layer_view(gold)
    if cluster is None or dispute in view.settled:
        raise Problem("dispute-unknown", ident=dispute)
    if choice == "defer" and dispute in view.deferred:
        return adjudication
    if choice == "defer":
        entries = [
            Entry(
                Decision("defer", "dispute", dispute, DEFERRED),
                client_id=client_id,
                group=client_id,
            )
        ]
        return _write_and_count(adjudication, gold, entries, found, by=by, at=at)
    facets = facets or {}
    chosen = _chosen(
        cluster,
        adjudication,
        choice=choice,
        number=number,
        facets=facets,
        reason=reason,
        frame=frame,
    )
    wanted = place(view, chosen[0], verb="settle") if chosen else []
    made = {
        "spans": [d.ident for d in wanted if d.subject == "span"],
        "links": [d.ident for d in wanted if d.subject == "link"],
    }
    value = {
        "choice": choice,
        "number": number,
        "reason": reason,
        **({"facets": dict(facets)} if facets else {}),
        **made,
    }
    exact = chosen[1] if chosen else {}
    entries = [
        Entry(Decision("settle", "dispute", dispute, value), client_id=client_id, group=client_id)
    ]
    entries += [
        Entry(
            d, group=client_id, exact=exact.get(_place_of(d.after)) if d.subject == "span" else None
        )
        for d in wanted
    ]
    return _write_and_count(adjudication, gold, entries, found, by=by, at=at)


Words = dict[tuple[Any, Any], str]


def _place_of(value: Mapping[str, Any] | None) -> tuple[Any, Any]:
    return (value["start"], value["end"]) if value else (None, None)


def _chosen(
    cluster: Cluster,
    adjudication: Adjudication,
    *,
    choice: str,
    number: int,
    facets: Mapping[str, int],
    reason: str,
    frame: Mapping[str, Any] | None,
) -> tuple[Frame, Words] | None:
    """Return the frame that a choice means, with the words that an edited one claims to hold."""
    if choice == "none":
        return None
    if choice == "version":
        held = [frame for _, frame in shuffled(cluster, schema_rows(adjudication.schema).view)]
        for wanted in (number, *facets.values()):
            if not 1 <= wanted <= len(held):
                raise Problem(
                    "dispute-choice", choice=wanted, reason=f"there are {len(held)} versions"
                )
        for facet in facets:
            if facet not in parts(cluster):
                known = ", ".join(parts(cluster)) or "no facet"
                raise Problem("dispute-choice", choice=facet, reason=f"in dispute here: {known}")
        return mixed(held[number - 1], {facet: held[n - 1] for facet, n in facets.items()}), {}
    if choice != "edit" or not isinstance(frame, Mapping):
        raise Problem(
            "dispute-choice",
            choice=choice,
            reason="choose version, none, defer, or edit with a frame",
        )
    if not reason.strip():
        raise Problem("reason-needed")
    claim, speakers = frame.get("claim"), frame.get("speakers") or []
    if (
        not isinstance(claim, dict)
        or not isinstance(speakers, list)
        or not all(isinstance(s, dict) for s in speakers)
    ):
        raise Problem("decision-shape", reason="a frame has a claim and a list of speakers")
    for part in (claim, *speakers):
        if not isinstance(part.get("exact"), str):
            raise Problem("decision-shape", reason="a span needs the words it means in `exact`")
    kind = next(
        (
            k.name
            for k in schema_rows(adjudication.schema).view.links.values()
            if k.source == claim.get("label")
        ),
        "",
    )
    edited = Frame(read_span(0, claim), tuple((kind, read_span(0, s)) for s in speakers))
    return edited, {_place_of(part): part["exact"] for part in (claim, *speakers)}


@transaction.atomic
def undo(
    document: Document, *, by: AbstractBaseUser, at: int, client_id: uuid.UUID, dispute: int
) -> Adjudication:
    """Open a settled or deferred dispute again: what settling added to gold goes, unless another
    frame uses it.
    """
    adjudication, gold = _begin(document, by=by)
    if DecisionRow.objects.filter(layer=gold, client_id=client_id).exists():
        return adjudication
    view = layers.layer_view(gold)
    value = view.settled.get(dispute)
    if value is None and dispute not in view.deferred:
        raise Problem("dispute-unknown", ident=dispute)
    entries = [
        Entry(Decision("undo", "dispute", dispute, None), client_id=client_id, group=client_id)
    ]
    for ident in (value or {}).get("links", ()):
        entries.append(Entry(Decision("undo", "link", ident, None), group=client_id))
        view = apply(view, Decision("undo", "link", ident, None))
    used = {end for link in view.links.values() for end in (link.source, link.target)}
    for ident in (value or {}).get("spans", ()):
        if ident in view.spans and ident not in used:
            entries.append(Entry(Decision("undo", "span", ident, None), group=client_id))
    return _write_and_count(
        adjudication, gold, entries, layers.clusters(adjudication), by=by, at=at
    )


def reopen(row: Dispute, *, by: AbstractBaseUser) -> None:
    """Undo the settlement of a dispute in the queue, at gold's newest version."""
    _, gold = open_disputes(row.adjudication.document, by=by)
    undo(
        row.adjudication.document, by=by, at=gold.version, client_id=uuid.uuid4(), dispute=row.ident
    )


def _write_and_count(
    adjudication: Adjudication,
    gold: Layer,
    entries: list[Entry],
    found: list[Cluster],
    *,
    by: AbstractBaseUser,
    at: int,
) -> Adjudication:
    write(gold, entries, at=at, user=by)
    adjudications.record_disputes(adjudication, found, layers.layer_view(gold), by=by)
    return adjudication


def close(document: Document, *, by: AbstractBaseUser) -> Document | None:
    """Leave a document whose disputes are settled or deferred; return the next one that this person
    may settle.
    """
    adjudication, _ = open_disputes(document, by=by)
    left = Dispute.objects.filter(adjudication=adjudication, state=DisputeState.OPEN).count()
    if left:
        raise Problem("disputes-open", count=left)
    page, _ = queue(document.corpus, Wanted(), by=by, size=1)
    return page[0].adjudication.document if page else None

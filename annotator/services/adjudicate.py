"""From reviews to gold: compare what came in, take over what agrees, settle the rest."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotator import selectors
from annotator.core.compare import Cluster, Frame, versions
from annotator.core.decisions import Decision, apply, read_span
from annotator.core.merge import POLICIES, Drop, holds, place
from annotator.models import Adjudication, AdjudicationState, Layer, LayerKind, LayerState
from annotator.models import Decision as DecisionRow
from annotator.services.log import Entry, write
from corpus import permissions
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.models import Corpus, Document
from corpus.selectors import schema_rows


def review_came_in(layer: Layer) -> None:
    """Count a submitted review; with the last one, compare and take over what is agreed.

    The increment comes first: its row lock makes the second of two reviewers who submit at once see both.
    """
    rows = Adjudication.objects.filter(document=layer.document, schema=layer.schema)
    rows.update(submitted=F("submitted") + 1)
    adjudication = rows.select_related("document__corpus", "schema", "gold").get()
    if adjudication.submitted >= adjudication.needed:
        prepare(adjudication, policy="unanimous")


def gold_layer(adjudication: Adjudication) -> Layer:
    """Return the gold layer of a document, made when there is none."""
    layer, _ = Layer.objects.get_or_create(
        document=adjudication.document, schema=adjudication.schema, kind=LayerKind.GOLD
    )
    layer.document = adjudication.document
    layer.schema = adjudication.schema
    return layer


def prepare(adjudication: Adjudication, *, policy: str) -> Adjudication:
    """Compare the submitted reviews and write into gold what the policy settles; the rest waits for a person.

    May be run again: what a person decided stays, what only policies wrote is written anew.
    """
    decide = POLICIES.get(policy)
    schema = schema_rows(adjudication.schema).view
    with transaction.atomic():
        gold = gold_layer(adjudication)
        if gold.state == LayerState.CLOSED:
            return adjudication
        found = selectors.clusters(adjudication)
        view = selectors.layer_view(gold)
        entries: list[Entry] = []
        group = uuid.uuid4()

        def add(decision: Decision) -> None:
            nonlocal view
            entries.append(Entry(decision, group=group))
            view = apply(view, decision)

        if not DecisionRow.objects.filter(layer=gold, user__isnull=False).exists():
            for ident in list(view.links):
                add(Decision("unlink", "link", ident, None))
            for ident in list(view.spans):
                add(Decision("remove", "span", ident, None))
            for ident in list(view.settled):
                add(Decision("undo", "dispute", ident, None))
        for cluster in found:
            outcome = decide(cluster, schema)
            if outcome is None or cluster.ident in view.settled:
                continue
            if isinstance(outcome, Frame) and not holds(view, outcome):
                for decision in place(view, outcome, verb="agree"):
                    add(decision)
            if not cluster.agreed:
                choice = "none" if outcome is Drop else "policy"
                add(Decision("settle", "dispute", cluster.ident, {"choice": choice, "policy": policy}))
        write(gold, entries, at=gold.version, policy=policy)
        adjudication.gold = gold
        adjudication.frames = len(found)
        adjudication.agreed = sum(c.agreed for c in found)
        adjudication.ready_at = timezone.now()
        _count(adjudication, found, view)
    return adjudication


def _count(adjudication: Adjudication, found: list[Cluster], gold: LayerView) -> None:
    """Write the numbers that lists show; a document without open disputes is done."""
    still = [c for c in found if not c.agreed and c.ident not in gold.settled]
    adjudication.disputes = len(still)
    adjudication.kinds = dict(Counter(kind for cluster in still for kind in cluster.kinds))
    adjudication.state = AdjudicationState.READY if still else AdjudicationState.DONE
    adjudication.done_at = None if still else timezone.now()
    adjudication.save()


def open_disputes(document: Document, *, by: AbstractBaseUser) -> tuple[Adjudication, Layer]:
    """Return the queue row and the gold layer of a document whose reviews are in."""
    permissions.require(by, "adjudicate", document.corpus)
    adjudication = selectors.adjudication_of(document)
    if adjudication.gold is None or adjudication.state == AdjudicationState.WAITING:
        waiting = f"{adjudication.submitted} of {adjudication.needed} reviews are in"
        raise Problem("nothing-to-do", act="settle", reason=waiting)
    gold = adjudication.gold
    gold.document = adjudication.document
    gold.schema = adjudication.schema
    return adjudication, gold


def settle(
    document: Document,
    *,
    by: AbstractBaseUser,
    at: int,
    client_id: uuid.UUID,
    dispute: int,
    choice: str,
    number: int = 0,
    reason: str = "",
    frame: Mapping[str, Any] | None = None,
) -> Adjudication:
    """Settle one dispute: take a version, take nobody's ("none"), or write an edited frame with a reason."""
    adjudication, gold = open_disputes(document, by=by)
    if DecisionRow.objects.filter(layer=gold, client_id=client_id).exists():
        return adjudication
    found = selectors.clusters(adjudication)
    cluster = next((c for c in found if c.ident == dispute and not c.agreed), None)
    view = selectors.layer_view(gold)
    if cluster is None or dispute in view.settled:
        raise Problem("dispute-unknown", ident=dispute)
    chosen = _chosen(cluster, adjudication, choice=choice, number=number, reason=reason, frame=frame)
    wanted = place(view, chosen[0], verb="settle") if chosen else []
    made = {"spans": [d.ident for d in wanted if d.subject == "span"],
            "links": [d.ident for d in wanted if d.subject == "link"]}  # fmt: skip
    value = {"choice": choice, "number": number, "reason": reason, **made}
    exact = chosen[1] if chosen else {}
    entries = [Entry(Decision("settle", "dispute", dispute, value), client_id=client_id, group=client_id)]
    entries += [
        Entry(d, group=client_id, exact=exact.get(_place_of(d.after)) if d.subject == "span" else None) for d in wanted
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
    reason: str,
    frame: Mapping[str, Any] | None,
) -> tuple[Frame, Words] | None:
    """Return the frame that a choice means, with the words that an edited one claims to hold."""
    if choice == "none":
        return None
    if choice == "version":
        held = versions(cluster, schema_rows(adjudication.schema).view)
        if not 1 <= number <= len(held):
            raise Problem("dispute-choice", choice=number, reason=f"there are {len(held)} versions")
        return held[number - 1][1], {}
    if choice != "edit" or not isinstance(frame, Mapping):
        raise Problem("dispute-choice", choice=choice, reason="choose version, none, or edit with a frame")
    if not reason.strip():
        raise Problem("reason-needed")
    claim, speakers = frame.get("claim"), frame.get("speakers") or []
    if not isinstance(claim, dict) or not isinstance(speakers, list) or not all(isinstance(s, dict) for s in speakers):
        raise Problem("decision-shape", reason="a frame has a claim and a list of speakers")
    for part in (claim, *speakers):
        if not isinstance(part.get("exact"), str):
            raise Problem("decision-shape", reason="a span needs the words it means in `exact`")
    kind = next(
        (k.name for k in schema_rows(adjudication.schema).view.links.values() if k.source == claim.get("label")), ""
    )
    edited = Frame(read_span(0, claim), tuple((kind, read_span(0, s)) for s in speakers))
    return edited, {_place_of(part): part["exact"] for part in (claim, *speakers)}


def undo(document: Document, *, by: AbstractBaseUser, at: int, client_id: uuid.UUID, dispute: int) -> Adjudication:
    """Open a settled dispute again: what settling it added to gold is taken out, unless another frame uses it."""
    adjudication, gold = open_disputes(document, by=by)
    if DecisionRow.objects.filter(layer=gold, client_id=client_id).exists():
        return adjudication
    view = selectors.layer_view(gold)
    value = view.settled.get(dispute)
    if value is None:
        raise Problem("dispute-unknown", ident=dispute)
    entries = [Entry(Decision("undo", "dispute", dispute, None), client_id=client_id, group=client_id)]
    for ident in value.get("links", ()):
        entries.append(Entry(Decision("undo", "link", ident, None), group=client_id))
        view = apply(view, Decision("undo", "link", ident, None))
    used = {end for link in view.links.values() for end in (link.source, link.target)}
    for ident in value.get("spans", ()):
        if ident in view.spans and ident not in used:
            entries.append(Entry(Decision("undo", "span", ident, None), group=client_id))
    return _write_and_count(adjudication, gold, entries, selectors.clusters(adjudication), by=by, at=at)


def _write_and_count(
    adjudication: Adjudication,
    gold: Layer,
    entries: list[Entry],
    found: list[Cluster],
    *,
    by: AbstractBaseUser,
    at: int,
) -> Adjudication:
    if Layer.objects.filter(
        document=adjudication.document, schema=adjudication.schema, kind=LayerKind.REVIEW, owner_id=by.pk
    ).exists():
        raise Problem("own-work")
    with transaction.atomic():
        write(gold, entries, at=at, user=by)
        _count(adjudication, found, selectors.layer_view(gold))
    return adjudication


def close(document: Document, *, by: AbstractBaseUser) -> Adjudication | None:
    """Leave a document whose disputes are all settled; return the next one with open disputes."""
    adjudication, _ = open_disputes(document, by=by)
    if adjudication.disputes:
        raise Problem("disputes-open", count=adjudication.disputes)
    page, _ = selectors.dispute_queue(document.corpus, size=1)
    return page[0] if page else None


def adjudicate_corpus(corpus: Corpus, *, policy: str) -> dict[str, int]:
    """Run a policy over every document with all its reviews in; return what it settled and what it left."""
    POLICIES.get(policy)
    totals = Counter(documents=0, frames=0, agreed=0, disputed=0)
    rows = Adjudication.objects.filter(corpus=corpus, submitted__gte=F("needed"))
    for adjudication in rows.select_related("document__corpus", "schema", "gold").order_by("pk").iterator(100):
        prepare(adjudication, policy=policy)
        totals.update(
            documents=1,
            frames=adjudication.frames,
            agreed=adjudication.frames - adjudication.disputes,
            disputed=adjudication.disputes,
        )
    return dict(totals)

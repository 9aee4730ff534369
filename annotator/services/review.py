"""What a reviewer does with a document in their hands: open, decide, submit, reopen."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from annotator.core.decisions import Decision
from annotator.models import (
    Adjudication,
    AdjudicationState,
    Assignment,
    AssignmentState,
    Layer,
    LayerKind,
    LayerState,
)
from annotator.models import Decision as DecisionRow
from annotator.selectors import layers
from annotator.services import adjudicate, assignments, disputes
from annotator.services.decision_log import Entry, read_entry, write
from corpus import permissions
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.db.bulk import add
from corpus.models import Document
from corpus.selectors import schema_rows
from corpus.services import audit

# Of one person that open one document at the same moment.
PAGES = 3


def open_layer(document: Document, *, by: AbstractBaseUser) -> Layer:
    """Return the reviewer's layer of a document, taking a free slot and pinning the suggestions at
    first sight.
    """
    permissions.require(by, "review", document.corpus)
    layer = layers.review_layer(document, by)
    if layer is not None:
        assignments.hold_place(layer, by=by)
        return layer
    for _ in range(PAGES):
        try:
            return _first_open(document, by=by)
        except IntegrityError:
            # Another page of the same person was quicker with the place or with the layer.
            if made := layers.review_layer(document, by):
                return made
    raise Problem("busy")


def _first_open(document: Document, *, by: AbstractBaseUser) -> Layer:
    own, free = assignments.places_on(document, by=by)
    if own is None and not free:
        raise _no_place(document)
    run = layers.newest_run(document)
    with transaction.atomic():
        place = own or next((place for place in free if assignments.take(place, by=by)), None)
        place = place or assignments.own_place(document, by=by)
        if place is None:
            raise _no_place(document)
        layer = Layer(
            document=document,
            schema_id=place.schema_id,
            kind=LayerKind.REVIEW,
            owner_id=by.pk,
            shown_run_id=None if place.blind else run,
            practice=place.practice,
        )
        add(layer)
    layers.share(layer, document.corpus, by)
    if place.state == AssignmentState.SKIPPED:
        assignments.hold_place(layer, by=by)
    return layer


def _no_place(document: Document) -> Problem:
    return Problem(
        "not-allowed", act=f"review {document.external_id!r}: every place on it is taken"
    )


def decide(
    layer: Layer, decisions: Sequence[Mapping[str, Any]], *, by: AbstractBaseUser, at: int
) -> Layer:
    """Append the reviewer's decisions to their own layer."""
    _own(layer, by)
    return write(layer, [read_entry(data) for data in decisions], at=at, user=by)


def submit(layer: Layer, *, by: AbstractBaseUser, at: int, elapsed_ms: int = 0) -> Layer:
    """Hand in a review that is complete; raise `Problem` while a claim lacks its speaker or a
    required attribute.
    """
    _own(layer, by)
    _complete(layer, layers.layer_view(layer))
    return hand_in(layer, by=by, at=at, elapsed_ms=elapsed_ms)


def hand_in(layer: Layer, *, by: AbstractBaseUser, at: int, elapsed_ms: int = 0) -> Layer:
    """Close a review to its owner; what nobody looked at is recorded as left. The last one in
    starts the comparison.

    Handing in twice is once. `elapsed_ms` is the time since the last decision, pauses taken out, so
    that the times of a layer's decisions add up to the time of the document.
    """
    view, suggestions = layers.layer_view(layer), layers.suggestions_of(layer)
    left = sorted(set(suggestions.spans) - set(view.spans) - view.rejected)
    with transaction.atomic():
        layer.refresh_from_db(fields=["version", "state", "practice"])
        if layer.state == LayerState.SUBMITTED:
            return layer
        assignments.hold_place(layer, by=by)
        group = uuid.uuid4()
        write(
            layer,
            [
                Entry(Decision("leave", "layer", 0, {"left": left}), group=group),
                Entry(
                    Decision("submit", "layer", 0, {"state": "submitted"}),
                    group=group,
                    elapsed_ms=elapsed_ms,
                ),
            ],
            at=at,
            user=by,
        )
        Layer.objects.filter(pk=layer.pk).update(
            state=LayerState.SUBMITTED, submitted_at=timezone.now()
        )
        layer.state = LayerState.SUBMITTED
        Assignment.objects.filter(document=layer.document, user_id=by.pk).update(
            state=AssignmentState.DONE
        )
        audit.note(layer.document.corpus, "submitted", by=by, document=layer.document.external_id)
        if not layer.practice:
            adjudicate.review_came_in(layer)
    return layer


def _complete(layer: Layer, view: LayerView) -> None:
    schema = schema_rows(layer.schema).view
    sources = {kind.source for kind in schema.links.values()}
    linked = {link.source for link in view.links.values()}
    lacking = []
    for span in view.in_order():
        required = [a.name for a in schema.labels[span.label].attributes if a.required]
        speaker = span.ident in linked or span.attributes.get("speaker_state") in (
            "author",
            "unknown",
        )
        if any(name not in span.attributes for name in required) or (
            span.label in sources and not speaker
        ):
            lacking.append(span.ident)
    if lacking:
        raise Problem("layer-incomplete", count=len(lacking), idents=", ".join(map(str, lacking)))


def reopen(layer: Layer, *, by: AbstractBaseUser) -> Layer:
    """Open a submitted review again, as long as no person has settled anything on its document."""
    _own(layer, by)
    with transaction.atomic():
        layer.refresh_from_db(fields=["gold_seen"])
        if layer.gold_seen:
            raise Problem("review-final")
        if layer.practice:
            return _open_again(layer, by=by)
        adjudication = Adjudication.objects.select_for_update().get(
            document=layer.document, schema=layer.schema
        )
        if (
            adjudication.gold
            and DecisionRow.objects.filter(layer=adjudication.gold, user__isnull=False).exists()
        ):
            raise Problem("layer-closed", state="already being adjudicated")
        layer.refresh_from_db(fields=["state"])
        if layer.state == LayerState.OPEN:
            return layer
        _open_again(layer, by=by)
        Adjudication.objects.filter(pk=adjudication.pk).update(
            submitted=F("submitted") - 1,
            state=AdjudicationState.WAITING,
            disputes=0,
            kinds={},
            ready_at=None,
        )
        disputes.withdraw(adjudication)
    return layer


def show_gold(documents: Collection[Document], *, by: AbstractBaseUser) -> None:
    """Note that a person is shown gold beside their own reviews of these documents, which are final
    from now on.
    """
    shown = Layer.objects.filter(
        document__in=documents, kind=LayerKind.REVIEW, owner_id=by.pk, gold_seen=False
    )
    shown.filter(state=LayerState.SUBMITTED).update(gold_seen=True)


def _open_again(layer: Layer, *, by: AbstractBaseUser) -> Layer:
    moved = Layer.objects.filter(pk=layer.pk, state=LayerState.SUBMITTED).update(
        state=LayerState.OPEN, submitted_at=None
    )
    layer.refresh_from_db(fields=["version", "state"])
    if moved:
        write(
            layer,
            [Entry(Decision("reopen", "layer", 0, {"state": "open"}))],
            at=layer.version,
            user=by,
        )
        audit.note(layer.document.corpus, "reopened", by=by, document=layer.document.external_id)
        places = Assignment.objects.filter(document=layer.document, user_id=by.pk)
        places.update(state=AssignmentState.TAKEN, taken_at=timezone.now())
    return layer


def _own(layer: Layer, by: AbstractBaseUser) -> None:
    if layer.kind != LayerKind.REVIEW or layer.owner_id != by.pk:
        raise Problem("not-allowed", act="change another person's layer")
    permissions.require(by, "review", layer.document.corpus)

"""What a reviewer does with a document in their hands: open, decide, submit, reopen."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from annotator.core.acceptance import LogFacts
from annotator.core.decisions import DOCUMENT_IDENT, Decision
from annotator.core.frames import frames_to_review
from annotator.models import Adjudication, AssignmentState, Layer, LayerKind, LayerState
from annotator.models import Decision as DecisionRow
from annotator.selectors import layers, review_log
from annotator.selectors.assignments import waits_for_schema
from annotator.services import adjudicate, adjudications, assignments
from annotator.services import layers as layer_rows
from annotator.services.decision_log import Entry, origin_keys, read_entry, write
from corpus import permissions
from corpus.core.problems import Problem
from corpus.core.schema import Attribute
from corpus.core.span import LayerView
from corpus.models import Document
from corpus.selectors import schema_rows
from corpus.services import audit

# So many pages of one person may open a document at the same moment.
PAGES = 3
SUBMIT = Decision("submit", "layer", 0, {"state": "submitted"})


def open_layer(document: Document, *, by: AbstractBaseUser) -> Layer:
    """Return the reviewer's layer of a document.

    At first sight a free place is taken, and the suggestions shown are pinned.
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
    if own is not None and own.schema_id != document.corpus.schema_id:
        raise Problem("schema-changing")
    if own is None and not free:
        own = assignments.place_on_check(document, by=by)
    if own is None and not free:
        if waits_for_schema(document):
            raise Problem("schema-changing")
        raise _no_place(document)
    run = layers.shown_run(document)
    with transaction.atomic():
        place = own or next((place for place in free if assignments.take(place, by=by)), None)
        if place is None:
            # Another page of the same person may have been quicker.
            place = assignments.own_place(document, by=by)
        if place is None:
            raise _no_place(document)
        layer = layer_rows.open_review(
            document,
            schema_id=place.schema_id,
            owner_id=by.pk,
            shown_run_id=None if place.blind else run,
            practice=place.practice,
        )
    layers.share(layer, document.corpus, by)
    if place.state == AssignmentState.SKIPPED:
        assignments.hold_place(layer, by=by)
    return layer


def take_suggestions(layer: Layer, *, by: AbstractBaseUser) -> Layer:
    """Have a review that was opened before its suggestions were there show them.

    That is only while nothing was decided in it: its spans would be taken for suggestions of the
    same number. Raises `Problem` when there are none, or they are not to be shown.
    """
    _own(layer, by)
    if not layers.takes_suggestions(layer):
        raise Problem("suggestions-late")
    run = layers.shown_run(layer.document)
    if run is None:
        raise Problem("not-found", what="suggestion for", name=layer.document.external_id)
    if not layer_rows.show_run(layer, run):
        raise Problem("suggestions-late")
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
    entries = [read_entry(data) for data in decisions]
    added = {e.decision.ident for e in entries if e.decision.verb == "add"}
    if at or not added:
        return write(layer, entries, at=at, user=by)
    with transaction.atomic():
        # Another window of the same person may take suggestions at this moment, of which this one
        # knows nothing: its span would go under the number of a suggestion.
        layer.refresh_from_db(fields=["shown_run"], from_queryset=Layer.objects.select_for_update())
        if added & origin_keys(layer).keys():
            raise Problem("suggestions-taken")
        return write(layer, entries, at=at, user=by)


def submit(
    layer: Layer,
    *,
    by: AbstractBaseUser,
    at: int,
    client_id: uuid.UUID | None = None,
    elapsed_ms: int = 0,
) -> Layer:
    """Hand in a review that is complete.

    The same `client_id` twice hands in once, also when the review was opened again in between.
    Raises `Problem` while a required link or attribute is missing, or a span that was proposed for
    many places at once waits to be looked at.
    """
    _own(layer, by)
    if client_id is not None and _is_repeated(layer, client_id):
        layer.refresh_from_db(fields=["version", "state"])
        return layer
    view = layers.layer_view(layer)
    suggestions = layers.suggestions_of(layer)
    facts = _facts(layer, suggestions)
    _nothing_proposed(facts, suggestions)
    _complete(layer, view)
    left = _left(view, suggestions, document_seen=facts.document_seen)
    done = Entry(SUBMIT, client_id or uuid.uuid4(), elapsed_ms=elapsed_ms)
    return _hand_in(layer, left, suggestions, done, by=by, at=at)


def hand_in(layer: Layer, *, by: AbstractBaseUser, at: int, elapsed_ms: int = 0) -> Layer:
    """Close a review to its owner; the last one in starts the comparison.

    What nobody looked at is recorded as left. Handing in twice is once. `elapsed_ms` is the time
    since the last decision, pauses taken out, so that the times of a layer's decisions add up to
    the time of the document.
    """
    view = layers.layer_view(layer)
    suggestions = layers.suggestions_of(layer)
    seen = bool(suggestions.attributes) and _facts(layer, suggestions).document_seen
    left = _left(view, suggestions, document_seen=seen)
    done = Entry(SUBMIT, elapsed_ms=elapsed_ms)
    return _hand_in(layer, left, suggestions, done, by=by, at=at)


def _is_repeated(layer: Layer, client_id: uuid.UUID) -> bool:
    """Tell whether a request to hand in was taken before."""
    log = DecisionRow.objects.filter(layer=layer, client_id=client_id)
    verb = log.values_list("verb", flat=True).first()
    if verb not in (None, SUBMIT.verb):
        raise Problem("decision-shape", reason="`client_id` is that of another decision")
    return verb is not None


def _left(view: LayerView, suggestions: LayerView, *, document_seen: bool) -> set[int]:
    """Return the suggestions that nobody looked at, the document's own among them."""
    left = set(suggestions.spans) - set(view.spans) - view.rejected
    if suggestions.attributes and not document_seen:
        left.add(DOCUMENT_IDENT)
    return left


def _hand_in(
    layer: Layer,
    left: set[int],
    suggestions: LayerView,
    done: Entry,
    *,
    by: AbstractBaseUser,
    at: int,
) -> Layer:
    shown = frames_to_review(suggestions, schema_rows(layer.schema).view)
    with transaction.atomic():
        layer.refresh_from_db(fields=["version", "state", "practice"])
        if layer.state == LayerState.SUBMITTED:
            return layer
        assignments.hold_place(layer, by=by)
        # Whoever handed it in at the same moment held the place until now.
        layer.refresh_from_db(fields=["version", "state", "practice"])
        if layer.state == LayerState.SUBMITTED:
            return layer
        leave = Entry(Decision("leave", "layer", 0, {"left": sorted(left)}), group=done.group)
        write(layer, [leave, done], at=at, user=by)
        layer_rows.hand_in(layer, suggested=len(shown), untouched=len(shown & left))
        assignments.finish(layer.document, by=by)
        audit.note(layer.document.corpus, "submitted", by=by, document=layer.document.external_id)
        if not layer.practice:
            adjudicate.review_came_in(layer)
    return layer


def _facts(layer: Layer, suggestions: LayerView) -> LogFacts:
    """Return what the log of a review says that its spans and links do not show."""
    log = review_log.logs_of([layer]).get(layer.pk, [])
    return review_log.facts(log, suggestions)


def _nothing_proposed(facts: LogFacts, suggestions: LayerView) -> None:
    """Raise `Problem` when spans wait that nobody suggested and their author has not accepted."""
    proposed = sorted(facts.unaccepted - suggestions.spans.keys() - {DOCUMENT_IDENT})
    if proposed:
        idents = ", ".join(map(str, proposed))
        raise Problem("proposals-open", count=len(proposed), idents=idents)


def _complete(layer: Layer, view: LayerView) -> None:
    """Raise `Problem` when a required link or attribute is missing."""
    schema = schema_rows(layer.schema).view
    if missing := _missing(view.attributes, schema.attributes):
        raise Problem("document-incomplete", missing=", ".join(missing))
    linked = {(link.source, link.kind) for link in view.links.values()}
    for link in view.links.values():
        if schema.links[link.kind].symmetric:
            linked.add((link.target, link.kind))
    lacking = []
    for span in view.in_order():
        missing = _missing(span.attributes, schema.attributes_of(span.label))
        for kind in schema.links_from(span.label):
            excused = any(span.attributes.get(n) in values for n, values in kind.unless.items())
            if kind.required and not excused and (span.ident, kind.name) not in linked:
                missing.append(kind.title or kind.name)
        if missing:
            lacking.append((span.ident, missing))
    for link in view.links.values():
        if missing := _missing(link.attributes, schema.links[link.kind].attributes):
            lacking.append((link.source, missing))
    if lacking:
        named = dict.fromkeys(name for _, missing in lacking for name in missing)
        idents = ", ".join(str(ident) for ident, _ in lacking)
        raise Problem(
            "layer-incomplete", count=len(lacking), missing=" or ".join(named), idents=idents
        )


def _missing(values: Mapping[str, Any], attributes: Sequence[Attribute]) -> list[str]:
    """Return the titles of required attributes without a value."""
    return [a.title or a.name for a in attributes if a.required and a.name not in values]


@transaction.atomic
def reopen(layer: Layer, *, by: AbstractBaseUser) -> Layer:
    """Open a review again that its author handed in, as long as it is not final."""
    _own(layer, by)
    return _open_again(layer, by=by)


@transaction.atomic
def give_back(document: Document, *, reviewer: str, by: AbstractBaseUser) -> Layer:
    """Open a reviewer's handed-in review again, final or not, for who manages the corpus.

    The audit log names who did. Nobody does so with their own: who has seen what others did would
    write it into theirs. Raises `Problem` once a person has settled anything on the document.
    """
    permissions.require(by, "manage", document.corpus)
    layer = layers.review_by(document, reviewer)
    if layer is None:
        raise Problem("not-found", what="review by", name=reviewer)
    if layer.owner_id == by.pk:
        raise Problem("give-back-own")
    return _open_again(layer, by=by)


def _open_again(layer: Layer, *, by: AbstractBaseUser) -> Layer:
    """Open a submitted review; a manager opens a final one too."""
    gives_back = by.pk != layer.owner_id
    layer.refresh_from_db(fields=["state", "final", "practice"])
    if layer.final and not gives_back:
        # Before all else: how far others are with the document is not told.
        raise Problem("review-final")
    adjudication = None if layer.practice else _not_settled(layer)
    if not layer_rows.open_again(layer, final_too=gives_back):
        if layer.state == LayerState.OPEN:
            return layer
        if layer.final and not gives_back:
            raise Problem("review-final")
        if layer.state == LayerState.SUPERSEDED:
            raise Problem("schema-changing")
        raise Problem("layer-closed", state=layer.state)
    entry = Entry(Decision("reopen", "layer", 0, {"state": "open"}))
    write(layer, [entry], at=layer.version, user=by)
    document = layer.document
    if gives_back:
        audit.note(
            document.corpus, "given-back", by=by, document=document.external_id, of=str(layer.owner)
        )
    else:
        audit.note(document.corpus, "reopened", by=by, document=document.external_id)
    assignments.take_back(document, owner=layer.owner)
    if adjudication is not None:
        adjudications.take_back(adjudication)
    return layer


def _not_settled(layer: Layer) -> Adjudication:
    """Return the queue's row of a review, on which nobody settles until the transaction ends."""
    rows = Adjudication.objects.select_for_update()
    adjudication = rows.filter(document=layer.document, schema=layer.schema).first()
    if adjudication is None:
        raise Problem("schema-changing")
    by_persons = DecisionRow.objects.filter(layer=adjudication.gold_id, user__isnull=False)
    if adjudication.gold_id is not None and by_persons.exists():
        raise Problem("layer-closed", state="already being adjudicated")
    return adjudication


def _own(layer: Layer, by: AbstractBaseUser) -> None:
    if layer.kind != LayerKind.REVIEW or layer.owner_id != by.pk:
        raise Problem("not-allowed", act="change another person's layer")
    permissions.require(by, "review", layer.document.corpus)

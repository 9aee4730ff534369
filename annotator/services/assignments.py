"""Who reviews what: places are taken, given back, skipped, handed on.

A place is an `Assignment`. Every move is one compare-and-swap on its row, so that no two people
ever hold one.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from annotator.models import (
    Assignment,
    AssignmentState,
    Decision,
    Layer,
    LayerKind,
    LayerState,
    SampleKind,
)
from annotator.selectors.assignments import in_hand, to_take
from annotator.selectors.samples import is_hidden_check, next_sample
from annotator.services import adjudications, layers
from corpus import permissions
from corpus.core.problems import Problem
from corpus.db import bulk
from corpus.db.prepared import Prepared
from corpus.models import Corpus, Document, Membership, Schema
from corpus.services import audit

# How many rows one step looks at, and how often it tries.
LOOKED_AT = 20
LONGEST_REASON = 300

# Plain SQL, because every first opening runs it.
TAKE = (
    "UPDATE annotator_assignment SET user_id = %s, state = %s, taken_at = %s"
    " WHERE id = %s AND user_id IS NULL"
)

PLACE = Prepared(
    lambda document, user: Assignment.objects.filter(document=document, user=user).order_by("pk"),
    int,
    int,
)
# A person's own places, then those that are free. Gold of a check is known: nobody's review of it
# goes into gold.
PLACES = Prepared(
    lambda document, user, schema: Assignment.objects.filter(
        Q(user=user)
        | (Q(user__isnull=True, schema=schema) & ~Q(document__sample__kind=SampleKind.CHECK)),
        document=document,
    ).order_by(F("user").asc(nulls_last=True), "slot"),
    int,
    int,
    int,
)


def claim_next(corpus: Corpus, *, by: AbstractBaseUser) -> Document | None:
    """Return the document to review next, taken now if it was free; None at the end.

    One already taken comes before all. Then calibration documents, then a check when its share of
    this person's work is due, then the free place with the highest priority. Places that were
    abandoned are free.
    """
    permissions.require(by, "review", corpus)
    taken = in_hand(corpus, by)
    if taken is not None:
        return taken
    release_abandoned(corpus)
    with transaction.atomic():
        # Of two requests of one person at the same moment the second gets what the first took.
        people = get_user_model()._default_manager.select_for_update(no_key=True)
        people.get(pk=by.pk)
        return in_hand(corpus, by) or _take_sample(corpus, by) or _take_free(corpus, by)


def _take_sample(corpus: Corpus, by: AbstractBaseUser) -> Document | None:
    sample = next_sample(corpus, by)
    if sample is None or take_place(sample.document, by=by, extra=True) is None:
        return None
    return sample.document


def _take_free(corpus: Corpus, by: AbstractBaseUser) -> Document | None:
    while True:
        free = list(to_take(corpus, by).select_related("document__corpus")[:LOOKED_AT])
        if not free:
            return None
        best = [place for place in free if place.priority == free[0].priority]
        # At random, so that reviewers who come at once do not all try for the same one.
        place = random.choice(best)  # noqa: S311
        try:
            with transaction.atomic():
                if take(place, by=by):
                    return place.document
        except IntegrityError:
            continue


def take(place: Assignment, *, by: AbstractBaseUser) -> bool:
    """Take a free place by compare-and-swap; tell whether it worked.

    Raises `IntegrityError` when the person has a place on the document.
    """
    now = timezone.now()
    if not bulk.changed(
        TAKE,
        by.pk,
        AssignmentState.TAKEN.value,
        connection.ops.adapt_datetimefield_value(now),
        place.pk,
    ):
        return False
    place.user_id = by.pk
    place.state = AssignmentState.TAKEN
    place.taken_at = now
    return True


def places_on(
    document: Document, *, by: AbstractBaseUser
) -> tuple[Assignment | None, list[Assignment]]:
    """Return the person's place on a document, and the free ones.

    A check has no planned ones that are free; `place_on_check` makes one.
    """
    places: list[Assignment] = PLACES.all(document.pk, by.pk, document.corpus.schema_id or 0)
    own = [place for place in places if place.user_id is not None]
    free = places[len(own) :]
    return min(own, key=lambda place: place.pk, default=None), free


def take_place(
    document: Document, *, by: AbstractBaseUser, extra: bool = False
) -> Assignment | None:
    """Return the person's place on a document, a free one taken now when they have none.

    When every place is taken, returns one more than planned with `extra`, else None.
    """
    own, free = places_on(document, by=by)
    if own is not None:
        return own
    taken = None
    if free:
        # Another page of the same person may be quicker.
        with suppress(IntegrityError), transaction.atomic():
            taken = next((place for place in free if take(place, by=by)), None)
    if taken is None and extra:
        taken = _add_place(document, by=by)
    return taken or own_place(document, by=by)


def place_on_check(document: Document, *, by: AbstractBaseUser) -> Assignment | None:
    """Return a place for a person who opens a hidden check unasked, None on any other document.

    It opens like a document with a free place, as long as there are such for them.
    """
    if not is_hidden_check(document) or not to_take(document.corpus, by).exists():
        return None
    return take_place(document, by=by, extra=True)


def own_place(document: Document, *, by: AbstractBaseUser) -> Assignment | None:
    """Return the person's place on a document."""
    place: Assignment | None = PLACE.first(document.pk, by.pk)
    return place


def _add_place(document: Document, *, by: AbstractBaseUser) -> Assignment | None:
    """Make one more place, whose review is practice; None when the person got one meanwhile."""
    schema = _schema_of(document)
    like = Assignment.objects.filter(document=document, schema=schema).order_by("slot").first()
    try:
        return _new_place(
            document,
            schema=schema,
            user_id=by.pk,
            state=AssignmentState.TAKEN,
            taken_at=timezone.now(),
            practice=True,
            blind=like.blind if like else False,
        )
    except Problem as problem:
        if problem.code != "exists":
            raise
        return None


def _schema_of(document: Document) -> Schema:
    schema = document.corpus.schema
    if schema is None:
        raise Problem("nothing-to-do", act="review", reason="the corpus has no schema")
    return schema


def hold_place(layer: Layer, *, by: AbstractBaseUser) -> None:
    """See that a person has a place for their work, which is practice when theirs went to another.

    An open layer is practice exactly when its place is. Inside a transaction nobody takes the place
    away meanwhile.
    """
    document = layer.document
    if connection.in_atomic_block:
        own = Assignment.objects.filter(document=document, user_id=by.pk)
        place = own.select_for_update().first()
    else:
        place = own_place(document, by=by)
    if place is None:
        place = take_place(document, by=by, extra=True)
    elif place.state == AssignmentState.SKIPPED:
        _take_up(place)
    practice = place is not None and place.practice
    if layer.practice != practice and layer.state == LayerState.OPEN:
        layers.set_practice(layer, practice)


@transaction.atomic
def _take_up(place: Assignment) -> None:
    """Give a person the place back that they skipped.

    The place that skipping opened goes; when somebody has it already, the work is practice.
    """
    free = Assignment.objects.filter(document=place.document_id, user__isnull=True)
    opened = free.order_by("-slot").first()
    gone = opened is not None and free.filter(pk=opened.pk).delete()[0]
    place.state = AssignmentState.TAKEN
    place.reason = ""
    place.taken_at = timezone.now()
    place.practice = not gone
    Assignment.objects.filter(pk=place.pk).update(
        state=place.state, reason="", taken_at=place.taken_at, practice=place.practice
    )


def release_abandoned(corpus: Corpus) -> int:
    """Free the places whose holders did nothing for the corpus's lease; return how many.

    Work done stays theirs.
    """
    cutoff = timezone.now() - timedelta(hours=corpus.lease_hours)
    taken = Assignment.objects.filter(corpus=corpus, state=AssignmentState.TAKEN)
    held = taken.filter(taken_at__lt=cutoff, document__retired_at__isnull=True)
    return sum(_release_if_idle(place, cutoff) for place in held.order_by("taken_at")[:LOOKED_AT])


def _release_if_idle(place: Assignment, cutoff: datetime) -> bool:
    log = Decision.objects.filter(
        layer__document=place.document_id, layer__owner=place.user_id, layer__kind=LayerKind.REVIEW
    )
    worked = log.order_by("-pk").values_list("at", flat=True).first()
    if worked is not None and worked > cutoff:
        # The lease runs from the last work; the row remembers it, so that the log is not read
        # again.
        Assignment.objects.filter(pk=place.pk, taken_at=place.taken_at).update(taken_at=worked)
        return False
    return _give_back(place)


def _held_by(place: Assignment) -> QuerySet[Assignment]:
    return Assignment.objects.filter(
        pk=place.pk, user=place.user_id, state=AssignmentState.TAKEN, taken_at=place.taken_at
    )


@transaction.atomic
def _give_back(place: Assignment) -> bool:
    """Free a place; one that was made for its holder alone goes.

    A layer without decisions goes with it.
    """
    if place.practice:
        moved = _held_by(place).delete()[0]
    else:
        moved = _held_by(place).update(user=None, state=AssignmentState.OPEN, taken_at=None)
    if moved:
        layers.drop_empty_review(place.document_id, owner_id=place.user_id)
    return bool(moved)


def release(corpus: Corpus, pk: int, *, by: AbstractBaseUser) -> Assignment:
    """Take a place from who holds it, so that anybody may have it; their work stays theirs."""
    permissions.require(by, "manage", corpus)
    place = _held(corpus, pk)
    if not _give_back(place):
        raise Problem("place-moved")
    _note_move(place, of=place.user, to="nobody", by=by)
    return place


def reassign(corpus: Corpus, pk: int, *, to: str, by: AbstractBaseUser) -> Assignment:
    """Hand a place from who holds it to another reviewer of the corpus.

    Work done stays its author's.
    """
    permissions.require(by, "manage", corpus)
    place = _held(corpus, pk)
    member = Membership.objects.filter(
        corpus=corpus, user__username=to, role__in=permissions.ACTS["review"]
    ).first()
    if member is None:
        raise Problem("not-found", what="reviewer", name=to)
    try:
        with transaction.atomic():
            moved = _held_by(place).update(user_id=member.user_id, taken_at=timezone.now())
    except IntegrityError:
        raise Problem("exists", what="place of", name=to) from None
    if not moved:
        raise Problem("place-moved")
    layers.drop_empty_review(place.document_id, owner_id=place.user_id)
    _note_move(place, of=place.user, to=to, by=by)
    place.user_id = member.user_id
    return place


def _note_move(place: Assignment, *, of: Any, to: str, by: AbstractBaseUser) -> None:
    audit.note(place.corpus, "moved", by=by, document=place.document.external_id, of=str(of), to=to)


def _held(corpus: Corpus, pk: int) -> Assignment:
    places = Assignment.objects.filter(corpus=corpus, state=AssignmentState.TAKEN)
    place = places.select_related("document", "user").filter(pk=pk).first()
    if place is None:
        raise Problem("place-moved")
    return place


@transaction.atomic
def skip(document: Document, *, by: AbstractBaseUser, reason: str) -> None:
    """Leave a document to somebody else and say why.

    Work done stays, and coming back to it takes it up again.
    """
    permissions.require(by, "review", document.corpus)
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise Problem("skip-reason")
    own = Assignment.objects.filter(document=document, user_id=by.pk)
    place = own.filter(state=AssignmentState.TAKEN).first()
    if place is None:
        raise Problem("not-found", what="document in your hands", name=document.external_id)
    if not _held_by(place).update(state=AssignmentState.SKIPPED, reason=reason):
        raise Problem("place-moved")
    layers.drop_empty_review(place.document_id, owner_id=place.user_id)
    if not place.practice:
        _new_place(document, schema=place.schema, blind=place.blind, priority=place.priority)


def finish(document: Document, *, by: AbstractBaseUser) -> None:
    """Note that a person handed in their review."""
    Assignment.objects.filter(document=document, user_id=by.pk).update(state=AssignmentState.DONE)


def take_back(document: Document, *, owner: Any) -> None:
    """Note that a person works on their review again."""
    own = Assignment.objects.filter(document=document, user=owner)
    own.update(state=AssignmentState.TAKEN, taken_at=timezone.now())


def _new_place(document: Document, *, schema: Schema, **values: Any) -> Assignment:
    """Make a place with the next number; another one may get that number at the same moment."""
    places = Assignment.objects.filter(document=document, schema=schema)
    user_id = values.get("user_id")
    for _ in range(LOOKED_AT):
        last = places.aggregate(n=Max("slot"))["n"] or 0
        try:
            with transaction.atomic():
                return Assignment.objects.create(
                    corpus=document.corpus,
                    document=document,
                    schema=schema,
                    slot=last + 1,
                    **values,
                )
        except IntegrityError:
            if user_id and places.filter(user=user_id).exists():
                raise Problem("exists", what="place on", name=document.external_id) from None
    raise Problem("busy")


def join(document: Document, user: AbstractBaseUser, *, counted: bool) -> None:
    """Give a person a place: their own, a free one, else one more than planned.

    One more counts among the reviews that are waited for when `counted`, else it is practice.
    """
    if take_place(document, by=user) is not None:
        return
    schema = _schema_of(document)
    _new_place(
        document,
        schema=schema,
        user_id=user.pk,
        state=AssignmentState.TAKEN,
        taken_at=timezone.now(),
        practice=not counted,
    )
    if counted:
        planned = Assignment.objects.filter(document=document, schema=schema, practice=False)
        needed = planned.exclude(state=AssignmentState.SKIPPED).count()
        adjudications.set_needed(document, schema, needed)


def let_go(documents: Sequence[Document], *, erased: bool = False) -> None:
    """Take retired documents from hands and queues; why an `erased` one was skipped goes too."""
    adjudications.leave_queue(documents)
    places = Assignment.objects.filter(document__in=[d.pk for d in documents])
    places.filter(state__in=(AssignmentState.OPEN, AssignmentState.TAKEN)).delete()
    if erased:
        places.update(reason="")


@dataclass(frozen=True, slots=True)
class Planned:
    """How many shall review a document, and whether they see it without suggestions."""

    reviewers: int
    blind: bool


def open_for(corpus: Corpus, plan: Mapping[int, Planned]) -> None:
    """Open the planned places of new documents, by key; one that is there stays."""
    rows = []
    for document, planned in plan.items():
        for slot in range(1, planned.reviewers + 1):
            rows.append(
                {
                    "corpus_id": corpus.pk,
                    "schema_id": corpus.schema_id,
                    "document_id": document,
                    "slot": slot,
                    "blind": planned.blind,
                }
            )
    bulk.create(Assignment, rows, ignore_conflicts=True)


def replan(document: Document, schema: Schema, planned: Planned) -> tuple[int, bool]:
    """Open and close free places until a document has as many as planned.

    What somebody holds stays theirs. Returns how many places it has then, skipped ones not counted,
    and whether any changed.
    """
    places = Assignment.objects.filter(document=document, schema=schema, practice=False)
    counted = places.exclude(state=AssignmentState.SKIPPED)
    held = counted.filter(user__isnull=False).count()
    free = list(places.filter(user__isnull=True).order_by("slot"))
    surplus = free[max(0, planned.reviewers - held) :]
    # Only while they are free: one that somebody takes at this moment stays theirs.
    unheld = Assignment.objects.filter(user__isnull=True)
    gone = unheld.filter(pk__in=[place.pk for place in surplus]).delete()[0]
    other = places.filter(user__isnull=True).exclude(blind=planned.blind)
    reset = other.update(blind=planned.blind)
    slots = Assignment.objects.filter(document=document).values_list("slot", flat=True)
    last = max(slots, default=0)
    missing = max(0, planned.reviewers - held - len(free))
    priority = free[0].priority if free else 0
    new = [
        Assignment(
            corpus=document.corpus,
            document=document,
            schema=schema,
            slot=last + n,
            blind=planned.blind,
            priority=priority,
        )
        for n in range(1, missing + 1)
    ]
    Assignment.objects.bulk_create(new)
    return counted.count(), bool(gone or reset or missing)


def set_priorities(priorities: Mapping[int, float]) -> None:
    """Say how soon the free places of documents, by key, are given to reviewers; high is soon."""
    bulk.change(Assignment, "priority", priorities, where="document_id", more="user_id IS NULL")


def move(document: Document, *, old: Schema, new: Schema, to: Document | None = None) -> None:
    """Move places to another version of the schema, or of the document; holders keep theirs."""
    places = Assignment.objects.filter(document=document)
    there = Assignment.objects.filter(document=to or document, schema=new)
    shift = there.aggregate(n=Max("slot"))["n"] or 0
    places.filter(schema=old, user__in=list(there.values_list("user", flat=True))).delete()
    moved = places.filter(schema=old)
    moved.update(document=to or document, schema=new, slot=F("slot") + shift)

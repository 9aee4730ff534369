"""Who reviews what: places are taken, given back, skipped, handed on.

A place is an `Assignment`. Every move is one compare-and-swap on its row, so that no two people
ever hold one.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from annotator.core import sampling
from annotator.models import (
    Adjudication,
    Assignment,
    AssignmentState,
    Decision,
    Layer,
    LayerKind,
    LayerState,
    Sample,
    SampleKind,
)
from corpus import permissions
from corpus.core.problems import Problem
from corpus.db.bulk import changed
from corpus.db.prepared import Prepared
from corpus.models import Corpus, Document, Membership
from corpus.services import audit

LOOKED_AT = 20
LONGEST_REASON = 300

# Plain SQL, because every first opening asks it.
TAKE = "UPDATE annotator_assignment SET user_id = %s, state = %s, taken_at = %s WHERE id = %s AND user_id IS NULL"

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
    """Return the document to review next: one already taken, else a free one that is taken now;
    None at the end.

    Calibration documents come first, then a check when its share of this person's work is due, then
    the free place with the highest priority. Places that were abandoned are free.
    """
    permissions.require(by, "review", corpus)
    mine = Assignment.objects.filter(
        corpus=corpus, user_id=by.pk, document__retired_at__isnull=True
    )
    begun = mine.filter(state=AssignmentState.TAKEN).select_related("document__corpus")
    taken = begun.order_by("taken_at", "pk").first()
    if taken is not None:
        return taken.document
    release_abandoned(corpus)
    return _take_sample(corpus, by) or _take_free(corpus, by)


def _take_sample(corpus: Corpus, by: AbstractBaseUser) -> Document | None:
    mine = Assignment.objects.filter(corpus=corpus, user_id=by.pk)
    held = Assignment.objects.filter(document=OuterRef("document"), user_id=by.pk)
    samples = Sample.objects.filter(
        ~Exists(held), corpus=corpus, document__retired_at__isnull=True
    ).order_by("pk")
    samples = samples.select_related("document__corpus")
    found = samples.filter(kind=SampleKind.CALIBRATION).first()
    if found is None:
        checks = samples.filter(kind=SampleKind.CHECK)
        given = mine.filter(document__sample__kind=SampleKind.CHECK).count()
        if sampling.due(given, mine.count(), corpus.check_percent):
            found = checks.first()
    return (
        found.document
        if found is not None and take_place(found.document, by=by, extra=True)
        else None
    )


def _take_free(corpus: Corpus, by: AbstractBaseUser) -> Document | None:
    mine = Assignment.objects.filter(document=OuterRef("document"), user_id=by.pk)
    while True:
        free = list(
            Assignment.objects.filter(
                ~Exists(mine), corpus=corpus, user__isnull=True, document__retired_at__isnull=True
            )
            .select_related("document__corpus")
            .order_by("-priority", "pk")[:LOOKED_AT]
        )
        if not free:
            return None
        best = [place for place in free if place.priority == free[0].priority]
        place = random.choice(best)  # noqa: S311 - spreads reviewers over the places, so that they do not collide
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
    if not changed(
        TAKE,
        by.pk,
        AssignmentState.TAKEN.value,
        connection.ops.adapt_datetimefield_value(now),
        place.pk,
    ):
        return False
    place.user_id, place.state, place.taken_at = by.pk, AssignmentState.TAKEN, now
    return True


def places_on(
    document: Document, *, by: AbstractBaseUser
) -> tuple[Assignment | None, list[Assignment]]:
    """Return the person's place on a document, and the free ones; a check has none: it looks like
    one that is full.
    """
    found: list[Assignment] = PLACES.all(document.pk, by.pk, document.corpus.schema_id or 0)
    own = [place for place in found if place.user_id is not None]
    return min(own, key=lambda place: place.pk, default=None), found[len(own) :]


def take_place(
    document: Document, *, by: AbstractBaseUser, extra: bool = False
) -> Assignment | None:
    """Return the person's place on a document, a free one when they have none; with `extra` one
    more than planned.

    Returns None when every place is taken.
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


def own_place(document: Document, *, by: AbstractBaseUser) -> Assignment | None:
    """Return the person's place on a document."""
    found: Assignment | None = PLACE.first(document.pk, by.pk)
    return found


def _add_place(document: Document, *, by: AbstractBaseUser) -> Assignment | None:
    """Make one more place, whose review is practice; None when the person got one meanwhile."""
    schema = document.corpus.schema
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


def hold_place(layer: Layer, *, by: AbstractBaseUser) -> None:
    """See that a person has a place for their work; when theirs went to another, the work is
    practice.

    An open layer is practice exactly when its place is. Inside a transaction nobody takes the place
    away meanwhile.
    """
    document = layer.document
    own = Assignment.objects.filter(document=document, user_id=by.pk)
    place = (
        own.select_for_update().first()
        if connection.in_atomic_block
        else own_place(document, by=by)
    )
    if place is not None and place.state == AssignmentState.SKIPPED:
        with transaction.atomic():
            # The place that skipping opened goes, if nobody has taken it.
            open_one = (
                Assignment.objects.filter(document=document, user__isnull=True)
                .order_by("-slot")
                .first()
            )
            gone = (
                open_one is not None
                and Assignment.objects.filter(pk=open_one.pk, user__isnull=True).delete()[0]
            )
            own.update(
                state=AssignmentState.TAKEN, reason="", taken_at=timezone.now(), practice=not gone
            )
        place = own.first()
    elif place is None:
        place = take_place(document, by=by, extra=True)
    practice = place is not None and place.practice
    if layer.practice != practice and layer.state == LayerState.OPEN:
        Layer.objects.filter(pk=layer.pk).update(practice=practice)
        layer.practice = practice


def release_abandoned(corpus: Corpus) -> int:
    """Free the places whose holders did nothing for the corpus's lease; return how many. Work done
    stays theirs.
    """
    cutoff = timezone.now() - timedelta(hours=corpus.lease_hours)
    held = Assignment.objects.filter(
        corpus=corpus, state=AssignmentState.TAKEN, taken_at__lt=cutoff
    )
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
        pk=place.pk, user_id=place.user_id, state=AssignmentState.TAKEN, taken_at=place.taken_at
    )


@transaction.atomic
def _give_back(place: Assignment) -> bool:
    """Free a place; one that was made for its holder alone goes. A layer without decisions goes
    with it.
    """
    if place.practice:
        moved = _held_by(place).delete()[0]
    else:
        moved = _held_by(place).update(user=None, state=AssignmentState.OPEN, taken_at=None)
    if moved:
        _drop_empty_layer(place)
    return bool(moved)


def _drop_empty_layer(place: Assignment) -> None:
    Layer.objects.filter(
        document=place.document_id,
        owner=place.user_id,
        kind=LayerKind.REVIEW,
        state=LayerState.OPEN,
        version=0,
    ).delete()


def release(corpus: Corpus, pk: int, *, by: AbstractBaseUser) -> Assignment:
    """Take a place from who holds it, so that anybody may have it; their work stays theirs."""
    permissions.require(by, "manage", corpus)
    place = _held(corpus, pk)
    if not _give_back(place):
        raise Problem("place-moved")
    _note_move(place, of=place.user, to="nobody", by=by)
    return place


def reassign(corpus: Corpus, pk: int, *, to: str, by: AbstractBaseUser) -> Assignment:
    """Hand a place from who holds it to another reviewer of the corpus; work done stays its
    author's.
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
    _drop_empty_layer(place)
    _note_move(place, of=place.user, to=to, by=by)
    place.user_id = member.user_id
    return place


def _note_move(place: Assignment, *, of: Any, to: str, by: AbstractBaseUser) -> None:
    audit.note(place.corpus, "moved", by=by, document=place.document.external_id, of=str(of), to=to)


def _held(corpus: Corpus, pk: int) -> Assignment:
    places = Assignment.objects.filter(corpus=corpus, state=AssignmentState.TAKEN)
    found = places.select_related("document", "user").filter(pk=pk).first()
    if found is None:
        raise Problem("place-moved")
    return found


@transaction.atomic
def skip(document: Document, *, by: AbstractBaseUser, reason: str) -> None:
    """Leave a document to somebody else and say why; work done stays, and coming back to it takes
    it up again.
    """
    permissions.require(by, "review", document.corpus)
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise Problem("skip-reason")
    place = Assignment.objects.filter(
        document=document, user_id=by.pk, state=AssignmentState.TAKEN
    ).first()
    if place is None:
        raise Problem("not-found", what="document in your hands", name=document.external_id)
    if not _held_by(place).update(state=AssignmentState.SKIPPED, reason=reason):
        raise Problem("place-moved")
    _drop_empty_layer(place)
    if not place.practice:
        _new_place(document, schema=place.schema, blind=place.blind, priority=place.priority)


def _new_place(document: Document, **more: Any) -> Assignment:
    """Make a place with the next number; another one may get that number at the same moment."""
    for _ in range(LOOKED_AT):
        last = (
            Assignment.objects.filter(document=document, schema=more["schema"]).aggregate(
                n=Max("slot")
            )["n"]
            or 0
        )
        try:
            with transaction.atomic():
                return Assignment.objects.create(
                    corpus=document.corpus, document=document, slot=last + 1, **more
                )
        except IntegrityError:
            user = more.get("user_id")
            if (
                user
                and Assignment.objects.filter(
                    document=document, schema=more["schema"], user=user
                ).exists()
            ):
                raise Problem("exists", what="place on", name=document.external_id) from None
    raise Problem("busy")


def join(document: Document, user: AbstractBaseUser, *, counted: bool) -> None:
    """Give a person a place: their own, a free one, else one more than planned.

    One more counts among the reviews that are waited for when `counted`, else it is practice.
    """
    if take_place(document, by=user) is not None:
        return
    schema = document.corpus.schema
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
        Adjudication.objects.filter(document=document, schema=schema).update(
            needed=planned.exclude(state=AssignmentState.SKIPPED).count()
        )


def let_go(documents: Iterable[Document]) -> None:
    """Take documents that are retired out of everybody's hands; work done stays its author's."""
    places = Assignment.objects.filter(document__in=[d.pk for d in documents])
    places.filter(state__in=(AssignmentState.OPEN, AssignmentState.TAKEN)).delete()

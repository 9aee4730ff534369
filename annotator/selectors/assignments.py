"""Reads of assignments: who holds which document, what was skipped, and what everybody gets."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, Exists, OuterRef, QuerySet

from annotator.models import Assignment, AssignmentState, Sample
from corpus.db.paging import keyset_page
from corpus.models import Corpus, Document
from corpus.permissions import User

PAGE = 50
SKIPPED = 50
SAMPLES = 200


def _current(corpus: Corpus) -> QuerySet[Assignment]:
    """Return the places on current documents; those on a removed one wait until it is put back."""
    return Assignment.objects.filter(corpus=corpus, document__retired_at__isnull=True)


def held(corpus: Corpus, *, after: int = 0) -> tuple[list[Assignment], int]:
    """Return a page of the places that people hold, and the key to go on after (0 at the end)."""
    taken = _current(corpus).filter(state=AssignmentState.TAKEN, pk__gt=after)
    return keyset_page(taken.select_related("document", "user").order_by("pk"), PAGE)


def skipped(corpus: Corpus) -> list[Assignment]:
    """Return what was skipped last, with the reasons."""
    rows = _current(corpus).filter(state=AssignmentState.SKIPPED)
    return list(rows.select_related("document", "user").order_by("-pk")[:SKIPPED])


def samples(corpus: Corpus) -> list[Sample]:
    """Return the calibration documents and the checks."""
    current = Sample.objects.filter(corpus=corpus, document__retired_at__isnull=True)
    rows = current.annotate(places=Count("document__assignments__user"))
    return list(rows.select_related("document").order_by("kind", "pk")[:SAMPLES])


def load(corpus: Corpus) -> list[tuple[str, dict[str, int]]]:
    """Return for each person how many documents they hold and how many they skipped."""
    states = (AssignmentState.TAKEN, AssignmentState.SKIPPED)
    rows = _current(corpus).filter(state__in=states, user__isnull=False)
    counted = rows.order_by().values_list("user__username", "state").annotate(n=Count("pk"))
    people: dict[str, dict[str, int]] = {}
    for name, state, n in counted:
        people.setdefault(name, {"taken": 0, "skipped": 0})[state] = n
    return sorted(people.items())


def in_hand(corpus: Corpus, user: User, *, besides: Document | None = None) -> Document | None:
    """Return the document that a person goes on with first of those in their hands."""
    places = Assignment.objects.filter(
        corpus=corpus,
        user=user.pk,
        state=AssignmentState.TAKEN,
        document__retired_at__isnull=True,
    )
    if besides is not None:
        places = places.exclude(document=besides)
    place = places.select_related("document__corpus").order_by("taken_at", "pk").first()
    return place.document if place else None


def to_take(corpus: Corpus, user: User) -> QuerySet[Assignment]:
    """Return the free places that a person can take, those that are given first first.

    A document may have several; whoever has one of them gets no other.
    """
    held = Assignment.objects.filter(document=OuterRef("document"), user=user.pk)
    free = _current(corpus).filter(~Exists(held), user__isnull=True)
    return free.order_by("-priority", "pk")


def waits_for_schema(document: Document) -> bool:
    """Tell whether free places of a document wait for the change of its corpus's schema."""
    free = Assignment.objects.filter(document=document, user__isnull=True)
    return free.exclude(schema=document.corpus.schema_id).exists()


def holders(documents: Collection[Document]) -> dict[int, list[str]]:
    """Return who has which of some documents in hand, by the key of the document."""
    taken = Assignment.objects.filter(document__in=documents, state=AssignmentState.TAKEN)
    found: dict[int, list[str]] = {}
    for key, name in taken.order_by("user__username").values_list("document", "user__username"):
        found.setdefault(key, []).append(name)
    return found

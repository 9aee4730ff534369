"""What is withheld from who reviews: what others made of a document that is in their own hands."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from annotator.models import Assignment, AssignmentState, Layer, LayerKind, LayerState
from corpus import permissions
from corpus.models import Document, Membership
from corpus.permissions import User

OPEN = Q(state=LayerState.OPEN)
# A review that was handed in and that its author may open again.
NOT_FINAL = Q(state=LayerState.SUBMITTED, final=False)


def in_hand(documents: Collection[int], user: User) -> set[int]:
    """Return those documents, by key, that a person took, or whose review they have open."""
    held = Document.objects.filter(_of(user, OPEN, "pk"), pk__in=documents)
    return set(held.values_list("pk", flat=True))


def from_lists(user: User, of: str = "document") -> Q:
    """Return of which documents no list shows a person the work of others, as a condition.

    They have them in hand, or may open their review again. `of` leads from a row to its document.
    """
    return _of(user, OPEN | NOT_FINAL, of)


def of_colleagues(user: User, layer: str = "layer") -> Q:
    """Return which layers are withheld from who reviews in their corpora, as a condition.

    Those are others' open reviews, and all but suggestions of a document on which they can still
    get a place. `layer` leads from a row to its layer, "" for layers themselves.
    """
    to = f"{layer}__" if layer else ""
    reviewed = Membership.objects.filter(user=user.pk, role__in=permissions.ACTS["review"])
    theirs = Q((f"{to}document__corpus__in", reviewed.values("corpus")))
    unfinished = Q((f"{to}kind", LayerKind.REVIEW), (f"{to}state", LayerState.OPEN))
    made_by_people = ~Q((f"{to}kind", LayerKind.SUGGESTION))
    own = Q((f"{to}owner", user.pk), (f"{to}owner__isnull", False))
    return theirs & ~own & (unfinished | (made_by_people & may_get_place(user, f"{to}document")))


def may_get_place(user: User, document: str = "document") -> Q:
    """Return on which documents a place is free that a person has not had, as a condition."""
    places = Assignment.objects.filter(document=OuterRef(document))
    free, had = places.filter(user__isnull=True), places.filter(user=user.pk)
    return Q(Exists(free)) & ~Q(Exists(had))


def is_open_to(document: Document, user: User) -> bool:
    """Tell whether a person can still get a place on a document."""
    return Document.objects.filter(may_get_place(user, "pk"), pk=document.pk).exists()


def _of(user: User, reviews: Q, document: str) -> Q:
    taken = Assignment.objects.filter(user=user.pk, state=AssignmentState.TAKEN)
    own = Layer.objects.filter(reviews, kind=LayerKind.REVIEW, owner=user.pk)
    lookup = f"{document}__in"
    return Q((lookup, taken.values("document"))) | Q((lookup, own.values("document")))

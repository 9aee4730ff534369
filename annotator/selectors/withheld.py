"""What is withheld from who reviews: what others made of a document that is in their own hands."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from annotator.models import Assignment, AssignmentState, Layer, LayerKind, LayerState
from corpus.models import Document
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


def _of(user: User, reviews: Q, document: str) -> Q:
    taken = Assignment.objects.filter(user=user.pk, state=AssignmentState.TAKEN)
    own = Layer.objects.filter(reviews, kind=LayerKind.REVIEW, owner=user.pk)
    lookup = f"{document}__in"
    return Q((lookup, taken.values("document"))) | Q((lookup, own.values("document")))

"""What is withheld from who reviews: what others made of a document that is in their own hands."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from annotator.models import Assignment, AssignmentState, Layer, LayerKind, LayerState
from corpus.models import Corpus
from corpus.permissions import User


def in_hand(documents: Collection[int], user: User) -> set[int]:
    """Return those documents, by key, that a person took, or whose review they have open."""
    taken = Assignment.objects.filter(
        document__in=documents, user=user.pk, state=AssignmentState.TAKEN
    )
    opened = Layer.objects.filter(
        document__in=documents, kind=LayerKind.REVIEW, owner=user.pk, state=LayerState.OPEN
    )
    held = taken.values_list("document_id", flat=True)
    return set(held.union(opened.values_list("document_id", flat=True)))


def from_lists(corpus: Corpus | int, user: User) -> list[int]:
    """Return the documents of which no list shows a person the work of others, by key.

    They have them in hand, or practised on them and may open that review again. What counts for
    gold is final before there is anything to list.
    """
    taken = Assignment.objects.filter(corpus=corpus, user=user.pk, state=AssignmentState.TAKEN)
    practised = Q(practice=True, final=False, state=LayerState.SUBMITTED)
    own = Layer.objects.filter(
        practised | Q(state=LayerState.OPEN),
        document__corpus=corpus,
        kind=LayerKind.REVIEW,
        owner=user.pk,
    )
    held = taken.values_list("document_id", flat=True)
    return sorted(held.union(own.values_list("document_id", flat=True)))

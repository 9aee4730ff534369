"""How far documents are, as far as a person is told.

Who reviews is told of documents that their own review is part of; all others seem to wait. So the
gold of a check, which is settled before they are given it, shows nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from annotator.models import Adjudication, AdjudicationState, Assignment, AssignmentState
from annotator.selectors.disputes import listed_adjudication
from corpus import permissions
from corpus.models import Corpus, Document
from corpus.permissions import User


def told_to(corpus: Corpus, user: User) -> Q:
    """Return which documents, in a query of documents, a person is told the state of."""
    if permissions.allows(user, "manage", corpus) or not permissions.allows(user, "review", corpus):
        return Q()
    places = Assignment.objects.filter(document=OuterRef("pk"), user=user.pk)
    told = Q(Exists(places.filter(state=AssignmentState.DONE, practice=False)))
    if permissions.allows(user, "adjudicate", corpus):
        told |= Q(~Exists(places))
    return told


def in_state(corpus: Corpus, user: User, state: str) -> Q:
    """Return which documents are in a state under the corpus's schema, as a person is told."""
    rows = Adjudication.objects.filter(document=OuterRef("pk"), schema=corpus.schema_id)
    there = Q(Exists(rows.filter(state=state)))
    told = told_to(corpus, user)
    if not told:
        return there
    if state == AdjudicationState.WAITING:
        return there | (Q(Exists(rows)) & ~told)
    return there & told


def adjudications(
    corpus: Corpus, user: User, documents: Iterable[Document]
) -> dict[int, Adjudication]:
    """Return the adjudications of documents that a person is told the state of, by document key."""
    listed = list(documents)
    told = told_to(corpus, user)
    if told:
        keys = [document.pk for document in listed]
        known = set(Document.objects.filter(told, pk__in=keys).values_list("pk", flat=True))
        listed = [document for document in listed if document.pk in known]
    found = {}
    for document in listed:
        adjudication = listed_adjudication(document, corpus)
        if adjudication is None:
            continue
        # How many of the others are through with it is not told either.
        if not told or adjudication.state != AdjudicationState.WAITING:
            found[document.pk] = adjudication
    return found


def state_of(corpus: Corpus, user: User, document: Document) -> str | None:
    """Return the state of a document as a person is told, None where it has none."""
    adjudication = listed_adjudication(document, corpus)
    if adjudication is None:
        return None
    if document.pk in adjudications(corpus, user, [document]):
        return adjudication.state
    return AdjudicationState.WAITING

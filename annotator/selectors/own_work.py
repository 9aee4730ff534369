"""Reads of one person's own work: what is in their hands, what they handed in, and when."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, Sum

from annotator.models import Activity, Assignment, AssignmentState, Decision, Layer, LayerKind, Span
from annotator.selectors.overview import recent_days
from corpus import permissions
from corpus.models import Corpus, Document

MANY = 100


def my_progress(corpus: Corpus, user: permissions.User) -> dict[str, int]:
    """Return how many documents a person finished, holds, and could still take (`MANY` at most)."""
    mine = Assignment.objects.filter(corpus=corpus, user_id=user.pk)
    free = Assignment.objects.filter(
        corpus=corpus, user__isnull=True, document__retired_at__isnull=True
    )
    # A document may have several free places; whoever has one of them gets no other.
    held = Assignment.objects.filter(document=OuterRef("document"), user_id=user.pk)
    next_ones = free.filter(~Exists(held)).order_by("-priority", "pk")
    return {
        "done": Activity.objects.filter(corpus=corpus, user_id=user.pk).aggregate(
            n=Sum("submitted")
        )["n"]
        or 0,
        "taken": mine.filter(state=AssignmentState.TAKEN).count(),
        "free": min(len(set(next_ones.values_list("document_id", flat=True)[: 3 * MANY])), MANY),
    }


@dataclass(frozen=True, slots=True)
class InHand:
    """A document in a reviewer's hands: what is settled of what it holds, and the milliseconds
    spent on it.
    """

    document: Document
    settled: int
    total: int
    elapsed_ms: int


def my_documents(corpus: Corpus, user: permissions.User, *, size: int = 50) -> list[InHand]:
    """Return the documents that a person has begun or taken, the longest held first, with how far
    each is.
    """
    taken = Assignment.objects.filter(corpus=corpus, user_id=user.pk, state=AssignmentState.TAKEN)
    documents = [
        a.document for a in taken.select_related("document").order_by("taken_at", "pk")[:size]
    ]
    layers = Layer.objects.filter(document__in=documents, kind=LayerKind.REVIEW, owner_id=user.pk)
    mine = {layer.document_id: layer for layer in layers}
    decided = {
        layer: (settled, added)
        for layer, settled, added in Decision.objects.filter(
            layer__in=mine.values(), subject="span"
        )
        .values("layer")
        .annotate(
            settled=Count("ident", distinct=True),
            added=Count("ident", distinct=True, filter=Q(suggestion__isnull=True)),
        )
        .values_list("layer", "settled", "added")
    }
    suggested = dict(
        Span.objects.filter(
            layer__document__in=documents, layer__run__in=[x.shown_run_id for x in mine.values()]
        )
        .values("layer__document")
        .annotate(n=Count("pk"))
        .values_list("layer__document", "n")
    )
    found = []
    for document in documents:
        layer = mine.get(document.pk)
        settled, added = decided.get(layer.pk, (0, 0)) if layer else (0, 0)
        total = suggested.get(document.pk, 0) + added
        found.append(InHand(document, settled, total, layer.elapsed_ms if layer else 0))
    return found


def my_reviews(corpus: Corpus, user: permissions.User, *, size: int = 20) -> list[Layer]:
    """Return a person's newest submitted reviews."""
    found = Layer.objects.filter(
        schema=corpus.schema, kind=LayerKind.REVIEW, owner_id=user.pk, submitted_at__isnull=False
    )
    return list(found.select_related("document").order_by("-submitted_at")[:size])


def my_states(user: permissions.User, documents: Iterable[Document]) -> dict[int, str]:
    """Return where a person is with each of these documents, by document key."""
    keys = [document.pk for document in documents]
    return dict(
        Assignment.objects.filter(user_id=user.pk, document__in=keys).values_list(
            "document_id", "state"
        )
    )


def my_activity(user: permissions.User) -> dict[datetime.date, int]:
    """Return a person's decisions on each recent day, all corpora together."""
    days = dict.fromkeys(recent_days(), 0)
    rows = Activity.objects.filter(user_id=user.pk, day__gte=min(days)).order_by()
    for day, decisions in rows.values_list("day", "decisions"):
        days[day] = days.get(day, 0) + decisions
    return days


def my_work(user: permissions.User) -> list[tuple[str, str, int, int, int]]:
    """Return slug and name of each corpus a person worked in, with decisions, documents handed in,
    milliseconds.
    """
    totals: dict[tuple[str, str], list[int]] = {}
    rows = Activity.objects.filter(user_id=user.pk).order_by("corpus__name")
    for slug, name, *work in rows.values_list(
        "corpus__slug", "corpus__name", "decisions", "submitted", "elapsed_ms"
    ):
        totals[slug, name] = [
            a + b for a, b in zip(totals.get((slug, name), [0, 0, 0]), work, strict=True)
        ]
    return [(slug, name, *work) for (slug, name), work in totals.items()]

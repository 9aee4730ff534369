"""Reads of one person's own work: what is in their hands, what they handed in, and when."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Sum

from annotator.core.acceptance import Logged
from annotator.core.progress import Progress, progress
from annotator.models import Activity, Assignment, AssignmentState, Layer, LayerKind, SampleKind
from annotator.selectors import layers, review_log
from annotator.selectors.assignments import to_take
from annotator.selectors.overview import recent_days
from annotator.selectors.samples import not_given
from corpus import permissions
from corpus.core.span import LayerView
from corpus.models import Corpus, Document
from corpus.selectors import schema_rows

MANY = 100


def my_progress(corpus: Corpus, user: permissions.User) -> dict[str, int]:
    """Return how many documents a person finished, holds, and could still take (`MANY` at most)."""
    mine = Assignment.objects.filter(corpus=corpus, user=user.pk, document__retired_at__isnull=True)
    activity = Activity.objects.filter(corpus=corpus, user=user.pk)
    free = to_take(corpus, user).values_list("document_id", flat=True)[: 3 * MANY]
    documents = set(free)
    if documents:
        # A check is one of those that are left, or taking one would not be seen in the number.
        checks = not_given(corpus, user).filter(kind=SampleKind.CHECK)
        documents.update(checks.values_list("document_id", flat=True)[:MANY])
    return {
        "done": activity.aggregate(n=Sum("submitted"))["n"] or 0,
        "taken": mine.filter(state=AssignmentState.TAKEN).count(),
        "free": min(len(documents), MANY),
    }


def is_newcomer(user: permissions.User) -> bool:
    """Tell whether a person has not begun any review yet, in whatever corpus."""
    return not Layer.objects.filter(kind=LayerKind.REVIEW, owner=user.pk).exists()


@dataclass(frozen=True, slots=True)
class InHand:
    """A document in a reviewer's hands.

    `settled` of `total` items that need a person are settled, in so many milliseconds.
    """

    document: Document
    settled: int
    total: int
    elapsed_ms: int


def my_documents(corpus: Corpus, user: permissions.User, *, size: int = 50) -> list[InHand]:
    """Return the documents that a person has begun or taken, the longest held first."""
    taken = Assignment.objects.filter(
        corpus=corpus,
        user=user.pk,
        state=AssignmentState.TAKEN,
        document__retired_at__isnull=True,
    )
    places = taken.select_related("document").order_by("taken_at", "pk")[:size]
    documents = [place.document for place in places]
    kept = Layer.objects.filter(document__in=documents, kind=LayerKind.REVIEW, owner_id=user.pk)
    newest_last = kept.select_related("schema").order_by("schema__version")
    reviews = {layer.document_id: layer for layer in newest_last}
    counted = _progress(reviews.values())
    in_hand = []
    for document in documents:
        layer = reviews.get(document.pk)
        if layer is None:
            in_hand.append(InHand(document, settled=0, total=0, elapsed_ms=0))
            continue
        done = counted[layer.pk]
        in_hand.append(InHand(document, done.settled, done.total, layer.elapsed_ms))
    return in_hand


def _progress(reviews: Collection[Layer]) -> dict[int, Progress]:
    """Return how far each review is, by layer key, as its page says."""
    shown = Layer.objects.filter(
        kind=LayerKind.SUGGESTION,
        document__in=[review.document_id for review in reviews],
        run__in=[review.shown_run_id for review in reviews],
    )
    suggested = {(layer.document_id, layer.run_id): layer for layer in shown}
    views = layers.layer_views([*reviews, *suggested.values()])
    logs = review_log.logs_of(reviews)
    return {
        review.pk: _progress_of(
            review, suggested.get((review.document_id, review.shown_run_id)), views, logs
        )
        for review in reviews
    }


def _progress_of(
    review: Layer,
    shown: Layer | None,
    views: Mapping[int, LayerView],
    logs: Mapping[int, list[Logged]],
) -> Progress:
    suggested = views[shown.pk] if shown is not None else LayerView()
    facts = review_log.facts(logs.get(review.pk, []), suggested)
    return progress(suggested, views[review.pk], facts, schema_rows(review.schema).view)


def my_reviews(corpus: Corpus, user: permissions.User, *, size: int = 20) -> list[Layer]:
    """Return a person's newest submitted reviews."""
    reviews = Layer.objects.filter(
        schema=corpus.schema,
        kind=LayerKind.REVIEW,
        owner_id=user.pk,
        submitted_at__isnull=False,
        document__retired_at__isnull=True,
    )
    return list(reviews.select_related("document").order_by("-submitted_at")[:size])


def my_states(user: permissions.User, documents: Iterable[Document]) -> dict[int, str]:
    """Return where a person is with each of these documents, by document key."""
    keys = [document.pk for document in documents]
    mine = Assignment.objects.filter(user=user.pk, document__in=keys)
    return dict(mine.values_list("document_id", "state"))


def my_activity(user: permissions.User) -> dict[datetime.date, int]:
    """Return a person's decisions on each recent day, all corpora together."""
    days = dict.fromkeys(recent_days(), 0)
    rows = Activity.objects.filter(user=user.pk, day__gte=min(days)).order_by()
    for day, decisions in rows.values_list("day", "decisions"):
        days[day] = days.get(day, 0) + decisions
    return days


class CorpusWork(NamedTuple):
    """What a person did in one corpus: decisions, documents handed in, milliseconds."""

    slug: str
    name: str
    decisions: int
    submitted: int
    elapsed_ms: int


def my_work(user: permissions.User) -> list[CorpusWork]:
    """Return what a person did in each corpus that they worked in, by its name."""
    days = Activity.objects.filter(user=user.pk).order_by("corpus__name", "corpus__slug")
    sums = days.values_list("corpus__slug", "corpus__name").annotate(
        Sum("decisions"), Sum("submitted"), Sum("elapsed_ms")
    )
    return [CorpusWork(*row) for row in sums]

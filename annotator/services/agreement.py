"""How far people agree with each other and with gold, over the submitted reviews of a corpus.

`corpus_agreement` measures; `measure` stores what the page shows, as a background job.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from annotator.core import score
from annotator.core.agreement import Article, Counted, Measure, count, measures
from annotator.core.bootstrap import Tally
from annotator.models import (
    Layer,
    LayerKind,
    LayerState,
    Report,
    Sample,
    SampleKind,
)
from annotator.selectors.comparison import comparable_views, shown_to
from annotator.selectors.gold import settled_gold
from annotator.selectors.layers import layer_views
from annotator.selectors.overview import documents_all_in
from corpus.core.callbacks import Cancelled, Progress, unreported
from corpus.core.schema import SchemaView
from corpus.core.targets import with_target
from corpus.jobs import claim
from corpus.models import Corpus, Document, Job, Membership, Role
from corpus.selectors import schema_rows, texts_of

BATCH = 100
# Smaller, because gold and every review of a document are held at once.
SCORED_BATCH = 50
EXAMPLES = 20
# The times of so many reviews tell the median well enough.
NEWEST = 5000
MONTH = re.compile(r"\d{4}-\d{2}")
SUBMITTED = (LayerState.SUBMITTED, LayerState.CLOSED)


@dataclass(frozen=True, slots=True)
class Group:
    """The measures over some articles; `by` says which: one outlet, one month, or one view.

    The view is "assisted" where every reviewer saw suggestions and "blind" where none did, so that
    anchoring by suggestions is seen.
    """

    by: str
    group: str
    measures: list[Measure]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The measures over all pairs of reviewers and of each pair, and those of each group."""

    measures: list[Measure]
    groups: list[Group]


@dataclass(slots=True)
class _Tallies:
    """The counts of the articles so far: of all, of each pair of reviewers, and of each group."""

    together: Tally = field(default_factory=Tally)
    pairs: dict[tuple[str, str], Tally] = field(default_factory=dict)
    groups: dict[tuple[str, str], Tally] = field(default_factory=dict)

    def add(self, document: Document, counted: Counted, *, view: str) -> None:
        self.together.add(counted.together)
        for pair, counts in counted.pairs.items():
            self.pairs.setdefault(pair, Tally()).add(counts)
        month = MONTH.match(document.published)
        groups = {
            "outlet": document.outlet,
            "month": month.group() if month else "",
            "view": view,
        }
        for by, group in groups.items():
            if group:
                self.groups.setdefault((by, group), Tally()).add(counted.together)


def corpus_agreement(
    corpus: Corpus,
    *,
    documents: QuerySet[Document] | None = None,
    practice: bool = True,
    parts: bool = True,
) -> Agreement:
    """Measure how far the submitted reviews of a corpus agree, or those of the given documents.

    Only documents with two or more submitted reviews count; without `practice`, reviews for
    practice and of checks do not. An article without an outlet or a date of publication (year and
    month first) is in no group of that kind, nor is one that only some reviewed blind in a view.
    Without `parts` nothing is measured but all pairs of reviewers over all articles.
    """
    if corpus.schema is None:
        return Agreement([], [])
    schema = schema_rows(corpus.schema).view
    if documents is None:
        documents = corpus.documents.all()
    tallies = _Tallies()
    for document, article, view in _articles(corpus, documents, practice=practice):
        counted = count(article, schema)
        if parts:
            tallies.add(document, counted, view=view)
        else:
            tallies.together.add(counted.together)
    if not tallies.together.articles:
        return Agreement([], [])
    measured = measures(tallies.together, schema)
    for (a, b), tally in sorted(tallies.pairs.items()):
        measured.extend(measures(tally, schema, a=a, b=b))
    groups = [
        Group(by, group, measures(tally, schema))
        for (by, group), tally in sorted(tallies.groups.items())
    ]
    return Agreement(measured, groups)


def _articles(
    corpus: Corpus, documents: QuerySet[Document], *, practice: bool
) -> Iterator[tuple[Document, Article, str]]:
    """Yield each document that two or more people submitted, with its article and view.

    A batch takes a handful of queries.
    """
    if corpus.schema is None:
        return
    view = schema_rows(corpus.schema).view
    submitted = Q(
        layers__schema=corpus.schema, layers__kind=LayerKind.REVIEW, layers__state__in=SUBMITTED
    )
    if not practice:
        submitted &= Q(layers__practice=False)
    reviewed = (
        documents.filter(corpus=corpus, retired_at__isnull=True)
        .annotate(reviews=Count("layers", filter=submitted))
        .filter(reviews__gte=2)
        .order_by("pk")
    )
    keys = list(reviewed.values_list("pk", flat=True))
    for first in range(0, len(keys), BATCH):
        batch = list(Document.objects.filter(pk__in=keys[first : first + BATCH]).order_by("pk"))
        texts = texts_of(batch)
        layers: dict[int, list[Layer]] = {document.pk: [] for document in batch}
        rows = Layer.objects.filter(
            document__in=batch, schema=corpus.schema, kind=LayerKind.REVIEW, state__in=SUBMITTED
        ).select_related("owner")
        if not practice:
            rows = rows.filter(practice=False)
        for layer in rows:
            layers[layer.document_id].append(layer)
        views = layer_views(rows)
        shown = shown_to(rows)
        for document in batch:
            default = document.targets[0] if document.targets else None
            by_person = {
                str(layer.owner): with_target(views[layer.pk], view, default)
                for layer in layers[document.pk]
            }
            shown_to_person = {
                str(layer.owner): shown[str(layer.pk)]
                for layer in layers[document.pk]
                if str(layer.pk) in shown
            }
            article = Article(texts[document.pk], by_person, shown_to_person)
            yield document, article, _view_of(layers[document.pk])


def _view_of(layers: list[Layer]) -> str:
    """Return whether a document's reviews were all "assisted" or all "blind", "" when mixed."""
    blind = {layer.shown_run_id is None for layer in layers}
    if len(blind) > 1:
        return ""
    return "blind" if blind == {True} else "assisted"


def start_measure(corpus: Corpus, *, by: AbstractBaseUser) -> Job:
    """Have a corpus measured soon; again while that waits or runs adds nothing."""
    return claim.start(corpus, "measure", {}, by=by)


def run_measure_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, int]:
    """Do a measure job."""
    numbers = measure(job.corpus, progress=progress)
    return {"reviewers": len(numbers["people"])}


def measure(corpus: Corpus, *, progress: Progress = unreported) -> dict[str, Any]:
    """Measure a corpus and store its report; takes as long as the corpus is large.

    Where somebody reviews and adjudicates or manages, documents whose reviews are all in are also
    measured by themselves, for them to read.
    """
    numbers = _numbers(corpus, corpus.documents.all(), progress)
    if _is_read_by_reviewers(corpus):
        all_in = Document.objects.filter(pk__in=documents_all_in([corpus.pk]))
        numbers["all_in"] = _numbers(corpus, all_in, unreported)
    Report.objects.update_or_create(
        corpus=corpus, defaults={"numbers": numbers, "measured_at": timezone.now()}
    )
    return numbers


def _is_read_by_reviewers(corpus: Corpus) -> bool:
    """Tell whether somebody who reviews in a corpus reads its report."""
    members = Membership.objects.filter(corpus=corpus)
    reviewers = members.filter(role=Role.REVIEWER).values("user")
    readers = ~Q(role=Role.REVIEWER) | Q(user__is_superuser=True)
    return members.filter(readers, user__in=reviewers).exists()


def _numbers(corpus: Corpus, documents: QuerySet[Document], progress: Progress) -> dict[str, Any]:
    """Return what a report says of documents."""
    agreement = corpus_agreement(corpus, documents=documents)
    views = [group for group in agreement.groups if group.by == "view"]
    return {
        "measures": [asdict(m) for m in agreement.measures],
        "views": {view.group: [asdict(m) for m in view.measures] for view in views},
        "speed": _speed(corpus, documents),
        **_against_gold(corpus, documents, progress),
    }


def _speed(corpus: Corpus, documents: QuerySet[Document]) -> dict[str, dict[str, int]]:
    """Return the median milliseconds of a review made on the page, assisted and blind."""
    reviews = Layer.objects.filter(
        document__in=documents,
        schema=corpus.schema_id,
        kind=LayerKind.REVIEW,
        submitted_at__isnull=False,
        elapsed_ms__gt=0,
    ).order_by("-submitted_at")
    speed = {}
    for view, blind in (("assisted", False), ("blind", True)):
        of_view = reviews.filter(shown_run__isnull=blind)
        times = list(of_view.values_list("elapsed_ms", flat=True)[:NEWEST])
        if times:
            speed[view] = {"reviews": len(times), "median_ms": int(statistics.median(times))}
    return speed


@dataclass(slots=True)
class _Cell:
    """How often one value stands where gold has another, with some places where it does."""

    n: int = 0
    examples: list[tuple[str, str, int, int]] = field(default_factory=list)


_Confusions = dict[str, dict[tuple[str, str], _Cell]]


def _against_gold(
    corpus: Corpus, documents: QuerySet[Document], progress: Progress
) -> dict[str, Any]:
    """Compare submitted reviews with settled gold.

    Returns the scores of each person, over all documents and over checks alone, and confusions.
    """
    if corpus.schema is None:
        return {"people": [], "confusions": []}
    schema = schema_rows(corpus.schema).view
    people: dict[str, dict[str, score.Score]] = {}
    confusions: _Confusions = {}
    samples = Sample.objects.filter(corpus=corpus, kind=SampleKind.CHECK)
    checks = set(samples.values_list("document_id", flat=True))
    for document, name, pairs in _scored(corpus, documents, schema, progress):
        own = people.setdefault(name, {"all": score.Score(), "checks": score.Score()})
        own["all"].add(pairs, schema)
        if document.pk in checks:
            own["checks"].add(pairs, schema)
        for pair in pairs:
            head = pair.frame.head
            place = (document.external_id, name, head.start, head.end)
            for what, mine, golden in score.confusions(pair, schema):
                cell = confusions.setdefault(what, {}).setdefault((mine, golden), _Cell())
                cell.n += 1
                if mine != golden and len(cell.examples) < EXAMPLES:
                    cell.examples.append(place)
    return {
        "people": [
            {"name": name, **{which: s.as_json() for which, s in scores.items()}}
            for name, scores in sorted(people.items())
        ],
        "confusions": [
            {"what": what, "cells": _cells_json(cells)} for what, cells in confusions.items()
        ],
    }


def _cells_json(cells: dict[tuple[str, str], _Cell]) -> list[dict[str, Any]]:
    return [
        {"own": mine, "gold": golden, "n": cell.n, "examples": [list(e) for e in cell.examples]}
        for (mine, golden), cell in sorted(cells.items())
    ]


def _scored(
    corpus: Corpus, documents: QuerySet[Document], schema: SchemaView, progress: Progress
) -> Iterator[tuple[Document, str, list[score.Pair]]]:
    """Yield each submitted review of a document with settled gold: who made it, and its pairs."""
    settled = settled_gold(corpus).filter(document__in=documents)
    keys = list(settled.order_by("pk").values_list("pk", flat=True))
    progress(0, len(keys))
    for first in range(0, len(keys), SCORED_BATCH):
        batch = settled.filter(pk__in=keys[first : first + SCORED_BATCH])
        for adjudication in batch.select_related("document", "gold"):
            document = adjudication.document
            gold = adjudication.gold
            assert gold is not None  # noqa: S101 - the queryset says so
            rows = Layer.objects.filter(
                document=document,
                schema=corpus.schema,
                kind=LayerKind.REVIEW,
                state=LayerState.SUBMITTED,
            )
            reviews = list(rows.select_related("owner"))
            views = comparable_views(document, [gold, *reviews])
            golden = views[str(gold.pk)]
            for layer in reviews:
                yield document, str(layer.owner), score.pairs(views[str(layer.pk)], golden, schema)
        progress(min(first + SCORED_BATCH, len(keys)), len(keys))


def forget(corpus: Corpus) -> None:
    """Take away the report on a corpus, which names values that people gave; measuring makes it."""
    Report.objects.filter(corpus=corpus).delete()

"""Measure how far people agree with each other and with gold, in the background, for the page that
tells it.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from annotator.core import score
from annotator.models import (
    Adjudication,
    AdjudicationState,
    Layer,
    LayerKind,
    LayerState,
    Report,
    Sample,
    SampleKind,
)
from annotator.selectors.comparison import comparable_views
from annotator.services.agreement import corpus_agreement
from corpus.core.progress import Cancelled, Progress, unreported
from corpus.core.schema import SchemaView
from corpus.jobs import claim
from corpus.models import Corpus, Document, Job
from corpus.selectors import schema_rows

EXAMPLES = 20
NEWEST = 5000
BATCH = 50


def ask(corpus: Corpus, *, by: AbstractBaseUser) -> Job:
    """Have a corpus measured soon; asking again while that waits or runs adds nothing."""
    return claim.start(corpus, "measure", {}, by=by)


def run_measure_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, int]:
    """Do a measure job."""
    numbers = measure(job.corpus, progress=progress)
    return {"reviewers": len(numbers["people"])}


def measure(corpus: Corpus, *, progress: Progress = unreported) -> dict[str, Any]:
    """Measure a corpus and store what was found; takes as long as the corpus is large."""
    found = corpus_agreement(corpus)
    numbers = {
        "measures": [asdict(m) for m in found.measures],
        "views": {g.group: [asdict(m) for m in g.measures] for g in found.groups if g.by == "view"},
        "speed": _speed(corpus),
        **_against_gold(corpus, progress),
    }
    Report.objects.update_or_create(
        corpus=corpus, defaults={"numbers": numbers, "measured_at": timezone.now()}
    )
    return numbers


def _speed(corpus: Corpus) -> dict[str, dict[str, int]]:
    """Return the median milliseconds of a review that was made on the page, with suggestions and
    blind.
    """
    reviews = Layer.objects.filter(
        schema=corpus.schema_id, kind=LayerKind.REVIEW, submitted_at__isnull=False, elapsed_ms__gt=0
    ).order_by("-submitted_at")
    told = {}
    for name, blind in (("assisted", False), ("blind", True)):
        times = list(
            reviews.filter(shown_run__isnull=blind).values_list("elapsed_ms", flat=True)[:NEWEST]
        )
        if times:
            told[name] = {"reviews": len(times), "median_ms": int(statistics.median(times))}
    return told


def _against_gold(corpus: Corpus, progress: Progress) -> dict[str, Any]:
    """Compare submitted reviews with settled gold: scores by person, on all and on checks alone,
    and confusions.
    """
    people: dict[str, dict[str, score.Score]] = {}
    cells: dict[str, dict[tuple[str, str], list[Any]]] = {}
    if corpus.schema is None:
        return {"people": [], "confusions": []}
    schema = schema_rows(corpus.schema).view
    compared = _compared(corpus, schema, progress)
    checks = set(
        Sample.objects.filter(corpus=corpus, kind=SampleKind.CHECK).values_list(
            "document_id", flat=True
        )
    )
    for document, name, pairs in compared:
        own = people.setdefault(name, {"all": score.Score(), "checks": score.Score()})
        own["all"].add(pairs, schema)
        if document.pk in checks:
            own["checks"].add(pairs, schema)
        for pair in pairs:
            for what, mine, theirs in score.confusions(pair, schema):
                cell = cells.setdefault(what, {}).setdefault((mine, theirs), [0, []])
                cell[0] += 1
                if mine != theirs and len(cell[1]) < EXAMPLES:
                    cell[1].append(
                        [document.external_id, name, pair.frame.head.start, pair.frame.head.end]
                    )
    return {
        "people": [
            {"name": name, **{which: s.as_json() for which, s in scores.items()}}
            for name, scores in sorted(people.items())
        ],
        "confusions": [
            {
                "what": what,
                "cells": [
                    {"own": a, "gold": b, "n": n, "examples": examples}
                    for (a, b), (n, examples) in sorted(found.items())
                ],
            }
            for what, found in cells.items()
        ],
    }


def _compared(
    corpus: Corpus, schema: SchemaView, progress: Progress
) -> Iterator[tuple[Document, str, list[score.Pair]]]:
    settled = Adjudication.objects.filter(
        corpus=corpus, schema=corpus.schema, state=AdjudicationState.DONE, gold__isnull=False
    )
    keys = list(settled.order_by("pk").values_list("pk", flat=True))
    progress(0, len(keys))
    for first in range(0, len(keys), BATCH):
        for adjudication in settled.filter(pk__in=keys[first : first + BATCH]).select_related(
            "document", "gold"
        ):
            document, gold = adjudication.document, adjudication.gold
            reviews = list(
                Layer.objects.filter(
                    document=document,
                    schema=corpus.schema,
                    kind=LayerKind.REVIEW,
                    state=LayerState.SUBMITTED,
                ).select_related("owner")
            )
            views = comparable_views(document, [gold, *reviews])
            for layer in reviews:
                yield (
                    document,
                    str(layer.owner),
                    score.pairs(views[str(layer.pk)], views[str(gold.pk)], schema),
                )
        progress(min(first + BATCH, len(keys)), len(keys))

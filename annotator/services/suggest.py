"""Suggestions: runs, and the layers that a suggester writes."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from importlib import metadata
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from annotator.models import Assignment, Layer, LayerKind, LayerState, Run
from annotator.selectors.layers import layer_view
from annotator.services.bulk import add_rows
from annotator.services.decision_log import write_rows
from annotator.suggesters import SUGGESTERS
from corpus.core import schema as core
from corpus.core.problems import Problem
from corpus.core.progress import Cancelled, Progress, never_cancelled, unreported
from corpus.core.span import LayerView, Link
from corpus.db import bulk
from corpus.jobs import subtasks
from corpus.models import Corpus, Document, Job, Schema
from corpus.selectors import schema_rows, texts_of
from corpus.services.schemas import freeze_schema

BATCH = 5
COUNTS = ("documents", "spans", "links", "words")


def build(name: str) -> Any:
    """Return a ready suggester by name; `trained:FOLDER` names the model of one that has none by
    default.
    """
    name, _, model = name.partition(":")
    if name == "trained" and not model:
        raise Problem(
            "model-invalid", reason="name the folder of the pipeline, as in trained:news/model-best"
        )
    return SUGGESTERS.get(name)(model=model or settings.SPACY_MODEL)


def run_for(schema: Schema, suggester: Any) -> Run:
    """Return the run of a suggester with its config in this environment, made when it is new."""
    environment = {
        "python": platform.python_version(),
        "spacy": metadata.version("spacy"),
        "model": suggester.config.get("model", settings.SPACY_MODEL),
    }
    return _run(schema, suggester.name, dict(suggester.config), environment)


def file_run(schema: Schema, name: str) -> Run:
    """Return the run of the suggestions that came along in a file of this name."""
    return _run(schema, file_suggester(name), {}, {})


def file_suggester(name: str) -> str:
    """Return what the suggester of a run from a file of this name is called."""
    return f"file:{name}"[:100]


def _run(
    schema: Schema, suggester: str, config: dict[str, Any], environment: dict[str, Any]
) -> Run:
    canonical = json.dumps([suggester, config, environment], sort_keys=True)
    run, made = Run.objects.get_or_create(
        schema=schema,
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
        defaults={"suggester": suggester, "config": config, "environment": environment},
    )
    if made:
        freeze_schema(schema)
    return run


def store(run: Run, document: Document, view: LayerView) -> Layer:
    """Write a run's layer of one document; one that is there stays as it is."""
    layer, made = Layer.objects.get_or_create(
        document=document,
        run=run,
        kind=LayerKind.SUGGESTION,
        defaults={"schema_id": run.schema_id, "state": "closed"},
    )
    if made:
        write_rows(layer, view, set(view.spans), set(view.links), schema=schema_rows(run.schema))
        Assignment.objects.filter(document=document, user__isnull=True).update(
            priority=_doubt(view)
        )
    return layer


def store_all(layers: Sequence[tuple[Run, Document, LayerView]]) -> None:
    """Write runs' layers of documents that have none by them, in as few statements as the database
    takes.
    """
    if not layers:
        return
    try:
        with transaction.atomic():
            _store_at_once(layers)
    except IntegrityError:
        # Somebody stores the same run at this moment: one by one, what is there stays.
        for run, document, view in layers:
            store(run, document, view)


def _store_at_once(layers: Sequence[tuple[Run, Document, LayerView]]) -> None:
    made = bulk.create(
        Layer,
        [
            {
                "document_id": document.pk,
                "run_id": run.pk,
                "schema_id": run.schema_id,
                "kind": LayerKind.SUGGESTION,
                "state": LayerState.CLOSED,
            }
            for run, document, _ in layers
        ],
    )
    add_rows(
        [
            (layer, view, schema_rows(run.schema))
            for layer, (run, _, view) in zip(made, layers, strict=True)
        ]
    )
    doubts = {document.pk: _doubt(view) for _, document, view in layers}
    bulk.change(Assignment, "priority", doubts, where="document_id", more="user_id IS NULL")


def _doubt(view: LayerView) -> float:
    """Return how little sure a suggester was, from 0 to 1: the reviewers' hours go where it doubts."""
    scores = [span.score for span in view.spans.values() if span.score is not None]
    return 1 - sum(scores) / len(scores) if scores else 0


def extend(layer: Layer, view: LayerView) -> int:
    """Add to a run's layer the spans and links of a view that it lacks; return how many spans it
    goes on lacking.

    A layer that a reviewer was shown stays as it is.
    """
    own = layer_view(layer)
    places = {(span.label, span.ranges): span.ident for span in own.spans.values()}
    last, spans, idents = max(own.spans, default=0), {}, {}
    for span in view.in_order():
        place = (span.label, span.ranges)
        if place not in places:
            last += 1
            places[place], spans[last] = last, replace(span, ident=last)
        idents[span.ident] = places[place]
    there = {(link.kind, link.source, link.target) for link in own.links.values()}
    asked = {(link.kind, idents[link.source], idents[link.target]) for link in view.links.values()}
    first = max(own.links, default=0) + 1
    links = {n: Link(n, *ends) for n, ends in enumerate(sorted(asked - there), start=first)}
    if not spans and not links:
        return 0
    if Layer.objects.filter(document=layer.document_id, shown_run=layer.run_id).exists():
        return len(spans)
    merged = LayerView({**own.spans, **spans}, {**own.links, **links})
    write_rows(layer, merged, set(spans), set(links), schema=schema_rows(layer.schema))
    return 0


def suggest_corpus(
    corpus: Corpus,
    *,
    suggester: str = "rules.v1",
    workers: int = 1,
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> dict[str, Any]:
    """Pre-annotate every document that lacks this run's layer; may be stopped and run again.

    Returns counts of documents, spans, links and words, and the seconds it took.
    """
    started = time.monotonic()
    ready, run, todo = _asked(corpus, suggester)
    counts = _work_through(
        todo,
        run,
        ready,
        suggester=suggester,
        workers=workers,
        progress=progress,
        cancelled=cancelled,
    )
    return _told(run, counts, started)


def run_suggest_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Suggest for a corpus as a background job, with the help of workers that have nothing to do."""
    started = time.monotonic()
    suggester = job.arguments["suggester"]
    ready, run, todo = _asked(job.corpus, suggester)
    counts = subtasks.distribute(
        job,
        "suggest-part",
        {"suggester": suggester, "run": run.pk},
        todo,
        lambda keys: suggest_batch(keys, run.pk, ready),
        progress=progress,
        cancelled=cancelled,
    )
    return _told(run, counts, started)


def run_part_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Suggest for a part of a corpus.

    Raises `Problem` on a machine where the suggester is not the one that the run began with.
    """
    suggester = job.arguments["suggester"]
    ready, run, todo = _asked(job.corpus, suggester, only=job.arguments["keys"])
    if run.pk != job.arguments["run"]:
        raise Problem("worker-differs")
    return dict(
        _work_through(todo, run, ready, suggester=suggester, progress=progress, cancelled=cancelled)
    )


def _asked(
    corpus: Corpus, suggester: str, *, only: Sequence[int] | None = None
) -> tuple[Any, Run, list[int]]:
    """Return the suggester, its run, and the keys of the documents that lack the run's layer."""
    SUGGESTERS.check(suggester.partition(":")[0])
    schema = corpus.schema
    if schema is None:
        raise Problem("nothing-to-do", act="suggest", reason="the corpus has no schema")
    ready = build(suggester)
    run = run_for(schema, ready)
    lacking = Document.objects.filter(corpus=corpus, retired_at__isnull=True).exclude(
        layers__run=run
    )
    if only is not None:
        lacking = lacking.filter(pk__in=only)
    return ready, run, list(lacking.order_by("pk").values_list("pk", flat=True))


def _told(run: Run, counts: Counter[str], started: float) -> dict[str, Any]:
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    return {**dict.fromkeys(COUNTS, 0), **counts, "seconds": round(time.monotonic() - started, 3)}


def _work_through(
    todo: list[int],
    run: Run,
    ready: Any,
    *,
    suggester: str,
    workers: int = 1,
    progress: Progress,
    cancelled: Cancelled,
) -> Counter[str]:
    totals: Counter[str] = Counter()
    batches = [todo[i : i + BATCH] for i in range(0, len(todo), BATCH)]
    progress(0, len(todo))
    for counts in _batches(batches, run.pk, ready, suggester, workers):
        totals.update(counts)
        progress(totals["documents"], len(todo))
        if cancelled():
            break
    return totals


def _batches(
    batches: list[list[int]], run: int, ready: Any, suggester: str, workers: int
) -> Iterator[dict[str, int]]:
    if workers <= 1 or len(batches) <= 1:
        for batch in batches:
            yield suggest_batch(batch, run, ready)
        return
    # Children must not share the parent's database connections.
    connections.close_all()
    with ProcessPoolExecutor(workers, initializer=_start_worker, initargs=(suggester,)) as pool:
        yield from pool.map(_work, batches, [run] * len(batches))


_ready: dict[str, Any] = {}


def _start_worker(suggester: str) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
    django.setup()
    _ready["suggester"] = build(suggester)


def _work(batch: list[int], run: int) -> dict[str, int]:
    return suggest_batch(batch, run, _ready["suggester"])


def suggest_batch(keys: Sequence[int], run_key: int, suggester: Any) -> dict[str, int]:
    """Suggest for a batch of documents: parse outside, write inside one transaction."""
    run = Run.objects.select_related("schema").get(pk=run_key)
    schema = schema_rows(run.schema).view
    documents = list(Document.objects.filter(pk__in=keys).select_related("corpus").order_by("pk"))
    texts = texts_of(documents)
    documents = [d for d in documents if d.pk in texts]
    targets = [list(dict.fromkeys([*d.targets, *d.corpus.targets])) for d in documents]
    views = list(suggester.suggest((texts[d.pk] for d in documents), targets))
    counts = dict.fromkeys(COUNTS, 0)
    for document, view in zip(documents, views, strict=True):
        for problem in core.check(view, schema, texts[document.pk]):
            raise problem.at(document.external_id)
    with transaction.atomic():
        there = Layer.objects.filter(run=run, document__in=documents, kind=LayerKind.SUGGESTION)
        done = set(there.values_list("document_id", flat=True))
        store_all(
            [(run, d, view) for d, view in zip(documents, views, strict=True) if d.pk not in done]
        )
        for document, view in zip(documents, views, strict=True):
            counts["documents"] += 1
            counts["spans"] += len(view.spans)
            counts["links"] += len(view.links)
            counts["words"] += document.words
    return counts

"""Suggesters run over the documents of a corpus, from the command line and as background jobs."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from annotator.models import Layer, LayerKind, Run
from annotator.selectors import suggested
from annotator.selectors.layers import FROM_FILE
from annotator.services import runs
from annotator.suggesters import SUGGESTERS, Suggester
from annotator.suggesters.capabilities import BY_NAME, Capabilities, require_common_label
from corpus import permissions
from corpus.core import layer_check
from corpus.core.callbacks import Cancelled, Progress, never_cancelled, unreported
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTION, SchemaView
from corpus.core.span import LayerView
from corpus.jobs import claim, subtasks
from corpus.models import Corpus, Document, Job
from corpus.selectors import schema_rows, texts_of
from corpus.services import corpora

BATCH = 5
DEFAULT = "rules.v1"
# What may give the parts that a trained pipeline does not.
FILLS = ("rules",)
COUNTS = ("documents", "spans", "links", "words")
# The language that the rules read.
RULES_READ = "en"


@dataclass(frozen=True, slots=True)
class Choice:
    """A suggester as it is chosen: its name, and what a trained pipeline is made with.

    `trained:FOLDER` names the folder of its model as well. `label_map` maps its names onto the
    schema's, and `fill` says what gives the missing parts: "rules" or nothing.
    """

    name: str = DEFAULT
    label_map: Mapping[str, str] = field(default_factory=dict)
    fill: str = ""


def build(choice: str | Choice, *, schema: SchemaView = ATTRIBUTION) -> Suggester:
    """Return a ready suggester for a schema.

    Raises `Problem` when it does not load, or has nothing to give to the schema.
    """
    if isinstance(choice, str):
        choice = Choice(choice)
    name, _, model = choice.name.partition(":")
    make = SUGGESTERS.get(name)
    options: dict[str, Any] = {"schema": schema}
    if name == "trained":
        if not model:
            raise Problem(
                "model-invalid",
                reason="name the folder of the pipeline, as in trained:news/model-best",
            )
        options |= {"label_map": choice.label_map, "fill": choice.fill}
        options |= {"parser": settings.SPACY_MODEL}
    elif choice.label_map or choice.fill:
        option = "--map" if choice.label_map else "--fill"
        raise Problem("suggester-option", option=option, suggester=name)
    ready: Suggester = make(model=model or settings.SPACY_MODEL, **options)
    return ready


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggester that pages can offer for a corpus.

    `gives` are the labels of the schema that it can give, `why` says why it cannot be used.
    """

    name: str
    gives: tuple[str, ...]
    why: str = ""


def offers(corpus: Corpus) -> list[Offer]:
    """Return the suggesters that are chosen by name alone, each with what it can give here."""
    if corpus.schema is None:
        return []
    schema = schema_rows(corpus.schema).view
    offered = []
    for name in SUGGESTERS.names():
        if name in BY_NAME:
            offered.append(_offer(name, BY_NAME[name], schema))
    return offered


def _offer(name: str, capabilities: Capabilities, schema: SchemaView) -> Offer:
    here = capabilities.within(schema)
    gives = tuple(label for label in schema.labels if label in here.labels)
    if not gives:
        known = ", ".join(sorted(capabilities.labels))
        return Offer(name, (), f"it gives {known}, and this schema has none of them")
    return Offer(name, gives)


def start(corpus: Corpus, name: str, *, by: permissions.User) -> Job:
    """Queue a job that suggests for every document that lacks this suggester's layer.

    One of the same suggester that is not finished is returned instead, as one that an import began.
    Raises `Problem` while one of another suggester is not finished, when it is none that a name is
    enough for, and when it has nothing to give to the schema.
    """
    permissions.require(by, "suggest", corpus)
    SUGGESTERS.check(name)
    if name == "trained":
        # To load a folder is to run what its configuration names.
        raise Problem(
            "model-invalid",
            reason="trained pipelines are suggested with on the server's command line",
        )
    if corpus.schema is not None and name in BY_NAME:
        schema = schema_rows(corpus.schema).view
        require_common_label(name, BY_NAME[name].labels, schema)
    job = claim.start(corpus, "suggest", {"suggester": name}, by=by)
    if job.arguments.get("suggester") != name:
        raise Problem("job-waits", kind="suggest")
    return job


def on_import(corpus: Corpus) -> str:
    """Return the suggester that can suggest for what is imported without being asked, or "".

    That is the one whose suggestions are shown, as long as its name alone is enough to run it: what
    another made would be shown to nobody.
    """
    shown = corpus.shown_suggester or DEFAULT
    gives = [offer.name for offer in offers(corpus) if offer.gives]
    return shown if shown in gives and corpus.language == RULES_READ else ""


def follow_import(job: Job) -> None:
    """Queue suggestions for what an import brought in, if the corpus wants them unasked.

    A document that came with suggestions of its own keeps them as what is shown, so that nothing
    is suggested for it here.
    """
    suggester = on_import(job.corpus)
    if job.corpus.suggest_on_import and suggester:
        claim.start_next(job, "suggest", {"suggester": suggester, "besides_files": True})


@dataclass(frozen=True, slots=True)
class _Task:
    """A suggester that is ready, its run, and the documents (by key) that lack the run's layer."""

    choice: Choice
    suggester: Suggester
    run: Run
    keys: list[int]


def suggest_corpus(
    corpus: Corpus,
    *,
    suggester: str | Choice = DEFAULT,
    show: bool = False,
    workers: int = 1,
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> dict[str, Any]:
    """Pre-annotate every document that lacks this run's layer; may be stopped and run again.

    With `show`, reviewers see these suggestions in what they open from now on. Returns counts of
    documents, spans, links and words, and the seconds it took.
    """
    started = time.monotonic()
    task = _task(corpus, suggester)
    if show:
        corpora.show_suggester(corpus, task.run.shown_as)
    counts = _work_through(task, workers=workers, progress=progress, cancelled=cancelled)
    return _finished(task.run, counts, started)


def run_suggest_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Suggest for a corpus as a background job, with the help of idle workers."""
    started = time.monotonic()
    task = _task(job.corpus, job.arguments["suggester"])
    keys = task.keys
    if job.arguments.get("besides_files"):
        keys = _lacking(task.run, besides_files=True)
    tried = list(keys)
    counts: Counter[str] = Counter()
    while keys:
        counts += subtasks.distribute(
            job,
            "suggest-part",
            {"suggester": task.choice.name, "run": task.run.pk},
            keys,
            lambda step: suggest_batch(step, task.run.pk, task.suggester),
            progress=progress,
            cancelled=cancelled,
        )
        if cancelled():
            break
        # What was imported meanwhile found this job at work, and started none of its own.
        known = set(tried)
        keys = [key for key in _lacking(task.run, besides_files=True) if key not in known]
        tried += keys
    summary = suggested.summarize(task.run, tried)
    return {**_finished(task.run, counts, started), "summary": summary}


def run_subtask_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Suggest for some documents of a corpus.

    Raises `Problem` on a machine where the suggester is not the one that the run began with.
    """
    task = _task(job.corpus, job.arguments["suggester"], only=job.arguments["keys"])
    if task.run.pk != job.arguments["run"]:
        raise Problem("worker-differs")
    return dict(_work_through(task, progress=progress, cancelled=cancelled))


def _task(corpus: Corpus, suggester: str | Choice, *, only: Sequence[int] | None = None) -> _Task:
    choice = Choice(suggester) if isinstance(suggester, str) else suggester
    SUGGESTERS.check(choice.name.partition(":")[0])
    schema = corpus.schema
    if schema is None:
        raise Problem("nothing-to-do", act="suggest", reason="the corpus has no schema")
    ready = build(choice, schema=schema_rows(schema).view)
    run = runs.run_for(schema, ready)
    return _Task(choice, ready, run, _lacking(run, only=only))


def _lacking(
    run: Run, *, only: Sequence[int] | None = None, besides_files: bool = False
) -> list[int]:
    """Return the keys of the documents that lack a run's layer, in order of import.

    With `besides_files`, those that came with suggestions of their own are left out.
    """
    corpus = run.schema.corpus_id
    lacking = Document.objects.filter(corpus=corpus, retired_at__isnull=True)
    lacking = lacking.exclude(layers__run=run)
    if only is not None:
        lacking = lacking.filter(pk__in=only)
    if besides_files:
        of_files = Layer.objects.filter(
            kind=LayerKind.SUGGESTION,
            document__corpus=corpus,
            run__suggester__startswith=FROM_FILE,
        )
        lacking = lacking.exclude(pk__in=of_files.values("document"))
    return list(lacking.order_by("pk").values_list("pk", flat=True))


def _finished(run: Run, counts: Counter[str], started: float) -> dict[str, Any]:
    runs.finish(run)
    return {**dict.fromkeys(COUNTS, 0), **counts, "seconds": round(time.monotonic() - started, 3)}


def _work_through(
    task: _Task, *, workers: int = 1, progress: Progress, cancelled: Cancelled
) -> Counter[str]:
    totals: Counter[str] = Counter()
    progress(0, len(task.keys))
    for counts in _batches(task, workers):
        totals.update(counts)
        progress(totals["documents"], len(task.keys))
        if cancelled():
            break
    return totals


def _batches(task: _Task, workers: int) -> Iterator[dict[str, int]]:
    batches = [task.keys[first : first + BATCH] for first in range(0, len(task.keys), BATCH)]
    if workers <= 1 or len(batches) <= 1:
        for batch in batches:
            yield suggest_batch(batch, task.run.pk, task.suggester)
        return
    made_with = (task.choice, schema_rows(task.run.schema).view)
    # Children must not share the parent's database connections.
    connections.close_all()
    with ProcessPoolExecutor(workers, initializer=_start_worker, initargs=made_with) as pool:
        yield from pool.map(_work, batches, [task.run.pk] * len(batches))


# In a child process: the suggester, which is built once.
_ready: dict[str, Suggester] = {}


def _start_worker(choice: Choice, schema: SchemaView) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
    django.setup()
    _ready["suggester"] = build(choice, schema=schema)


def _work(batch: list[int], run: int) -> dict[str, int]:
    return suggest_batch(batch, run, _ready["suggester"])


def suggest_batch(keys: Sequence[int], run_key: int, suggester: Suggester) -> dict[str, int]:
    """Suggest for a batch of documents: parse outside, write inside one transaction."""
    run = Run.objects.select_related("schema").get(pk=run_key)
    documents = list(Document.objects.filter(pk__in=keys).select_related("corpus").order_by("pk"))
    texts = texts_of(documents)
    documents = [document for document in documents if document.pk in texts]
    views = _views(documents, texts, run, suggester)
    with transaction.atomic():
        stored = Layer.objects.filter(run=run, document__in=documents, kind=LayerKind.SUGGESTION)
        done = set(stored.values_list("document_id", flat=True))
        runs.store_all(
            [
                (run, document, view)
                for document, view in zip(documents, views, strict=True)
                if document.pk not in done
            ]
        )
    return {
        "documents": len(documents),
        "spans": sum(len(view.spans) for view in views),
        "links": sum(len(view.links) for view in views),
        "words": sum(document.words for document in documents),
    }


def _views(
    documents: Sequence[Document], texts: dict[int, str], run: Run, suggester: Suggester
) -> list[LayerView]:
    """Return what is suggested for each document; raise the first `Problem` with any of it."""
    schema = schema_rows(run.schema).view
    targets = [list(dict.fromkeys([*d.targets, *d.corpus.targets])) for d in documents]
    views = list(suggester.suggest((texts[d.pk] for d in documents), targets))
    for document, view in zip(documents, views, strict=True):
        for problem in layer_check.check(view, schema, texts[document.pk]):
            raise problem.at(document.external_id)
    return views

"""Suggesters run over the documents of a corpus, from the command line and as background jobs."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from django.db import connections, transaction
from django.db.models import Q

from annotator.models import Layer, LayerKind, Run
from annotator.selectors import suggested
from annotator.selectors.layers import FROM_FILE
from annotator.services import chosen_suggesters, language_models, runs
from annotator.services.chosen_suggesters import (
    DEFAULT,
    LANGUAGE_MODEL,
    RULES_READ,
    Choice,
)
from annotator.suggesters import Suggester
from annotator.suggesters.capabilities import BY_NAME, require_common_label
from corpus import permissions
from corpus.core import layer_check
from corpus.core.callbacks import Cancelled, Progress, never_cancelled, unreported
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.jobs import claim, subtasks
from corpus.models import Corpus, Document, Job
from corpus.selectors import schema_of, schema_rows, texts_of

BATCH = 5
COUNTS = ("documents", "spans", "links", "words")
# Documents that a reason is told with.
NAMED = 20
# What batches count is summed over workers by its name, so that notes and what was used have names
# too: these, and what they are of.
MARK = "\t"
NOTE, USED = "note", "used"


def start(corpus: Corpus, name: str = "", *, by: permissions.User) -> Job:
    """Queue a job that suggests for every document that lacks a suggester's layer.

    Without a name that is with the corpus's own. One of the same that is not finished is returned
    instead, as one that an import began. Raises `Problem` while one of another is not finished,
    when it is none that a name is enough for, and when it has nothing to give to the schema.
    """
    permissions.require(by, "suggest", corpus)
    own = chosen_suggesters.runnable(corpus)
    choices = [Choice(name)] if name else own or [Choice()]
    chosen_suggesters.check(choices)
    if not chosen_suggesters.usable(choices, corpus):
        raise _not_usable(choices[0], corpus)
    arguments = _arguments(corpus, choices, shown=choices == own)
    job = claim.start(corpus, "suggest", arguments, by=by)
    if choices_of(job) != choices:
        raise Problem("job-waits", kind="suggest")
    return job


def unnamed(corpus: Corpus) -> list[Choice]:
    """Return what suggests when nobody names anything, or none where nothing can."""
    own = chosen_suggesters.runnable(corpus)
    if own:
        return own
    rules = [Choice()]
    return rules if chosen_suggesters.usable(rules, corpus) else []


def _not_usable(choice: Choice, corpus: Corpus) -> Problem:
    """Return why a suggester does not run on a corpus by its name alone."""
    if choice.name in BY_NAME:
        require_common_label(
            choice.name, BY_NAME[choice.name].labels, schema_rows(schema_of(corpus)).view
        )
    if choice.kind == LANGUAGE_MODEL:
        language_models.check(corpus)
    why = next((o.why for o in chosen_suggesters.offers(corpus) if o.name == choice.name), "")
    if choice.kind == "trained" and not why:
        return Problem(
            "model-invalid",
            reason="pipelines that the site does not offer are suggested with on the server's "
            "command line alone",
        )
    return Problem("suggester-unusable", suggester=choice.name, reason=why or "it is not offered")


def _arguments(corpus: Corpus, choices: Sequence[Choice], *, shown: bool) -> dict[str, Any]:
    """Return what a job of suggestions is given; with `shown` its run is what reviewers see."""
    rows = [choice.as_json() for choice in choices]
    return {"suggesters": rows, "threshold": corpus.threshold, "shown": shown}


def choices_of(job: Job) -> list[Choice]:
    """Return the suggesters of a job; those of earlier versions named one alone."""
    if "suggesters" in job.arguments:
        return [Choice.read(row) for row in job.arguments["suggesters"]]
    return [Choice(job.arguments["suggester"])]


def _is_chosen(job: Job) -> bool:
    """Tell whether what a job suggests with is still what its corpus has chosen.

    An old job that is tried again is not to change what is shown.
    """
    corpus = job.corpus
    if choices_of(job) != chosen_suggesters.chosen(corpus):
        return False
    return bool(job.arguments.get("threshold") == corpus.threshold)


def on_import(corpus: Corpus) -> list[Choice]:
    """Return the suggesters that can suggest for what is imported without being asked, or none.

    Those are the corpus's own, as long as their names alone are enough to run them: what another
    made would be shown to nobody.
    """
    choices = chosen_suggesters.runnable(corpus)
    rules = any(choice.name == DEFAULT for choice in choices)
    return [] if rules and corpus.language != RULES_READ else choices


def follow_import(job: Job) -> None:
    """Queue suggestions for what an import brought in, if the corpus wants them unasked.

    A document that came with suggestions of its own keeps them as what is shown, so that nothing
    is suggested for it here, and nothing anew for what was here before.
    """
    choices = on_import(job.corpus)
    if job.corpus.suggest_on_import and choices:
        arguments = _arguments(job.corpus, choices, shown=True)
        claim.start_next(job, "suggest", {**arguments, "besides_files": True})


@dataclass(frozen=True, slots=True)
class _Task:
    """A suggester that is ready, its run, and the documents (by key) that lack the run's layer."""

    corpus: Corpus
    choices: Sequence[Choice]
    threshold: float
    suggester: Suggester
    run: Run
    keys: list[int]


def suggest_corpus(
    corpus: Corpus,
    *,
    suggesters: Sequence[Choice] = (),
    threshold: float | None = None,
    show: bool = False,
    workers: int = 1,
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> dict[str, Any]:
    """Pre-annotate every document that lacks this run's layer; may be stopped and run again.

    Without suggesters that is by the corpus's own, and a threshold becomes the corpus's. With
    `show`, reviewers see these suggestions in what they open from now on, and so they do where
    nothing was suggested before. Returns counts of documents, spans, links and words, the seconds
    it took, notes, and what was used.
    """
    started = time.monotonic()
    own = chosen_suggesters.runnable(corpus) if not suggesters else []
    if own and threshold is not None:
        chosen_suggesters.choose(corpus, own, threshold=threshold, by=None)
    choices = list(suggesters) or own or [Choice()]
    bar = corpus.threshold if threshold is None else threshold
    first = not corpus.shown_suggester
    task = _task(corpus, choices, bar, cancelled=cancelled)
    if own:
        runs.show(corpus, task.run)
    elif show or first:
        chosen_suggesters.adopt(corpus, choices, task.run, threshold=bar)
    if _ask_server(choices):
        # Several processes would each have the whole cap to themselves.
        workers = 1
    counts = _work_through(task, workers=workers, progress=progress, cancelled=cancelled)
    return _finished(task.run, counts, started)


def run_suggest_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Suggest for a corpus as a background job, with the help of idle workers."""
    started = time.monotonic()
    choices = choices_of(job)
    threshold = job.arguments.get("threshold")
    task = _task(job.corpus, choices, threshold, job=job, cancelled=cancelled)
    if job.arguments.get("shown") and _is_chosen(job):
        runs.show(job.corpus, task.run)
    # Subtasks suggest with the same, whatever is saved meanwhile.
    with_these = [choice.as_json() for choice in task.choices]
    keys = task.keys
    if job.arguments.get("besides_files"):
        keys = _lacking(task.run, only_new=True)
    tried = list(keys)
    counts: Counter[str] = Counter()
    while keys:
        if _ask_server(choices):
            # More workers would not make the server faster, and each would spend without the other.
            work = replace(task, keys=keys)
            counts += _work_through(work, progress=progress, cancelled=cancelled)
        else:
            counts += subtasks.distribute(
                job,
                "suggest-part",
                {**job.arguments, "suggesters": with_these, "run": task.run.pk},
                keys,
                lambda step: suggest_batch(step, task.run.pk, task.suggester),
                progress=progress,
                cancelled=cancelled,
            )
        if cancelled():
            break
        # What was imported meanwhile found this job at work, and started none of its own.
        known = set(tried)
        keys = [key for key in _lacking(task.run, only_new=True) if key not in known]
        tried += keys
    summary = suggested.summarize(task.run, tried)
    return {**_finished(task.run, counts, started), "summary": summary}


def run_subtask_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Suggest for some documents of a corpus.

    Raises `Problem` on a machine where the suggester is not the one that the run began with.
    """
    threshold = job.arguments.get("threshold")
    task = _task(job.corpus, choices_of(job), threshold, only=job.arguments["keys"])
    if task.run.pk != job.arguments["run"]:
        raise Problem("worker-differs")
    return dict(_work_through(task, progress=progress, cancelled=cancelled))


def _task(
    corpus: Corpus,
    choices: Sequence[Choice],
    threshold: float | None,
    *,
    only: Sequence[int] | None = None,
    job: Job | None = None,
    cancelled: Cancelled = never_cancelled,
) -> _Task:
    choices = chosen_suggesters.pinned(choices, corpus)
    ready = chosen_suggesters.build(
        choices, corpus, threshold=threshold, job=job, cancelled=cancelled
    )
    bar = corpus.threshold if threshold is None else threshold
    run = runs.run_for(schema_of(corpus), ready)
    return _Task(corpus, choices, bar, ready, run, _lacking(run, only=only))


def _lacking(run: Run, *, only: Sequence[int] | None = None, only_new: bool = False) -> list[int]:
    """Return the keys of the documents that lack a run's layer, in order of import.

    With `only_new`, those that came with suggestions of their own are left out, and those that have
    any which are shown as this run's: what these were made with has changed since, and nobody asked
    to make them anew.
    """
    corpus = run.schema.corpus_id
    lacking = Document.objects.filter(corpus=corpus, retired_at__isnull=True)
    lacking = lacking.exclude(layers__run=run)
    if only is not None:
        lacking = lacking.filter(pk__in=only)
    if only_new:
        there = Layer.objects.filter(
            Q(run__shown_as=run.shown_as) | Q(run__suggester__startswith=FROM_FILE),
            kind=LayerKind.SUGGESTION,
            document__corpus=corpus,
        )
        lacking = lacking.exclude(pk__in=there.values("document"))
    return list(lacking.order_by("pk").values_list("pk", flat=True))


def _finished(run: Run, counts: Counter[str], started: float) -> dict[str, Any]:
    runs.finish(run)
    return {**result_of(counts), "seconds": round(time.monotonic() - started, 3)}


def result_of(counts: Counter[str]) -> dict[str, Any]:
    """Return what the batches counted: the counts, the notes by reason, and what was used."""
    result: dict[str, Any] = dict.fromkeys(COUNTS, 0)
    notes: dict[str, dict[str, Any]] = {}
    usage: dict[str, float] = {}
    for key, count in counts.items():
        what, _, rest = key.partition(MARK)
        if what == NOTE:
            document, reason, example = rest.split(MARK)
            note = notes.setdefault(reason, _no_notes(reason))
            note["count"] += count
            if len(note["documents"]) < NAMED and document not in note["documents"]:
                note["documents"].append(document)
            if example and len(note["examples"]) < NAMED:
                note["examples"].append({"document": document, "words": example})
        elif what == USED:
            usage[rest] = count
        else:
            result[key] = count
    result["notes"] = sorted(notes.values(), key=lambda note: (-note["count"], note["reason"]))
    return {**result, "usage": usage}


def _no_notes(reason: str) -> dict[str, Any]:
    return {"reason": reason, "count": 0, "documents": [], "examples": []}


def _ask_server(choices: Sequence[Choice]) -> bool:
    """Tell whether one of some suggesters asks a language model."""
    return any(choice.kind == LANGUAGE_MODEL for choice in choices)


def erase_examples(corpus: Corpus) -> None:
    """Take out of the jobs of a corpus the words that suggesters noted something of."""
    for job in Job.objects.filter(corpus=corpus, kind__in=("suggest", "trial")):
        for note in job.result.get("notes", ()):
            note["examples"] = []
        Job.objects.filter(pk=job.pk).update(result=job.result)


def _work_through(
    task: _Task, *, workers: int = 1, progress: Progress, cancelled: Cancelled
) -> Counter[str]:
    totals: Counter[str] = Counter()
    read = 0
    progress(0, len(task.keys))
    for counts in _batches(task, workers):
        totals.update(counts)
        read = min(read + BATCH, len(task.keys))
        progress(read, len(task.keys))
        if cancelled():
            break
    return totals


def _batches(task: _Task, workers: int) -> Iterator[dict[str, int]]:
    batches = [task.keys[first : first + BATCH] for first in range(0, len(task.keys), BATCH)]
    if workers <= 1 or len(batches) <= 1:
        for batch in batches:
            yield suggest_batch(batch, task.run.pk, task.suggester)
        return
    made_with = (task.corpus.pk, task.choices, task.threshold)
    # Children must not share the parent's database connections.
    connections.close_all()
    with ProcessPoolExecutor(workers, initializer=_start_worker, initargs=made_with) as pool:
        yield from pool.map(_work, batches, [task.run.pk] * len(batches))


# In a child process: the suggester, which is built once.
_ready: dict[str, Suggester] = {}


def _start_worker(corpus: int, choices: Sequence[Choice], threshold: float) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
    django.setup()
    made_for = Corpus.objects.select_related("schema").get(pk=corpus)
    _ready["suggester"] = chosen_suggesters.build(choices, made_for, threshold=threshold)


def _work(batch: list[int], run: int) -> dict[str, int]:
    return suggest_batch(batch, run, _ready["suggester"])


def suggest_batch(keys: Sequence[int], run_key: int, suggester: Suggester) -> dict[str, int]:
    """Suggest for a batch of documents: parse outside, write inside one transaction.

    A document of which the suggester can say nothing now gets no layer, so that it is tried again.
    """
    run = Run.objects.select_related("schema").get(pk=run_key)
    documents = list(Document.objects.filter(pk__in=keys).select_related("corpus").order_by("pk"))
    texts = texts_of(documents)
    documents = [document for document in documents if document.pk in texts]
    views = _views(documents, texts, run, suggester)
    new = [(d, view) for d, view in zip(documents, views, strict=True) if view is not None]
    with transaction.atomic():
        stored = Layer.objects.filter(run=run, document__in=documents, kind=LayerKind.SUGGESTION)
        done = set(stored.values_list("document_id", flat=True))
        runs.store_all([(run, d, view) for d, view in new if d.pk not in done])
    return {
        "documents": len(new),
        "spans": sum(len(view.spans) for _, view in new),
        "links": sum(len(view.links) for _, view in new),
        "words": sum(document.words for document, _ in new),
        **told(suggester, documents),
    }


def told(suggester: Suggester, documents: Sequence[Document]) -> dict[str, int]:
    """Return what a suggester reported of the documents just read, as counts with names."""
    notes, usage = suggester.report.take()
    counts: Counter[str] = Counter()
    for note in notes:
        name = documents[note.text].external_id
        counts[MARK.join((NOTE, name, note.reason, note.example))] += note.count
    for name, amount in usage.items():
        counts[MARK.join((USED, name))] += amount
    return dict(counts)


def targets_of(document: Document) -> list[str]:
    """Return what stances may be toward in a document, its default first."""
    return list(dict.fromkeys([*document.targets, *document.corpus.targets]))


def _views(
    documents: Sequence[Document], texts: dict[int, str], run: Run, suggester: Suggester
) -> list[LayerView | None]:
    """Return what is suggested for each document; raise the first `Problem` with any of it."""
    schema = schema_rows(run.schema).view
    targets = [targets_of(document) for document in documents]
    views = list(suggester.suggest((texts[d.pk] for d in documents), targets))
    for document, view in zip(documents, views, strict=True):
        if view is None:
            continue
        for problem in layer_check.check(view, schema, texts[document.pk]):
            raise problem.at(document.external_id)
    return views

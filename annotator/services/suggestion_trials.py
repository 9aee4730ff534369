"""Other suggesters tried on some documents, to see what would change before they are used."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from annotator.core.suggestion_changes import KINDS, Change, changes, counted
from annotator.models import Layer
from annotator.selectors.layers import are_being_made, shown_suggestions
from annotator.services import chosen_suggesters, suggest
from annotator.services.chosen_suggesters import Choice
from corpus import permissions
from corpus.core.callbacks import Cancelled, Progress
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.jobs import claim
from corpus.models import Corpus, Document, Job, JobState
from corpus.selectors import job_called, schema_of, schema_rows, texts_of

# Documents that are tried, and changes that are shown of each.
DOCUMENTS = 20
SHOWN = 5


def start(
    corpus: Corpus, choices: Sequence[Choice], *, threshold: float, by: permissions.User
) -> Job:
    """Queue a job that tries these suggesters, from a score of `threshold` on; nothing is stored.

    Raises `Problem` when they cannot be used, and while another trial is not finished.
    """
    permissions.require(by, "trial", corpus)
    chosen_suggesters.check_usable(choices, corpus)
    chosen_suggesters.check_threshold(threshold)
    rows = [choice.as_json() for choice in choices]
    return claim.start_this(corpus, "trial", {"suggesters": rows, "threshold": threshold}, by=by)


def run_trial_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Count what these suggesters have otherwise than what is shown now, on some documents.

    The result names places and values of choices, and no word of a text.
    """
    started = time.monotonic()
    corpus = job.corpus
    choices = suggest.choices_of(job)
    ready = chosen_suggesters.build(
        choices, corpus, threshold=job.arguments["threshold"], job=job, cancelled=cancelled
    )
    schema = schema_rows(schema_of(corpus)).view
    documents = _sample(corpus)
    texts = texts_of(documents)
    totals: Counter[tuple[str, str]] = Counter()
    proposed: Counter[str] = Counter()
    told: Counter[str] = Counter()
    examples = []
    read = 0
    for document in documents:
        if cancelled():
            break
        text = texts.get(document.pk)
        if text is None:
            continue
        _, before = shown_suggestions(document)
        (after,) = ready.suggest([text], [suggest.targets_of(document)])
        told.update(suggest.told(ready, [document]))
        if after is not None:
            found = changes(text, before, after, schema)
            totals.update(_counted(before, after, found))
            proposed.update(_proposers(after))
            examples.append({"document": document.pk, **_example(found)})
        read += 1
        progress(read, len(documents))
    labels = []
    for label in schema.labels:
        counts = {what: totals[label, what] for what in ("before", "after", *KINDS)}
        labels.append({"label": label, **counts})
    reported = suggest.result_of(told)
    return {
        "documents": len(examples),
        "changed": sum(1 for example in examples if example["count"]),
        "labels": labels,
        "agreed": proposed.pop("", 0),
        "proposed": dict(proposed),
        "examples": [example for example in examples if example["count"]],
        "notes": reported["notes"],
        "usage": reported["usage"],
        "seconds": round(time.monotonic() - started, 3),
    }


def _sample(corpus: Corpus) -> list[Document]:
    """Return documents from all over a corpus, those with suggestions first."""
    current = Document.objects.filter(corpus=corpus, retired_at__isnull=True)
    suggested = Layer.objects.filter(run__shown_as=corpus.shown_suggester, document__in=current)
    keys = sorted(suggested.values_list("document_id", flat=True).distinct())
    if len(keys) < DOCUMENTS:
        others = current.exclude(pk__in=keys).order_by("pk").values_list("pk", flat=True)
        keys += list(others[: DOCUMENTS - len(keys)])
    step = max(len(keys) / DOCUMENTS, 1)
    taken = [keys[int(number * step)] for number in range(min(DOCUMENTS, len(keys)))]
    rows = Document.objects.filter(pk__in=taken).select_related("corpus")
    return list(rows.order_by("pk"))


def _counted(
    before: LayerView, after: LayerView, found: Sequence[Change]
) -> Counter[tuple[str, str]]:
    counts = counted(found)
    counts.update((span.label, "before") for span in before.spans.values())
    counts.update((span.label, "after") for span in after.spans.values())
    return counts


def _proposers(layer: LayerView) -> Counter[str]:
    """Return how many spans each suggester proposed first, and under "" those of several."""
    proposed: Counter[str] = Counter()
    for span in layer.spans.values():
        evidence = span.evidence or {}
        proposed[str(evidence.get("suggester", ""))] += 1
        proposed[""] += bool(evidence.get("also"))
    return proposed


def _example(found: Sequence[Change]) -> dict[str, Any]:
    return {"count": len(found), "changes": [change.as_json() for change in found[:SHOWN]]}


def use(corpus: Corpus, pk: int, *, by: permissions.User) -> Job:
    """Use the suggesters of a trial from now on, and have them suggest; return that job.

    Whoever has a document open keeps what they see. Raises `Problem` when the trial has not ended,
    and while suggestions are being made.
    """
    permissions.require(by, "manage", corpus)
    trial = job_called(corpus, pk)
    if trial.kind != "trial" or trial.state != JobState.DONE:
        raise Problem("trial-unfinished")
    choices = suggest.choices_of(trial)
    return _take(corpus, choices, trial.arguments["threshold"], by=by)


def use_again(corpus: Corpus, event: int, *, by: permissions.User) -> Job:
    """Use what suggested before a change that stands in the audit log; return the job."""
    permissions.require(by, "manage", corpus)
    former = chosen_suggesters.former(corpus)
    found = next((one for one in former if one.event == event), None)
    if found is None:
        raise Problem("not-found", what="earlier choice of suggesters", name=event)
    return _take(corpus, found.choices, found.threshold, by=by)


def _take(
    corpus: Corpus, choices: Sequence[Choice], threshold: float, *, by: permissions.User
) -> Job:
    if are_being_made(corpus):
        raise Problem("job-waits", kind="suggest")
    # Before anything is changed, as the job could not follow.
    claim.check_rate(by)
    chosen_suggesters.choose(corpus, choices, threshold=threshold, by=by)
    # What was tried is compared with what suggested before.
    for trial in corpus.jobs.filter(kind="trial"):
        claim.forget(trial, by=by)
    return suggest.start(corpus, by=by)


def discard(corpus: Corpus, pk: int, *, by: permissions.User) -> None:
    """Forget a trial; one that runs is stopped."""
    permissions.require(by, "manage", corpus)
    trial = job_called(corpus, pk)
    if trial.kind == "trial":
        claim.forget(trial, by=by)

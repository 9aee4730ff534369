"""Two suggesters compared on the gold of a corpus, by a command and as background jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from annotator.core.bootstrap import Estimate
from annotator.core.suggester_scores import SIDES, FacetScore
from annotator.selectors import pipelines
from annotator.selectors.suggester_scores import Comparison, compared
from annotator.services import chosen_suggesters
from annotator.services.chosen_suggesters import Choice
from annotator.suggesters.held_out import held_out, held_out_around
from annotator.suggesters.joined import configurations
from corpus import permissions
from corpus.core.callbacks import Cancelled, Progress, never_cancelled, unreported
from corpus.core.problems import Problem
from corpus.jobs import claim
from corpus.models import Corpus, Job

Choices = Mapping[str, Sequence[Choice]]


def start(corpus: Corpus, sides: Choices, *, elsewhere: bool, by: permissions.User) -> Job:
    """Queue a comparison of suggesters "a" and "b"; nothing is stored but its figures.

    `elsewhere` says that no document of the corpus was in the training of a pipeline. Raises
    `Problem` when a suggester cannot be used, or nobody says what it was trained on.
    """
    permissions.require(by, "scores", corpus)
    for side in SIDES:
        chosen_suggesters.check_usable(sides[side], corpus)
    if not elsewhere:
        kept_back(corpus, [*sides["a"], *sides["b"]])
    arguments: dict[str, Any] = {"elsewhere": elsewhere}
    for side in SIDES:
        arguments[side] = [choice.as_json() for choice in sides[side]]
    return claim.start_this(corpus, "scores", arguments, by=by)


def run_scores_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Compare two suggesters as a background job."""
    sides = {side: [Choice.read(row) for row in job.arguments[side]] for side in SIDES}
    return compare(
        job.corpus,
        sides,
        elsewhere=job.arguments["elsewhere"],
        job=job,
        progress=progress,
        cancelled=cancelled,
    )[1]


def compare(
    corpus: Corpus,
    sides: Choices,
    *,
    elsewhere: bool = False,
    folder: str | None = None,
    job: Job | None = None,
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> tuple[Comparison, dict[str, Any]]:
    """Try two suggesters on gold; return what was found, also as JSON.

    Of what pipelines were trained on only the part kept back counts, unless that was `elsewhere`;
    `folder` is the export that it was, where a pipeline lies in none. What a suggester was shown as
    a worked example never counts.
    """
    if corpus.schema is None:
        raise Problem("nothing-to-do", act="compare", reason="the corpus has no schema")
    suggesters = {}
    for side in SIDES:
        suggesters[side] = chosen_suggesters.build(
            sides[side], corpus, job=job, cancelled=cancelled
        )
    every = [*sides["a"], *sides["b"]]
    only = None if elsewhere else kept_back(corpus, every, folder)
    without = frozenset().union(*(shown_gold(ready.config) for ready in suggesters.values()))
    found = compared(
        corpus, suggesters, only=only, without=without, progress=progress, cancelled=cancelled
    )
    answer = {
        "documents": found.documents,
        "words": found.words,
        "held_out": only is not None,
        **{side: chosen_suggesters.names_of(sides[side]) for side in SIDES},
        "facets": [_as_json(row) for row in found.scores],
        "seconds_per_1000_words": {side: round(found.seconds[side], 4) for side in SIDES},
        "usage": {side: dict(found.usage[side]) for side in SIDES},
        "unanswered": dict(found.unanswered),
    }
    return found, answer


def shown_gold(config: Mapping[str, Any]) -> frozenset[str]:
    """Return the ids of the documents whose gold a suggester was shown as worked examples."""
    examples = [one for part in configurations(config) for one in part.get("examples", ())]
    return frozenset(one["document"] for one in examples)


def kept_back(
    corpus: Corpus, choices: Iterable[Choice], folder: str | None = None
) -> frozenset[str] | None:
    """Return the ids that count alone: those kept back from the training of every pipeline.

    None when there is no pipeline. Raises `Problem` for a pipeline of which nobody says what it was
    trained on.
    """
    kept = held_out(Path(folder)) if folder else None
    for choice in choices:
        if choice.kind != "trained":
            continue
        part = held_out_around(pipelines.path_of(choice.model))
        if part is not None:
            kept = part if kept is None else kept & part
        elif not folder:
            reason = (
                f"nothing says what {choice.name} was trained on: name its export with --export, or"
                " say --trained-elsewhere if no document of this corpus was in it"
            )
            raise Problem("request-invalid", reason=reason)
    return kept


def _as_json(row: FacetScore) -> dict[str, Any]:
    sides = {}
    for side, figure in zip(SIDES, (row.a, row.b), strict=True):
        sides[side] = {**_figures(figure), "n": row.n[side], "reason": row.reasons[side]}
    return {
        "facet": row.facet.name,
        "label": row.facet.label,
        **sides,
        "difference": _figures(row.difference),
    }


def _figures(figure: Estimate) -> dict[str, float | None]:
    return {"value": figure.value, "low": figure.low, "high": figure.high}

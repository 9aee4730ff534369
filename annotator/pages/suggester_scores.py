"""Any two suggesters on the gold of a corpus: started, watched, and their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from annotator.core.bootstrap import Estimate
from annotator.core.suggester_scores import SIDES
from annotator.pages.base import render_page
from annotator.services import chosen_suggesters, suggester_scores
from annotator.services.chosen_suggesters import Choice
from annotator.suggesters.report import USED
from annotator.web.requests import UserRequest
from corpus.core.problems import Problem
from corpus.jobs import worker
from corpus.models import Corpus
from corpus.selectors import corpus_for, jobs_of_kinds

# What stands for the corpus's own suggesters, joined.
OWN = "own"


@require_http_methods(["GET", "HEAD", "POST"])
def suggester_scores_page(request: UserRequest, slug: str) -> HttpResponse:
    """Compare two suggesters in the background, and show what was found last."""
    corpus = corpus_for(request.user, slug, "scores")
    if request.method != "POST":
        return _page(request, corpus)
    sides = {side: _choices(corpus, request.POST.get(side, "")) for side in SIDES}
    elsewhere = request.POST.get("elsewhere") == "yes"
    try:
        suggester_scores.start(corpus, sides, elsewhere=elsewhere, by=request.user)
    except Problem as problem:
        return _page(request, corpus, problem=problem, sent=request.POST)
    messages.success(request, "Comparing in the background.")
    return redirect("suggester-scores", slug=slug)


def _choices(corpus: Corpus, name: str) -> list[Choice]:
    return chosen_suggesters.chosen(corpus) if name == OWN else [Choice(name)]


def _page(
    request: UserRequest,
    corpus: Corpus,
    *,
    problem: Problem | None = None,
    sent: Mapping[str, str] | None = None,
) -> HttpResponse:
    jobs = jobs_of_kinds(corpus, "scores", size=10)
    job = jobs[0] if jobs else None
    done = job is not None and job.state == "done"
    options = _options(corpus)
    others = [value for value, _ in options[1:]]
    return render_page(
        request,
        corpus,
        "annotator/suggester_scores.html",
        status=problem.status if problem else 200,
        problem=problem,
        options=options,
        sent=_sent(corpus),
        picked=sent or {"a": OWN, "b": others[-1] if others else OWN},
        job=job,
        rows=_rows(job.result["facets"]) if job and done else [],
        costs=_costs(job.result) if job and done else [],
        served=worker.is_served(),
    )


def _options(corpus: Corpus) -> list[tuple[str, str]]:
    """Return what can be compared: the corpus's own suggesters, and each one alone."""
    own = chosen_suggesters.chosen(corpus)
    options = [(o.name, o.name) for o in chosen_suggesters.offers(corpus) if o.gives and not o.why]
    if chosen_suggesters.usable(own, corpus):
        options.insert(0, (OWN, f"those of this corpus: {chosen_suggesters.names_of(own)}"))
    return options


def _sent(corpus: Corpus) -> str:
    """Say what leaves the house when one of what can be compared is."""
    return chosen_suggesters.told([Choice(o.name) for o in chosen_suggesters.offers(corpus)])


def _rows(facets: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the facets in words, figures with their 95 % intervals."""
    rows = []
    for facet in facets:
        cells = {side: _figure(facet[side]) or facet[side]["reason"] for side in SIDES}
        rows.append(
            {
                "facet": facet["facet"],
                "label": facet["label"],
                "difference": _figure(facet["difference"], "+") or "–",
                **cells,
            }
        )
    return rows


def _figure(figure: Mapping[str, float | None], sign: str = "") -> str:
    """Return a figure with its interval, "" where there is none."""
    return Estimate(figure["value"], figure["low"], figure["high"]).in_words(sign)


def _costs(result: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what each side took: seconds, and what it used of a server."""
    seconds = result["seconds_per_1000_words"]
    rows = [{"name": "Seconds per 1,000 words", **{s: f"{seconds[s]:.3f}" for s in SIDES}}]
    usage = result["usage"]
    names = dict.fromkeys([*USED, *usage["a"], *usage["b"]])
    for name in names:
        if any(usage[side].get(name) for side in SIDES):
            amounts = {side: f"{usage[side].get(name, 0):,g}" for side in SIDES}
            rows.append({"name": USED.get(name, name), **amounts})
    unanswered = result["unanswered"]
    if any(unanswered.values()):
        left = {side: str(unanswered.get(side, 0)) for side in SIDES}
        rows.append({"name": "Documents without an answer", **left})
    return rows

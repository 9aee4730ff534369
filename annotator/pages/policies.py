"""Settling by policy: what a policy would do is counted, then it is run."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from annotator.core.merge import BOUNDARIES
from annotator.pages.base import render_page
from annotator.services import policies
from annotator.web.requests import UserRequest
from corpus.jobs import worker
from corpus.models import Corpus, JobState
from corpus.selectors import corpus_for, jobs_of_kinds

BASES = {
    "unanimous": "all alike",
    "majority": "more than half",
    "at-least:2": "two people",
    "at-least:3": "three people",
    "weighted": "what is probably right",
}


@require_http_methods(["GET", "HEAD", "POST"])
def policies_page(request: UserRequest, slug: str) -> HttpResponse:
    """Count what a policy would settle, show the counts, and run it."""
    corpus = corpus_for(request.user, slug, "merge")
    if request.method == "POST":
        _start(request, corpus)
        return redirect("policies", slug=slug)
    jobs = jobs_of_kinds(corpus, "preview", "merge")
    chosen, boundary, preview = "unanimous", "", None
    if jobs:
        newest = jobs[0]
        chosen, _, boundary = newest.arguments["policy"].partition("+")
        if newest.kind == "preview" and newest.state == JobState.DONE:
            preview = newest
    return render_page(
        request,
        corpus,
        "annotator/policies.html",
        bases=BASES.items(),
        boundaries=BOUNDARIES.names(),
        chosen=chosen,
        chosen_boundary=boundary,
        preview=preview,
        jobs=jobs,
        served=worker.is_served(),
    )


def _start(request: UserRequest, corpus: Corpus) -> None:
    policy, boundary = request.POST.get("policy", ""), request.POST.get("boundary", "")
    if boundary:
        policy = f"{policy}+{boundary}"
    if request.POST.get("act") == "run":
        policies.start_merge(corpus, policy, by=request.user)
        messages.success(request, f"{policy} is settling what it can. What a person decided stays.")
    else:
        policies.start_preview(corpus, policy, by=request.user)
        messages.success(request, "Counting in the background; nothing is written.")

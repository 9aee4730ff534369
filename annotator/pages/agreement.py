"""How far people agree, with each other and with gold."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from annotator.pages.base import render_page
from annotator.selectors.agreement import report_of
from annotator.services import agreement
from annotator.web import charts
from annotator.web.requests import UserRequest
from corpus.jobs import worker
from corpus.selectors import corpus_for, unfinished_job


@require_safe
def agreement_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show how far people agree, with each other and with gold, as measured last."""
    corpus = corpus_for(request.user, slug, "measure")
    report = report_of(corpus, by=request.user)
    speed = []
    if report is not None:
        for view, times in report.speed.items():
            speed.append((view, times["reviews"], charts.duration(times["median_ms"])))
    return render_page(
        request,
        corpus,
        "annotator/agreement.html",
        report=report,
        speed=speed,
        running=unfinished_job(corpus, "measure"),
        served=worker.is_served(),
    )


@require_POST
def measure_agreement(request: UserRequest, slug: str) -> HttpResponse:
    """Have agreement measured in the background."""
    corpus = corpus_for(request.user, slug, "measure")
    agreement.start_measure(corpus, by=request.user)
    messages.success(request, "Measuring in the background. Load this page again in a moment.")
    return redirect("agreement", slug=slug)

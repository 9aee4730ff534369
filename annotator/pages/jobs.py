"""Background jobs: suggestions are started, any job is cancelled or tried again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from annotator.services import suggest as suggesting
from annotator.web.requests import UserRequest
from corpus.jobs import claim
from corpus.selectors import corpus_for, job_called

# The page that shows how far a job of a kind is, where that is not the corpus's own.
PAGES = {
    "look": "uploads",
    "import": "uploads",
    "export": "releases",
    "release": "releases",
    "preview": "policies",
    "merge": "policies",
    "patterns": "patterns",
    "bulk": "disputes",
    "disputes": "disputes",
    "measure": "agreement",
    "schema": "schema-page",
    "trial": "suggestions-page",
    "scores": "suggester-scores",
}


@require_POST
def suggest(request: UserRequest, slug: str) -> HttpResponse:
    """Queue a suggestion job."""
    corpus = corpus_for(request.user, slug, "suggest")
    suggesting.start(corpus, request.POST.get("suggester", ""), by=request.user)
    messages.success(request, "Suggesting in the background. This page shows how far it is.")
    return redirect("corpus", slug=slug)


@require_POST
def cancel_job(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Ask a job to stop."""
    job = job_called(corpus_for(request.user, slug, "manage"), pk)
    claim.cancel(job, by=request.user)
    return redirect(PAGES.get(job.kind, "corpus"), slug=slug)


@require_POST
def retry_job(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Queue anew what a failed or cancelled job was to do."""
    job = job_called(corpus_for(request.user, slug, "manage"), pk)
    claim.retry(job, by=request.user)
    return redirect(PAGES.get(job.kind, "corpus"), slug=slug)

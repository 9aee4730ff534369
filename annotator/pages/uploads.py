"""Files over the web: uploaded, checked, then imported or thrown away."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.pages.base import render_page
from annotator.services import uploads
from annotator.web.requests import UserRequest
from corpus.core.import_map import answered
from corpus.importers import IMPORTERS
from corpus.jobs import worker
from corpus.models import Corpus, Job, JobState, Role
from corpus.selectors import corpus_for, jobs_of_kinds, members_of


@require_http_methods(["GET", "HEAD", "POST"])
def uploads_page(request: UserRequest, slug: str) -> HttpResponse:
    """Take files, and show what becomes of them; a script that sends them gets JSON back."""
    corpus = corpus_for(request.user, slug, "import")
    if request.method == "POST":
        return _receive(request, corpus)
    jobs = jobs_of_kinds(corpus, "look", "import")
    reviewers = [name for name, roles in members_of(corpus) if Role.REVIEWER in roles]
    waiting = next((job for job in jobs if _waits(job)), None)
    return render_page(
        request,
        corpus,
        "annotator/uploads.html",
        waiting=waiting,
        asked=_asked(waiting) if waiting else [],
        jobs=jobs,
        formats=IMPORTERS.names(),
        reviewers=reviewers,
        limit=settings.UPLOAD_BYTES // 1_000_000,
        served=worker.is_served(),
    )


def _receive(request: UserRequest, corpus: Corpus) -> HttpResponse:
    spans, _, reviewer = request.POST.get("spans", "suggest").partition(":")
    uploads.receive(
        corpus,
        request.FILES.getlist("files"),
        by=request.user,
        format=request.POST.get("format", ""),
        spans=spans,
        reviewer=reviewer,
    )
    url = reverse("uploads", kwargs={"slug": corpus.slug})
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"next": url})
    return redirect(url)


def _waits(job: Job) -> bool:
    """Tell whether an upload was checked and waits to be imported."""
    checked = job.kind == "look" and job.state == JobState.DONE
    return checked and job.result.get("state") == "waits"


TITLES = {"labels": "Labels", "links": "Links", "attributes": "Attributes"}


def _asked(job: Job) -> list[dict[str, Any]]:
    """Return the names that a checked upload has and the schema has not, in groups."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for number, question in enumerate(uploads.questions(job)):
        title = TITLES.get(question.section) or f"Values of {question.about}"
        groups.setdefault(title, []).append({"field": f"name-{number}", "question": question})
    return [{"title": title, "rows": rows} for title, rows in groups.items()]


def _map(request: UserRequest, job: Job) -> dict[str, Any] | None:
    """Return the map that somebody made of an upload's names, None when they were not asked."""
    asked = uploads.questions(job)
    answers = [request.POST.get(f"name-{number}") for number in range(len(asked))]
    if all(answer is None for answer in answers):
        return None
    return answered(asked, [answer or None for answer in answers])


@require_POST
def begin_import(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Import an upload, or throw it away."""
    corpus = corpus_for(request.user, slug, "import")
    if request.POST.get("act") == "throw":
        uploads.throw_away(corpus, pk, by=request.user)
        messages.success(request, "The upload is thrown away; the corpus is as it was.")
    else:
        author = request.POST.get("author", "")
        names = _map(request, uploads.waiting(corpus, pk))
        uploads.begin(corpus, pk, by=request.user, author=author, names=names)
        messages.success(request, "Importing in the background. This page shows how far it is.")
    return redirect("uploads", slug=slug)


@require_safe
def refused_rows(request: UserRequest, slug: str, pk: int) -> FileResponse:
    """Return the list of refused rows as a CSV file."""
    corpus = corpus_for(request.user, slug, "import")
    path = uploads.report_of(corpus, pk)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{slug}-refused-{pk}.csv")

"""The pages of what leaves: exports, releases and their data sheets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.api.review import whole
from annotator.pages.documents import render_page
from corpus.core.problems import Problem
from corpus.jobs import worker
from corpus.models import Job, Role
from corpus.selectors import corpus_for, members_of
from exports import selectors
from exports.encoders import FORMATS, MISALIGNED
from exports.services import exports as services
from exports.services.origin import ORIGINS

SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
def releases(request: HttpRequest, slug: str) -> HttpResponse:
    """List releases and exports, and make further ones in the background."""
    corpus = corpus_for(request.user, slug, "export")
    if request.method == "POST":
        name = request.POST.get("name", "").strip()
        services.start_release(
            corpus, name, origin=request.POST.get("origin", "all"), by=request.user
        )
        messages.success(
            request,
            f"Release {name} is being made in the background. This page shows how far it is.",
        )
        return redirect("releases", slug=slug)
    page, following = selectors.releases_of(corpus, before=whole(request.GET.get("before", "")))
    found = list(corpus.jobs.filter(kind__in=("export", "release")).order_by("-pk")[:SHOWN])
    written = [(job, _can_be_fetched(job)) for job in found]
    kept = {job.arguments["name"]: job for job, there in written if there and job.kind == "release"}
    return render_page(
        request,
        corpus,
        "exports/releases.html",
        page=[(made, kept.get(made.name)) for made in page],
        following=following,
        written=written,
        name=selectors.next_name(corpus),
        origins=ORIGINS.items(),
        formats=FORMATS,
        misaligned=MISALIGNED,
        people=[name for name, held in members_of(corpus) if Role.REVIEWER in held],
        served=worker.is_served(),
    )


def _can_be_fetched(job: Job) -> bool:
    try:
        return services.archive(job).is_file()
    except Problem:
        return False


@require_POST
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """Have an export written in the background."""
    corpus = corpus_for(request.user, slug, "export")
    defaults = {"format": "", "layer": "gold", "split": "80/10/10", "misaligned": "expand"}
    asked = {name: request.POST.get(name, "").strip() or value for name, value in defaults.items()}
    services.start_export(corpus, asked, by=request.user)
    messages.success(
        request, "The export is being written in the background. This page shows how far it is."
    )
    return redirect("releases", slug=slug)


@require_safe
def release(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Show the data sheet of a release."""
    corpus = corpus_for(request.user, slug, "export")
    made = selectors.release_called(corpus, name)
    sheet: dict[str, Any] = made.datasheet
    counts = [
        ("What is in it", "Label", "Spans", sheet["spans"]),
        ("Who annotated", "Reviewer", "Documents", sheet["reviewers"]),
        ("Who decided gold", "Person or policy", "Decisions", sheet["decided"]),
        ("Suggestions shown", "Suggester", "Documents", sheet["suggesters"]),
        ("Licence of the texts", "Licence", "Documents", sheet["licences"]),
        ("Known gaps", "Gap", "Count", sheet["gaps"]),
    ]
    return render_page(
        request,
        corpus,
        "exports/release.html",
        release=made,
        origin=ORIGINS[made.origin],
        counts=[
            (title, one, other, sorted(rows.items())) for title, one, other, rows in counts if rows
        ],
        withdrawn=made.items.filter(withdrawn_at__isnull=False).count(),
    )


@require_POST
def files(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Have the files of a release written again in the background."""
    corpus = corpus_for(request.user, slug, "release")
    services.start_files(corpus, name, by=request.user)
    messages.success(
        request, f"The files of release {name} are being written. Download them in a moment."
    )
    return redirect("releases", slug=slug)

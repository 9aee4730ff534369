"""The pages of what leaves: exports, releases and their data sheets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.pages.base import render_page
from annotator.web.requests import UserRequest, whole_number
from corpus.core.problems import Problem
from corpus.jobs import worker
from corpus.models import Corpus, Job, Role
from corpus.selectors import corpus_for, jobs_of_kinds, members_of, versions_called
from exports import selectors
from exports.core import dataset_about
from exports.encoders import DISPUTED, FORMATS, MISALIGNED
from exports.services import exports as services
from exports.services import withdrawal
from exports.services.origin import ORIGINS
from exports.services.pseudonyms import with_names

# How the fields begin that hold what people say of a release.
ABOUT = "about-"


@require_http_methods(["GET", "HEAD", "POST"])
def releases(request: UserRequest, slug: str) -> HttpResponse:
    """List releases and exports, and make further ones in the background."""
    corpus = corpus_for(request.user, slug, "export")
    if request.method == "POST":
        return _make_release(request, corpus)
    said = selectors.said_last(corpus)
    return _releases_page(request, corpus, name=selectors.next_name(corpus), said=said)


def _make_release(request: UserRequest, corpus: Corpus) -> HttpResponse:
    """Have a release made; a form that is refused keeps what was typed."""
    name, origin = request.POST.get("name", "").strip(), request.POST.get("origin", "all")
    said: dict[str, str] = {}
    for key, section in dataset_about.KEYS.items():
        words = request.POST.get(f"{ABOUT}{key}")
        if words is not None:
            said[section] = words
    try:
        services.start_release(corpus, name, origin=origin, about=said, by=request.user)
    except Problem as problem:
        return _releases_page(
            request,
            corpus,
            name=name,
            origin=origin,
            said=said,
            problem=problem,
            status=problem.status,
        )
    messages.success(
        request, f"Release {name} is being made in the background. This page shows how far it is."
    )
    return redirect("releases", slug=corpus.slug)


def _releases_page(
    request: UserRequest, corpus: Corpus, *, said: Mapping[str, str], **context: Any
) -> HttpResponse:
    before = whole_number(request.GET.get("before", ""))
    page, following = selectors.releases_of(corpus, before=before)
    jobs = [(job, _can_be_fetched(job)) for job in jobs_of_kinds(corpus, "export", "release")]
    # The jobs that hold the files of a release; the oldest listed one wins, as they are the same.
    files = {job.arguments["name"]: job for job, kept in jobs if kept and job.kind == "release"}
    return render_page(
        request,
        corpus,
        "exports/releases.html",
        page=[(release, files.get(release.name)) for release in page],
        following=following,
        jobs=jobs,
        about=_questions(said),
        origins=ORIGINS.items(),
        formats=FORMATS,
        misaligned=MISALIGNED,
        disputed=DISPUTED,
        people=[name for name, roles in members_of(corpus) if Role.REVIEWER in roles],
        served=worker.is_served(),
        **context,
    )


def _questions(said: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    """Return the sections that people fill in: field, name, question, and what was said."""
    return [
        (f"{ABOUT}{key}", section, dataset_about.QUESTIONS[section], said.get(section, ""))
        for key, section in dataset_about.KEYS.items()
    ]


def _can_be_fetched(job: Job) -> bool:
    try:
        return services.archive(job).is_file()
    except Problem:
        return False


@require_POST
def export(request: UserRequest, slug: str) -> HttpResponse:
    """Have an export written in the background."""
    corpus = corpus_for(request.user, slug, "export")
    defaults = {
        "format": "",
        "layer": "gold",
        "split": "80/10/10",
        "misaligned": "",
        "disputed": "mask",
    }
    options = {
        name: request.POST.get(name, "").strip() or default for name, default in defaults.items()
    }
    services.start_export(corpus, options, by=request.user)
    messages.success(
        request, "The export is being written in the background. This page shows how far it is."
    )
    return redirect("releases", slug=slug)


@require_safe
def release(request: UserRequest, slug: str, name: str) -> HttpResponse:
    """Show the data sheet of a release."""
    corpus = corpus_for(request.user, slug, "export")
    made = selectors.release_called(corpus, name)
    # People who may make a release may know whom its pseudonyms stand for.
    sheet: dict[str, Any] = with_names(corpus, made.datasheet)
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
        sheet=sheet,
        origin=ORIGINS[made.origin],
        counts=[
            (title, one, other, sorted(rows.items())) for title, one, other, rows in counts if rows
        ],
        about=[row for row in _questions(made.card.get("about", {})) if row[-1]],
        withdrawn=selectors.withdrawn_texts(made),
    )


@require_POST
def files(request: UserRequest, slug: str, name: str) -> HttpResponse:
    """Have the files of a release written again in the background."""
    corpus = corpus_for(request.user, slug, "release")
    services.start_files(corpus, name, by=request.user)
    messages.success(
        request, f"The files of release {name} are being written. Download them in a moment."
    )
    return redirect("releases", slug=slug)


@require_POST
def withdraw_text(request: UserRequest, slug: str, external_id: str) -> HttpResponse:
    """Erase every version of a document's text for good."""
    corpus = corpus_for(request.user, slug, "manage")
    versions = versions_called(corpus, external_id)
    withdrawal.confirm(external_id, request.POST.get("confirm", ""))
    done = withdrawal.withdraw(versions[-1], by=request.user)
    withdrawal.start_compacting(corpus, by=request.user)
    words = f"The text of {external_id} is erased for good."
    if done.releases:
        words += f" These releases hold it and are marked: {', '.join(done.releases)}."
    if done.backups:
        words += f" {len(done.backups)} backups hold it: tell who runs this site."
    messages.success(request, words)
    return redirect("documents", slug=slug)

"""The patterns of a corpus: edited as lines, counted on a sample of documents, and saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from annotator.core import patterns as core
from annotator.pages.base import render_page
from annotator.selectors import patterns as selectors
from annotator.services import patterns
from annotator.web.requests import UserRequest, whole_number
from corpus.core.problems import Problem
from corpus.jobs import worker
from corpus.models import Corpus
from corpus.selectors import corpus_for

# Patterns whose matches a page shows.
SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
def patterns_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show the patterns; count what they find, save them, or add words or a file to the lines."""
    corpus = corpus_for(request.user, slug, "patterns")
    if request.method != "POST":
        return _page(request, corpus, _lines_at_hand(corpus))
    lines = request.POST.get("lines", "").replace("\r\n", "\n")
    acts = {"save": _save, "save good": _save, "words": _with_words, "file": _with_file}
    try:
        return acts.get(request.POST.get("act", ""), _count)(request, corpus, lines)
    except Problem as problem:
        # What was typed stays.
        return _page(request, corpus, lines, problem=problem, status=problem.status)


@require_safe
def patterns_jsonl(request: UserRequest, slug: str) -> HttpResponse:
    """Return the saved patterns as a file, as spaCy and Prodigy read them."""
    corpus = corpus_for(request.user, slug, "patterns")
    saved = selectors.newest(corpus)
    response = HttpResponse(saved.lines if saved else "", content_type="application/jsonl")
    response["Content-Disposition"] = f'attachment; filename="{corpus.slug}.patterns.jsonl"'
    return response


def _lines_at_hand(corpus: Corpus) -> str:
    """Return the lines that were counted last, where nothing was saved since; else the saved."""
    saved = selectors.newest(corpus)
    job = selectors.newest_count(corpus)
    if job is not None and (saved is None or job.created_at > saved.saved_at):
        return str(job.arguments["lines"])
    return saved.lines if saved else ""


def _count(request: UserRequest, corpus: Corpus, lines: str) -> HttpResponse:
    patterns.start_count(corpus, lines, by=request.user)
    messages.success(request, "Counting in the background; nothing is saved yet.")
    return redirect("patterns", slug=corpus.slug)


def _save(request: UserRequest, corpus: Corpus, lines: str) -> HttpResponse:
    """Save the lines; those that are no patterns are left out once that was asked for."""
    found, problems = core.read(lines, selectors.schema_of(corpus))
    if problems and request.POST.get("act") != "save good":
        return _page(request, corpus, lines, status=400)
    at = whole_number(request.POST.get("at", ""))
    saved = patterns.replace(corpus, found, by=request.user, at=at)
    messages.success(request, f"Saved as version {saved.version}: {saved.count} patterns.")
    return redirect("patterns", slug=corpus.slug)


def _with_words(request: UserRequest, corpus: Corpus, lines: str) -> HttpResponse:
    """Add a line for each line of words to those that are edited."""
    schema = selectors.schema_of(corpus)
    label = request.POST.get("label", "")
    words = [line for line in request.POST.get("words", "").splitlines() if line.strip()]
    new = core.write(core.of_words(label, line, schema) for line in words)
    return _page(request, corpus, _joined(lines, new), edited=bool(new))


def _with_file(request: UserRequest, corpus: Corpus, lines: str) -> HttpResponse:
    """Add the lines of a file to those that are edited."""
    sent = request.FILES.get("file")
    if sent is None:
        raise Problem("request-invalid", reason="choose a file")
    # A character has four bytes at most.
    data = sent.read(4 * core.LARGEST + 1)
    try:
        new = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Problem("text-encoding", encoding="UTF-8", byte=error.start) from None
    if len(new) > core.LARGEST:
        raise Problem("patterns-many", limit=f"{core.LARGEST:,} characters")
    return _page(request, corpus, _joined(lines, new), edited=True)


def _joined(lines: str, new: str) -> str:
    if lines and not lines.endswith("\n"):
        lines += "\n"
    return lines + new


def _page(
    request: UserRequest,
    corpus: Corpus,
    lines: str,
    *,
    problem: Problem | None = None,
    edited: bool = False,
    status: int = 200,
) -> HttpResponse:
    schema = selectors.schema_of(corpus)
    saved = selectors.newest(corpus)
    try:
        found, problems = core.read(lines, schema)
    except Problem as too_many:
        found, problems, problem = [], [], problem or too_many
    job = selectors.newest_count(corpus)
    context: dict[str, Any] = {}
    if job is not None and job.arguments["lines"] == lines:
        counted = selectors.counted(job, found, size=SHOWN)
        context = {"job": job, "counted": counted, "unshown": len(found) - len(counted)}
    return render_page(
        request,
        corpus,
        "annotator/patterns.html",
        status=status,
        lines=lines,
        found=found,
        problems=problems,
        problem=problem,
        saved=saved,
        unsaved=edited or lines != (saved.lines if saved else ""),
        labels=list(schema.labels.values()),
        sampled=selectors.SAMPLE,
        served=worker.is_served(),
        **context,
    )

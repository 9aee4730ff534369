"""The pages."""

from __future__ import annotations

from typing import Any

import markdown
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from annotator import selectors
from annotator.api import disputes_json, workspace_json
from annotator.services import adjudicate, review
from corpus import jobs, permissions
from corpus import selectors as corpus_selectors
from corpus.core.problems import Problem
from corpus.models import Corpus


def _page(request: HttpRequest, corpus: Corpus, template: str, **context: Any) -> HttpResponse:
    held = permissions.roles(request.user, corpus)
    may = {act.replace(" ", "_"): bool(held & roles) for act, roles in permissions.ACTS.items()}
    return render(request, template, {"corpus": corpus, "may": may, **context})


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Go to the corpora."""
    return redirect("corpora")


@require_safe
def corpora(request: HttpRequest) -> HttpResponse:
    """List the corpora that a person belongs to."""
    found = [
        {"corpus": corpus, "progress": corpus_selectors.progress(corpus)}
        for corpus in corpus_selectors.corpora_of(request.user)[:100]
    ]
    return render(request, "corpus/corpora.html", {"found": found})


@require_safe
def corpus_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the progress of a corpus, what is left for this person, and its jobs."""
    corpus = corpus_selectors.corpus_for(request.user, slug)
    managed = permissions.allows(request.user, "manage", corpus)
    return _page(
        request,
        corpus,
        "corpus/corpus.html",
        progress=corpus_selectors.progress(corpus),
        mine=selectors.my_progress(corpus, request.user),
        jobs=corpus_selectors.jobs_of(corpus) if managed else [],
    )


@require_safe
def documents(request: HttpRequest, slug: str) -> HttpResponse:
    """List the documents of a corpus, a page at a time."""
    corpus = corpus_selectors.corpus_for(request.user, slug)
    asked = {name: request.GET.get(name, "").strip() for name in ("query", "state", "after")}
    page, following = corpus_selectors.documents_page(corpus, **asked)
    mine = selectors.my_states(request.user, page)
    rows = [(d, d.adjudications.all()[0] if d.adjudications.all() else None, mine.get(d.pk)) for d in page]
    return _page(request, corpus, "corpus/documents.html", rows=rows, following=following, **asked)


@require_safe
def guideline(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the annotators' guideline."""
    corpus = corpus_selectors.corpus_for(request.user, slug)
    # Markup in the source is escaped first: a guideline is Markdown, never HTML.
    html = markdown.markdown(escape(corpus.guideline), extensions=["tables", "toc"])
    return _page(request, corpus, "corpus/guideline.html", html=mark_safe(html))  # noqa: S308


def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the next document and go to its review; say so when there is none."""
    corpus = corpus_selectors.corpus_for(request.user, slug)
    document = review.claim_next(corpus, by=request.user)
    if document is None:
        messages.info(request, "Nothing left to review here: every place is taken or done.")
        return redirect("corpus", slug=slug)
    return redirect("review", slug=slug, external_id=document.external_id)


@require_safe
@ensure_csrf_cookie
def review_page(request: HttpRequest, slug: str, external_id: str) -> HttpResponse:
    """Show the review surface."""
    corpus = corpus_selectors.corpus_for(request.user, slug)
    document = corpus_selectors.document_called(corpus, external_id)
    layer = review.open_layer(document, by=request.user)
    return _page(request, corpus, "annotator/review.html", workspace=workspace_json(layer), document=document)


@require_safe
def disputes(request: HttpRequest, slug: str) -> HttpResponse:
    """List the documents with open disputes."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "adjudicate")
    after = request.GET.get("after", "0")
    kind = request.GET.get("kind", "")
    page, following = selectors.dispute_queue(corpus, after=int(after) if after.isdecimal() else 0, kind=kind)
    return _page(request, corpus, "annotator/disputes.html", page=page, following=following, kind=kind,
                 kinds=selectors.dispute_kinds(corpus))  # fmt: skip


@require_safe
@ensure_csrf_cookie
def adjudicate_page(request: HttpRequest, slug: str, external_id: str) -> HttpResponse:
    """Show the adjudication surface."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "adjudicate")
    document = corpus_selectors.document_called(corpus, external_id)
    found = disputes_json(*adjudicate.open_disputes(document, by=request.user))
    return _page(request, corpus, "annotator/adjudicate.html", disputes=found, document=document)


@require_POST
def suggest(request: HttpRequest, slug: str) -> HttpResponse:
    """Queue a suggestion job."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "suggest")
    jobs.start(corpus, "suggest", {"suggester": "rules.v1"}, by=request.user)
    messages.success(request, "Suggesting in the background. This page shows how far it is.")
    return redirect("corpus", slug=slug)


@require_POST
def cancel_job(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask a job to stop."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
    job = corpus.jobs.select_related("corpus").filter(pk=pk).first()
    if job is None:
        raise Problem("not-found", what="job", name=pk)
    jobs.cancel(job, by=request.user)
    return redirect("corpus", slug=slug)

"""The list of documents of a corpus, which can be narrowed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from annotator.pages.base import render_page
from annotator.selectors import document_states, overview, own_work
from annotator.selectors.filters import DocumentFilter
from annotator.web import charts
from annotator.web.requests import UserRequest, whole_number
from corpus import permissions, selectors
from corpus.models import Corpus, Document

TEMPLATES = {
    "": "annotator/documents.html",
    "found": "annotator/_documents_found.html",
    "rows": "annotator/_documents_rows.html",
}


@require_safe
def documents_page(request: UserRequest, slug: str) -> HttpResponse:
    """List the documents of a corpus, a page at a time; htmx gets the part that changes."""
    corpus = selectors.corpus_for(request.user, slug)
    query = DocumentFilter(request.GET, request=request, corpus=corpus)
    documents: list[Document] = []
    following = 0
    if query.form.is_valid():
        after = whole_number(request.GET.get("after", ""))
        documents, following = selectors.documents_page(corpus, narrow=query.narrow, after=after)
    part = _part(request)
    kept = request.GET.copy()
    for name in ("after", "part"):
        kept.pop(name, None)
    response = render_page(
        request,
        corpus,
        TEMPLATES[part],
        form=query.form,
        part=part,
        rows=_rows(request, corpus, documents),
        following=following,
        narrowed=any(kept.values()),
        kept=kept.urlencode(),
        outlets=[] if part else overview.outlets(corpus),
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def _part(request: UserRequest) -> str:
    """Return which part of the page is to be sent, "" for all of it."""
    if not request.htmx or request.htmx.history_restore_request:
        return ""
    return "rows" if request.GET.get("part") == "rows" else "found"


def _rows(
    request: UserRequest, corpus: Corpus, documents: Iterable[Document]
) -> list[tuple[Any, ...]]:
    """Return each document with its adjudication, where this person is with it, and its time.

    The adjudication is None where the person is not told how far the document is.
    """
    states = own_work.my_states(request.user, documents)
    told = document_states.adjudications(corpus, request.user, documents)
    times = {}
    if permissions.allows(request.user, "manage", corpus):
        # The time of colleagues tells that they have been there.
        reviews = permissions.allows(request.user, "review", corpus)
        times = overview.times_by_document(d for d in documents if not reviews or d.pk in told)
    rows = []
    for document in documents:
        time = charts.duration(times[document.pk]) if document.pk in times else ""
        rows.append((document, told.get(document.pk), states.get(document.pk), time))
    return rows

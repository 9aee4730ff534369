"""Documents that should not be here: removed, put back, or their text withdrawn."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.pages.base import render_page
from annotator.services import removal
from annotator.web.requests import UserRequest, whole_number
from corpus import selectors


@require_http_methods(["GET", "HEAD", "POST"])
def removal_page(request: UserRequest, slug: str, external_id: str) -> HttpResponse:
    """Ask how a document is to go, and remove it."""
    corpus = selectors.corpus_for(request.user, slug, "manage")
    document = selectors.current_or_removed(corpus, external_id)
    if request.method != "POST":
        return render_page(request, corpus, "annotator/removal.html", document=document)
    if document.retired_at is not None:
        # Another window was first.
        messages.success(request, f"{document.title} is removed already.")
        return redirect("removed", slug=slug)
    removal.remove(document, because=request.POST.get("reason", ""), by=request.user)
    messages.success(request, f"{document.title} is removed. Here it can be put back.")
    return redirect("removed", slug=slug)


@require_safe
def removed_page(request: UserRequest, slug: str) -> HttpResponse:
    """List the removed documents, each with why, to be put back."""
    corpus = selectors.corpus_for(request.user, slug, "manage")
    after = whole_number(request.GET.get("after", ""))
    rows, following = selectors.removed_page(corpus, after=after)
    return render_page(request, corpus, "annotator/removed.html", rows=rows, following=following)


@require_POST
def put_back(request: UserRequest, slug: str, external_id: str) -> HttpResponse:
    """Put a removed document back."""
    corpus = selectors.corpus_for(request.user, slug, "manage")
    if not selectors.is_removed(corpus, external_id):
        # Another window was first.
        document = selectors.document_called(corpus, external_id)
        messages.success(request, f"{document.title} is back already.")
        return redirect("removed", slug=slug)
    document = selectors.removed_called(corpus, external_id)
    removal.put_back(document, by=request.user)
    messages.success(request, f"{document.title} is back, with all that was done on it.")
    return redirect("removed", slug=slug)

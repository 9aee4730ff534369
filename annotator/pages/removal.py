"""Documents that should not be here: removed, put back, or their text withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.pages.base import render_page
from annotator.selectors.assignments import holders
from annotator.services import removal
from annotator.web.requests import UserRequest, whole_number
from corpus import selectors
from corpus.models import Document

# Where a session keeps which documents were removed together, to put them back together.
LATELY = "removed-lately"


@require_http_methods(["GET", "HEAD", "POST"])
def removal_page(request: UserRequest, slug: str, external_id: str) -> HttpResponse:
    """Ask how a document is to go, and remove it."""
    corpus = selectors.corpus_for(request.user, slug, "manage")
    document = selectors.current_or_removed(corpus, external_id)
    if request.method != "POST":
        held = holders([document]).get(document.pk, [])
        return render_page(
            request, corpus, "annotator/removal.html", document=document, holders=held
        )
    if document.retired_at is not None:
        # Another window was first.
        messages.success(request, f"{document.title} is removed already.")
        return redirect("removed", slug=slug)
    removal.remove(document, because=request.POST.get("reason", ""), by=request.user)
    messages.success(request, f"{document.title} is removed. Here it can be put back.")
    return redirect("removed", slug=slug)


@require_POST
def removal_of_several(request: UserRequest, slug: str) -> HttpResponse:
    """Ask whether the documents that are ticked are to go; with a reason, remove them."""
    corpus = selectors.corpus_for(request.user, slug, "manage")
    chosen = selectors.documents_called(corpus, request.POST.getlist("document"))
    if not chosen:
        messages.warning(request, "Nothing is removed. Tick documents first.")
        return redirect("documents", slug=slug)
    if "reason" not in request.POST:
        held = holders(chosen)
        rows = [(document, held.get(document.pk, [])) for document in chosen]
        return render_page(request, corpus, "annotator/removal_of_several.html", rows=rows)
    removal.remove_all(corpus, chosen, because=request.POST["reason"], by=request.user)
    request.session[LATELY] = [document.external_id for document in chosen]
    messages.success(request, f"Removed: {_counted(chosen)}. Here they can be put back.")
    return redirect("removed", slug=slug)


@require_POST
def put_back_several(request: UserRequest, slug: str) -> HttpResponse:
    """Put documents back that were removed together."""
    corpus = selectors.corpus_for(request.user, slug, "manage")
    chosen = selectors.documents_called(corpus, request.POST.getlist("document"), removed=True)
    removal.put_back_all(corpus, chosen, by=request.user)
    messages.success(request, f"Put back, with all that was done on it: {_counted(chosen)}.")
    return redirect("documents", slug=slug)


def _counted(chosen: Sequence[Document]) -> str:
    return f"{len(chosen)} document{'' if len(chosen) == 1 else 's'}"


@require_safe
def removed_page(request: UserRequest, slug: str) -> HttpResponse:
    """List the removed documents, each with why, to be put back."""
    corpus = selectors.corpus_for(request.user, slug, "manage")
    after = whole_number(request.GET.get("after", ""))
    rows, following = selectors.removed_page(corpus, after=after)
    lately = selectors.documents_called(corpus, request.session.get(LATELY, []), removed=True)
    return render_page(
        request, corpus, "annotator/removed.html", rows=rows, following=following, lately=lately
    )


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

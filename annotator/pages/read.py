"""A document with its suggestions, to be read by who brings documents in or settles disputes."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from annotator.pages.base import render_page
from annotator.selectors.layers import is_reviewing
from annotator.web.addresses import reading_json
from annotator.web.requests import UserRequest
from corpus import guideline
from corpus.selectors import corpus_for, document_called


@require_safe
@ensure_csrf_cookie
def read_page(request: UserRequest, slug: str, external_id: str) -> HttpResponse:
    """Show a document as reviewers see it before they begin; nothing can be changed.

    Who has it in their own hands to review it is sent there: a blind review stays blind.
    """
    corpus = corpus_for(request.user, slug, "adjudicate")
    document = document_called(corpus, external_id)
    if is_reviewing(document, request.user):
        return render_page(request, corpus, "annotator/read_own.html", document=document)
    return render_page(
        request,
        corpus,
        "annotator/read.html",
        workspace=reading_json(document, owner=request.user.get_username()),
        document=document,
        guideline=guideline.read(corpus.guideline)[0],
    )

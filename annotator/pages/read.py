"""A document with its suggestions, to be read by who brings documents in or settles disputes."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from annotator.pages.base import render_page
from annotator.selectors import earlier_texts
from annotator.selectors.layers import hidden_suggestions, is_reviewing, review_layer
from annotator.web.addresses import reading_json
from annotator.web.requests import UserRequest
from corpus import guideline
from corpus.selectors import corpus_for, document_called


@require_safe
@ensure_csrf_cookie
def read_page(request: UserRequest, slug: str, external_id: str) -> HttpResponse:
    """Show a document as reviewers see it before they begin; nothing can be changed.

    Who reviews it, or may come to review it blind, is shown no suggestions here.
    """
    corpus = corpus_for(request.user, slug, "adjudicate")
    document = document_called(corpus, external_id)
    if hidden_suggestions(corpus, [document.pk], request.user):
        return render_page(
            request,
            corpus,
            "annotator/read_own.html",
            document=document,
            earlier=earlier_texts.earlier_texts(document),
            in_hand=is_reviewing(document, request.user),
            reviewed=review_layer(document, request.user) is not None,
        )
    return render_page(
        request,
        corpus,
        "annotator/read.html",
        workspace=reading_json(document, owner=request.user.get_username()),
        document=document,
        earlier=earlier_texts.earlier_texts(document),
        guideline=guideline.read(corpus.guideline)[0],
    )

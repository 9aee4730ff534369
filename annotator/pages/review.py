"""The page on which a document is reviewed."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from annotator.pages.base import render_page
from annotator.selectors import review_log
from annotator.services import review
from annotator.web.addresses import workspace_json
from annotator.web.requests import UserRequest
from corpus import guideline
from corpus.selectors import corpus_for, document_called


@require_safe
@ensure_csrf_cookie
def review_page(request: UserRequest, slug: str, external_id: str) -> HttpResponse:
    """Show the review surface."""
    corpus = corpus_for(request.user, slug)
    document = document_called(corpus, external_id)
    layer = review.open_layer(document, by=request.user)
    return render_page(
        request,
        corpus,
        "annotator/review.html",
        workspace=workspace_json(layer),
        document=document,
        given_back=review_log.was_given_back(layer),
        guideline=guideline.read(corpus.guideline)[0],
    )

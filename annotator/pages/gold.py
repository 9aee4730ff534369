"""One's own work against settled gold, and the log of a document's gold."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from annotator.pages.base import render_page
from annotator.selectors import gold
from annotator.selectors.agreement import shares
from annotator.services import review
from annotator.web.requests import UserRequest, moment, whole_number
from corpus.selectors import corpus_for, document_called


@require_safe
def my_gold(request: UserRequest, slug: str) -> HttpResponse:
    """Show a reviewer's own work against settled gold."""
    corpus = corpus_for(request.user, slug, "review")
    before = moment(request.GET.get("before", ""))
    reviews, total, following = gold.my_work(corpus, request.user, before=before)
    # A review whose gold was seen can no longer be taken back.
    review.show_gold([row.document for row in reviews], by=request.user)
    facets: list[dict[str, Any]] = total.as_json()["facets"]  # type: ignore[assignment]  # JSON
    return render_page(
        request,
        corpus,
        "annotator/gold.html",
        reviews=reviews,
        facets=shares(facets),
        following=following.isoformat() if following else "",
    )


@require_safe
def gold_history(request: UserRequest, slug: str, external_id: str) -> HttpResponse:
    """Show the log of a document's gold."""
    corpus = corpus_for(request.user, slug, "adjudicate")
    document = document_called(corpus, external_id)
    before = whole_number(request.GET.get("before", ""))
    layer, steps, following = gold.history(document, before=before)
    return render_page(
        request,
        corpus,
        "annotator/gold_history.html",
        document=document,
        gold=layer,
        steps=steps,
        following=following,
    )

"""My work against gold: where one's own reviews and settled gold differ, and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from annotator.pages.base import render_page
from annotator.selectors import gold
from annotator.selectors.agreement import shares
from annotator.services import looking
from annotator.web.requests import UserRequest, moment
from corpus.selectors import corpus_for


@require_safe
def work_against_gold_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show a reviewer's own work against settled gold."""
    corpus = corpus_for(request.user, slug, "review")
    before = moment(request.GET.get("before", ""))
    reviews, total, following = gold.my_work(corpus, request.user, before=before)
    # A review whose gold was seen can no longer be taken back.
    looking.look([row.document for row in reviews], by=request.user)
    facets: list[dict[str, Any]] = total.as_json()["facets"]  # type: ignore[assignment]  # JSON
    return render_page(
        request,
        corpus,
        "annotator/work_against_gold.html",
        reviews=reviews,
        facets=shares(facets),
        following=following.isoformat() if following else "",
    )

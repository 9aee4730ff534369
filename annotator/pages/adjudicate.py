"""The page on which the disputes of a document are settled."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse, QueryDict
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from annotator.models import Adjudication
from annotator.pages.base import render_page
from annotator.selectors import disputes
from annotator.services import adjudicate
from annotator.web.addresses import dispute_url, disputes_json
from annotator.web.requests import UserRequest, wants_json
from corpus import guideline
from corpus.models import Corpus
from corpus.selectors import corpus_for, document_called


@require_safe
@vary_on_headers("Accept")
@ensure_csrf_cookie
def adjudicate_page(request: UserRequest, slug: str, external_id: str) -> HttpResponse:
    """Show the adjudication surface.

    `at` in the address is the dispute to begin with, `queue` the filter to go on by. The surface
    asks for the next document as JSON, and shows it without loading a page.
    """
    corpus = corpus_for(request.user, slug, "adjudicate")
    document = document_called(corpus, external_id)
    adjudication, gold = adjudicate.open_disputes(document, by=request.user)
    data = disputes_json(adjudication, gold, by=request.user)
    if "queue" in request.GET:
        wanted = disputes.DisputeFilter.read(QueryDict(request.GET["queue"]))
        data["queue"] = _queue_json(request, corpus, adjudication, wanted)
        data["urls"]["list"] = f"{reverse('disputes', kwargs={'slug': slug})}?{wanted.query}"
    data["urls"]["go_on"] = reverse("settle-queue", kwargs={"slug": slug})
    if wants_json(request):
        return JsonResponse(data)
    return render_page(
        request,
        corpus,
        "annotator/adjudicate.html",
        disputes=data,
        document=document,
        guideline=guideline.read(corpus.guideline)[0],
    )


def _queue_json(
    request: UserRequest, corpus: Corpus, adjudication: Adjudication, wanted: disputes.DisputeFilter
) -> dict[str, Any]:
    """Return what follows in the filtered queue after the dispute at which the page begins."""
    at = request.GET.get("at", "")
    known = at.isdecimal() and len(at) < 11
    dispute = disputes.dispute_called(adjudication, int(at)) if known else None
    after = disputes.after_of(dispute) if dispute else ""
    page, more = disputes.queue(corpus, wanted, by=request.user, after=after)
    settle = reverse("settle-queue", kwargs={"slug": corpus.slug})
    return {
        "items": [{"ident": d.ident, "url": dispute_url(corpus, d, wanted)} for d in page],
        "more": bool(more),
        "on": f"{settle}?{wanted.query}",
    }

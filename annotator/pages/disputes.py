"""The queue of disputed frames over all documents, and the documents that have some."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from annotator.pages.base import render_page
from annotator.selectors import disputes
from annotator.services import disputes as services
from annotator.web.addresses import dispute_url
from annotator.web.requests import UserRequest, wants_json, whole_number
from corpus import permissions
from corpus.models import Corpus
from corpus.selectors import corpus_for


@require_safe
def disputes_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show the queue of disputed frames, or the documents that have some."""
    corpus = corpus_for(request.user, slug, "adjudicate")
    if request.GET.get("by") == "document":
        return _disputed_documents(request, corpus)
    after = request.GET.get("after", "")
    wanted = disputes.DisputeFilter.read(request.GET)
    page, following = disputes.queue(corpus, wanted, by=request.user, after=after)
    choices = disputes.choices(corpus, wanted.state)
    kinds = disputes.kinds(corpus)
    # Whose versions differ is for who manages the corpus, and where its manager shows names.
    named = corpus.names_shown or permissions.allows(request.user, "manage", corpus)
    return render_page(
        request,
        corpus,
        "annotator/disputes.html",
        page=[(dispute, dispute_url(corpus, dispute, wanted)) for dispute in page],
        following=following,
        after=after,
        wanted=wanted,
        count=disputes.count(corpus, wanted, by=request.user),
        counted=disputes.COUNTED,
        facets=[name for name in kinds if name in choices.get("facet", ())],
        labels=choices.get("label", []),
        outlets=choices.get("outlet", []),
        pairs=disputes.pair_names(choices.get("pair", [])) if named else [],
    )


def _disputed_documents(request: UserRequest, corpus: Corpus) -> HttpResponse:
    kind = request.GET.get("kind", "")
    after = whole_number(request.GET.get("after", ""))
    page, following = disputes.documents(corpus, after=after, kind=kind)
    return render_page(
        request,
        corpus,
        "annotator/disputed_documents.html",
        page=page,
        following=following,
        kind=kind,
        kinds=disputes.kinds(corpus),
        kept=urlencode({"by": "document", "kind": kind}),
    )


@require_safe
def settle_queue(request: UserRequest, slug: str) -> HttpResponse:
    """Go to the first dispute of the filtered queue; say so when there is none."""
    corpus = corpus_for(request.user, slug, "adjudicate")
    wanted = disputes.DisputeFilter.read(request.GET)
    page, _ = disputes.queue(corpus, wanted, by=request.user, size=1)
    if not page and wants_json(request):
        return HttpResponse(status=204)
    if not page:
        messages.info(request, "Nothing left to settle here.")
        return redirect(f"{reverse('disputes', kwargs={'slug': slug})}?{wanted.query}")
    return redirect(dispute_url(corpus, page[0], wanted))


@require_POST
def dispute_rules(request: UserRequest, slug: str) -> HttpResponse:
    """Choose what adjudicators may see and settle."""
    corpus = corpus_for(request.user, slug, "manage")
    chosen = {name: name in request.POST for name in ("names_shown", "own_disputes")}
    services.set_rules(corpus, by=request.user, **chosen)
    messages.success(request, "Saved what adjudicators may see and settle.")
    return redirect("disputes", slug=slug)

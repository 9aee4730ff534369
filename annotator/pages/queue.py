"""A reviewer's own queue: what is in hand, what was handed in, what is left to take."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from annotator.pages.base import render_page
from annotator.selectors import earlier_texts, own_work
from annotator.services import assignments
from annotator.web import charts
from annotator.web.requests import UserRequest
from corpus import permissions
from corpus.core import practice
from corpus.models import Corpus
from corpus.selectors import corpus_for, document_called, schema_rows

# In the session of who did the round of practice, or left it.
PRACTISED = "practised"


@require_safe
def queue_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show a reviewer's own work."""
    corpus = corpus_for(request.user, slug, "review")
    in_hand = own_work.my_documents(corpus, request.user)
    reviews = own_work.my_reviews(corpus, request.user)
    return render_page(
        request,
        corpus,
        "annotator/queue.html",
        mine=own_work.my_progress(corpus, request.user),
        in_hand=[(document, _time(document.elapsed_ms)) for document in in_hand],
        done=[(layer, _time(layer.elapsed_ms)) for layer in reviews],
        left=earlier_texts.own_work_left(corpus, request.user),
    )


def _time(ms: int) -> str:
    return charts.duration(ms) if ms else ""


@require_POST
def next_document(request: UserRequest, slug: str) -> HttpResponse:
    """Take the next document and go to its review; who comes first to review practises before."""
    corpus = corpus_for(request.user, slug)
    if not request.session.get(PRACTISED) and _may_practise(request, corpus):
        return redirect("practice", slug=slug)
    return take_next(request, corpus)


def take_next(request: UserRequest, corpus: Corpus) -> HttpResponse:
    """Take the next document and go to its review; say so when there is none."""
    document = assignments.claim_next(corpus, by=request.user)
    if document is None:
        messages.info(request, "Nothing left to review here: every place is taken or done.")
        return redirect("queue", slug=corpus.slug)
    return redirect("review", slug=corpus.slug, external_id=document.external_id)


def _may_practise(request: UserRequest, corpus: Corpus) -> bool:
    """Tell whether somebody who never reviewed anything gets a round of practice here."""
    reviews = permissions.roles(request.user, corpus) & permissions.ACTS["review"]
    if corpus.schema is None or not reviews:
        return False
    has_round = practice.round_for(schema_rows(corpus.schema).view) is not None
    return has_round and own_work.is_newcomer(request.user)


@require_POST
def skip_document(request: UserRequest, slug: str) -> HttpResponse:
    """Leave a document in one's hands to somebody else."""
    corpus = corpus_for(request.user, slug, "review")
    document = document_called(corpus, request.POST.get("document", ""))
    assignments.skip(document, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(
        request, f"{document.title} is for somebody else now. Open it again to take it back."
    )
    return redirect("queue", slug=slug)

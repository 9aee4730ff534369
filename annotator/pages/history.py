"""The history of a document's gold: every step with its reason."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from annotator.pages.base import render_page
from annotator.selectors import earlier_texts, gold, layers
from annotator.services import looking
from annotator.web.requests import UserRequest, whole_number
from corpus.permissions import allows
from corpus.selectors import corpus_for, document_called


@require_safe
def history_page(request: UserRequest, slug: str, external_id: str) -> HttpResponse:
    """Show the log of a document's gold, and the texts that it had before.

    It makes a review of one's own final. Before all reviews are in, who reviews is shown no gold.
    """
    corpus = corpus_for(request.user, slug, "adjudicate")
    document = document_called(corpus, external_id)
    before = whole_number(request.GET.get("before", ""))
    all_in = layers.gold_and_state(document) is not None
    may_see = all_in or not allows(request.user, "review", corpus)
    left = earlier_texts.left_of_document(document, request.user)
    if may_see or left:
        looking.look([document], by=request.user)
    else:
        looking.require_out_of_hand([document], by=request.user)
    layer, steps, following = gold.history(document, before=before) if may_see else (None, [], 0)
    return render_page(
        request,
        corpus,
        "annotator/history.html",
        document=document,
        gold=layer,
        all_in=all_in,
        steps=steps,
        following=following,
        earlier=earlier_texts.earlier_texts(document),
        left=left,
    )

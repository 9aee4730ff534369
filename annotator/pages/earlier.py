"""A text that a document had before it was corrected, with what was made on it."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from annotator.models import LayerKind
from annotator.pages.base import render_page
from annotator.selectors import earlier_texts, layers
from annotator.services import looking
from annotator.web.addresses import earlier_json
from annotator.web.requests import UserRequest, whole_number
from corpus import guideline
from corpus.core.problems import Problem
from corpus.selectors import corpus_for, document_called


@require_safe
@ensure_csrf_cookie
def earlier_page(request: UserRequest, slug: str, external_id: str, sha256: str) -> HttpResponse:
    """Show an earlier text, read only, with one of the layers that the person may read.

    That is their own unless they choose another. Whoever reads another's cannot take their own
    review of the document back.
    """
    corpus = corpus_for(request.user, slug)
    document = document_called(corpus, external_id)
    text = earlier_texts.earlier_text(document, sha256)
    readable = layers.earlier_layers(text, document, request.user)
    asked = whole_number(request.GET.get("layer", ""))
    own = [layer for layer in readable if layer.owner_id == request.user.pk]
    chosen = [layer for layer in readable if layer.pk == asked] if asked else own[-1:]
    if asked and not chosen:
        raise Problem("not-found", what="layer that you may read, number", name=asked)
    shown = chosen[0] if chosen else None
    if shown and shown.kind != LayerKind.SUGGESTION and shown.owner_id != request.user.pk:
        looking.look([document, text], by=request.user)
    return render_page(
        request,
        corpus,
        "annotator/earlier.html",
        workspace=earlier_json(
            text,
            shown,
            owner=request.user.get_username(),
            with_suggestions=shown in own or any(layer.run_id for layer in readable),
        ),
        document=document,
        text=text,
        shown=shown,
        readable=readable,
        guideline=guideline.read(corpus.guideline)[0],
    )

"""A round of practice for who comes first to review: nothing of it is kept in any corpus."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from annotator.pages.base import render_page
from annotator.pages.queue import PRACTISED, take_next
from annotator.selectors import own_work, wire
from annotator.web.requests import UserRequest
from corpus import guideline
from corpus.core import practice
from corpus.core.problems import Problem
from corpus.models import Corpus
from corpus.selectors import corpus_for, schema_rows


@require_http_methods(["GET", "HEAD", "POST"])
@ensure_csrf_cookie
def practice_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show the round; a POST leaves it, for the first document or back to one's queue."""
    corpus = corpus_for(request.user, slug, "review")
    if request.method == "POST":
        request.session[PRACTISED] = True
        if own_work.is_newcomer(request.user):
            return take_next(request, corpus)
        return redirect("queue", slug=slug)
    return render_page(
        request,
        corpus,
        "annotator/practice.html",
        workspace=_workspace(corpus, request.user.get_username()),
        guideline=guideline.read(corpus.guideline)[0],
    )


def _workspace(corpus: Corpus, owner: str) -> dict[str, Any]:
    """Return the round as the review page reads a document."""
    schema = schema_rows(corpus.schema).view if corpus.schema else None
    found = practice.round_for(schema) if schema else None
    if schema is None or found is None:
        raise Problem("not-found", what="practice round", name=corpus.slug)
    kwargs = {"slug": corpus.slug}
    here = reverse("practice", kwargs=kwargs)
    nothing: dict[str, Any] = {"spans": [], "links": [], "attributes": {}, "rejected": []}
    return {
        "document": {
            "id": "practice",
            "title": found["title"],
            "text": found["text"],
            "words": len(found["text"].split()),
            "targets": [],
            "default_target": None,
        },
        "corpus": {"slug": corpus.slug, "name": corpus.name},
        "schema": schema.as_json(),
        "layer": {"version": 0, "state": "open", "blind": False, "owner": owner},
        "suggestions": wire.layer_json(practice.suggestions_of(found)),
        **nothing,
        "history": [],
        "practice": {"steps": found["steps"]},
        "urls": {"corpus": reverse("corpus", kwargs=kwargs), "decisions": here},
    }

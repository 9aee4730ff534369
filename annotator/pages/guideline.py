"""The annotators' guideline."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from annotator.pages.base import render_page
from annotator.web.requests import UserRequest
from corpus import guideline
from corpus.selectors import corpus_for


@require_safe
def guideline_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show the annotators' guideline."""
    corpus = corpus_for(request.user, slug)
    html, sections = guideline.read(corpus.guideline)
    return render_page(request, corpus, "annotator/guideline.html", html=html, sections=sections)

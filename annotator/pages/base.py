"""What the pages of a corpus share."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from annotator.pages.labels import sheet_of
from annotator.web.requests import UserRequest
from corpus import permissions
from corpus.models import Corpus


def render_page(
    request: UserRequest, corpus: Corpus, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Render a page of a corpus, which knows what this person may do there."""
    held = permissions.roles(request.user, corpus)
    may = {act.replace(" ", "_"): bool(held & roles) for act, roles in permissions.ACTS.items()}
    shared = {"corpus": corpus, "may": may, "label_sheet": sheet_of(corpus)}
    return render(request, template, {**shared, **context}, status=status)

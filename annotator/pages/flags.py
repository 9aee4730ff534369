"""The frames that reviewers flagged because the guideline does not settle them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from annotator.pages.base import render_page
from annotator.selectors import notes
from annotator.services import notes as services
from annotator.web.requests import UserRequest, whole_number
from corpus import guideline
from corpus.selectors import corpus_for


@require_safe
def flags_page(request: UserRequest, slug: str) -> HttpResponse:
    """List what is flagged, newest first, with the number for each section of the guideline."""
    corpus = corpus_for(request.user, slug, "manage")
    section = request.GET.get("section")
    before = whole_number(request.GET.get("before", ""))
    flags, following = notes.open_flags(corpus, by=request.user, before=before, section=section)
    _, sections = guideline.read(corpus.guideline)
    titles = {section.slug: section.title for section in sections}
    counts = [
        (name, titles.get(name, name), number)
        for name, number in notes.flags_by_section(corpus, by=request.user).items()
    ]
    return render_page(
        request,
        corpus,
        "annotator/flags.html",
        rows=[(flag, titles.get(flag.section, flag.section)) for flag in flags],
        counts=sorted(counts, key=lambda row: (-row[2], row[1])),
        section=section,
        following=following,
        kept="" if section is None else urlencode({"section": section}),
    )


@require_POST
def settle_flag(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Mark a flag as dealt with."""
    corpus = corpus_for(request.user, slug, "manage")
    services.settle_flag(corpus, pk, by=request.user)
    messages.success(request, "Marked as dealt with.")
    return redirect("flags", slug=slug)

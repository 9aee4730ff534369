"""The settings of a corpus: what it is called, how it is read, and its webhooks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotator.pages.base import render_page
from annotator.selectors.layers import suggesters_of
from annotator.services import language_models, suggest
from annotator.web.requests import UserRequest
from corpus import guideline
from corpus.core.problems import Problem
from corpus.core.schema_templates import TEMPLATES
from corpus.forms import SettingsForm
from corpus.models import Corpus
from corpus.selectors import corpus_for
from corpus.services import corpora as services
from corpus.webhooks import settings as webhooks
from corpus.webhooks.delivery import ACTS

# In the order of `delivery.ACTS`.
ACT_WORDS = ("a review handed in", "a document settled", "a release made")
WEBHOOK_ACTS = list(zip(ACTS, ACT_WORDS, strict=True))


@require_http_methods(["GET", "POST"])
def settings_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show and change what a corpus is called and how it is read."""
    corpus = corpus_for(request.user, slug, "manage")
    form = _form(corpus, request.POST or None, begin=request.GET.get("begin", ""))
    if request.method == "POST" and form.is_valid():
        changed = services.change_corpus(corpus, form.cleaned_data, by=request.user)
        messages.success(
            request, f"Saved: {', '.join(changed)}." if changed else "Nothing was changed."
        )
        return redirect("settings", slug=slug)
    return _render(request, corpus, form=form, status=400 if form.errors else 200)


@require_POST
def guideline_preview(request: UserRequest, slug: str) -> HttpResponse:
    """Show a guideline that somebody writes as its readers will see it; nothing is saved."""
    corpus_for(request.user, slug, "manage")
    source = request.POST.get("guideline", "")[: guideline.LONGEST]
    html, _ = guideline.read(source)
    return render(request, "annotator/_guideline_preview.html", {"html": html})


@require_POST
@never_cache
def add_webhook(request: UserRequest, slug: str) -> HttpResponse:
    """Have an address told of events; its secret is shown once."""
    corpus = corpus_for(request.user, slug, "manage")
    url, acts = request.POST.get("url", "").strip(), request.POST.getlist("acts")
    try:
        made = webhooks.add(corpus, url, acts, by=request.user)
    except Problem as problem:
        # The form keeps what was typed.
        return _render(
            request, corpus, problem=problem, url=url, chosen=acts, status=problem.status
        )
    return _render(request, corpus, made=made)


@require_POST
def webhook_act(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """End a webhook, or try it out."""
    corpus = corpus_for(request.user, slug, "manage")
    if request.POST.get("act") == "end":
        webhooks.end(corpus, pk, by=request.user)
        messages.success(request, "The webhook is ended.")
    else:
        webhooks.try_out(corpus, pk, by=request.user)
        messages.success(
            request, "An event is on its way; load the page again in a moment to see the answer."
        )
    return redirect(f"{reverse('settings', kwargs={'slug': slug})}#webhooks")


def _form(corpus: Corpus, data: object = None, *, begin: str = "") -> SettingsForm:
    form = SettingsForm(
        data,
        corpus=corpus,
        suggesters=suggesters_of(corpus),
        unasked=bool(suggest.on_import(corpus)),
        language_model=language_models.told(),
    )
    if begin in TEMPLATES and not corpus.guideline:
        form.initial["guideline"] = TEMPLATES[begin].guideline
    return form


def _render(
    request: UserRequest, corpus: Corpus, *, form: SettingsForm | None = None, **context: Any
) -> HttpResponse:
    form = form or _form(corpus)
    return render_page(
        request,
        corpus,
        "annotator/settings.html",
        form=form,
        preview=guideline.read(str(form["guideline"].value() or ""))[0],
        templates=() if corpus.guideline else TEMPLATES.values(),
        hooks=webhooks.webhooks_of(corpus)[0],
        acts=WEBHOOK_ACTS,
        **context,
    )

"""The pages on which a corpus is made, set up, watched and deleted."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.pages.documents import render_page
from corpus.core.problems import Problem
from corpus.core.values import no_formula
from corpus.forms import CorpusForm, SettingsForm
from corpus.models import Corpus, Event
from corpus.selectors import corpus_for
from corpus.services import audit
from corpus.services import corpora as services
from corpus.webhooks import settings as webhooks
from corpus.webhooks.delivery import ACTS

TOLD = [
    (act, words)
    for act, words in zip(
        ACTS, ("a review handed in", "a document settled", "a release made"), strict=True
    )
]
HEAD = ("at", "by", "act", "what", "details")


class AuditForm(forms.Form):
    """What the audit log can be narrowed by."""

    name = forms.CharField(max_length=150, required=False, label="Who", strip=True)
    act = forms.ChoiceField(
        choices=[("", "anything"), *((act, act.replace("-", " ")) for act in audit.ACTS)],
        required=False,
        label="Did",
    )
    since = forms.DateField(required=False, label="From")
    until = forms.DateField(required=False, label="To")


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a corpus."""
    if not request.user.has_perm("corpus.add_corpus"):
        raise Problem("corpus-creator")
    form = CorpusForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.start_corpus(**form.cleaned_data, by=request.user)
        except Problem as problem:
            form.add_error("slug", problem.message)
        else:
            messages.success(
                request, f"{made.name} is made. Bring articles in, then invite people."
            )
            return redirect("uploads", slug=made.slug)
    return render(request, "corpus/new.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def settings_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and change what a corpus is called and how it is read."""
    corpus = corpus_for(request.user, slug, "manage")
    form = SettingsForm(request.POST or None, corpus=corpus)
    if request.method == "POST" and form.is_valid():
        changed = services.change_corpus(corpus, form.cleaned_data, by=request.user)
        messages.success(
            request, f"Saved: {', '.join(changed)}." if changed else "Nothing was changed."
        )
        return redirect("settings", slug=slug)
    return _settings(request, corpus, form=form, status=400 if form.errors else 200)


def _settings(
    request: HttpRequest, corpus: Corpus, *, status: int = 200, **more: Any
) -> HttpResponse:
    more = {"form": SettingsForm(corpus=corpus), **more}
    answer = render_page(
        request,
        corpus,
        "corpus/settings.html",
        hooks=webhooks.webhooks_of(corpus),
        acts=TOLD,
        **more,
    )
    answer.status_code = status
    return answer


@require_POST
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete a corpus; the list of corpora offers to bring it back."""
    corpus = corpus_for(request.user, slug, "manage")
    services.delete_corpus(corpus, by=request.user)
    messages.success(
        request, f"{corpus.name} is deleted. Nothing of it is lost: bring it back below."
    )
    return redirect("corpora")


@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    """Bring a deleted corpus back."""
    corpus = services.restore_corpus(request.POST.get("slug", ""), by=request.user)
    messages.success(request, f"{corpus.name} is back.")
    return redirect("corpus", slug=corpus.slug)


@require_POST
@never_cache
def add_webhook(request: HttpRequest, slug: str) -> HttpResponse:
    """Have an address told of events; its secret is shown once."""
    corpus = corpus_for(request.user, slug, "manage")
    url, acts = request.POST.get("url", "").strip(), request.POST.getlist("acts")
    try:
        made = webhooks.add(corpus, url, acts, by=request.user)
    except Problem as problem:
        return _settings(
            request, corpus, problem=problem, url=url, chosen=acts, status=problem.status
        )
    return _settings(request, corpus, made=made)


@require_POST
def webhook_act(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
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


@require_safe
def audit_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who did what, newest first."""
    corpus = corpus_for(request.user, slug, "manage")
    form = AuditForm(request.GET)
    page: list[Event] = []
    following = 0
    if form.is_valid():
        before = request.GET.get("before", "")
        start = int(before) if before.isdecimal() and len(before) < 19 else 0
        page, following = audit.events(corpus, audit.EventFilter(**form.cleaned_data), before=start)
    asked = request.GET.copy()
    asked.pop("before", None)
    return render_page(
        request,
        corpus,
        "corpus/audit.html",
        form=form,
        rows=[(event, audit.sentence(event)) for event in page],
        following=following,
        asked=asked.urlencode(),
        narrowed=any(form.cleaned_data.values()),
    )


@require_safe
def audit_csv(request: HttpRequest, slug: str) -> HttpResponse | StreamingHttpResponse:
    """Return the events that are wanted, as CSV."""
    corpus = corpus_for(request.user, slug, "manage")
    form = AuditForm(request.GET)
    if not form.is_valid():
        raise Problem(
            "request-invalid", reason="; ".join(f"{k}: {v[0]}" for k, v in form.errors.items())
        )
    rows = _rows(corpus, audit.EventFilter(**form.cleaned_data))
    name = f'attachment; filename="{corpus.slug}-audit.csv"'
    return StreamingHttpResponse(
        rows, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
    )


class _Line:
    """A file that gives back what is written, for the csv module."""

    def write(self, text: str) -> str:
        """Return it."""
        return text


def _rows(corpus: Corpus, wanted: audit.EventFilter) -> Iterator[str]:
    out = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    yield out.writerow(HEAD)
    for event in audit.every_event(corpus, wanted):
        details = json.dumps(event.details, ensure_ascii=False)
        cells = (event.at.isoformat(), event.name, event.act, audit.sentence(event), details)
        yield out.writerow(no_formula(cell) for cell in cells)

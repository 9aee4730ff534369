"""The audit log of a corpus: who did what, as a page and as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator

from django import forms
from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from annotator.pages.base import render_page
from annotator.web.requests import UserRequest, whole_number
from corpus.core.problems import Problem
from corpus.core.values import no_formula
from corpus.models import Corpus, Event
from corpus.selectors import corpus_for
from corpus.services import audit

COLUMNS = ("at", "by", "act", "what", "details")


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


@require_safe
def audit_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show who did what, newest first."""
    corpus = corpus_for(request.user, slug, "manage")
    form = AuditForm(request.GET)
    events: list[Event] = []
    following = 0
    if form.is_valid():
        before = whole_number(request.GET.get("before", ""))
        events, following = audit.events(
            corpus, audit.EventFilter(**form.cleaned_data), before=before
        )
    query = request.GET.copy()
    query.pop("before", None)
    return render_page(
        request,
        corpus,
        "annotator/audit.html",
        form=form,
        rows=[(event, audit.sentence(event)) for event in events],
        following=following,
        query=query.urlencode(),
        narrowed=any(form.cleaned_data.values()),
    )


@require_safe
def audit_csv(request: UserRequest, slug: str) -> HttpResponse | StreamingHttpResponse:
    """Return the events that are wanted, as CSV."""
    corpus = corpus_for(request.user, slug, "manage")
    form = AuditForm(request.GET)
    if not form.is_valid():
        reasons = [f"{field}: {errors[0]}" for field, errors in form.errors.items()]
        raise Problem("request-invalid", reason="; ".join(reasons))
    return StreamingHttpResponse(
        _csv_lines(corpus, audit.EventFilter(**form.cleaned_data)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{corpus.slug}-audit.csv"'},
    )


class _Line:
    """A file that gives back what is written, for the csv module."""

    def write(self, text: str) -> str:
        """Return it."""
        return text


def _csv_lines(corpus: Corpus, wanted: audit.EventFilter) -> Iterator[str]:
    out = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    yield out.writerow(COLUMNS)
    for event in audit.every_event(corpus, wanted):
        details = json.dumps(event.details, ensure_ascii=False)
        cells = (event.at.isoformat(), event.name, event.act, audit.sentence(event), details)
        # A spreadsheet would run a cell that begins like a formula.
        yield out.writerow(no_formula(cell) for cell in cells)

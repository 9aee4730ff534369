"""The audit log of a corpus: who did what and when.

The decisions are not in it: they have a log of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from corpus.db.paging import keyset_page
from corpus.models import Corpus, Document, Event
from corpus.permissions import User
from corpus.webhooks import delivery

# Every act that is noted, and its sentence; `details` fill the braces.
ACTS = {
    "created": "created the corpus",
    "changed": "changed {fields}",
    "suggesters": "chose what suggests: {names}, from {threshold} on",
    "schema": "changed the schema to version {version}",
    "patterns": "saved version {version} of the patterns: {count}",
    "pipeline": "said what the names of the pipeline {pipeline} are called here",
    "deleted": "deleted the corpus",
    "restored": "brought the corpus back",
    "role-given": "made {name} a {role}",
    "role-taken": "took the role {role} from {name}",
    "invited": "invited a {role} by link ({note})",
    "uninvited": "ended the invitation {note}",
    "joined": "joined as {role} by invitation",
    "planned": "changed the plan: {changes}",
    "sampled": "made {document} a document for everybody: {kind}",
    "unsampled": "made {document} an ordinary document again",
    "moved": "handed {document} on from {of} to {to}",
    "ruled": "changed the rules for disputes: {changes}",
    "assigned": "gave {count} disputes to {to}",
    "job": "started a job: {kind}",
    "job-cancelled": "cancelled a job: {kind}",
    "submitted": "handed in {document}",
    "reopened": "reopened their review of {document}",
    "opened-again": "opened {count} reviews of {document} again, whose text was corrected",
    "given-back": "opened the review of {document} by {of} again",
    "settled-many": "settled {count} disputes {how}",
    "reopened-many": "opened {count} disputes again",
    "settled": "settled the last dispute of {document}",
    "example": "put a settled dispute of {document} into the guideline, under “{section}”",
    "policy": "ran the policy {policy}: {documents} documents",
    "released": "made the release {release}",
    "replaced": "replaced the texts of {count} documents: {documents}",
    "described": "changed what is said of {count} documents: {documents}",
    "withdrawn": "erased the text of {document}",
    "removed": "removed {document}: {reason}",
    "put-back": "put {document} back",
    "webhook-added": "has {url} told of what happens",
    "webhook-ended": "ended the webhook to {url}",
    "test": "tried the webhook to {url}",
}
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to show: of one person (by name), of one act, of some days; all when empty."""

    name: str = ""
    act: str = ""
    since: date | None = None
    until: date | None = None


def note(corpus: Corpus, act: str, *, by: User | None, **details: Any) -> Event:
    """Note what was done, in the transaction that does it, and queue it for the webhooks.

    `by` is None for the command line and for policies.
    """
    # Raises when the act is unknown or a detail of its sentence is missing.
    ACTS[act].format_map(details)
    name = by.get_username() if by is not None else ""
    event = Event.objects.create(
        corpus=corpus,
        user_id=by.pk if by is not None else None,
        name=name,
        act=act,
        details=details,
    )
    delivery.enqueue(event)
    return event


def sentence(event: Event) -> str:
    """Return an event as a sentence without its subject."""
    if event.act not in ACTS:
        # Of a later version of the site.
        return event.act
    return ACTS[event.act].format_map(event.details)


def events(
    corpus: Corpus, chosen: EventFilter, *, before: int = 0, size: int = PAGE_SIZE
) -> tuple[list[Event], int]:
    """Return a page of events, newest first, and the key that the next page stands before.

    The key is 0 at the end.
    """
    rows = _events(corpus, chosen)
    if before:
        rows = rows.filter(pk__lt=before)
    return keyset_page(rows, size)


def every_event(corpus: Corpus, chosen: EventFilter) -> Iterator[Event]:
    """Yield all events that are chosen, newest first."""
    yield from _events(corpus, chosen).iterator(1000)


def _events(corpus: Corpus, chosen: EventFilter) -> QuerySet[Event]:
    rows = Event.objects.filter(corpus=corpus).order_by("-pk")
    if chosen.name:
        rows = rows.filter(name=chosen.name)
    if chosen.act:
        rows = rows.filter(act=chosen.act)
    if chosen.since:
        rows = rows.filter(at__date__gte=chosen.since)
    if chosen.until:
        rows = rows.filter(at__date__lte=chosen.until)
    return rows


def erase_said(corpus: Corpus, said: re.Pattern[str]) -> None:
    """Take out of the log how disputes were settled in words that were erased."""
    for event in Event.objects.filter(corpus=corpus, act="settled-many"):
        how = str(event.details.get("how", ""))
        if said.search(how):
            Event.objects.filter(pk=event.pk).update(details={**event.details, "how": "…"})


def erase_reasons(corpus: Corpus, documents: Sequence[Document]) -> None:
    """Take out of the log why documents were removed: it may quote what was erased."""
    names = {document.external_id for document in documents}
    for event in Event.objects.filter(corpus=corpus, act="removed").iterator(1000):
        if event.details.get("document") in names:
            Event.objects.filter(pk=event.pk).update(details={**event.details, "reason": "…"})

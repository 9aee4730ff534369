"""The audit log of a corpus: who did what and when, beside the decisions, which have a log of their
own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from corpus.db.paging import keyset_page
from corpus.models import Corpus, Event
from corpus.webhooks import delivery

# Every act that is noted, and the sentence that tells it; `details` fill the braces.
ACTS = {
    "created": "created the corpus",
    "changed": "changed {fields}",
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
    "settled": "settled the last dispute of {document}",
    "policy": "ran the policy {policy}: {documents} documents",
    "released": "made the release {release}",
    "withdrawn": "erased the text of {document}",
    "webhook-added": "has {url} told of what happens",
    "webhook-ended": "ended the webhook to {url}",
    "test": "tried the webhook to {url}",
}
PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events to show: of one person (by name), of one act, of some days; all when empty."""

    name: str = ""
    act: str = ""
    since: date | None = None
    until: date | None = None


def note(
    corpus: Corpus, act: str, *, by: AbstractBaseUser | AnonymousUser | None, **details: Any
) -> Event:
    """Note what was done, in the transaction that does it, and queue it for the webhooks that want
    it.

    `by` is None for the command line and for policies.
    """
    ACTS[act].format_map(details)
    name = by.get_username() if by is not None else ""
    event = Event.objects.create(
        corpus=corpus,
        user_id=by.pk if by is not None else None,
        name=name,
        act=act,
        details=details,
    )
    delivery.queue(event)
    return event


def told(event: Event) -> str:
    """Return an event as a sentence without its subject."""
    return ACTS[event.act].format_map(event.details) if event.act in ACTS else event.act


def events(
    corpus: Corpus, wanted: Wanted, *, before: int = 0, size: int = PAGE
) -> tuple[list[Event], int]:
    """Return a page of events, newest first, and the key that the next page stands before (0 at the
    end).
    """
    found = _found(corpus, wanted)
    if before:
        found = found.filter(pk__lt=before)
    return keyset_page(found, size)


def every_event(corpus: Corpus, wanted: Wanted) -> Iterator[Event]:
    """Yield all events that are wanted, newest first."""
    yield from _found(corpus, wanted).iterator(1000)


def _found(corpus: Corpus, wanted: Wanted) -> Any:
    found = Event.objects.filter(corpus=corpus).order_by("-pk")
    if wanted.name:
        found = found.filter(name=wanted.name)
    if wanted.act:
        found = found.filter(act=wanted.act)
    if wanted.since:
        found = found.filter(at__date__gte=wanted.since)
    if wanted.until:
        found = found.filter(at__date__lte=wanted.until)
    return found

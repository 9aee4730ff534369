"""The webhooks of a corpus: added, tried and ended by its managers."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from corpus import permissions
from corpus.core.problems import Problem
from corpus.db.paging import keyset_page
from corpus.models import Corpus, Delivery, Webhook
from corpus.services import audit
from corpus.webhooks import delivery

LIMIT = 10
URL_LENGTH = 500
# How many deliveries of each webhook are shown.
SHOWN = 5


def add(corpus: Corpus, url: str, acts: list[str], *, by: permissions.User) -> Webhook:
    """Have acts delivered to an address.

    Raises `Problem` for an address that cannot be reached and for unknown acts.
    """
    permissions.require(by, "manage", corpus)
    _check_url(url)
    if not acts or not set(acts) <= set(delivery.ACTS):
        reason = f"choose what it is told: {', '.join(delivery.ACTS)}"
        raise Problem("request-invalid", reason=reason)
    delivery.address_of(url)
    with transaction.atomic():
        if Webhook.objects.filter(corpus=corpus).count() >= LIMIT:
            reason = f"this corpus has {LIMIT} webhooks; end one first"
            raise Problem("request-invalid", reason=reason)
        webhook = Webhook.objects.create(
            corpus=corpus, url=url, acts=sorted(set(acts)), secret=secrets.token_urlsafe(32)
        )
        audit.note(corpus, "webhook-added", by=by, url=url)
    return webhook


def end(corpus: Corpus, pk: int, *, by: permissions.User) -> None:
    """Deliver nothing more to an address; ending it twice is once."""
    permissions.require(by, "manage", corpus)
    with transaction.atomic():
        webhook = Webhook.objects.filter(corpus=corpus, pk=pk).first()
        if webhook is not None:
            webhook.delete()
            audit.note(corpus, "webhook-ended", by=by, url=webhook.url)


def try_out(corpus: Corpus, pk: int, *, by: permissions.User) -> None:
    """Queue an event that says nothing but that the webhook works."""
    permissions.require(by, "manage", corpus)
    webhook = Webhook.objects.filter(corpus=corpus, pk=pk).first()
    if webhook is None:
        raise Problem("not-found", what="webhook", name=pk)
    with transaction.atomic():
        event = audit.note(corpus, "test", by=by, url=webhook.url)
        delivery.enqueue_for(webhook, event)


def webhooks_of(
    corpus: Corpus, *, after: int = 0, size: int = 50
) -> tuple[list[tuple[Webhook, list[Delivery]]], int]:
    """Return a page of the webhooks of a corpus, oldest first, each with its newest deliveries.

    With it comes the key to go on after, 0 at the end.
    """
    webhooks = Webhook.objects.filter(corpus=corpus, pk__gt=after).order_by("pk")
    page, following = keyset_page(webhooks, size)
    rows = []
    for webhook in page:
        newest = webhook.deliveries.select_related("event").order_by("-pk")[:SHOWN]
        rows.append((webhook, list(newest)))
    return rows, following


def _check_url(url: str) -> None:
    """Raise `Problem` for what is no address that a request can be sent to as it stands."""
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError:
        raise Problem("webhook-address", url=url, reason="it is no http or https address") from None
    if not (url.isascii() and url.isprintable()):
        reason = "write its path with %XX and its host with xn-- where it is not plain ASCII"
        raise Problem("webhook-address", url=url, reason=reason)
    if "@" in urlsplit(url).netloc:
        reason = "a name or password in it would be shown to every manager"
        raise Problem("webhook-address", url="…", reason=reason)
    if len(url) > URL_LENGTH:
        reason = f"it is longer than {URL_LENGTH} characters"
        raise Problem("webhook-address", url=url[:100], reason=reason)

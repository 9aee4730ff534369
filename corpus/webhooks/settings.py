"""The webhooks of a corpus: made, tried and ended by its managers."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone

from corpus import permissions
from corpus.core.problems import Problem
from corpus.models import Corpus, Delivery, Webhook
from corpus.services import audit
from corpus.webhooks.delivery import ACTS, address_of

MOST = 10
LONGEST = 500


def add(corpus: Corpus, url: str, acts: list[str], *, by: AbstractBaseUser) -> Webhook:
    """Have an address told of acts; raise `Problem` for one that cannot be told and for unknown
    acts.
    """
    permissions.require(by, "manage", corpus)
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError:
        raise Problem("webhook-address", url=url, reason="it is no http or https address") from None
    if not (url.isascii() and url.isprintable()):
        reason = "write its path with %XX and its host with xn-- where it is not plain ASCII"
        raise Problem("webhook-address", url=url, reason=reason)
    if "@" in urlsplit(url).netloc:
        raise Problem(
            "webhook-address",
            url="…",
            reason="a name or password in it would be shown to every manager",
        )
    if len(url) > LONGEST:
        raise Problem(
            "webhook-address", url=url[:100], reason=f"it is longer than {LONGEST} characters"
        )
    if not acts or not set(acts) <= set(ACTS):
        raise Problem("request-invalid", reason=f"choose what it is told: {', '.join(ACTS)}")
    address_of(url)
    with transaction.atomic():
        if Webhook.objects.filter(corpus=corpus).count() >= MOST:
            raise Problem(
                "request-invalid", reason=f"this corpus has {MOST} webhooks; end one first"
            )
        made = Webhook.objects.create(
            corpus=corpus, url=url, acts=sorted(set(acts)), secret=secrets.token_urlsafe(32)
        )
        audit.note(corpus, "webhook-added", by=by, url=url)
    return made


def end(corpus: Corpus, pk: int, *, by: AbstractBaseUser) -> None:
    """Tell an address nothing any more; ending it twice is once."""
    permissions.require(by, "manage", corpus)
    with transaction.atomic():
        for hook in Webhook.objects.filter(corpus=corpus, pk=pk):
            hook.delete()
            audit.note(corpus, "webhook-ended", by=by, url=hook.url)


def try_out(corpus: Corpus, pk: int, *, by: AbstractBaseUser) -> None:
    """Queue an event that says nothing but that the webhook works."""
    permissions.require(by, "manage", corpus)
    hook = Webhook.objects.filter(corpus=corpus, pk=pk).first()
    if hook is None:
        raise Problem("not-found", what="webhook", name=pk)
    with transaction.atomic():
        event = audit.note(corpus, "test", by=by, url=hook.url)
        Delivery.objects.create(webhook=hook, event=event, next_at=timezone.now())


def webhooks_of(corpus: Corpus) -> list[tuple[Webhook, list[Delivery]]]:
    """Return the webhooks of a corpus, each with its newest deliveries."""
    hooks = Webhook.objects.filter(corpus=corpus).order_by("pk")
    return [
        (hook, list(hook.deliveries.select_related("event").order_by("-pk")[:5])) for hook in hooks
    ]

"""Webhooks: events of a corpus told to an address over HTTP, signed, and tried again while it does not answer.

A delivery is a row; whoever changes its number of attempts first tells it, so that workers do not tell it twice at
once. The receiver checks `Saidby-Signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of `SECONDS.BODY` with the
secret, and may get a delivery twice when its own answer was lost: `id` names it.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import socket
import time
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from corpus.core.problems import Problem
from corpus.models import Delivery, DeliveryState, Event, Webhook

ACTS = ("submitted", "settled", "released")
# The waits between attempts; after the last the delivery is given up.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 2 * 60, 8 * 60, 24 * 60))
TIMEOUT = 10
AT_ONCE = 50


def queue(event: Event) -> None:
    """Queue an event for the webhooks that are told of such."""
    if event.act in ACTS:
        hooks = [h for h in Webhook.objects.filter(corpus=event.corpus_id) if event.act in h.acts]
        Delivery.objects.bulk_create(Delivery(webhook=h, event=event, next_at=timezone.now()) for h in hooks)


def deliver_due() -> int:
    """Tell what is due; return how many deliveries were tried."""
    due = Delivery.objects.filter(state=DeliveryState.WAITING, next_at__lte=timezone.now())
    tried = 0
    for delivery in due.select_related("webhook", "event__corpus").order_by("next_at")[:AT_ONCE]:
        wait = WAITS[min(delivery.attempts, len(WAITS) - 1)]
        # Only one worker changes the row; should it die now, the delivery is tried again after the wait.
        mine = due.filter(pk=delivery.pk, attempts=delivery.attempts)
        if mine.update(attempts=delivery.attempts + 1, next_at=timezone.now() + wait):
            _try(delivery)
            tried += 1
    return tried


def _try(delivery: Delivery) -> None:
    answer = _tell(delivery.webhook, body(delivery.event))
    delivery.answer = answer[:200]
    if answer.startswith("2"):
        delivery.state = DeliveryState.DONE
    elif delivery.attempts + 1 > len(WAITS):
        delivery.state = DeliveryState.FAILED
    delivery.save(update_fields=["answer", "state"])


def body(event: Event) -> bytes:
    """Return what a webhook is told of an event."""
    return json.dumps({
        "id": event.pk, "event": event.act, "corpus": event.corpus.slug, "at": event.at.isoformat(), "by": event.name,
        "details": event.details,
    }, ensure_ascii=False).encode()  # fmt: skip


def signature(secret: str, seconds: int, data: bytes) -> str:
    """Return the value of the header that proves who tells it, and when."""
    mac = hmac.new(secret.encode(), f"{seconds}.".encode() + data, hashlib.sha256)
    return f"t={seconds},v1={mac.hexdigest()}"


def _tell(hook: Webhook, data: bytes) -> str:
    """Send it once, following no redirect; return the status of the answer, or what went wrong."""
    url = urlsplit(hook.url)
    try:
        address = address_of(hook.url)
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        connection: HTTPConnection = kind(url.hostname or "", url.port, timeout=TIMEOUT)
        # The address that was looked at is the one that is told: a name may point elsewhere a moment later.
        connection._create_connection = lambda to, *more: socket.create_connection((address, to[1]), *more)
        headers = {
            "Content-Type": "application/json", "User-Agent": "Saidby",
            "Saidby-Signature": signature(hook.secret, int(time.time()), data),
        }  # fmt: skip
        try:
            connection.request("POST", (url.path or "/") + (f"?{url.query}" if url.query else ""), data, headers)
            answer = connection.getresponse()
            return f"{answer.status} {answer.reason}"
        finally:
            connection.close()
    except Problem as problem:
        return problem.message
    except (OSError, HTTPException, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def address_of(url: str) -> str:
    """Return the IP address of a URL's host; raise `Problem` for one inside, which nobody shall reach through us."""
    parts: Any = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as error:
        raise Problem("webhook-address", url=url, reason=f"its host is not known ({error})") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not settings.HOOKS_INSIDE and not all(ipaddress.ip_address(a).is_global for a in addresses):
        reason = "its host is in a private network; set SAIDBY_HOOKS_INSIDE=1 to allow that"
        raise Problem("webhook-address", url=url, reason=reason)
    return addresses[0]

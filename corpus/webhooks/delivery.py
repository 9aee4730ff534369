"""Webhook delivery: events of a corpus are posted to an address, signed, until it answers.

A delivery is a row; the worker that is first to change its number of attempts sends it, so that no
two send it at once. The receiver checks `Saidby-Signature: t=SECONDS,v1=HEX`, where HEX is the
HMAC-SHA256 of `SECONDS.BODY` with the secret, and may get a delivery twice when its own answer was
lost: `id` names it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from http.client import HTTPException

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from corpus.core import addresses
from corpus.core.addresses import Deadline
from corpus.core.problems import Problem
from corpus.models import Delivery, DeliveryState, Event, Webhook

ACTS = ("submitted", "settled", "released")
# The waits between attempts; after the last the delivery is given up.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 2 * 60, 8 * 60, 24 * 60))
# How long a receiver may take in all, and how long one round of deliveries begins new ones.
TIMEOUT = 10.0
LATE = "it took too long to answer"
AT_ONCE = 8


def enqueue(event: Event) -> None:
    """Queue an event for the webhooks of its corpus that want such."""
    if event.act not in ACTS:
        return
    for webhook in Webhook.objects.filter(corpus=event.corpus_id):
        if event.act in webhook.acts:
            enqueue_for(webhook, event)


def enqueue_for(webhook: Webhook, event: Event) -> None:
    """Queue an event for one webhook."""
    Delivery.objects.create(webhook=webhook, event=event, next_at=timezone.now())


def deliver_due() -> int:
    """Deliver what is due; return how many deliveries were tried.

    Several webhooks are served at once, each of them one delivery after the other.
    """
    webhooks = deque(_due().order_by("webhook").values_list("webhook", flat=True).distinct())
    tried = 0
    ends = time.monotonic() + TIMEOUT
    # The threads only talk to receivers; the database is read and written from here.
    pending: dict[Future[str], Delivery] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while webhooks or pending:
            while webhooks and len(pending) < AT_ONCE:
                delivery = _claim_next(webhooks.popleft())
                if delivery is not None:
                    future = pool.submit(_send, delivery.webhook, body(delivery.event))
                    pending[future] = delivery
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                delivery = pending.pop(future)
                _record(delivery, future.result())
                tried += 1
                if time.monotonic() < ends:
                    webhooks.append(delivery.webhook_id)
    return tried


def _due() -> QuerySet[Delivery]:
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING, next_at__lte=timezone.now())
    return waiting.filter(webhook__corpus__deleted_at__isnull=True)


def _claim_next(webhook: int) -> Delivery | None:
    """Return the oldest delivery that is due for a webhook, claimed from the other workers."""
    due = _due().filter(webhook=webhook).order_by("next_at", "pk")
    due = due.select_related("webhook", "event__corpus")
    while delivery := due.first():
        pause = WAITS[min(delivery.attempts, len(WAITS) - 1)]
        # Only one worker changes the row; should it die now, the delivery is tried again after the
        # wait.
        unclaimed = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts)
        if unclaimed.update(attempts=delivery.attempts + 1, next_at=timezone.now() + pause):
            return delivery
    return None


def _record(delivery: Delivery, answer: str) -> None:
    if answer.startswith("2"):
        delivery.state = DeliveryState.DONE
    elif delivery.attempts + 1 > len(WAITS):
        delivery.state = DeliveryState.FAILED
    # Its webhook may have been ended meanwhile, and the row with it.
    Delivery.objects.filter(pk=delivery.pk).update(answer=answer[:200], state=delivery.state)


def body(event: Event) -> bytes:
    """Return what a webhook gets of an event."""
    return json.dumps(
        {
            "id": event.pk,
            "event": event.act,
            "corpus": event.corpus.slug,
            "at": event.at.isoformat(),
            "by": event.name,
            "details": event.details,
        },
        ensure_ascii=False,
    ).encode()


def signature(secret: str, seconds: int, data: bytes) -> str:
    """Return the value of the header that proves who sends it, and when."""
    mac = hmac.new(secret.encode(), f"{seconds}.".encode() + data, hashlib.sha256)
    return f"t={seconds},v1={mac.hexdigest()}"


def _send(webhook: Webhook, data: bytes) -> str:
    """Post once; return the status of the answer, or what went wrong."""
    deadline = Deadline(TIMEOUT)
    try:
        address = address_of(webhook.url)
        return _post(webhook, address, data, deadline)
    except Problem as problem:
        return problem.message
    except (OSError, HTTPException, ValueError) as error:
        return LATE if deadline.over else f"{type(error).__name__}: {error}"


def _post(webhook: Webhook, address: str, data: bytes, deadline: Deadline) -> str:
    """Post to an IP address what is for a webhook, following no redirect; return the status."""
    connection = addresses.connection_to(webhook.url, address, deadline)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Saidby",
        "Saidby-Signature": signature(webhook.secret, int(time.time()), data),
    }
    try:
        connection.request("POST", addresses.target_of(webhook.url), data, headers)
        answer = connection.getresponse()
        # A header that was cut off looks like a whole one.
        return LATE if deadline.over else f"{answer.status} {answer.reason}"
    finally:
        connection.close()
        deadline.end()


def address_of(url: str) -> str:
    """Return the IP address of a URL's host.

    Raises `Problem` for one in a private network, which nobody shall reach through us.
    """
    try:
        return addresses.address_of(url, inside=settings.HOOKS_INSIDE)
    except addresses.AddressInside:
        reason = "its host is in a private network; set SAIDBY_HOOKS_INSIDE=1 to allow that"
    except (OSError, UnicodeError, ValueError) as error:
        reason = f"its host is not known ({error})"
    raise Problem("webhook-address", url=url, reason=reason)

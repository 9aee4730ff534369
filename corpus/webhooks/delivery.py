"""Webhooks: events of a corpus told to an address over HTTP, signed, and tried again while it does
not answer.

A delivery is a row; whoever changes its number of attempts first tells it, so that workers do not
tell it twice at once. The receiver checks `Saidby-Signature: t=SECONDS,v1=HEX`, where HEX is the
HMAC-SHA256 of `SECONDS.BODY` with the secret, and may get a delivery twice when its own answer was
lost: `id` names it.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import socket
import threading
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from corpus.core.problems import Problem
from corpus.models import Delivery, DeliveryState, Event, Webhook

ACTS = ("submitted", "settled", "released")
# The waits between attempts; after the last the delivery is given up.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 2 * 60, 8 * 60, 24 * 60))
# How long a receiver may take in all, and how long one round of deliveries begins new ones.
TIMEOUT = 10.0
LATE = "it took too long to answer"
AT_ONCE = 8
# The internet's own IPv6 addresses: no gateway or tunnel to IPv4 but 6to4, which holds it in
# 2002::/16.
UNICAST = ipaddress.ip_network("2000::/3")


def queue(event: Event) -> None:
    """Queue an event for the webhooks that are told of such."""
    if event.act in ACTS:
        hooks = [h for h in Webhook.objects.filter(corpus=event.corpus_id) if event.act in h.acts]
        Delivery.objects.bulk_create(
            Delivery(webhook=h, event=event, next_at=timezone.now()) for h in hooks
        )


def deliver_due() -> int:
    """Tell what is due, several webhooks at once and each in its turn; return how many deliveries
    were tried.
    """
    hooks = deque(_due().order_by("webhook").values_list("webhook", flat=True).distinct())
    tried, ends = 0, time.monotonic() + TIMEOUT
    # The threads only talk to receivers; the database is asked from here.
    telling: dict[Future[str], Delivery] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while hooks or telling:
            while hooks and len(telling) < AT_ONCE:
                if delivery := _claimed(hooks.popleft()):
                    telling[pool.submit(_tell, delivery.webhook, body(delivery.event))] = delivery
            for future in wait(telling, return_when=FIRST_COMPLETED).done:
                delivery = telling.pop(future)
                _note(delivery, future.result())
                tried += 1
                if time.monotonic() < ends:
                    hooks.append(delivery.webhook_id)
    return tried


def _due() -> QuerySet[Delivery]:
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING, next_at__lte=timezone.now())
    return waiting.filter(webhook__corpus__deleted_at__isnull=True)


def _claimed(hook: int) -> Delivery | None:
    """Return the oldest delivery that is due for a webhook, as one that no other worker tries now."""
    due = (
        _due()
        .filter(webhook=hook)
        .select_related("webhook", "event__corpus")
        .order_by("next_at", "pk")
    )
    while delivery := due.first():
        pause = WAITS[min(delivery.attempts, len(WAITS) - 1)]
        # Only one worker changes the row; should it die now, the delivery is tried again after the
        # wait.
        mine = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts)
        if mine.update(attempts=delivery.attempts + 1, next_at=timezone.now() + pause):
            return delivery
    return None


def _note(delivery: Delivery, answer: str) -> None:
    if answer.startswith("2"):
        delivery.state = DeliveryState.DONE
    elif delivery.attempts + 1 > len(WAITS):
        delivery.state = DeliveryState.FAILED
    # Its webhook may have been ended meanwhile, and the row with it.
    Delivery.objects.filter(pk=delivery.pk).update(answer=answer[:200], state=delivery.state)


def body(event: Event) -> bytes:
    """Return what a webhook is told of an event."""
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
    """Return the value of the header that proves who tells it, and when."""
    mac = hmac.new(secret.encode(), f"{seconds}.".encode() + data, hashlib.sha256)
    return f"t={seconds},v1={mac.hexdigest()}"


def _tell(hook: Webhook, data: bytes) -> str:
    """Send it once, following no redirect; return the status of the answer, or what went wrong."""
    url = urlsplit(hook.url)
    deadline = Deadline(TIMEOUT)
    try:
        address = address_of(hook.url)
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        connection: HTTPConnection = kind(url.hostname or "", url.port, timeout=deadline.left)
        # The address that was looked at is the one that is told: a name may point elsewhere a
        # moment later.
        connection._create_connection = lambda to, *more: deadline.on(
            socket.create_connection((address, to[1]), *more)
        )
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Saidby",
            "Saidby-Signature": signature(hook.secret, int(time.time()), data),
        }
        try:
            connection.request(
                "POST", (url.path or "/") + (f"?{url.query}" if url.query else ""), data, headers
            )
            answer = connection.getresponse()
            # A header that was cut off looks like a whole one.
            return LATE if deadline.over else f"{answer.status} {answer.reason}"
        finally:
            connection.close()
            deadline.end()
    except Problem as problem:
        return problem.message
    except (OSError, HTTPException, ValueError) as error:
        return LATE if deadline.over else f"{type(error).__name__}: {error}"


class Deadline:
    """Ends a connection after a time, whatever it is at: a socket's own timeout begins anew with
    each byte.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._timer: threading.Timer | None = None

    @property
    def left(self) -> float:
        """Return the seconds that are left, and never none at all, which would mean not to wait."""
        return max(0.01, self._ends - time.monotonic())

    @property
    def over(self) -> bool:
        """Tell whether the time is up."""
        return time.monotonic() >= self._ends

    def on(self, sock: socket.socket) -> socket.socket:
        """Set it on a socket that was just connected, and return the socket."""
        # TLS takes the socket itself away, but ending a copy ends the connection as well.
        self._copy = sock.dup()
        self._timer = threading.Timer(self.left, self._cut)
        self._timer.daemon = True
        self._timer.start()
        return sock

    def _cut(self) -> None:
        with suppress(OSError):
            self._copy.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Forget it."""
        if self._timer is not None:
            self._timer.cancel()
            self._copy.close()


def address_of(url: str) -> str:
    """Return the IP address of a URL's host; raise `Problem` for one inside, which nobody shall
    reach through us.
    """
    parts: Any = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as error:
        raise Problem(
            "webhook-address", url=url, reason=f"its host is not known ({error})"
        ) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not settings.HOOKS_INSIDE and not all(_is_outside(a) for a in addresses):
        reason = "its host is in a private network; set SAIDBY_HOOKS_INSIDE=1 to allow that"
        raise Problem("webhook-address", url=url, reason=reason)
    return addresses[0]


def _is_outside(address: str) -> bool:
    """Tell whether an address is one host's on the internet, and no wrapping of an IPv4 address
    that leads inside.
    """
    ip = ipaddress.ip_address(address)
    wrapped = isinstance(ip, ipaddress.IPv6Address) and (
        ip not in UNICAST or ip.sixtofour is not None
    )
    return ip.is_global and not ip.is_multicast and not wrapped

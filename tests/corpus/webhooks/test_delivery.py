"""Webhook delivery: once, signed, tried again; never an address inside, never a redirect."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from annotator.services import review
from corpus.core.problems import Problem
from corpus.models import Corpus, Delivery, Webhook
from corpus.services import audit
from corpus.services.corpora import delete_corpus, restore_corpus
from corpus.webhooks import delivery
from corpus.webhooks import settings as webhooks
from tests.acts import SLUG, accept_all

pytestmark = pytest.mark.postgresql


class Receiver(ThreadingHTTPServer):
    """What listens at the other end; `status` is what it answers, with `pause` between the lines of
    its header.
    """

    status = 204
    pause = 0.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook?by=saidby"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), data))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        with suppress(OSError):
            while self.server.pause:
                self.flush_headers()
                time.sleep(self.server.pause)
                self.send_header("X-Wait", "a little longer")
            self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.HOOKS_INSIDE = True
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
        server.pause = 0.0


@pytest.fixture
def slow(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver that sends a line now and then, and never all; a delivery may take a second."""
    monkeypatch.setattr(delivery, "TIMEOUT", 1.0)
    with Receiver() as server:
        server.pause = 0.3
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.pause = 0.0
        server.shutdown()


def test_a_review_that_comes_in_is_delivered_once_and_signed(
    document: Any, corpus: Corpus, alice: Any, bob: Any, receiver: Receiver
) -> None:
    hook = webhooks.add(corpus, receiver.url, ["submitted"], by=alice)
    layer = review.open_layer(document, by=bob)
    layer = review.decide(layer, accept_all(layer), by=bob, at=layer.version)
    review.submit(layer, by=bob, at=layer.version)
    assert delivery.deliver_due() == 1
    assert delivery.deliver_due() == 0
    ((path, headers, data),) = receiver.got
    assert path == "/hook?by=saidby"
    said = json.loads(data)
    assert (said["event"], said["corpus"], said["by"]) == ("submitted", "harbour", "bob")
    assert said["details"] == {"document": "sea-wall"}
    seconds, mac = (part.split("=")[1] for part in headers["Saidby-Signature"].split(","))
    signed = hmac.new(hook.secret.encode(), seconds.encode() + b"." + data, hashlib.sha256)
    assert mac == signed.hexdigest()
    row = Delivery.objects.get()
    assert (row.state, row.answer) == ("done", "204 No Content")


def test_what_is_not_answered_well_is_tried_again_and_given_up_in_the_end(
    corpus: Corpus, alice: Any, receiver: Receiver
) -> None:
    webhooks.add(corpus, receiver.url, ["released"], by=alice)
    receiver.status = 302
    audit.note(corpus, "released", by=alice, release="1")
    for attempt in range(1, len(delivery.WAITS) + 2):
        assert delivery.deliver_due() == 1
        assert delivery.deliver_due() == 0
        row = Delivery.objects.get()
        assert row.attempts == attempt
        Delivery.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert (row.state, row.answer) == ("failed", "302 Found")
    assert delivery.deliver_due() == 0
    assert {path for path, _, _ in receiver.got} == {"/hook?by=saidby"}


def test_an_address_that_is_away_holds_nothing_up(
    corpus: Corpus, alice: Any, settings: Any
) -> None:
    settings.HOOKS_INSIDE = True
    webhooks.add(corpus, "http://127.0.0.1:9/", ["settled"], by=alice)
    audit.note(corpus, "settled", by=None, document="a")
    delivery.deliver_due()
    assert "Refused" in Delivery.objects.get().answer
    assert Delivery.objects.get().state == "waiting"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:8000/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/",
        "http://[::1]/",
        "http://0.0.0.0/",
        "http://224.0.1.1/",
        "http://[ff0e::1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::1]/",
        "http://[::127.0.0.1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fec0::1]/",
        "http://1.1.1.1/straße",
        "http://straße.de/",
        "http://me:word@1.1.1.1/",
        "http://me@1.1.1.1/",
        "http://1.1.1.1/\x7f",
        f"http://1.1.1.1/{'x' * 500}",
        "ftp://example.org/",
        "javascript:alert(1)",
        "",
        "http://no-such-host.invalid/",
    ],
)
def test_addresses_inside_and_odd_ones_are_refused(corpus: Corpus, alice: Any, url: str) -> None:
    with pytest.raises(Problem) as caught:
        webhooks.add(corpus, url, ["settled"], by=alice)
    assert caught.value.code == "webhook-address"
    assert not Webhook.objects.exists()


def test_nothing_is_delivered_to_an_address_that_moves_inside(
    corpus: Corpus, alice: Any, receiver: Receiver, settings: Any
) -> None:
    webhooks.add(corpus, receiver.url, ["settled"], by=alice)
    settings.HOOKS_INSIDE = False
    audit.note(corpus, "settled", by=None, document="a")
    delivery.deliver_due()
    assert receiver.got == [] and "private network" in Delivery.objects.get().answer


def test_managers_add_try_and_end_webhooks_on_the_page(
    corpus: Corpus, alice: Any, as_user: Any, receiver: Receiver
) -> None:
    client = as_user(alice)
    page = client.post(
        reverse("webhooks", kwargs=SLUG), {"url": receiver.url, "acts": ["settled"]}
    ).content.decode()
    hook = Webhook.objects.get()
    assert hook.secret in page
    assert hook.secret not in client.get(reverse("settings", kwargs=SLUG)).content.decode()
    client.post(reverse("webhook", kwargs={**SLUG, "pk": hook.pk}), {"act": "try"})
    delivery.deliver_due()
    assert json.loads(receiver.got[0][2])["event"] == "test"
    assert "204 No Content" in client.get(reverse("settings", kwargs=SLUG)).content.decode()
    client.post(reverse("webhook", kwargs={**SLUG, "pk": hook.pk}), {"act": "end"})
    assert not Webhook.objects.exists() and not Delivery.objects.exists()
    wrong = client.post(reverse("webhooks", kwargs=SLUG), {"url": receiver.url, "acts": ["all"]})
    assert wrong.status_code == 400 and "choose what it is told" in wrong.content.decode().lower()
    assert (
        client.post(reverse("webhook", kwargs={**SLUG, "pk": 99}), {"act": "try"}).status_code
        == 404
    )


def test_no_more_webhooks_than_anybody_needs(
    corpus: Corpus, alice: Any, receiver: Receiver
) -> None:
    for _ in range(webhooks.LIMIT):
        webhooks.add(corpus, receiver.url, ["settled"], by=alice)
    with pytest.raises(Problem):
        webhooks.add(corpus, receiver.url, ["settled"], by=alice)


def test_a_receiver_that_never_ends_is_cut_off_and_keeps_nobody_waiting(
    corpus: Corpus, alice: Any, receiver: Receiver, slow: Receiver
) -> None:
    webhooks.add(corpus, slow.url, ["settled"], by=alice)
    webhooks.add(corpus, receiver.url, ["settled"], by=alice)
    for number in range(12):
        audit.note(corpus, "settled", by=None, document=f"d{number}")
    began = time.monotonic()
    delivery.deliver_due()
    assert time.monotonic() - began < 3
    assert len(receiver.got) == 12 and len(slow.got) <= 2
    assert [json.loads(data)["details"]["document"] for _, _, data in receiver.got] == [
        f"d{n}" for n in range(12)
    ]
    answer = Delivery.objects.get(webhook__url=slow.url, attempts=1, event__details__document="d0")
    assert (answer.state, answer.answer) == ("waiting", "it took too long to answer")


def test_a_deleted_corpus_tells_nothing_more(
    corpus: Corpus, alice: Any, receiver: Receiver
) -> None:
    webhooks.add(corpus, receiver.url, ["settled"], by=alice)
    audit.note(corpus, "settled", by=None, document="a")
    delete_corpus(corpus, by=alice)
    assert delivery.deliver_due() == 0 and receiver.got == []
    restore_corpus("harbour", by=alice)
    assert delivery.deliver_due() == 1


@pytest.mark.parametrize("url", ["https://1.1.1.1/%C3%A9", "https://[2606:4700:4700::1111]/?a=@b"])
def test_addresses_of_the_internet_are_taken(corpus: Corpus, alice: Any, url: str) -> None:
    assert webhooks.add(corpus, url, ["settled"], by=alice).url == url

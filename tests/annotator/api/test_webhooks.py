"""Webhooks over the API."""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse

from corpus.models import Corpus, Webhook
from tests.acts import SLUG, submit_as


def test_a_webhook_is_added_listed_and_ended(
    document: Any, alice: Any, bob: Any, as_user: Any, settings: Any
) -> None:
    settings.HOOKS_INSIDE = True
    client = as_user(alice)
    url = reverse("api-webhooks", kwargs=SLUG)
    body = json.dumps({"url": "http://127.0.0.1:9/told", "acts": ["submitted"]})
    added = client.post(url, body, content_type="application/json")
    assert added.status_code == 201 and added.json()["secret"] == Webhook.objects.get().secret
    submit_as(document, bob)
    listed = client.get(url)
    # The secret is shown once.
    assert added.json()["secret"] not in listed.content.decode()
    (row,) = listed.json()["webhooks"]
    assert (row["id"], row["url"], row["acts"]) == (
        added.json()["id"],
        "http://127.0.0.1:9/told",
        ["submitted"],
    )
    assert [(d["act"], d["state"]) for d in row["deliveries"]] == [("submitted", "waiting")]
    one = reverse("api-webhook", kwargs={**SLUG, "pk": row["id"]})
    assert [client.delete(one).status_code for _ in range(2)] == [204, 204]
    assert client.get(url).json() == {"webhooks": [], "next": None}


def test_what_cannot_be_told_is_refused(corpus: Corpus, alice: Any, as_user: Any) -> None:
    url = reverse("api-webhooks", kwargs=SLUG)
    for body, code in (
        ({"url": "ftp://x", "acts": ["submitted"]}, "webhook-address"),
        ({"url": "https://example.org/", "acts": []}, "request-invalid"),
        ({"url": "https://example.org/", "acts": ["typed"]}, "request-invalid"),
    ):
        answer = as_user(alice).post(url, json.dumps(body), content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Webhook.objects.exists()

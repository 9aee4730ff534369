"""Disputes settled over the API."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.acts import (
    DOC,
    shorter,
    submit_as,
)


def post(client: Client, name: str, data: Any, **arguments: Any) -> Any:
    url = reverse(name, kwargs={**DOC, **arguments})
    return client.post(url, data=json.dumps(data), content_type="application/json")


def test_disputes_hide_names_and_are_settled_over_the_api(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    client = as_user(alice)
    found = client.get(reverse("api-disputes", kwargs=DOC)).json()
    assert "bob" not in json.dumps(found) and "carol" not in json.dumps(found)
    assert post(client, "api-close", {}).json()["code"] == "disputes-open"
    for dispute in found["disputes"]:
        body = {
            "version": found["version"],
            "client_id": str(uuid.uuid4()),
            "dispute": dispute["ident"],
            "choice": "version",
            "number": 1,
        }
        found = post(client, "api-settle", body).json()
    assert all(d["settled"] for d in found["disputes"])
    assert post(client, "api-close", {}).json()["next"] is None

"""Disputes settled over the API."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
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


@pytest.mark.parametrize(
    "broken",
    [
        {"links": [{"kind": "attribution", "cluster": [1]}]},
        {"links": [{"kind": "attribution", "cluster": {"a": 1}}]},
        {"links": [{"kind": "no-such", "span": "SPAN"}]},
        {"links": [{"kind": "LINK", "span": "SPAN", "attributes": [1]}]},
        {"links": [{"kind": "LINK", "span": {"attributes": [1]}}]},
        {"links": [{"kind": ["LINK"], "span": "SPAN"}]},
        {"span": {"label": "", "attributes": [1]}},
        {"span": {"label": "", "attributes": "abc"}},
        {"span": {"label": "CLAIM", "start": 0, "end": 3, "exact": "Sea", "attributes": ["ab"]}},
    ],
)
def test_an_edited_frame_that_is_not_well_formed_is_refused(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any, broken: dict[str, Any]
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    client = as_user(alice)
    found = client.get(reverse("api-disputes", kwargs=DOC)).json()
    dispute = found["disputes"][0]
    span = dispute["versions"][0]["span"]
    held = {name: span[name] for name in ("label", "start", "end", "attributes")}
    held["exact"] = span["text"]
    kind = found["schema"]["links"][0]["name"]
    for link in broken.get("links", ()):
        link["kind"] = kind if link["kind"] in ("LINK", "attribution") else link["kind"]
        link["span"] = held if link.get("span") == "SPAN" else link.get("span")
    body = {
        "version": found["version"],
        "client_id": str(uuid.uuid4()),
        "dispute": dispute["ident"],
        "choice": "edit",
        "reason": "better",
        "frame": {"span": held, **broken},
    }
    answer = post(client, "api-settle", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "decision-shape")

"""The adjudication page."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from corpus.services import members
from tests.acts import (
    DOC,
    SLUG,
    page,
    shorter,
    submit_as,
)


@pytest.fixture
def disputed(document: Any, bob: Any, carol: Any) -> Any:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    return document


def test_it_goes_on_by_the_filter_it_was_opened_with(
    disputed: Any, alice: Any, as_user: Any
) -> None:
    client, address = as_user(alice), reverse("adjudicate", kwargs=DOC)
    alone = client.get(address).context["disputes"]
    assert "queue" not in alone and alone["urls"]["list"] == reverse("disputes", kwargs=SLUG)
    data = client.get(address, {"queue": "facet=stance", "at": ""}).context["disputes"]
    assert len(data["queue"]["items"]) == 1
    assert data["queue"]["on"].endswith("?facet=stance")
    assert data["urls"]["list"].endswith("?facet=stance")
    [item] = data["queue"]["items"]
    after = client.get(address, {"queue": "facet=stance", "at": item["ident"]})
    assert after.context["disputes"]["queue"]["items"] == []
    for odd in ("x", "-1", "9" * 30, "²"):
        answer = client.get(address, {"queue": "facet=stance", "at": odd})
        assert answer.context["disputes"]["queue"]["items"] == [item]


def test_the_next_document_comes_as_json_to_who_may_settle_it(
    disputed: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    address = reverse("adjudicate", kwargs=DOC)
    query = {"queue": "facet=stance", "at": ""}
    client, json = as_user(alice), {"Accept": "application/json"}
    shown = client.get(address, query)
    told = client.get(address, query, headers=json)
    assert told.json() == shown.context["disputes"]
    assert "Accept" in told["Vary"] and "Accept" in shown["Vary"]
    assert as_user(bob).get(address, query, headers=json).status_code == 403
    # A queue of which something is left leads to it; there is no page where nothing is.
    queue = reverse("settle-queue", kwargs=SLUG)
    left = as_user(alice).get(queue, {"facet": "stance"}, headers=json, follow=True)
    assert left.json()["queue"]["items"] == []
    assert as_user(alice).get(queue, {"facet": "label"}, headers=json).status_code == 204


def test_who_annotated_a_document_reads_only(
    disputed: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    members.give_role(disputed.corpus, "bob", "adjudicator", by=alice)
    html = page(as_user(bob), "adjudicate", external_id="sea-wall")
    assert "You annotated this document" in html
    html = page(as_user(alice), "adjudicate", external_id="sea-wall")
    assert "You annotated this document" not in html

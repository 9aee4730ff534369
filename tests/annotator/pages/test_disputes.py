"""The queue of disputes, and the documents that have some."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.acts import (
    DOC,
    SLUG,
    shorter,
    submit_as,
)


@pytest.fixture
def disputed(document: Any, bob: Any, carol: Any) -> Any:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    return document


def test_documents_are_listed_by_kind_of_dispute(disputed: Any, alice: Any, as_user: Any) -> None:
    client, address = as_user(alice), reverse("disputes", kwargs=SLUG)
    html = client.get(address, {"by": "document"}).content.decode()
    assert "1 of 3" in html and "stance 1" in html
    html = client.get(address, {"by": "document", "kind": "missing"}).content.decode()
    assert "No open disputes of this kind" in html


def test_settling_begins_with_the_first_of_the_filtered_queue(
    disputed: Any, alice: Any, as_user: Any
) -> None:
    client, address = as_user(alice), reverse("settle-queue", kwargs=SLUG)
    listed = client.get(reverse("disputes", kwargs=SLUG), {"facet": "stance"})
    first = listed.context["page"][0].url
    assert first.startswith(reverse("adjudicate", kwargs=DOC)) and "facet%3Dstance" in first
    assert client.get(address, {"facet": "stance"}).headers["Location"] == first
    none = client.get(address, {"facet": "missing"}, follow=True)
    assert "Nothing left to settle here" in none.content.decode()

"""Managers remove a document, put it back, or withdraw its text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from annotator.services import review
from corpus.models import Document, DocumentText, Job
from tests.acts import DOC, SLUG, add_document, page


def test_a_document_is_removed_with_a_reason_and_put_back(
    document: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(alice)
    address = reverse("removal", kwargs=DOC)
    assert f'href="{address}"' in page(client, "documents")
    assert "This cannot be undone" in page(client, "removal", external_id="sea-wall")
    client.post(address, {"reason": "the wrong <paper>"})
    listed = page(client, "removed")
    assert "the wrong &lt;paper&gt;" in listed and "Sea wall vote" in listed
    assert address not in page(client, "documents")
    client.post(reverse("put-back", kwargs=DOC))
    assert "Nothing is removed" in page(client, "removed")
    assert address in page(client, "documents")
    assert address not in page(as_user(bob), "documents")


def test_a_second_press_says_so_and_a_removed_document_can_be_withdrawn(
    document: Any, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    removing, putting = reverse("removal", kwargs=DOC), reverse("put-back", kwargs=DOC)
    client.post(removing, {"reason": "twice"})
    again = client.post(removing, {"reason": "twice"}, follow=True).content.decode()
    assert "is removed already" in again and f'href="{removing}"' in again
    asked = page(client, "removal", external_id="sea-wall")
    assert "This cannot be undone" in asked and "Remove it" not in asked
    client.post(putting)
    assert "is back already" in client.post(putting, follow=True).content.decode()
    client.post(removing, {"reason": "twice"})
    client.post(reverse("withdraw-text", kwargs=DOC), {"confirm": "sea-wall"})
    assert not DocumentText.objects.exists()


def test_over_the_api_too(document: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    client.post(reverse("api-remove", kwargs=DOC), {"reason": "twice"}, "application/json")
    removed = client.get(reverse("api-removed", kwargs=SLUG)).json()
    assert [(row["id"], row["reason"]) for row in removed["documents"]] == [("sea-wall", "twice")]
    assert client.get(reverse("api-document", kwargs=DOC)).status_code == 404
    assert client.post(reverse("api-put-back", kwargs=DOC)).json()["id"] == "sea-wall"
    assert client.get(reverse("api-document", kwargs=DOC)).status_code == 200
    assert client.post(reverse("api-put-back", kwargs=DOC)).status_code == 404


@pytest.mark.parametrize("name", ["withdraw-text", "api-withdraw"])
def test_a_text_is_withdrawn_after_its_id_is_typed(
    document: Any, alice: Any, as_user: Any, name: str
) -> None:
    client = as_user(alice)
    address = reverse(name, kwargs=DOC)
    client.post(address, {"confirm": "sea"})
    assert DocumentText.objects.exists()
    client.post(address, {"confirm": "sea-wall"})
    assert not DocumentText.objects.exists()
    assert Document.objects.get().title == "sea-wall"
    # The file of the database is written anew in the background.
    assert Job.objects.filter(kind="erase").count() == 1


def test_documents_are_removed_together_and_put_back_together(
    document: Any, alice: Any, bob: Any, as_user: Any, tmp_path: Path
) -> None:
    add_document(document.corpus, tmp_path, "ferry")
    review.open_layer(document, by=bob)
    client, removing = as_user(alice), reverse("removal-of-several", kwargs=SLUG)
    assert 'name="document" value="ferry"' in page(client, "documents")
    ids = {"document": ["sea-wall", "ferry"]}
    asked = client.post(removing, ids).content.decode()
    assert "Remove 2 documents" in asked and asked.count("In the hands of bob") == 1
    assert Document.objects.filter(retired_at__isnull=True).count() == 2
    client.post(removing, {**ids, "reason": "twice"})
    assert "Put them back" in page(client, "removed")
    client.post(reverse("put-back-several", kwargs=SLUG), ids)
    assert Document.objects.filter(retired_at__isnull=True).count() == 2
    assert "Put them back" not in page(client, "removed")
    nothing = client.post(removing, {}, follow=True).content.decode()
    assert "Tick documents first" in nothing
    assert as_user(bob).post(removing, ids).status_code == 403


def test_who_removes_a_document_is_told_who_has_it_in_hand(
    document: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert "In the hands of" not in page(client, "removal", external_id="sea-wall")
    review.open_layer(document, by=bob)
    assert "In the hands of bob" in page(client, "removal", external_id="sea-wall")

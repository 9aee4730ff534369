"""A reviewer's own queue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.urls import reverse

from annotator.models import Assignment
from annotator.services import review
from tests.acts import DOC, SLUG, accept_all, add_document, page, submit_as


def practised(client: Any) -> None:
    session = client.session
    session["practised"] = True
    session.save()


def test_the_next_document_is_taken_by_a_post_alone(document: Any, bob: Any, as_user: Any) -> None:
    client = as_user(bob)
    assert client.get(reverse("queue", kwargs=SLUG)).status_code == 200
    assert client.get(reverse("next", kwargs=SLUG)).status_code == 405
    assert not Assignment.objects.filter(user=bob).exists()
    practised(client)
    answer = client.post(reverse("next", kwargs=SLUG))
    assert answer.headers["Location"] == reverse(
        "review", kwargs={**SLUG, "external_id": "sea-wall"}
    )
    submit_as(document, bob)
    answer = client.post(reverse("next", kwargs=SLUG), follow=True)
    assert "Nothing left to review" in answer.content.decode()


def test_my_queue_shows_how_far_each_document_is(
    document: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    layer = review.open_layer(document, by=bob)
    added = {
        **accept_all(None)[0],
        "verb": "add",
        "ident": 50,
        "client_id": "7b1c8c7e-6c5e-4f8b-9f66-0d3b3a2c0001",
    }
    decisions = accept_all(None)
    review.decide(layer, [*decisions[:2], decisions[-3], added], by=bob, at=0)
    html = as_user(bob).get(reverse("queue", kwargs=SLUG)).content.decode()
    # Of three claims one is accepted; the one that was added lacks its speaker.
    assert "1 of 4" in html and "1.5 s" in html
    assert "In your hands" not in as_user(carol).get(reverse("queue", kwargs=SLUG)).content.decode()
    submit_as(document, carol)
    assert "Handed in lately" in as_user(carol).get(reverse("queue", kwargs=SLUG)).content.decode()


def test_who_reviewed_an_earlier_text_is_told_that_it_stays_there(
    document: Any, bob: Any, as_user: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    client = as_user(bob)
    assert "Stays with an earlier text" not in page(client, "queue")
    add_document(document.corpus, tmp_path, text="Rain fell on the hills, and nobody spoke.")
    told = page(client, "queue")
    assert "Stays with an earlier text" in told
    address = reverse("earlier", kwargs={**DOC, "sha256": document.digest})
    assert address in told and client.get(address).status_code == 200
    # Begun anew, there is nothing to be told.
    page(client, "review", external_id="sea-wall")
    assert "Stays with an earlier text" not in page(client, "queue")

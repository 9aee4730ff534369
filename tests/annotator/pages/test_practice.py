"""The round of practice for who comes first to review."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from annotator.models import Assignment, Layer
from corpus.core import practice
from corpus.core.schema import ATTRIBUTION
from corpus.core.schema_templates import TEMPLATES
from tests.acts import SLUG, submit_as

HERE = reverse("practice", kwargs=SLUG)
NEXT = reverse("next", kwargs=SLUG)
REVIEW = reverse("review", kwargs={**SLUG, "external_id": "sea-wall"})


def test_a_newcomer_practises_before_the_first_document_and_once(
    document: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(bob)
    assert client.post(NEXT).headers["Location"] == HERE
    html = client.get(HERE).content.decode()
    assert "Captain Ada Lund" in html and "Skip the practice" in html
    assert not Assignment.objects.filter(user=bob).exists()
    assert not Layer.objects.filter(owner=bob).exists()
    assert client.post(HERE).headers["Location"] == REVIEW
    client.post(reverse("skip", kwargs=SLUG), {"document": "sea-wall", "reason": "mine"})
    assert client.post(NEXT).headers["Location"] != HERE


def test_who_has_reviewed_before_gets_it_from_the_help_alone(
    document: Any, bob: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    client = as_user(bob)
    assert client.post(NEXT).headers["Location"] != HERE
    assert client.get(HERE).status_code == 200
    assert client.post(HERE).headers["Location"] == reverse("queue", kwargs=SLUG)


def test_it_is_not_offered_where_the_schema_means_something_else() -> None:
    assert practice.round_for(ATTRIBUTION) is not None
    for name, template in TEMPLATES.items():
        assert (practice.round_for(template.schema) is not None) == (name == "attribution")


def test_its_prepared_suggestions_stand_where_their_words_do() -> None:
    found = practice.round_for(ATTRIBUTION)
    assert found is not None
    view = practice.suggestions_of(found)
    texts = [span.text(found["text"]) for span in view.spans.values()]
    assert texts == [row["text"] for row in found["spans"]]
    assert {step["span"] for step in found["steps"]} <= set(view.spans)

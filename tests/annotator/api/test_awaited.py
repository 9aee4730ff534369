"""Suggestions that come after a review was opened."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from annotator.models import Assignment, Layer
from annotator.services import review
from annotator.services.runs import program_run, store
from corpus.jobs import claim
from corpus.models import Corpus
from tests.acts import DOC, add_document, suggested


@pytest.fixture
def bare(corpus: Corpus, tmp_path: Path) -> Any:
    """A document without suggestions."""
    return add_document(corpus, tmp_path)


def come(document: Any) -> None:
    store(program_run(document.corpus.schema, "ours"), document, suggested())


def ask(client: Any) -> str:
    return str(client.get(reverse("api-awaited", kwargs=DOC)).json()["state"])


def take(client: Any) -> Any:
    return client.post(reverse("api-awaited", kwargs=DOC))


def add(client: Any, *, ident: int = 1) -> Any:
    span = {"label": "SPEAKER", "start": 0, "end": 8, "attributes": {}}
    decision = {
        "client_id": str(uuid.uuid4()),
        "verb": "add",
        "subject": "span",
        "ident": ident,
        "after": span,
        "exact": "Sea wall",
    }
    return client.post(
        reverse("api-decisions", kwargs=DOC),
        {"version": 0, "decisions": [decision]},
        content_type="application/json",
    )


def test_an_untouched_review_takes_what_came_meanwhile(
    bare: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(bob)
    workspace = client.get(reverse("api-workspace", kwargs=DOC)).json()
    assert workspace["layer"]["awaits_suggestions"] is False and ask(client) == "none"
    claim.start(bare.corpus, "suggest", {"suggester": "rules.v1"}, by=alice)
    workspace = client.get(reverse("api-workspace", kwargs=DOC)).json()
    assert workspace["layer"]["awaits_suggestions"] is True and ask(client) == "coming"
    assert (take(client).status_code, take(client).json()["code"]) == (404, "not-found")
    come(bare)
    assert ask(client) == "there"
    taken = take(client).json()
    assert len(taken["suggestions"]["spans"]) == 6
    assert (taken["layer"]["version"], taken["layer"]["blind"]) == (0, False)
    assert taken["layer"]["awaits_suggestions"] is False
    assert (ask(client), take(client).json()["code"]) == ("none", "suggestions-late")


def test_a_review_that_was_begun_goes_on_without(bare: Any, bob: Any, as_user: Any) -> None:
    client = as_user(bob)
    review.open_layer(bare, by=bob)
    assert add(client).status_code == 200
    come(bare)
    assert (ask(client), take(client).json()["code"]) == ("none", "suggestions-late")
    assert Layer.objects.get(kind="review").shown_run is None


def test_a_blind_review_never_takes_any(bare: Any, bob: Any, as_user: Any) -> None:
    Assignment.objects.update(blind=True)
    client = as_user(bob)
    review.open_layer(bare, by=bob)
    come(bare)
    workspace = client.get(reverse("api-workspace", kwargs=DOC)).json()
    assert workspace["layer"]["awaits_suggestions"] is False
    assert (ask(client), take(client).json()["code"]) == ("none", "suggestions-late")
    assert Layer.objects.get(kind="review").shown_run is None


def test_a_window_that_does_not_know_of_them_writes_nothing_over_them(
    bare: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(bob)
    review.open_layer(bare, by=bob)
    come(bare)
    assert take(client).status_code == 200
    refused = add(client)
    assert (refused.status_code, refused.json()["code"]) == (400, "suggestions-taken")
    # Who knows of them gives a number that no suggestion has.
    assert add(client, ident=7).status_code == 200


def test_only_who_reviews_it_is_told(
    bare: Any, alice: Any, bob: Any, carol: Any, dave: Any, as_user: Any
) -> None:
    review.open_layer(bare, by=bob)
    for other in (alice, carol, dave):
        client = as_user(other)
        assert client.get(reverse("api-awaited", kwargs=DOC)).status_code == 404
        assert take(client).status_code == 404

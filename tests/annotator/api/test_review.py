"""A review over the API: what comes back, and no stack trace for anything sent."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotator.models import Assignment, Decision, Layer
from annotator.services import assignments, review
from tests.acts import (
    DOC,
    SLUG,
    TEXT,
    accept_all,
    add_document,
    added,
)


def post(client: Client, name: str, data: Any, **arguments: Any) -> Any:
    url = reverse(name, kwargs={**DOC, **arguments})
    return client.post(url, data=json.dumps(data), content_type="application/json")


def test_a_whole_review_over_the_api(document: Any, bob: Any, as_user: Any) -> None:
    client = as_user(bob)
    assert client.post(reverse("api-next", kwargs=SLUG)).json() == {"id": "sea-wall"}
    workspace = client.get(reverse("api-workspace", kwargs=DOC)).json()
    assert workspace["document"]["text"] == TEXT
    assert [s["ident"] for s in workspace["suggestions"]["spans"]] == [1, 2, 3, 4, 5, 6]
    assert workspace["suggestions"]["spans"][0]["evidence"]["why"] == "quotation before 'said'"
    answer = post(client, "api-decisions", {"version": 0, "decisions": accept_all(None)})
    assert answer.json()["version"] == 9
    submitted = {"version": 9, "client_id": str(uuid.uuid4())}
    # Twice, as after an answer that was lost.
    for _ in range(2):
        answer = post(client, "api-submit", submitted)
        assert answer.json() == {
            "next": None,
            "done": True,
            "message": "Submitted. There is nothing left to review.",
        }


@pytest.mark.parametrize("text", [f"Harbour. {TEXT}", "Rain fell, and nobody spoke."])
def test_what_is_about_another_text_is_refused_where_the_text_is_named(
    document: Any, bob: Any, as_user: Any, tmp_path: Path, text: str
) -> None:
    client = as_user(bob)
    old = client.get(reverse("api-workspace", kwargs=DOC)).json()["document"]["sha256"]
    sent = {"version": 0, "sha256": old, "decisions": accept_all(None)[:1]}
    assert post(client, "api-decisions", sent).status_code == 200
    now = add_document(document.corpus, tmp_path, text=text)
    decisions = len(Decision.objects.filter(layer__document=now))
    late = {**sent, "version": 1, "decisions": accept_all(None)[1:2]}
    for name, data in (("api-decisions", late), ("api-submit", {"version": 1, "sha256": old})):
        answer = post(client, name, data)
        assert (answer.status_code, answer.json()["code"]) == (409, "text-corrected")
    assert len(Decision.objects.filter(layer__document=now)) == decisions
    # Who names no text is taken to know.
    layer = client.get(reverse("api-workspace", kwargs=DOC)).json()
    reject = {**added(6, "CLAIM"), "verb": "reject", "after": {"rejected": True}}
    more = {"version": layer["layer"]["version"], "decisions": [reject]}
    known = post(client, "api-decisions", more)
    assert known.json().get("code", "") == (
        "" if layer["suggestions"]["spans"] else "decision-unknown"
    )


def test_what_comes_next_is_told_of_documents_in_hand_alone_and_none_is_taken(
    corpus: Any, document: Any, bob: Any, as_user: Any, tmp_path: Path
) -> None:
    pier = add_document(corpus, tmp_path, "pier")
    client = as_user(bob)
    client.get(reverse("api-workspace", kwargs=DOC))
    ahead = reverse("api-ahead", kwargs=DOC)
    assert client.get(ahead).json() == {"page": None}
    assert Assignment.objects.filter(user=bob).count() == 1
    assignments.take_place(pier, by=bob)
    there = {"page": "/corpora/harbour/documents/pier/review/"}
    assert client.get(ahead).json() == there
    assert Layer.objects.filter(document=pier, owner=bob).count() == 0
    # What a colleague has in hand is nothing to this reviewer.
    assignments.skip(pier, by=bob, reason="too long")
    assert client.get(ahead).json() == {"page": None}


def test_a_stale_write_is_answered_with_what_happened_since(
    document: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(bob)
    client.get(reverse("api-workspace", kwargs=DOC))
    decisions = accept_all(None)
    post(client, "api-decisions", {"version": 0, "decisions": decisions[:3]})
    answer = post(client, "api-decisions", {"version": 0, "decisions": decisions[4:5]})
    assert answer.status_code == 409
    assert answer.json()["code"] == "stale-version"
    assert [d["seq"] for d in answer.json()["decisions"]] == [1, 2, 3]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"version": -1, "decisions": []}',
        '{"version": 0, "decisions": [7]}',
        "{",
        '{"version": 0, "decisions": '
        '[{"verb": "add", "subject": "span", "ident": 1, "after": {"label": []}}]}',
        '{"version": 99999999999999999999, "decisions": []}',
    ],
)
def test_bad_bodies_get_a_4xx_and_write_nothing(
    document: Any, bob: Any, as_user: Any, body: str
) -> None:
    client = as_user(bob)
    client.get(reverse("api-workspace", kwargs=DOC))
    answer = client.post(
        reverse("api-decisions", kwargs=DOC), data=body, content_type="application/json"
    )
    assert 400 <= answer.status_code < 500
    if "decisions" not in body:
        answer = client.post(
            reverse("api-submit", kwargs=DOC), data=body, content_type="application/json"
        )
        assert 400 <= answer.status_code < 500
    assert Layer.objects.get(kind="review").version == 0


def test_what_another_person_left_in_the_browser_is_not_taken_as_ones_own(
    document: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    client = as_user(carol)
    client.get(reverse("api-workspace", kwargs=DOC))
    answer = post(
        client, "api-decisions", {"version": 0, "owner": "bob", "decisions": accept_all(None)}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "other-user")
    answer = post(client, "api-submit", {"version": 0, "owner": "bob"})
    assert (answer.status_code, answer.json()["code"]) == (403, "other-user")
    assert Layer.objects.get(kind="review").version == 0
    answer = post(
        client, "api-decisions", {"version": 0, "owner": "carol", "decisions": accept_all(None)}
    )
    assert answer.json()["version"] == 9


def test_the_time_after_the_last_decision_comes_with_the_submission(
    document: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(bob)
    client.get(reverse("api-workspace", kwargs=DOC))
    assert post(client, "api-submit", {"version": 0, "elapsed_ms": -1}).status_code == 400
    post(client, "api-submit", {"version": 0, "elapsed_ms": 1500})
    assert Decision.objects.get(verb="submit").elapsed_ms == 1500


def test_words_that_do_not_match_are_422(document: Any, bob: Any, as_user: Any) -> None:
    client = as_user(bob)
    client.get(reverse("api-workspace", kwargs=DOC))
    wrong = {**accept_all(None)[0], "exact": "other words"}
    answer = post(client, "api-decisions", {"version": 0, "decisions": [wrong]})
    assert (answer.status_code, answer.json()["code"]) == (422, "span-text")


def test_a_reviewer_never_sees_anothers_layer(
    document: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    layer = review.open_layer(document, by=bob)
    review.decide(layer, accept_all(layer), by=bob, at=0)
    workspace = as_user(carol).get(reverse("api-workspace", kwargs=DOC)).json()
    assert (workspace["spans"], workspace["links"], workspace["history"]) == ([], [], [])
    assert "bob" not in json.dumps(workspace)


def test_opening_and_deciding_stay_within_a_query_budget(
    document: Any, bob: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    client = as_user(bob)
    client.get(reverse("review", kwargs=DOC))
    with django_assert_max_num_queries(10):
        client.get(reverse("review", kwargs=DOC))
    with django_assert_max_num_queries(16):
        assert (
            post(client, "api-decisions", {"version": 0, "decisions": accept_all(None)}).status_code
            == 200
        )

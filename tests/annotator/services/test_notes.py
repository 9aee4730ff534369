"""Comments on frames and flags for the guideline: once each, blind to other reviewers, open to
adjudicators.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotator.models import Comment, Flag
from annotator.services import notes, review
from corpus.core.problems import Problem
from tests.acts import DOC, SLUG, shorter, submit_as

GUIDELINE = "# Guideline\n\n## CLAIM\n\nWhat is said.\n\n## Q & A\n\nAsked."


@pytest.fixture
def bobs(document: Any, bob: Any, as_user: Any) -> Client:
    document.corpus.guideline = GUIDELINE
    document.corpus.save()
    review.open_layer(document, by=bob)
    client: Client = as_user(bob)
    return client


def send(client: Client, name: str, **data: Any) -> Any:
    return client.post(
        reverse(name, kwargs=DOC), data=json.dumps(data), content_type="application/json"
    )


def test_a_comment_is_kept_and_read_back(bobs: Client) -> None:
    answer = send(bobs, "api-comments", subject=1, body="  Is a chant a claim?  ")
    assert answer.status_code == 200
    (comment,) = bobs.get(reverse("api-comments", kwargs=DOC)).json()["comments"]
    assert (comment["subject"], comment["body"], comment["layer"]) == (
        1,
        "Is a chant a claim?",
        "mine",
    )


def test_a_comment_sent_twice_is_one(bobs: Client) -> None:
    key = str(uuid.uuid4())
    for _ in range(2):
        assert send(bobs, "api-comments", subject=1, body="Same words").status_code == 200
        assert send(bobs, "api-comments", subject=1, body="By id", client_id=key).status_code == 200
    assert Comment.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        ({"subject": 99, "body": "x"}, 404, "decision-unknown"),
        ({"subject": 0, "body": "x"}, 400, "request-invalid"),
        ({"subject": 1, "body": "   "}, 400, "request-invalid"),
        ({"subject": 1, "body": "x" * 2001}, 400, "request-invalid"),
        ({"subject": 1}, 400, "request-invalid"),
        ({"subject": 10**30, "body": "x"}, 400, "request-invalid"),
    ],
)
def test_a_bad_comment_is_refused_with_a_code(
    bobs: Client, data: dict[str, Any], status: int, code: str
) -> None:
    answer = send(bobs, "api-comments", **data)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Comment.objects.exists()


def test_a_reviewer_reads_no_other_reviewers_comments(
    bobs: Client, document: Any, carol: Any, as_user: Any
) -> None:
    send(bobs, "api-comments", subject=1, body="Mine alone")
    review.open_layer(document, by=carol)
    assert as_user(carol).get(reverse("api-comments", kwargs=DOC)).json()["comments"] == []


def test_an_adjudicator_reads_the_comments_of_submitted_reviews_without_names(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    notes.comment(document, by=bob, subject=1, body="From the first")
    assert as_user(alice).get(reverse("api-comments", kwargs=DOC)).status_code == 404
    submit_as(document, carol, change=shorter)
    notes.comment(document, by=alice, subject=7, body="On the dispute")
    layers = as_user(alice).get(reverse("api-disputes", kwargs=DOC)).json()["layers"]
    stance = {layer["name"]: layer["spans"][0]["attributes"]["stance"] for layer in layers}
    bobs = next(letter for letter, held in stance.items() if held == "oppose")
    answer = as_user(alice).get(reverse("api-comments", kwargs=DOC))
    assert [(c["layer"], c["body"]) for c in answer.json()["comments"]] == [
        (bobs, "From the first"),
        ("gold", "On the dispute"),
    ]
    assert "bob" not in answer.content.decode()


def test_a_flag_names_a_section_and_flagging_again_changes_the_note(bobs: Client) -> None:
    send(bobs, "api-flags", subject=1, section="claim", note="first")
    answer = send(bobs, "api-flags", subject=1, section="claim", note="second")
    changed = {"subject": 1, "section": "claim", "note": "second", "done": False}
    assert answer.json() == changed
    assert send(bobs, "api-flags", subject=1).json()["section"] == ""
    listed = bobs.get(reverse("api-flags", kwargs=DOC)).json()
    assert listed["flags"][0] == changed and len(listed["flags"]) == 2


def test_an_unknown_section_is_refused_and_the_known_ones_are_named(bobs: Client) -> None:
    answer = send(bobs, "api-flags", subject=1, section="nowhere")
    assert (answer.status_code, answer.json()["code"]) == (400, "section-unknown")
    assert "claim" in answer.json()["message"]
    assert not Flag.objects.exists()


def test_the_manager_sees_flags_by_section_and_deals_with_them(
    bobs: Client, alice: Any, as_user: Any
) -> None:
    send(bobs, "api-flags", subject=1, section="claim", note="<b>unclear</b>")
    send(bobs, "api-flags", subject=4, section="q-a", note="asked")
    client = as_user(alice)
    html = client.get(reverse("flags", kwargs=SLUG)).content.decode()
    assert "&lt;b&gt;unclear" in html and "<b>unclear" not in html and "Q &amp; A" in html
    only = client.get(reverse("flags", kwargs=SLUG), {"section": "claim"}).content.decode()
    assert "unclear" in only and "asked" not in only
    flag = Flag.objects.get(section="claim")
    client.post(reverse("flag-done", kwargs={**SLUG, "pk": flag.pk}))
    assert "unclear" not in client.get(reverse("flags", kwargs=SLUG)).content.decode()


def test_flagging_again_opens_a_flag_anew(document: Any, alice: Any, bobs: Client) -> None:
    send(bobs, "api-flags", subject=1, section="claim")
    notes.settle_flag(document.corpus, Flag.objects.get().pk, by=alice)
    send(bobs, "api-flags", subject=1, section="claim")
    assert Flag.objects.get().done_at is None


def test_a_flag_of_another_corpus_is_not_found(document: Any, alice: Any, bobs: Client) -> None:
    from corpus.services.corpora import create_corpus
    from corpus.services.members import add_member

    send(bobs, "api-flags", subject=1, section="claim")
    other = create_corpus("other")
    add_member(other, alice, "manager")
    with pytest.raises(Problem, match="not-found"):
        notes.settle_flag(other, Flag.objects.get().pk, by=alice)
    assert Flag.objects.get().done_at is None

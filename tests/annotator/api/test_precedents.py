"""Case law over the API: for adjudicators, and on request in review, where it tells nothing."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotator.models import Adjudication, Assignment, Layer, Precedent, Sample
from annotator.services import review
from annotator.services.runs import file_run, store
from corpus.models import Role
from corpus.services.members import add_member
from tests.acts import DOC, add_document, person, state, submit_as, suggested, support
from tests.annotator.disputed import act, shown

STANCE = {"label": "CLAIM", "facet": "stance", "words": "“The wall will not hold,”"}


def document_of(corpus: Any, tmp_path: Any, name: str) -> Any:
    made = add_document(corpus, tmp_path, name)
    store(file_run(corpus.schema, "suggested.jsonl"), made, suggested())
    return made


def settled(document: Any, by: Any, *people: Any) -> None:
    """Two people differ in the stance of the first claim; the first one's is taken."""
    submit_as(document, people[0])
    submit_as(document, people[1], change=support)
    dispute = shown(document, by, "stance")
    act(document, by, dispute["ident"], choice="version", number=1, reason="overlooked")


def address(name: str, external_id: str) -> str:
    return reverse(name, kwargs={**DOC, "external_id": external_id})


@pytest.fixture
def second(document: Any, corpus: Any, tmp_path: Any) -> Any:
    return document_of(corpus, tmp_path, "second")


def asked(client: Any, external_id: str, **more: str) -> Any:
    return client.get(address("api-settled-before", external_id), {**STANCE, **more})


def test_a_dispute_shows_how_like_ones_were_settled(
    document: Any, second: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    settled(document, alice, bob, carol)
    submit_as(second, bob)
    submit_as(second, carol, change=support)
    dispute = shown(second, alice, "stance")["ident"]
    client = as_user(alice)
    url = address("api-precedents", "second")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url, {"dispute": dispute}).json()
    assert len(queries) < 20
    (found,) = answer["precedents"]
    assert answer["may_put"] is True
    assert (found["document"], found["facet"], found["reason"]) == (
        "sea-wall",
        "stance",
        "overlooked",
    )
    assert (found["votes"], found["against"], found["section"]) == (1, 1, None)
    assert found["url"].endswith(f"/sea-wall/adjudicate/?at={found['dispute']}")
    assert not {"bob", "carol"} & set(json.dumps(answer).split('"'))
    put = client.post(
        found["example"],
        json.dumps({"dispute": found["dispute"], "facet": "stance"}),
        content_type="application/json",
    )
    assert (put.status_code, put.json()["title"]) == (200, "Settled examples")
    assert client.get(url, {"dispute": dispute + 1}).status_code == 404
    erin = person("erin")
    add_member(document.corpus, erin, Role.ADJUDICATOR)
    assert as_user(erin).get(url, {"dispute": dispute}).json()["may_put"] is False


def test_an_adjudicator_who_reviews_learns_nothing_of_what_is_in_their_hands(
    document: Any, second: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    settled(document, alice, bob, carol)
    submit_as(second, bob)
    submit_as(second, carol, change=support)
    dispute = shown(second, alice, "stance")["ident"]
    erin = person("erin")
    for role in (Role.ADJUDICATOR, Role.REVIEWER):
        add_member(document.corpus, erin, role)
    url = address("api-precedents", "second")
    client = as_user(erin)
    assert client.get(url, {"dispute": dispute}).json()["precedents"]
    schema = document.corpus.schema
    Assignment.objects.create(
        corpus=document.corpus, document=document, schema=schema, slot=9, user=erin, state="taken"
    )
    assert client.get(url, {"dispute": dispute}).json()["precedents"] == []


def test_a_reviewer_asks_how_a_question_was_settled_in_documents_they_are_through_with(
    document: Any, second: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    settled(document, alice, bob, carol)
    review.open_layer(second, by=bob)
    client = as_user(bob)
    with CaptureQueriesContext(connection) as queries:
        (found,) = asked(client, "second").json()["precedents"]
    assert len(queries) < 15
    assert set(found) == {
        *(
            "facet",
            "about",
            "label",
            "value",
            "votes",
            "against",
            "others",
            "words",
            "cue",
            "reason",
        ),
        "section",
    }
    assert (found["votes"], found["against"], found["reason"]) == (1, 1, "overlooked")
    assert asked(as_user(bob), "second", facet="speaker").json()["precedents"] == []
    assert asked(as_user(bob), "second", label="SPEAKER").json()["precedents"] == []
    assert len(asked(client, "second", facet="").json()["precedents"]) == 1
    assert found["about"] == "Stance"


def test_nothing_is_told_of_documents_that_a_reviewer_may_still_be_given_or_holds(
    document: Any,
    second: Any,
    corpus: Any,
    tmp_path: Any,
    alice: Any,
    bob: Any,
    carol: Any,
    as_user: Any,
) -> None:
    erin = person("erin")
    add_member(corpus, erin, Role.REVIEWER)
    settled(document, alice, bob, carol)
    review.open_layer(second, by=erin)
    # She never reviewed the settled one: it may be given to her as a check.
    assert asked(as_user(erin), "second").json()["precedents"] == []
    # The one in hand itself is left out, whoever settled it.
    assert asked(as_user(bob), "sea-wall").json()["precedents"] == []
    # A practice review can be taken back.
    layer = review.open_layer(second, by=bob)
    assert len(asked(as_user(bob), "second").json()["precedents"]) == 1
    own = Layer.objects.filter(owner=bob, document=document)
    own.update(practice=True)
    assert asked(as_user(bob), "second").json()["precedents"] == []
    own.update(practice=False, state="open")
    assert asked(as_user(bob), "second").json()["precedents"] == []
    own.update(state="submitted")
    Adjudication.objects.filter(document=document).update(state="ready")
    assert asked(as_user(bob), "second").json()["precedents"] == []
    Adjudication.objects.filter(document=document).update(state="done")
    assert layer.document_id == second.pk
    assert len(asked(as_user(bob), "second").json()["precedents"]) == 1


def test_a_document_with_open_disputes_tells_nothing_of_those_that_are_settled(
    document: Any, second: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    from tests.acts import shorter

    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    first, other = state(alice, document)["disputes"]
    act(document, alice, first["ident"], choice="version", number=1)
    assert Precedent.objects.count() == 1
    review.open_layer(second, by=bob)
    assert asked(as_user(bob), "second").json()["precedents"] == []
    act(document, alice, other["ident"], choice="none")
    assert len(asked(as_user(bob), "second").json()["precedents"]) == 1


@pytest.mark.parametrize("kind", ["check", "calibration", "blind"])
def test_case_law_is_not_shown_where_it_would_unblind(
    document: Any,
    second: Any,
    corpus: Any,
    tmp_path: Any,
    alice: Any,
    bob: Any,
    carol: Any,
    as_user: Any,
    kind: str,
) -> None:
    settled(document, alice, bob, carol)
    review.open_layer(second, by=bob)
    third = document_of(corpus, tmp_path, "third")
    review.open_layer(third, by=bob)
    assert len(asked(as_user(bob), "third").json()["precedents"]) == 1
    if kind == "blind":
        Assignment.objects.filter(document=second, user=bob).update(blind=True)
    else:
        Sample.objects.create(corpus=corpus, document=second, kind=kind)
    refused = asked(as_user(bob), "second")
    assert (refused.status_code, refused.json()["code"]) == (403, "precedents-hidden")
    elsewhere = asked(as_user(bob), "third")
    if kind == "check":
        # The same answer in every document, or it would tell which ones are checks.
        assert (elsewhere.status_code, elsewhere.content) == (403, refused.content)
    else:
        assert len(elsewhere.json()["precedents"]) == 1


def test_a_reason_is_chosen_after_a_dispute_is_settled(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    settled(document, alice, bob, carol)
    data = as_user(alice).get(address("api-disputes", "sea-wall")).json()
    assert "overlooked" in data["reasons"]
    body = {
        "version": data["version"],
        "client_id": str(uuid.uuid4()),
        "dispute": data["disputes"][0]["ident"],
        "reason": "a slip",
    }
    for _ in range(2):
        # Sent again it is there already.
        answer = as_user(alice).post(
            data["urls"]["reason"], json.dumps(body), content_type="application/json"
        )
        assert answer.json()["disputes"][0]["settled"]["reason"] == "a slip"
    assert answer.json()["version"] == data["version"] + 1

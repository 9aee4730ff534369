"""Corpora made and read over the API, and their schemas."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from corpus.core.schema import ATTRIBUTION
from corpus.models import Corpus, Membership, Schema
from tests.acts import SLUG, audit_log

DEBATE = {
    "labels": [
        {"name": "ACTOR"},
        {
            "name": "CALL",
            "title": "Call",
            "key": "k",
            "attributes": [{"name": "to", "kind": "choice", "choices": ["act", "wait"]}],
        },
    ],
    "links": [{"name": "by", "source": "CALL", "target": "ACTOR"}],
}


@pytest.fixture
def founder(dave: Any) -> Any:
    """Dave, who may create corpora."""
    dave.user_permissions.add(Permission.objects.get(codename="add_corpus"))
    return dave


def create(client: Any, **body: Any) -> Any:
    return client.post(reverse("api-corpora"), json.dumps(body), content_type="application/json")


def test_who_may_create_corpora_manages_what_they_create(founder: Any, as_user: Any) -> None:
    answer = create(as_user(founder), slug="port", name="The port", language="de")
    assert (answer.status_code, answer.json()) == (
        201,
        {"slug": "port", "name": "The port", "language": "de"},
    )
    made = Corpus.objects.get(slug="port")
    assert list(Membership.objects.filter(corpus=made).values_list("user__username", "role")) == [
        ("dave", "manager")
    ]
    assert audit_log(made) == [("dave", "created the corpus")]
    schema = as_user(founder).get(reverse("api-schema", kwargs={"slug": "port"})).json()
    parts = ("labels", "links", "attributes")
    assert {key: schema[key] for key in parts} == ATTRIBUTION.as_json()
    assert (schema["version"], schema["frozen_at"]) == (1, None)


def test_a_corpus_may_bring_its_own_schema(founder: Any, as_user: Any) -> None:
    client = as_user(founder)
    assert create(client, slug="debate", name="Debate", schema=DEBATE).status_code == 201
    schema = client.get(reverse("api-schema", kwargs={"slug": "debate"})).json()
    assert [label["name"] for label in schema["labels"]] == ["ACTOR", "CALL"]
    assert schema["labels"][1]["attributes"][0]["choices"] == ["act", "wait"]
    # What is read can be sent again.
    again = {key: schema[key] for key in ("labels", "links")}
    assert create(client, slug="debate-2", name="Debate", schema=again).status_code == 201
    assert len(set(Schema.objects.filter(corpus__slug__startswith="debate").values_list("digest")))


def test_others_may_not_create_corpora(bob: Any, as_user: Any) -> None:
    answer = create(as_user(bob), slug="port", name="The port")
    assert (answer.status_code, answer.json()["code"]) == (403, "corpus-creator")
    assert not Corpus.objects.filter(slug="port").exists()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"slug": "harbour"}, 409, "exists"),
        ({"slug": "a b"}, 400, "request-invalid"),
        ({"slug": "new"}, 400, "request-invalid"),
        ({"language": "tlh"}, 400, "request-invalid"),
        ({"schema": {"labels": []}}, 400, "schema-invalid"),
        ({"schema": {"labels": [{"name": "A"}, {"name": "A"}]}}, 400, "schema-invalid"),
        (
            {"schema": {"labels": [{"name": "A", "key": "1"}, {"name": "B", "key": "1"}]}},
            400,
            "schema-invalid",
        ),
        ({"schema": {"labels": [{"name": "A" * 61}]}}, 400, "schema-invalid"),
        (
            {
                "schema": {
                    "labels": [{"name": "A"}],
                    "links": [{"name": "x", "source": "A", "target": "B"}],
                }
            },
            400,
            "schema-invalid",
        ),
    ],
)
def test_a_corpus_that_cannot_be_is_refused(
    corpus: Corpus, founder: Any, as_user: Any, change: dict[str, Any], status: int, code: str
) -> None:
    answer = create(as_user(founder), **{"slug": "port", "name": "The port", **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Corpus.objects.count() == 1


def test_the_schema_that_is_in_use_says_since_when(document: Any, bob: Any, as_user: Any) -> None:
    schema = as_user(bob).get(reverse("api-schema", kwargs=SLUG)).json()
    assert schema["frozen_at"] is not None

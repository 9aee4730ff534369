"""Schemas over the API: read, previewed, changed; templates; outsiders."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from annotator.models import Layer
from corpus.core.schema import ATTRIBUTION
from corpus.core.schema_templates import TEMPLATES
from corpus.models import Corpus, Job, Schema
from tests.acts import submit_as

ADDRESS = "/api/corpora/harbour/schema/"


def put(client: Any, **body: Any) -> Any:
    return client.put(ADDRESS, json.dumps(body), "application/json")


@pytest.fixture
def renamed() -> dict[str, Any]:
    text = json.dumps(ATTRIBUTION.as_json()).replace('"SPEAKER"', '"SOURCE"')
    data: dict[str, Any] = json.loads(text)
    return data


MAP = {"labels": {"SPEAKER": "SOURCE"}}


def test_what_is_read_can_be_written(corpus: Corpus, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    read = client.get(ADDRESS).json()
    del read["version"], read["frozen_at"]
    assert read == ATTRIBUTION.as_json()
    answer = put(client, schema=read)
    assert (answer.status_code, answer.json()["in_place"]) == (200, True)


def test_a_preview_says_what_a_change_would_do(
    document: Any, alice: Any, bob: Any, as_user: Any, renamed: Any
) -> None:
    submit_as(document, bob)
    answer = put(as_user(alice), schema=renamed, map=MAP, preview=True).json()
    (row,) = answer["changes"]
    assert row == {
        "what": "label SPEAKER",
        "name": "SPEAKER",
        "becomes": "SOURCE",
        "outcome": "renamed",
        "counted": "spans",
        "count": 3,
        "suggested": 3,
        "documents": 1,
    }
    assert (answer["version"], answer["in_place"], answer["documents"]) == (2, False, 1)
    assert (answer["job"], Schema.objects.count()) == (None, 1)
    lacks = put(as_user(alice), schema=renamed, preview=True).json()
    assert [row["name"] for row in lacks["lacking"]] == ["SPEAKER"]


@pytest.mark.django_db(transaction=True)
def test_a_change_starts_the_job_that_copies(
    document: Any, alice: Any, bob: Any, as_user: Any, renamed: Any
) -> None:
    submit_as(document, bob)
    answer = put(as_user(alice), schema=renamed, map=MAP).json()
    assert Job.objects.get(pk=answer["job"]).kind == "schema"
    call_command("run_jobs", "--once", verbosity=0)
    assert Job.objects.get(pk=answer["job"]).state == "done"
    assert Layer.objects.filter(schema__version=2, kind="review").count() == 1
    assert as_user(alice).get(ADDRESS).json()["version"] == 2


def test_mistakes_and_gaps_are_refused_by_name(
    document: Any, alice: Any, bob: Any, as_user: Any, renamed: Any
) -> None:
    submit_as(document, bob)
    client = as_user(alice)
    wrong = put(client, schema={"labels": [{"name": "A"}, {"name": "A"}]})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "schema-invalid")
    assert "label 'A': is there twice" in wrong.json()["message"]
    lacks = put(client, schema=renamed)
    assert (lacks.status_code, lacks.json()["code"]) == (400, "schema-lacks")
    assert "label SPEAKER (6 spans)" in lacks.json()["message"]
    mapped = put(client, schema=renamed, map={"labels": {"NOBODY": None}})
    assert mapped.json()["code"] == "schema-map"
    assert put(client).json()["code"] == "request-invalid"


def test_others_may_not_change_it(corpus: Corpus, bob: Any, dave: Any, as_user: Any) -> None:
    body = {"schema": ATTRIBUTION.as_json()}
    assert put(as_user(bob), **body).status_code == 403
    for preview in (True, False):
        assert put(as_user(dave), **body, preview=preview).status_code == 404
    assert as_user(dave).get(ADDRESS).status_code == 404


def test_templates_are_listed_and_begin_a_corpus(admin: Any, as_user: Any) -> None:
    client = as_user(admin)
    listed = client.get(reverse("api-templates")).json()["templates"]
    assert [row["name"] for row in listed] == list(TEMPLATES)
    body = {"slug": "people", "name": "People", "template": "relations"}
    assert client.post("/api/corpora/", body, "application/json").status_code == 201
    corpus = Corpus.objects.get(slug="people")
    assert corpus.guideline == TEMPLATES["relations"].guideline
    assert corpus.schema is not None
    assert corpus.schema.definition == TEMPLATES["relations"].schema.as_json()


def test_templates_are_for_who_is_signed_in(client: Any, db: None) -> None:
    assert client.get(reverse("api-templates")).status_code == 403

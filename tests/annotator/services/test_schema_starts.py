"""A change of a schema is started by a person, and a job copies what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from annotator.selectors.layers import review_layer
from annotator.services import notes, review, schema_versions
from corpus.core.schema import ATTRIBUTION, Attribute
from corpus.jobs import claim
from corpus.models import Corpus, Schema
from corpus.selectors import schema_of, schema_rows
from tests.acts import accept_all, add_document, audit_log, code, submit_as

ADDED = replace(ATTRIBUTION, attributes=(Attribute("genre", "text"),))


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_begins_at_once_finds_the_change(
    document: Any, bob: Any, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_as(document, bob)
    committed = []

    def enqueue(pk: int) -> None:
        committed.append(not connection.in_atomic_block)

    monkeypatch.setattr(claim, "enqueue", enqueue)
    schema_versions.start(document.corpus, ADDED, None, by=alice)
    assert committed == [True]


def test_nothing_is_changed_by_whom_started_too_much(
    document: Any, bob: Any, alice: Any, settings: Any
) -> None:
    submit_as(document, bob)
    settings.JOBS_AN_HOUR = 0
    assert (
        code(lambda: schema_versions.start(document.corpus, ADDED, None, by=alice)) == "too-often"
    )
    assert Schema.objects.count() == 1


def test_only_a_manager_changes_it(corpus: Corpus, bob: Any, dave: Any) -> None:
    assert code(lambda: schema_versions.start(corpus, ADDED, None, by=bob)) == "not-allowed"
    assert code(lambda: schema_versions.start(corpus, ADDED, None, by=dave)) == "not-found"


def test_a_preview_is_for_who_may_change_the_schema(corpus: Corpus, bob: Any) -> None:
    assert code(lambda: schema_versions.preview(corpus, ADDED, None, by=bob)) == "not-allowed"


def test_it_is_said_in_the_audit_log(document: Any, bob: Any, alice: Any) -> None:
    submit_as(document, bob)
    schema_versions.start(document.corpus, ADDED, None, by=alice)
    assert ("alice", "changed the schema to version 2") in audit_log(document.corpus)


def test_until_anything_is_annotated_the_schema_is_replaced_in_place(
    corpus: Corpus, tmp_path: Any, bob: Any
) -> None:
    document = add_document(corpus, tmp_path)
    review.open_layer(document, by=bob)
    schema_versions.begin(corpus, ADDED, None)
    fresh = schema_of(Corpus.objects.get(pk=corpus.pk))
    assert (fresh.version, schema_rows(fresh).view.as_json()) == (1, ADDED.as_json())
    again = corpus.documents.select_related("corpus").get()
    layer = review.open_layer(again, by=bob)
    review.decide(layer, accept_all(layer), by=bob, at=0)
    assert layer.schema_id == fresh.pk


def test_comments_come_along(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    review.decide(layer, accept_all(layer)[:1], by=bob, at=0)
    notes.comment(document, by=bob, subject=1, body="Is this one claim?")
    schema_versions.begin(document.corpus, ADDED, None)
    schema_versions.move_all(Corpus.objects.get(pk=document.corpus_id))
    moved = review_layer(document, bob)
    assert moved is not None and moved.pk != layer.pk
    assert [comment.body for comment in moved.comments.all()] == ["Is this one claim?"]


def test_a_preview_for_a_page_counts_a_part_and_says_so(
    document: Any, bob: Any, carol: Any
) -> None:
    for person in (bob, carol):
        submit_as(document, person)
    claim = ATTRIBUTION.labels["CLAIM"]
    kept = tuple(attribute for attribute in claim.attributes if attribute.name != "kind")
    labels = {**ATTRIBUTION.labels, "CLAIM": replace(claim, attributes=kept)}
    new = replace(ATTRIBUTION, labels=labels)
    found = {}
    for most in (None, 100, 1):
        data = {"attributes": {"CLAIM.kind": None}}
        found[most] = schema_versions.preview(document.corpus, new, data, most=most)
    assert [found[most]["whole"] for most in (None, 100, 1)] == [True, True, False]
    assert found[100]["changes"] == found[None]["changes"]
    ((whole,), (part,)) = (found[most]["changes"] for most in (None, 1))
    assert part["count"] + part["suggested"] < whole["count"] + whole["suggested"]

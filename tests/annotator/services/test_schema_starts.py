"""A change of a schema is started by a person, and a job copies what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from annotator.services import schema_versions
from corpus.core.schema import ATTRIBUTION, Attribute
from corpus.jobs import claim
from corpus.models import Corpus, Schema
from tests.acts import code, submit_as

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

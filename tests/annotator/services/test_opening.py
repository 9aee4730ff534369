"""Opening a document: full ones are refused, and pages that open one at once share a layer."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from annotator.models import Assignment, Layer, LayerKind
from annotator.services import review
from corpus.core.problems import Problem
from corpus.db.bulk import add
from corpus.services.members import add_member

pytestmark = pytest.mark.postgresql


@pytest.mark.django_db(transaction=True)
def test_a_document_that_is_full_is_refused_without_waiting_for_who_writes(
    document: Any, alice: Any, bob: Any, carol: Any
) -> None:
    add_member(document.corpus, alice, "reviewer")
    for person in (bob, carol):
        review.open_layer(document, by=person)
    with (
        CaptureQueriesContext(connection) as asked,
        pytest.raises(Problem, match="every place on it is taken"),
    ):
        review.open_layer(document, by=alice)
    assert all(
        query["sql"] is None or query["sql"].startswith("SELECT")
        for query in asked.captured_queries
    )


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_page_that_loses_to_another_takes_up_what_that_one_made(
    document: Any, bob: Any, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    lost = []

    def quicker(row: Any) -> None:
        lost.append(row)
        if len(lost) == times:
            add(row)
        raise IntegrityError

    monkeypatch.setattr("corpus.db.bulk.add", quicker)
    # What the other page wrote is not taken back with this one's transaction.
    monkeypatch.setattr(review.transaction, "atomic", nullcontext)
    layer = review.open_layer(document, by=bob)
    assert layer == Layer.objects.get(document=document, kind=LayerKind.REVIEW)
    assert len(lost) == times


def test_a_page_that_always_loses_says_so(
    document: Any, bob: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quicker(row: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr("corpus.db.bulk.add", quicker)
    with pytest.raises(Problem) as caught:
        review.open_layer(document, by=bob)
    assert caught.value.code == "busy"


@pytest.mark.django_db(transaction=True)
def test_two_pages_of_a_person_that_open_a_document_at_once_share_a_layer(
    document: Any, bob: Any
) -> None:
    start = threading.Barrier(4)
    opened: list[int] = []

    def page() -> None:
        start.wait(10)
        try:
            opened.append(review.open_layer(document, by=bob).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=page) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (layer,) = Layer.objects.filter(document=document, kind=LayerKind.REVIEW)
    assert opened == [layer.pk] * 4
    assert Assignment.objects.filter(document=document, user=bob).count() == 1

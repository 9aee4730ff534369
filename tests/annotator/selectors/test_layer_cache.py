"""What a process remembers of layers is what the database says, and is bounded."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from annotator.models import Assignment, Layer, LayerKind
from annotator.selectors import layer_cache
from annotator.selectors import layers as selectors
from annotator.services import review
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.db.bulk import add
from corpus.models import DocumentText
from corpus.services.corpora import add_member
from tests.acts import accept_all

pytestmark = pytest.mark.postgresql


@pytest.mark.django_db(transaction=True)
def test_a_layer_is_known_at_the_version_that_was_read_or_written(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    assert layer_cache.view_of(layer, 0) is None
    selectors.workspace(layer)
    assert layer_cache.view_of(layer, 0) == LayerView()
    layer = review.decide(layer, accept_all(None), by=bob, at=0)
    assert layer_cache.view_of(layer, layer.version) == selectors.layer_view(layer)
    assert layer_cache.view_of(layer, 0) is None


@pytest.mark.django_db(transaction=True)
def test_what_is_remembered_and_what_is_read_make_the_same_page(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    review.decide(layer, accept_all(None), by=bob, at=0)
    again = selectors.review_layer(document, bob)
    assert again is not None
    assert layer_cache.view_of(again, again.version)
    remembered = selectors.workspace(again)
    layer_cache.forget()
    assert selectors.workspace(again) == remembered
    assert remembered["spans"]


def test_no_more_is_remembered_than_there_is_room_for(
    document: Any, bob: Any, carol: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (review.open_layer(document, by=person) for person in (bob, carol))
    small, large = (LayerView(rejected=frozenset(range(size))) for size in (99, 100))
    monkeypatch.setattr(layer_cache, "CAPACITY", 200)
    for _ in range(3):
        layer_cache.remember(one, 0, small)
    layer_cache.remember(other, 0, small)
    assert layer_cache.view_of(one, 0) == small
    layer_cache.remember(other, 1, large)
    assert layer_cache.view_of(one, 0) is None
    assert layer_cache.view_of(other, 1) == large
    layer_cache.remember(one, 0, LayerView(rejected=frozenset(range(1000))))
    assert layer_cache.view_of(one, 0) is None


def test_an_erased_text_is_remembered_nowhere(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    selectors.workspace(layer)
    DocumentText.objects.filter(document=document).delete()
    wrong = [{**decision, "exact": "wrong"} for decision in accept_all(None)]
    with pytest.raises(DocumentText.DoesNotExist):
        review.decide(layer, wrong, by=bob, at=0)


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

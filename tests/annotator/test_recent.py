"""What a process remembers of layers is what the database says, and is bounded."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from annotator import recent, selectors
from annotator.models import Assignment, Layer, LayerKind
from annotator.services import review
from corpus.core.span import LayerView
from tests.conftest import accept_all


@pytest.mark.django_db(transaction=True)
def test_a_layer_is_known_at_the_version_that_was_read_or_written(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    assert recent.known(layer, 0) is None
    selectors.workspace(layer)
    assert recent.known(layer, 0) is not None
    layer = review.decide(layer, accept_all(None), by=bob, at=0)
    known = recent.known(layer, layer.version)
    assert known is not None
    assert recent.known(layer, 0) is None


@pytest.mark.django_db(transaction=True)
def test_what_is_remembered_and_what_is_read_make_the_same_page(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    review.decide(layer, accept_all(None), by=bob, at=0)
    again = selectors.review_layer(document, bob)
    assert again is not None
    assert recent.known(again, again.version)
    remembered = selectors.workspace(again)
    recent.forget()
    assert selectors.workspace(again) == remembered
    assert remembered["spans"]


def test_no_more_is_remembered_than_there_is_room_for(
    document: Any, bob: Any, carol: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (review.open_layer(document, by=person) for person in (bob, carol))
    known = recent.Known(0, LayerView(), "x" * 1000)
    monkeypatch.setattr(recent, "CAPACITY", 2 * known.size)
    for _ in range(3):
        recent.remember(one, known)
    recent.remember(other, known)
    assert recent.known(one, 0)
    large = recent.Known(1, LayerView(), "x" * 1001)
    recent.remember(other, large)
    assert recent.known(one, 0) is None
    assert recent.known(other, 1) == large
    recent.remember(one, recent.Known(0, LayerView(), "x" * 10_000))
    assert recent.known(one, 0) is None


@pytest.mark.django_db(transaction=True)
def test_two_pages_of_a_person_that_open_a_document_at_once_share_a_layer(document: Any, bob: Any) -> None:
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

"""What a process remembers of layers is what the database says, and is bounded."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.selectors import layer_cache, layers
from annotator.selectors.workspace import workspace_of
from annotator.services import review
from corpus.core.span import LayerView
from corpus.models import DocumentText
from tests.acts import accept_all

pytestmark = pytest.mark.postgresql


@pytest.mark.django_db(transaction=True)
def test_a_layer_is_known_at_the_version_that_was_written(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    assert layer_cache.view_of(layer, 0) is None
    assert layers.view_at(layer, 0) == layers.layer_view(layer) == LayerView()
    layer = review.decide(layer, accept_all(None), by=bob, at=0)
    assert layer_cache.view_of(layer, layer.version) == layers.layer_view(layer)
    assert layer_cache.view_of(layer, 0) is None


@pytest.mark.django_db(transaction=True)
def test_what_is_remembered_and_what_is_read_make_the_same_page(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    review.decide(layer, accept_all(None), by=bob, at=0)
    again = layers.review_layer(document, bob)
    assert again is not None
    assert layer_cache.view_of(again, again.version)
    remembered = workspace_of(again)
    layer_cache.forget()
    assert workspace_of(again) == remembered
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
    layer = review.decide(layer, accept_all(None)[:1], by=bob, at=0)
    DocumentText.objects.filter(document=document).delete()
    wrong = [{**decision, "exact": "wrong"} for decision in accept_all(None)[1:]]
    with pytest.raises(DocumentText.DoesNotExist):
        review.decide(layer, wrong, by=bob, at=layer.version)

"""Submitted reviews stand in an order that says nothing, under letters instead of names."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.models import Adjudication
from annotator.selectors import comparison
from annotator.services import review
from corpus.core.span import Span
from tests.acts import shorter, submit_as

pytestmark = pytest.mark.postgresql


def test_only_submitted_reviews_are_compared(document: Any, bob: Any, carol: Any) -> None:
    adjudication = Adjudication.objects.get()
    submit_as(document, bob)
    review.open_layer(document, by=carol)
    (layer,) = comparison.submitted_layers(adjudication)
    assert layer.owner == bob


def test_letters_stay_the_same_whoever_hands_in_first(
    document: Any, alice: Any, bob: Any, carol: Any
) -> None:
    adjudication = Adjudication.objects.get()
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    letters = comparison.letters(comparison.submitted_layers(adjudication))
    assert sorted(letters.values()) == ["A", "B"]
    reopened = review.give_back(document, reviewer="bob", by=alice)
    review.hand_in(reopened, by=bob, at=reopened.version)
    again = comparison.submitted_layers(adjudication)
    assert comparison.letters(again) == letters


def test_a_claim_without_a_target_is_compared_under_the_documents(document: Any, bob: Any) -> None:
    layer = submit_as(document, bob)
    document.targets = ["the sea wall"]
    (view,) = comparison.comparable_views(document, [layer]).values()

    def targets(label: str) -> set[Any]:
        spans: list[Span] = [span for span in view.in_order() if span.label == label]
        return {span.attributes.get("target") for span in spans}

    assert targets("CLAIM") == {"the sea wall"}
    assert targets("SPEAKER") == {None}


def test_reviews_that_differ_make_disputes(document: Any, bob: Any, carol: Any) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    clusters = comparison.clusters(Adjudication.objects.get())
    assert [cluster.kinds for cluster in clusters if not cluster.agreed] == [
        ("stance",),
        ("boundary",),
    ]

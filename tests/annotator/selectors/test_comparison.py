"""Submitted reviews stand in an order that says nothing, under letters instead of names."""

from __future__ import annotations

import hashlib
from itertools import count
from typing import Any

import pytest

from annotator.core.dispute import shuffled
from annotator.models import Adjudication, Layer
from annotator.selectors import comparison
from annotator.services import review
from corpus.core.span import Span
from corpus.selectors import schema_rows
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


def test_letters_and_versions_stand_by_lots_that_nobody_can_work_out(
    document: Any, bob: Any, carol: Any, monkeypatch: Any
) -> None:
    lots = count(5, -1)
    monkeypatch.setattr("annotator.models.layers.secrets.randbits", lambda bits: next(lots))
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    adjudication = Adjudication.objects.get()

    def order() -> tuple[str, list[str]]:
        submitted = comparison.submitted_layers(adjudication)
        letters = comparison.letters(submitted)
        owners = {str(layer.pk): str(layer.owner) for layer in submitted}
        cluster = next(one for one in comparison.clusters(adjudication) if not one.agreed)
        schema = schema_rows(adjudication.schema).view
        said = [owners[held[0]] for held, _ in shuffled(cluster, schema)]
        return "".join(letters[layer.pk] + owners[str(layer.pk)] for layer in submitted), said

    assert order() == ("AcarolBbob", ["carol", "bob"])
    Layer.objects.filter(owner=bob).update(lot=2)
    assert order() == ("AbobBcarol", ["bob", "carol"])


def test_reviews_of_before_lots_were_drawn_keep_their_places(
    document: Any, bob: Any, carol: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    Layer.objects.filter(kind="review").update(lot=None)
    adjudication = Adjudication.objects.get()
    before = [layer.pk for layer in comparison.submitted_layers(adjudication)]
    digests = {pk: hashlib.sha256(str(pk).encode()).digest() for pk in before}
    assert before == sorted(digests, key=digests.__getitem__)


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

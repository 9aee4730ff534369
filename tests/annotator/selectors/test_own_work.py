"""What one person has in hand and has done."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.models import Decision, Layer
from annotator.selectors import own_work
from annotator.services import review
from tests.acts import accept_all, add_document, submit_as

pytestmark = pytest.mark.postgresql


def test_handing_in_counts_and_taking_back_uncounts(document: Any, bob: Any) -> None:
    submit_as(document, bob)
    assert own_work.my_progress(document.corpus, bob)["done"] == 1
    layer = Layer.objects.select_related("document__corpus", "schema", "owner").get(owner=bob)
    review.reopen(layer, by=bob)
    assert own_work.my_progress(document.corpus, bob) == {"done": 0, "taken": 1, "free": 0}


def test_documents_in_hand_say_how_far_they_are(document: Any, bob: Any, tmp_path: Any) -> None:
    second = add_document(document.corpus, tmp_path, "second")
    layer = review.open_layer(document, by=bob)
    review.open_layer(second, by=bob)
    decisions = accept_all(None)
    first_claim = [decisions[0], decisions[1], decisions[-3]]
    review.decide(layer, first_claim, by=bob, at=0)
    first, other = own_work.my_documents(document.corpus, bob)
    # Three claims need a person; their speakers are settled with them.
    assert (first.document, first.settled, first.total, first.elapsed_ms) == (document, 1, 3, 1000)
    assert (other.document, other.settled, other.elapsed_ms) == (second, 0, 0)
    assert own_work.my_states(bob, [document, second]) == {document.pk: "taken", second.pk: "taken"}


def test_work_is_added_up_by_corpus(document: Any, bob: Any, carol: Any, tmp_path: Any) -> None:
    second = add_document(document.corpus, tmp_path, "second")
    for one in (document, second):
        submit_as(one, bob)
    (work,) = own_work.my_work(bob)
    assert (work.slug, work.submitted, work.elapsed_ms) == ("harbour", 2, 6000)
    decisions = Decision.objects.filter(user=bob).count()
    assert work.decisions == sum(own_work.my_activity(bob).values()) == decisions > 0
    assert own_work.my_work(carol) == []
    assert [layer.document for layer in own_work.my_reviews(document.corpus, bob)] == [
        second,
        document,
    ]

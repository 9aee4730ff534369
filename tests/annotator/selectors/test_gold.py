"""The log of gold and one's own work against it, a page at a time."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.models import Layer
from annotator.selectors import gold
from tests.acts import add_document, shorter, submit_as

pytestmark = pytest.mark.postgresql


def test_there_is_no_history_before_there_is_gold(document: Any) -> None:
    assert gold.history(document) == (None, [], 0)


def test_pages_of_the_history_hold_every_decision_once(
    document: Any, bob: Any, carol: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    layer = Layer.objects.get(kind="gold")
    monkeypatch.setattr(gold, "STEPS", 4)
    seqs: list[int] = []
    before = 0
    while not seqs or before:
        found, steps, before = gold.history(document, before=before)
        assert found == layer
        assert 0 < len(steps) <= 4
        seqs += [step.seq for step in steps]
    assert seqs == list(range(layer.version, 0, -1))


def test_own_work_is_held_against_gold_newest_first(
    document: Any, bob: Any, carol: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = add_document(document.corpus, tmp_path, "second")
    for one in (document, second):
        submit_as(one, bob)
        submit_as(one, carol)
    monkeypatch.setattr(gold, "REVIEWS", 1)
    (newest,), score, before = gold.my_work(document.corpus, bob)
    assert (newest.document, newest.differences) == (second, [])
    assert score.total["found"] == score.right["found"] == newest.same == 3
    assert before == newest.submitted_at
    (older,), _, end = gold.my_work(document.corpus, bob, before=before)
    assert (older.document, end) == (document, None)


def test_what_is_still_in_dispute_is_held_against_nothing(
    document: Any, bob: Any, carol: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    assert gold.my_work(document.corpus, bob)[0] == []

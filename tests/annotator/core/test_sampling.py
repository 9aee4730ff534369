"""Shares of documents, chosen by their ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.core.sampling import chosen, due

IDS = [f"article-{n}" for n in range(5000)]


@given(st.text(), st.integers(0, 100), st.integers(0, 100))
def test_a_larger_share_holds_a_smaller_one(ident: str, a: int, b: int) -> None:
    low, high = sorted((a, b))
    assert chosen(ident, low, draw="blind") <= chosen(ident, high, draw="blind")


def test_a_share_is_about_as_large_as_asked() -> None:
    assert not any(chosen(ident, 0, draw="x") for ident in IDS)
    assert all(chosen(ident, 100, draw="x") for ident in IDS)
    assert 900 < sum(chosen(ident, 20, draw="x") for ident in IDS) < 1100


def test_draws_are_independent() -> None:
    blind = [ident for ident in IDS if chosen(ident, 50, draw="blind")]
    assert 0.45 < sum(chosen(ident, 50, draw="shared") for ident in blind) / len(blind) < 0.55


def dues(percent: int, draw: str, pieces: int = 400) -> list[int]:
    """Which pieces of work are of the kind that is due."""
    found: list[int] = []
    for n in range(pieces):
        if due(len(found), n, percent, draw=draw):
            found.append(n)
    return found


@pytest.mark.parametrize("percent", [1, 3, 10, 33, 50])
def test_a_share_of_the_work_is_due(percent: int) -> None:
    for pieces in (100, 200, 400):
        assert len(dues(percent, "erin", pieces)) == pieces * percent // 100
    assert dues(0, "erin") == []


def test_one_of_each_ten_is_due_at_ten_percent_and_nobody_can_count_up_to_it() -> None:
    found = dues(10, "erin")
    assert [n // 10 for n in found] == list(range(40))
    assert len({n % 10 for n in found}) > 5
    assert found != dues(10, "frank")

"""Shares of documents, chosen by their ids."""

from __future__ import annotations

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


def test_every_tenth_is_due_at_ten_percent() -> None:
    given_, dues = 0, []
    for n in range(40):
        if due(given_, n, 10):
            given_ += 1
            dues.append(n)
    assert dues == [9, 19, 29, 39]
    assert not due(0, 1000, 0)

"""My work against gold says where and why."""

from __future__ import annotations

from typing import Any

from tests.acts import (
    page,
    settle_stance,
)


def test_my_work_against_gold_says_where_and_why(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    assert "Nothing to compare yet" in page(as_user(carol), "my-gold")
    settle_stance(document, alice, bob, carol)
    told = page(as_user(carol), "my-gold")
    assert "stance: support" in told and "stance: oppose" in told
    assert "“Will not hold” is against it." in told
    assert "2 frames as in gold, 1 otherwise" in told
    assert "3 frames as in gold: all of them" in page(as_user(bob), "my-gold")

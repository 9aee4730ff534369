"""Scores in percent."""

from __future__ import annotations

import pytest

from annotator.templatetags.scores import interval, percent


@pytest.mark.parametrize(
    ("score", "shown"),
    [(0.874, "87 %"), (1, "100 %"), (0, "0 %"), (-0.004, "0 %"), (-0.126, "-13 %"), (None, "–")],
)
def test_scores_are_whole_percent(score: float | None, shown: str) -> None:
    assert percent(score) == shown


def test_an_interval_has_two_ends_or_none() -> None:
    assert interval({"low": 0.812, "high": 0.95}) == "81 % – 95 %"
    # A cell without anything in it gets no label on a small screen.
    assert interval({"low": None, "high": None}) == ""

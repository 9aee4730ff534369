"""Scores in percent."""

from __future__ import annotations

import pytest

from annotator.templatetags.scores import percent


@pytest.mark.parametrize(
    ("score", "shown"),
    [(0.874, "87 %"), (1, "100 %"), (0, "0 %"), (-0.004, "0 %"), (-0.126, "-13 %"), (None, "–")],
)
def test_scores_are_whole_percent(score: float | None, shown: str) -> None:
    assert percent(score) == shown

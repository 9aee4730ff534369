"""What the evaluation keeps of claims that people read."""

from __future__ import annotations

from tools.evaluate import CLAIMS, read


def test_the_claims_that_two_people_read_are_positions_and_values_without_text() -> None:
    rows = read(CLAIMS)
    assert len(rows) >= 200
    for row in rows:
        assert set(row) == {"id", "start", "end", "target", "readers"}
        assert row["start"] < row["end"]
        assert len(row["readers"]) == 2

"""Keys and moments out of addresses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from annotator.web.requests import moment, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("", 0), ("-1", 0), ("1e3", 0), ("²", 0), ("9" * 18, 10**18 - 1), ("9" * 19, 0)],
)
def test_what_is_no_key_begins_at_the_beginning(text: str, number: int) -> None:
    assert whole_number(text) == number


def test_a_moment_has_a_zone_and_a_place_in_the_calendar() -> None:
    assert moment("2026-01-02T03:04:05+01:00") == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    for text in ("", "soon", "2026-01-02T03:04:05", "2026-13-02T03:04:05Z"):
        assert moment(text) is None
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        assert moment(text) is None

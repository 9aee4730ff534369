"""Numbers as bars, times in words."""

from __future__ import annotations

from annotator.web import charts


def test_durations_are_worded() -> None:
    assert [charts.duration(ms) for ms in (0, 4200, 61_000, 3_600_000, 7_620_000)] == [
        "0.0 s",
        "4.2 s",
        "1 min 01 s",
        "1 h 00 min",
        "2 h 07 min",
    ]


def test_times_fall_into_classes_of_minutes() -> None:
    found = charts.histogram([0, 59_999, 60_000, 299_999, 300_000, 2_400_000, 10**9])
    assert {name: numbers[0] for name, numbers in found.items() if numbers[0]} == {
        "under 1": 2,
        "1 to 2": 1,
        "3 to 5": 1,
        "5 to 10": 1,
        "over 40": 2,
    }

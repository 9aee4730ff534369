"""Charts as values: numbers as shares of the largest, drawn as SVG beside a table.

The Content Security Policy forbids inline style, which the charting libraries write; bars need no
more than this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Bar:
    """One value of one series.

    `share` is percent of the chart's largest value; `place` and `rest` are for drawing.
    """

    words: str
    share: float
    place: int

    @property
    def rest(self) -> float:
        """Return what the bar leaves of the height."""
        return round(100 - self.share, 2)


@dataclass(frozen=True, slots=True)
class Row:
    """A name with one bar for each series; `key` is what the row is called in the data."""

    name: str
    bars: tuple[Bar, ...]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows over one or two series.

    `kind` is "bars" (lying) or "columns" (standing); `top` is the largest value in words.
    """

    title: str
    kind: str
    rows: tuple[Row, ...]
    series: tuple[str, ...]
    head: str
    top: str
    words: str

    @property
    def empty(self) -> bool:
        """Tell whether every value is zero."""
        return all(bar.share == 0 for row in self.rows for bar in row.bars)

    @property
    def width(self) -> int:
        """Return the width of the drawing of columns, ten for each."""
        return 10 * len(self.rows)


def chart(
    title: str,
    values: Mapping[str, Sequence[float]],
    *,
    series: Sequence[str],
    head: str,
    kind: str = "bars",
    say: Callable[[float], str] = lambda number: f"{number:,.0f}",
) -> Chart:
    """Return a chart of named values; `say` words a number, `head` names what the rows are."""
    most: float = 0
    highest = ""
    for name, numbers in values.items():
        if numbers and max(numbers) > most:
            most = max(numbers)
            highest = name
    rows = []
    for place, (name, numbers) in enumerate(values.items()):
        shares = [round(100 * number / most, 2) if most else 0.0 for number in numbers]
        bars = [
            Bar(say(number), share, 10 * place)
            for number, share in zip(numbers, shares, strict=True)
        ]
        rows.append(Row(name, tuple(bars)))
    words = f"{title}. {len(rows)} values"
    if most:
        words += f", the largest {say(most)} at {highest}"
    return Chart(title, kind, tuple(rows), tuple(series), head, say(most), f"{words}.")


def both(
    title: str, names: Mapping[str, str], counts: Mapping[str, Mapping[str, int]], head: str
) -> Chart:
    """Return a chart of counts in submitted reviews beside those in gold, a row for each name."""
    values = {}
    for name, words in names.items():
        values[words] = [counts.get(kind, {}).get(name, 0) for kind in ("review", "gold")]
    made = chart(title, values, series=["Submitted reviews", "Gold"], head=head)
    keys = {words: name for name, words in names.items()}
    rows = tuple(replace(row, key=keys[row.name]) for row in made.rows)
    return replace(made, rows=rows)


def by_day(title: str, days: Mapping[date, int]) -> Chart:
    """Return a chart of one number a day."""
    values = {day.isoformat(): [number] for day, number in days.items()}
    return chart(title, values, series=["Decisions"], head="Day", kind="columns")


def duration(ms: float) -> str:
    """Word a time: "4.2 s", "3 min 05 s", "2 h 07 min"."""
    seconds = ms / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60):02d} min"


def histogram(times: Sequence[int]) -> dict[str, Sequence[int]]:
    """Count times (milliseconds) by minutes: under 1, 1 to 2, ... , the last class open.

    Empty without any.
    """
    if not times:
        return {}
    edges = [1, 2, 3, 5, 10, 20, 40]
    names = ["under 1", *(f"{a} to {b}" for a, b in pairwise(edges)), f"over {edges[-1]}"]
    counts = dict.fromkeys(names, 0)
    for time in times:
        place = sum(time >= 60_000 * edge for edge in edges)
        counts[names[place]] += 1
    return {name: [number] for name, number in counts.items()}

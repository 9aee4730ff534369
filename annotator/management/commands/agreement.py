"""Measure how far reviewers agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from annotator.core.agreement import Measure
from annotator.services.agreement import corpus_agreement
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called


class Command(SaidbyCommand):
    """`agreement SLUG [--json]`."""

    help = (
        "Measure how far the submitted reviews agree: over all reviewers, for each pair, by label, "
        "outlet and month. Each figure stands with its 95 % interval over articles and what it "
        "rests on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug."""
        super().add_arguments(parser)
        parser.add_argument("slug")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Measure."""
        agreement = corpus_agreement(corpus_called(options["slug"]))
        answer = {
            "measures": [asdict(m) for m in agreement.measures],
            "groups": [
                {"by": group.by, "group": group.group, **asdict(m)}
                for group in agreement.groups
                for m in group.measures
            ],
        }
        together = [m for m in agreement.measures if m.a is None]
        if not together:
            return answer, "No document has two submitted reviews yet."
        by_pair: dict[str, list[Measure]] = {}
        for m in agreement.measures:
            if m.a is not None:
                by_pair.setdefault(f"{m.a} and {m.b}", []).append(m)
        by_group = {f"{group.by} {group.group}": group.measures for group in agreement.groups}
        tables = [_list(together), _matrix("pair", by_pair), _matrix("articles", by_group)]
        return answer, "\n\n".join(table for table in tables if table)


def _name(measure: Measure) -> str:
    return f"{measure.measure} {measure.of}" if measure.of else measure.measure


def _list(measures: Sequence[Measure]) -> str:
    """Return the measures over all pairs, one a line."""
    lines = [f"{'all pairs':<24} {'label':<10} {'value':>6}  {'95 % interval':<15} rests on"]
    for m in measures:
        name = f"{_name(m):<24} {m.label or 'frames':<10}"
        if m.value is None:
            lines.append(f"{name} {'-':>6}  undefined: {m.reason}")
            continue
        interval = "-" if m.low is None or m.high is None else f"{m.low:.3f} to {m.high:.3f}"
        rests_on = f"{m.n} of {m.total}, {m.articles} articles"
        lines.append(f"{name} {m.value:>6.3f}  {interval:<15} {rests_on}")
    return "\n".join(lines)


def _matrix(title: str, rows: dict[str, list[Measure]]) -> str:
    """Return one line for each pair or group, a column for each measure defined somewhere."""
    if not rows:
        return ""
    columns: list[tuple[str, str]] = []
    for measures in rows.values():
        for m in measures:
            column = (_name(m), m.label)
            if m.value is not None and m.of is None and column not in columns:
                columns.append(column)
    width = max(len(title), *map(len, rows))
    lines = [
        f"{number}: {name} {label or 'frames'}"
        for number, (name, label) in enumerate(columns, start=1)
    ]
    numbers = " ".join(f"{n:>6}" for n in range(1, len(columns) + 1))
    lines.append(f"{title:<{width}} {numbers}")
    for row, measures in rows.items():
        values = {(_name(m), m.label): m.value for m in measures}
        cells = " ".join(_cell(values.get(column)) for column in columns)
        lines.append(f"{row:<{width}} {cells}")
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    return f"{'-':>6}" if value is None else f"{value:>6.3f}"

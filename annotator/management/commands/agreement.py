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
        "Measure how far the submitted reviews agree: over all reviewers, for each pair, by label, outlet and month. "
        "Each figure stands with its 95 % interval over articles and what it rests on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug."""
        super().add_arguments(parser)
        parser.add_argument("slug")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Measure."""
        found = corpus_agreement(corpus_called(options["slug"]))
        answer = {
            "measures": [asdict(m) for m in found.measures],
            "groups": [
                {"by": g.by, "group": g.group, **asdict(m)}
                for g in found.groups
                for m in g.measures
            ],
        }
        together = [m for m in found.measures if m.a is None]
        if not together:
            return answer, "No document has two submitted reviews yet."
        by_pair: dict[str, list[Measure]] = {}
        for m in found.measures:
            if m.a is not None:
                by_pair.setdefault(f"{m.a} and {m.b}", []).append(m)
        by_group = {f"{g.by} {g.group}": g.measures for g in found.groups}
        parts = [_list(together), _matrix("pair", by_pair), _matrix("articles", by_group)]
        return answer, "\n\n".join(part for part in parts if part)


def _name(measure: Measure) -> str:
    return f"{measure.measure} {measure.of}" if measure.of else measure.measure


def _list(found: Sequence[Measure]) -> str:
    """Return the measures over all pairs, one a line."""
    lines = [f"{'all pairs':<24} {'label':<10} {'value':>6}  {'95 % interval':<15} rests on"]
    for m in found:
        rest = f"{m.n} of {m.total}, {m.articles} articles"
        if m.value is None:
            lines.append(
                f"{_name(m):<24} {m.label or 'frames':<10} {'-':>6}  undefined: {m.reason}"
            )
        else:
            between = "-" if m.low is None or m.high is None else f"{m.low:.3f} to {m.high:.3f}"
            lines.append(
                f"{_name(m):<24} {m.label or 'frames':<10} {m.value:>6.3f}  {between:<15} {rest}"
            )
    return "\n".join(lines)


def _matrix(title: str, rows: dict[str, list[Measure]]) -> str:
    """Return one line for each pair or group, a column for each measure that is defined somewhere."""
    if not rows:
        return ""
    names = dict.fromkeys(
        (_name(m), m.label)
        for found in rows.values()
        for m in found
        if m.value is not None and m.of is None
    )
    wide = max(len(title), *map(len, rows))
    lines = [
        f"{number}: {name} {label or 'frames'}"
        for number, (name, label) in enumerate(names, start=1)
    ]
    lines.append(f"{title:<{wide}} " + " ".join(f"{n:>6}" for n in range(1, len(names) + 1)))
    for row, found in rows.items():
        values = {(_name(m), m.label): m.value for m in found}
        cells = (values.get(name) for name in names)
        lines.append(
            f"{row:<{wide}} " + " ".join(f"{'-':>6}" if v is None else f"{v:>6.3f}" for v in cells)
        )
    return "\n".join(lines)

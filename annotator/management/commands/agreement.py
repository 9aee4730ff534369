"""Measure how far reviewers agree."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from annotator.services.agreement import corpus_agreement
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called


class Command(SaidbyCommand):
    """`agreement SLUG [--json]`."""

    help = "Measure how far the submitted reviews agree, for each pair of reviewers and label."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug."""
        super().add_arguments(parser)
        parser.add_argument("slug")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Measure."""
        measures = corpus_agreement(corpus_called(options["slug"]))
        rows = [
            f"{m.measure:<18} {m.label or 'frames':<10} {f'{m.a} and {m.b}' if m.a else 'all pairs':<24} "
            + (f"{m.value:.3f}  (n={m.n})" if m.value is not None else f"undefined: {m.reason}")
            for m in measures
        ]
        answer = [
            {"measure": m.measure, "label": m.label, "a": m.a, "b": m.b, "value": m.value, "low": None, "high": None,
             "n": m.n, "reason": m.reason}
            for m in measures
        ]  # fmt: skip
        return {"measures": answer}, "\n".join(rows) or "No document has two submitted reviews yet."

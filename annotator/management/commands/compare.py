"""Compare two suggesters on gold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotator.core.bootstrap import Estimate
from annotator.core.suggester_scores import SIDES
from annotator.selectors.suggester_scores import Comparison
from annotator.services.chosen_suggesters import FILLS, Choice
from annotator.services.suggester_scores import compare
from annotator.suggesters.label_map import read_map
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called


class Command(SaidbyCommand):
    """`compare SLUG --a SUGGESTER --b SUGGESTER [--export FOLDER | --trained-elsewhere]`."""

    help = (
        "Compare two suggesters on the settled gold of a corpus, facet by facet, with 95 % "
        "intervals over articles. Of the export that a trained pipeline lies in only the test part "
        "counts. Nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug and the options."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        for side in SIDES:
            parser.add_argument(
                f"--{side}", required=True, metavar="SUGGESTER", help="as for suggest --suggester"
            )
        parser.add_argument("--map", help="label map of trained pipelines, as for suggest")
        parser.add_argument(
            "--fill", choices=FILLS, default="", help="of trained pipelines, as for suggest"
        )
        training = parser.add_mutually_exclusive_group()
        training.add_argument(
            "--export",
            metavar="FOLDER",
            help="the exported folder that a pipeline was trained on, where it lies in none: its "
            "test part counts alone",
        )
        training.add_argument(
            "--trained-elsewhere",
            action="store_true",
            help="no document of this corpus was in the training of a pipeline",
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Compare."""
        label_map = read_map(Path(options["map"])) if options["map"] else {}
        sides = {}
        for side in SIDES:
            choice = Choice(options[side])
            if choice.kind == "trained":
                choice = Choice(options[side], label_map, options["fill"])
            sides[side] = [choice]
        found, answer = compare(
            corpus_called(options["slug"]),
            sides,
            elsewhere=options["trained_elsewhere"],
            folder=options["export"],
            progress=self.progress,
        )
        return answer, _table(found, answer)


def _table(found: Comparison, answer: Mapping[str, Any]) -> str:
    """Return the facets, one a line."""
    which = "of the test part" if answer["held_out"] else "with gold"
    lines = [
        f"a: {answer['a']}",
        f"b: {answer['b']}",
        f"{found.documents} documents {which}; {found.words} words.",
        f"{'facet':<20} {'label':<10} {'a':>22} {'b':>22} {'b - a':>24}",
    ]
    for row in found.scores:
        cells = [_cell(row.a), _cell(row.b), _cell(row.difference, "+")]
        lines.append(
            f"{row.facet.name:<20} {row.facet.label:<10} {cells[0]:>22} {cells[1]:>22}"
            f" {cells[2]:>24}"
        )
    cells = [f"{found.seconds[side]:.3f}" for side in SIDES]
    lines.append(f"{'seconds/1,000 words':<31} {cells[0]:>22} {cells[1]:>22}")
    for name in sorted({*found.usage["a"], *found.usage["b"]}):
        cells = [f"{found.usage[side][name]:,g}" for side in SIDES]
        lines.append(f"{name:<31} {cells[0]:>22} {cells[1]:>22}")
    return "\n".join(lines)


def _cell(figure: Estimate, sign: str = "") -> str:
    return figure.in_words(sign) or "-"

"""Compare two suggesters on gold."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotator.core.bootstrap import Estimate
from annotator.core.suggester_scores import SIDES, FacetScore
from annotator.selectors.suggester_scores import Comparison, compared
from annotator.services.chosen_suggesters import FILLS, Choice, build
from annotator.suggesters.held_out import held_out, held_out_around
from annotator.suggesters.label_map import read_map
from corpus.core.problems import Problem
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
        corpus = corpus_called(options["slug"])
        if corpus.schema is None:
            raise Problem("nothing-to-do", act="compare", reason="the corpus has no schema")
        names = {side: options[side] for side in SIDES}
        label_map = read_map(Path(options["map"])) if options["map"] else {}
        suggesters = {}
        for side, name in names.items():
            choice = Choice(name)
            if name.startswith("trained"):
                choice = Choice(name, label_map, options["fill"])
            suggesters[side] = build(choice, corpus)
        only = None
        if not options["trained_elsewhere"]:
            only = _held_out(names.values(), options["export"])
        found = compared(corpus, suggesters, only=only, progress=self.progress)
        answer = {
            "documents": found.documents,
            "words": found.words,
            "held_out": only is not None,
            **names,
            "facets": [_as_json(row) for row in found.scores],
            "seconds_per_1000_words": {s: round(found.seconds[s], 4) for s in SIDES},
        }
        return answer, _table(found, names, only is not None)


def _held_out(names: Iterable[str], folder: str | None) -> frozenset[str] | None:
    """Return the ids that count alone: those kept back from the training of every pipeline.

    None when there is no pipeline. Raises `Problem` for a pipeline of which nobody says what it was
    trained on.
    """
    kept = held_out(Path(folder)) if folder else None
    for name in names:
        kind, _, model = name.partition(":")
        if kind != "trained":
            continue
        part = held_out_around(Path(model))
        if part is not None:
            kept = part if kept is None else kept & part
        elif not folder:
            reason = (
                f"nothing says what {name} was trained on: name its export with --export, or say"
                " --trained-elsewhere if no document of this corpus was in it"
            )
            raise Problem("request-invalid", reason=reason)
    return kept


def _as_json(row: FacetScore) -> dict[str, Any]:
    sides = {}
    for side, figure in zip(SIDES, (row.a, row.b), strict=True):
        sides[side] = {**_figures(figure), "n": row.n[side], "reason": row.reasons[side]}
    return {
        "facet": row.facet.name,
        "label": row.facet.label,
        **sides,
        "difference": _figures(row.difference),
    }


def _figures(figure: Estimate) -> dict[str, float | None]:
    return {"value": figure.value, "low": figure.low, "high": figure.high}


def _table(found: Comparison, names: dict[str, str], held_out: bool) -> str:
    """Return the facets, one a line."""
    which = "of the test part" if held_out else "with gold"
    lines = [
        f"a: {names['a']}",
        f"b: {names['b']}",
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
    return "\n".join(lines)


def _cell(figure: Estimate, sign: str = "") -> str:
    if figure.value is None:
        return "-"
    interval = ""
    if figure.low is not None and figure.high is not None:
        interval = f" ({figure.low:{sign}.2f} to {figure.high:{sign}.2f})"
    return f"{figure.value:{sign}.3f}{interval}"

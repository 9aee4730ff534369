"""Export a layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called
from exports.encoders import DISPUTED, FORMATS, MISALIGNED
from exports.services.exports import export


class Command(SaidbyCommand):
    """`export SLUG --format NAME --to PATH [--layer ...] [--split 80/10/10] [--json]`."""

    help = (
        "Write a layer of every document into a file or folder;"
        " what the format cannot hold is counted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug and the options."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("--format", required=True, choices=FORMATS)
        parser.add_argument("--to", required=True, type=Path, metavar="PATH")
        parser.add_argument(
            "--layer", default="gold", help="gold, suggestions, or a user name (default gold)"
        )
        parser.add_argument(
            "--split",
            default="80/10/10",
            help="train/dev/test in percent (default 80/10/10), folds:5/0 with the number of folds"
            " and of the one that is test, either with +by:outlet, +by:label, +train:PERCENT or"
            " +name:NAME, date:DAY/DAY with the first days"
            " of dev and test, outlet:dev=A,B/test=C, or lists:FOLDER with lists of ids",
        )
        parser.add_argument(
            "--misaligned",
            default="",
            choices=MISALIGNED,
            help="what becomes of spans off token edges (default expand, but training data refuse"
            " when more than 2 %% of them are off)",
        )
        parser.add_argument(
            "--disputed",
            default="mask",
            choices=DISPUTED,
            help="what becomes of frames in dispute in an export of gold: training data hide their"
            " words (mask, the default), their documents are left out, or their words train as"
            " text without spans (keep)",
        )
        parser.add_argument(
            "--debug-data",
            action="store_true",
            help="write what spaCy says of the training data into debug-data.txt",
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Export."""
        report = export(
            corpus_called(options["slug"]),
            format=options["format"],
            to=options["to"],
            layer=options["layer"],
            shares=options["split"],
            misaligned=options["misaligned"],
            disputed=options["disputed"],
            debug_data=options["debug_data"],
            progress=self.progress,
        )
        written = f"{report.documents} documents, {report.spans} spans and {report.links} links"
        lines = [f"{written} → {options['to']}"]
        for reason, count in sorted(report.dropped.items()):
            lines.append(f"left out: {count} × {reason}")
        if report.changed:
            lines.append(
                f"{len(report.changed)} spans are off token edges; alignment.jsonl lists them"
            )
        return report.as_json(), "\n".join(lines)

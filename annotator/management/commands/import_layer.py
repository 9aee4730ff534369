"""Import annotations as a person's review layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotator.management.base import ImportCommand
from annotator.services.imported_reviews import import_layers
from corpus.selectors import corpus_called


class Command(ImportCommand):
    """`import_layer SLUG PATH --as USER [--format NAME] [--author NAME] [--submit] [--json]`."""

    help = (
        "Make the annotations of a file a person's review layers, on documents that are there "
        "already."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug, the path and the options."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("path", type=Path)
        parser.add_argument("--as", dest="username", required=True, metavar="USER")
        parser.add_argument(
            "--author", default="", help="whose work of the file, when it holds that of several"
        )
        parser.add_argument("--submit", action="store_true", help="hand the reviews in")
        self.add_reading_arguments(parser)
        self.add_map_arguments(parser)

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Import, and list what was refused on stderr."""
        corpus = corpus_called(options["slug"])
        names = self.names(corpus, options)
        report = import_layers(
            corpus,
            [options["path"]],
            username=options["username"],
            reading=self.reading(options),
            author=options["author"],
            submit=options["submit"],
            names=names,
            progress=self.progress,
        )
        self.write_map(corpus, report, names, options)
        return self.reported(report, options)

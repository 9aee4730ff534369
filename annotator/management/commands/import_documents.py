"""Import documents from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotator.management.base import ImportCommand
from annotator.services.imports import import_documents
from corpus.selectors import corpus_called


class Command(ImportCommand):
    """`import_documents SLUG PATH... [--format NAME] [--spans ignore] [--map FILE] [--json]`."""

    help = (
        "Import files or folders into a corpus. Bad rows are listed by file and line; the rest is "
        "imported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug, the paths and the options."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("paths", nargs="+", type=Path)
        parser.add_argument(
            "--spans",
            default="suggest",
            choices=["suggest", "ignore"],
            help="spans that come along become suggestions, or are left out",
        )
        self.add_reading_arguments(parser)
        self.add_map_arguments(parser)

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Import, and list what was refused on stderr."""
        corpus = corpus_called(options["slug"])
        names = self.names(corpus, options)
        report = import_documents(
            corpus,
            options["paths"],
            reading=self.reading(options),
            spans=options["spans"],
            names=names,
            progress=self.progress,
        )
        self.write_map(corpus, report, names, options)
        return self.reported(report, options)

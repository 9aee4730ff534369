"""Import documents from files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotator.services.intake import import_documents
from corpus.importers import IMPORTERS, LATER
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called


class Command(SaidbyCommand):
    """`import_documents SLUG PATH... [--format NAME] [--spans ignore] [--json]`."""

    help = "Import files or folders into a corpus. Bad rows are listed by file and line; the rest is imported."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug, the paths and the options."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("paths", nargs="+", type=Path)
        parser.add_argument("--format", default="", choices=["", *IMPORTERS.names(), *LATER])
        parser.add_argument("--spans", default="suggest", choices=["suggest", "ignore"],
                            help="spans that come along become suggestions, or are left out")  # fmt: skip

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Import, and list what was refused on stderr."""
        corpus = corpus_called(options["slug"])
        report = import_documents(corpus, options["paths"], format=options["format"], spans=options["spans"])
        for problem in report.problems:
            self.stderr.write(" ".join(str(problem).split()))
        answer = report.as_json()
        line = f"{report.imported} imported, {report.skipped} there already, {len(report.problems)} refused."
        if report.problems and not report.imported and not report.skipped:
            self.answer(options, answer, line)
            sys.exit(1)
        return answer, line

"""Pre-annotate a corpus."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from annotator.services.suggest import suggest_corpus
from annotator.suggesters import SUGGESTERS
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called


class Command(SaidbyCommand):
    """`suggest SLUG [--suggester NAME] [--workers N] [--json]`."""

    help = (
        "Pre-annotate every document that lacks this suggester's layer. May be stopped and run "
        "again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug and the options."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument(
            "--suggester",
            default="rules.v1",
            help=f"one of {', '.join(SUGGESTERS.names())}; trained:FOLDER names a pipeline",
        )
        parser.add_argument("--workers", type=int, default=1, help="processes to use (default 1)")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Suggest."""
        answer = suggest_corpus(
            corpus_called(options["slug"]),
            suggester=options["suggester"],
            workers=options["workers"],
            progress=self.progress,
        )
        return answer, (
            f"{answer['documents']} documents, {answer['spans']} spans and {answer['links']} links"
            f" suggested in {answer['seconds']:.1f} s."
        )

"""Pre-annotate a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotator.services.suggest import FILLS, Choice, suggest_corpus
from annotator.suggesters import SUGGESTERS
from annotator.suggesters.label_map import read_map
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called


class Command(SaidbyCommand):
    """`suggest SLUG [--suggester NAME [--map FILE] [--fill rules]] [--show] [--workers N]`."""

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
        parser.add_argument(
            "--map",
            metavar="FILE",
            help='JSON that maps names of a trained pipeline onto ours, {"PERSON": "SPEAKER"}: of '
            "labels, link kinds, attributes and their values; null leaves one out",
        )
        parser.add_argument(
            "--fill",
            choices=FILLS,
            default="",
            help="let the rules give what a trained pipeline does not: links, names, stances, cues",
        )
        parser.add_argument(
            "--show",
            action="store_true",
            help="show these suggestions in what reviewers open from now on (default: those of the "
            "suggester that ran first)",
        )
        parser.add_argument("--workers", type=int, default=1, help="processes to use (default 1)")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Suggest."""
        names = read_map(Path(options["map"])) if options["map"] else {}
        answer = suggest_corpus(
            corpus_called(options["slug"]),
            suggester=Choice(options["suggester"], names, options["fill"]),
            show=options["show"],
            workers=options["workers"],
            progress=self.progress,
        )
        line = (
            f"{answer['documents']} documents, {answer['spans']} spans and {answer['links']} links"
            f" suggested in {answer['seconds']:.1f} s."
        )
        if answer["documents"] and not answer["spans"]:
            line += " Nothing was found in any of them: was it trained on other texts or labels?"
        return answer, line

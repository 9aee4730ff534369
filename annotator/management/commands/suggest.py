"""Pre-annotate a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotator.services.chosen_suggesters import DEFAULT, FILLS, Choice, runnable, told
from annotator.services.suggest import suggest_corpus
from annotator.suggesters import SUGGESTERS
from annotator.suggesters.label_map import read_map
from corpus.core.problems import Problem
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called

# Words that are shown of what was noted; `--json` has more.
EXAMPLES = 3


class Command(SaidbyCommand):
    """`suggest SLUG [--suggester NAME]… [--threshold X] [--show] [--workers N]`."""

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
            action="append",
            default=[],
            help=f"one of {', '.join(SUGGESTERS.names())}; trained:FOLDER names a pipeline. Given "
            "several times, they are joined in order: a later one adds what those before it lack. "
            "Default: those chosen for the corpus, else the rules",
        )
        parser.add_argument(
            "--overrules",
            action="append",
            default=[],
            metavar="NAME",
            help="one of these suggesters, which replaces what it contradicts of those before it",
        )
        parser.add_argument(
            "--threshold",
            type=float,
            metavar="X",
            help="the score from 0 to 1 from which on a suggestion is made. Without --suggester it "
            "becomes the corpus's (default: the corpus's, 0.5 unless it was changed)",
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
        corpus = corpus_called(options["slug"])
        choices = _choices(options, names)
        if sent := told(choices or runnable(corpus)):
            self.stderr.write(f"{sent[0].upper()}{sent[1:]}.")
        answer = suggest_corpus(
            corpus,
            suggesters=choices,
            threshold=options["threshold"],
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
        for note in answer["notes"]:
            line += f"\n{note['count']} × {note['reason']} ({', '.join(note['documents'])})"
            for example in note["examples"][:EXAMPLES]:
                line += f"\n    {example['document']}: {example['words']}"
        return answer, line


def _choices(options: dict[str, Any], names: dict[str, str]) -> list[Choice]:
    """Return the suggesters that were named; the map and what fills in are for trained ones."""
    named = options["suggester"]
    for name in options["overrules"]:
        if name not in named:
            raise Problem("request-invalid", reason=f"--overrules {name} is no --suggester")
    has_trained = any(Choice(name).kind == "trained" for name in named)
    choices = []
    for name in named or ([DEFAULT] if names or options["fill"] else []):
        takes = Choice(name).kind == "trained" or not has_trained
        choices.append(
            Choice(
                name,
                label_map=names if takes else {},
                fill=options["fill"] if takes else "",
                overrules=name in options["overrules"],
            )
        )
    return choices

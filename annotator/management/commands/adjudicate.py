"""Settle by policy what can be settled without a person."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from annotator.core.merge import POLICIES
from annotator.services.adjudicate import adjudicate_corpus
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called


class Command(SaidbyCommand):
    """`adjudicate SLUG --policy NAME [--json]`."""

    help = "Put agreed frames into gold by a policy; the rest waits in the disputes queue."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug and the policy."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("--policy", required=True, help=f"one of {', '.join(POLICIES.names())}")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Run the policy."""
        answer = adjudicate_corpus(corpus_called(options["slug"]), policy=options["policy"])
        line = "{documents} documents: {agreed} of {frames} frames settled, {disputed} disputed."
        return answer, line.format(**answer)

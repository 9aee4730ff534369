"""Settle by policy what can be settled without a person."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from annotator.core.merge import BOUNDARIES, POLICIES
from annotator.services import policies
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called


class Command(SaidbyCommand):
    """`adjudicate SLUG --policy NAME [--preview] [--json]`."""

    help = (
        "Put agreed frames into gold by a policy; the rest waits in the disputes queue. May be run again, with "
        "another policy too: what a person decided stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug, the policy and the preview."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        known, edges = (
            ", ".join(POLICIES.names()),
            ", ".join(f"+{name}" for name in BOUNDARIES.names()),
        )
        parser.add_argument(
            "--policy",
            required=True,
            help=f"one of {known} (K: a number of people); {edges} after it choose the boundary where all else agrees",
        )
        parser.add_argument(
            "--preview",
            action="store_true",
            help="count what the policy would do and write nothing",
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Run the policy, or count what it would do."""
        act = policies.preview if options["preview"] else policies.run
        answer = {
            **act(corpus_called(options["slug"]), policy=options["policy"], progress=self.progress),
            "preview": options["preview"],
        }
        line = "{documents} documents: {agreed} of {frames} frames {verb} settled, {disputed} {rest} disputed."
        words = ("would be", "would stay") if options["preview"] else ("are", "stay")
        lines = [line.format(**answer, verb=words[0], rest=words[1])]
        lines += [
            "{facet:<12} {taken:>6} taken {dropped:>6} dropped {decided:>6} decided by a person {left:>6} left".format(
                **f
            )
            for f in answer["facets"]
        ]
        return answer, "\n".join(lines)

"""Settle by policy what can be settled without a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from annotator.core.merge import BOUNDARIES, POLICIES
from annotator.services import policies
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called


class Command(SaidbyCommand):
    """`adjudicate SLUG --policy NAME [--preview] [--json]`."""

    help = (
        "Put agreed frames into gold by a policy; the rest waits in the disputes queue. May be run "
        "again, with another policy too: what a person decided stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug, the policy and the preview."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        known = ", ".join(POLICIES.names())
        edges = ", ".join(f"+{name}" for name in BOUNDARIES.names())
        parser.add_argument(
            "--policy",
            required=True,
            help=f"one of {known} (K: a number of people); {edges} after it choose the boundary "
            "where all else agrees",
        )
        parser.add_argument(
            "--preview",
            action="store_true",
            help="count what the policy would do and write nothing",
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Run the policy, or count what it would do."""
        preview = options["preview"]
        act = policies.preview if preview else policies.run
        corpus = corpus_called(options["slug"])
        counts = act(corpus, policy=options["policy"], progress=self.progress)
        settled = "would be" if preview else "are"
        disputed = "would stay" if preview else "stay"
        lines = [
            f"{counts['documents']} documents: "
            f"{counts['agreed']} of {counts['frames']} frames {settled} settled, "
            f"{counts['disputed']} {disputed} disputed.",
            *(_line(facet) for facet in counts["facets"]),
            *_estimate(counts),
        ]
        return {**counts, "preview": preview}, "\n".join(lines)


def _estimate(counts: dict[str, Any]) -> Iterator[str]:
    """Yield what competence was estimated from, and why that settles little."""
    if "estimate" not in counts:
        return
    yield (
        "Competence was estimated from {documents} documents by {people} people; answers were taken"
        " from {bar} on."
    ).format(**counts["estimate"])
    if counts["estimate"]["reviewers"] < 3:
        yield "No document had more than two reviewers: where they differ, neither is much surer."


def _line(facet: dict[str, Any]) -> str:
    return (
        "{facet:<12} {taken:>6} taken {dropped:>6} dropped {decided:>6} decided by a person"
        " {left:>6} left"
    ).format(**facet)

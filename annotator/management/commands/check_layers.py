"""Refold every human layer and compare it with its rows, and the queue of disputes likewise."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from annotator.models import Adjudication, Layer, LayerKind
from annotator.services import disputes
from annotator.services.decision_log import drift
from corpus.core.problems import Problem
from corpus.management.base import SaidbyCommand
from corpus.models import Corpus
from corpus.selectors import corpus_called


class Command(SaidbyCommand):
    """`check_layers [SLUG] [--mend]`."""

    help = (
        "Refold every human layer from its log and compare it with its rows, and compare the queue "
        "of disputes with what the reviews say; exit 1 on drift."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug."""
        super().add_arguments(parser)
        parser.add_argument("slug", nargs="?", default="")
        parser.add_argument(
            "--mend", action="store_true", help="write the queue of disputes anew where it differs"
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Check, and name each layer that drifted on stderr."""
        layers = Layer.objects.exclude(kind=LayerKind.SUGGESTION).select_related(
            "document", "schema", "shown_run"
        )
        queues = Adjudication.objects.filter(document__retired_at=None).select_related(
            "document", "schema", "gold"
        )
        corpora = list(Corpus.objects.filter(deleted_at__isnull=True))
        if options["slug"]:
            corpora = [corpus_called(options["slug"])]
            layers = layers.filter(document__corpus=corpora[0])
            queues = queues.filter(corpus=corpora[0])
        checked = 0
        drifted = []
        for layer in layers.order_by("pk").iterator(chunk_size=100):
            checked += 1
            if reason := drift(layer):
                name = layer.document.external_id
                problem = Problem("layer-drift", layer=layer.pk, document=name, reason=reason)
                drifted.append(problem.as_json())
                self.stderr.write(str(problem))
        for adjudication in queues.order_by("pk").iterator(chunk_size=100):
            name = adjudication.document.external_id
            reason = disputes.drift(adjudication)
            if reason and options["mend"]:
                disputes.mend(adjudication)
                self.stderr.write(f"mended the queue for {name}: {reason}")
            elif reason:
                problem = Problem("queue-drift", document=name, reason=reason)
                drifted.append(problem.as_json())
                self.stderr.write(str(problem))
        for corpus in corpora:
            reason = disputes.counts_drift(corpus)
            if reason and options["mend"]:
                disputes.recount(corpus)
                self.stderr.write(f"counted the disputes of {corpus.slug} anew: {reason}")
            elif reason:
                problem = Problem("count-drift", corpus=corpus.slug, reason=reason)
                drifted.append(problem.as_json())
                self.stderr.write(str(problem))
        answer = {"checked": checked, "drifted": drifted}
        line = f"{checked} layers checked, {len(drifted)} differences."
        if drifted:
            self.answer(options, answer, line)
            sys.exit(1)
        return answer, line

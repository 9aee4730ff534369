"""Refold every human layer and compare it with its rows."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from annotator.models import Layer, LayerKind
from annotator.services.log import drift
from corpus.core.problems import Problem
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called


class Command(SaidbyCommand):
    """`check_layers [SLUG]`."""

    help = "Refold every human layer from its log and compare it with its rows; exit 1 on drift."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug."""
        super().add_arguments(parser)
        parser.add_argument("slug", nargs="?", default="")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Check, and name each layer that drifted on stderr."""
        layers = Layer.objects.exclude(kind=LayerKind.SUGGESTION).select_related("document", "schema", "shown_run")
        if options["slug"]:
            layers = layers.filter(document__corpus=corpus_called(options["slug"]))
        checked, drifted = 0, []
        for layer in layers.order_by("pk").iterator(chunk_size=100):
            checked += 1
            if reason := drift(layer):
                problem = Problem("layer-drift", layer=layer.pk, document=layer.document.external_id, reason=reason)
                drifted.append(problem.as_json())
                self.stderr.write(str(problem))
        answer = {"checked": checked, "drifted": drifted}
        line = f"{checked} layers checked, {len(drifted)} differ from their log."
        if drifted:
            self.answer(options, answer, line)
            sys.exit(1)
        return answer, line

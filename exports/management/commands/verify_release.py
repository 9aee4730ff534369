"""Verify a release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from corpus.management.base import SaidbyCommand
from exports.services.releases import verify_release


class Command(SaidbyCommand):
    """`verify_release FOLDER`."""

    help = (
        "Rebuild a release from the log and compare it with its files and digests;"
        " exit 1 when they differ."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder."""
        super().add_arguments(parser)
        parser.add_argument("folder", type=Path)

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Verify."""
        answer = verify_release(options["folder"])
        release, documents, digest = answer["release"], answer["documents"], answer["digest"]
        return answer, f"{release} verifies: {documents} documents, digest {digest}."

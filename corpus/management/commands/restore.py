"""Fill an empty database from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from corpus.db.backup import restore
from corpus.management.base import SaidbyCommand


class Command(SaidbyCommand):
    """`restore PATH [--json]`."""

    help = "Fill an empty, migrated database from a file that `backup` wrote."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the path."""
        super().add_arguments(parser)
        parser.add_argument("path", type=Path)

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Fill the database and say how much came back."""
        answer = restore(options["path"], progress=self.progress)
        count = sum(answer["rows"].values())
        return answer, f"{count} rows are back; run check_layers to see that they are whole."

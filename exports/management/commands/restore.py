"""Fill an empty database from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from corpus.db.backup import restore
from corpus.db.compact import compact
from corpus.management.base import SaidbyCommand
from exports.services.withdrawal import withdraw_again


class Command(SaidbyCommand):
    """`restore PATH [--json]`."""

    help = "Fill an empty, migrated database from a file that `backup` wrote."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the path."""
        super().add_arguments(parser)
        parser.add_argument("path", type=Path)

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Fill the database, erase what was withdrawn since, and say how much came back."""
        answer = restore(options["path"], progress=self.progress)
        withdrawn = withdraw_again()
        if withdrawn:
            compact()
        count = sum(answer["rows"].values())
        line = f"{count} rows are back; run check_layers to see that they are whole."
        if withdrawn:
            line += f" Withdrawn again, since the backup is older: {', '.join(withdrawn)}."
        return {**answer, "withdrawn": withdrawn}, line

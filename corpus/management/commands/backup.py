"""Copy the whole site into one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from corpus.db.backup import backup
from corpus.management.base import SaidbyCommand


class Command(SaidbyCommand):
    """`backup PATH [--json]`."""

    help = (
        "Copy every row of the site into one file, while it is running;"
        " `restore` reads it on SQLite or PostgreSQL."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the path."""
        super().add_arguments(parser)
        parser.add_argument("path", type=Path)

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Write the file and say what is in it."""
        answer = backup(options["path"], progress=self.progress)
        without = "".join(
            f"; {count} {name} are not in it" for name, count in answer["left_out"].items()
        )
        return answer, f"{sum(answer['rows'].values())} rows are in {options['path']}{without}."

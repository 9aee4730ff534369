"""Make a usable site out of a folder of articles."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandParser

from annotator.services.seed import DEMO_PEOPLE, seed
from corpus.management.base import SaidbyCommand


class Command(SaidbyCommand):
    """`seed [FOLDER]`."""

    help = (
        "Load the articles of a folder (default seeds/) with the demo accounts; twice gives the "
        "same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder."""
        super().add_arguments(parser)
        parser.add_argument("folder", nargs="?", type=Path, default=Path("seeds"))

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Seed."""
        # A site out of nothing: the tables are made too. With nothing to apply this does nothing.
        call_command("migrate", verbosity=0)
        password = os.environ.get("SAIDBY_DEMO_PASSWORD") or secrets.token_urlsafe(9)
        seeded = seed(options["folder"], password=password)
        report = seeded.report
        for problem in report.problems:
            self.stderr.write(" ".join(str(problem).split()))
        lines = [
            f"{seeded.corpus.slug}: {report.imported} articles imported, {report.skipped} there."
        ]
        if seeded.accounts:
            people = ", ".join(f"{name} ({DEMO_PEOPLE[name]})" for name in seeded.accounts)
            lines.append(f"Accounts: {people}. Password: {password}")
        else:
            lines.append(
                "The accounts are there already. "
                "A forgotten password: manage.py changepassword NAME"
            )
        answer = {"corpus": seeded.corpus.slug, **report.as_json(), "accounts": seeded.accounts}
        return answer, "\n".join(lines)

"""What every command of ours shares: one-line coded errors, exit codes, `--json`, progress."""

from __future__ import annotations

import json
import sys
from abc import abstractmethod
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from corpus.core.problems import Problem


class SaidbyCommand(BaseCommand):
    """A command that answers with one line, or with one JSON object under `--json`.

    A `Problem` goes to stderr as one line and ends the command with exit code 1.
    """

    json_answer = True
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--json` where the command can answer so."""
        if self.json_answer:
            parser.add_argument("--json", action="store_true", help="print one JSON object on stdout, nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, print the answer, turn problems into one line."""
        try:
            answer, line = self.run(options)
        except Problem as problem:
            self.fail(str(problem))
        except DatabaseError as error:
            self.fail(str(Problem("database", reason=error)))
        self.answer(options, answer, line)

    @abstractmethod
    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Do the work; return the JSON answer and the sentence."""

    def answer(self, options: dict[str, Any], answer: dict[str, Any], line: str) -> None:
        """Print the JSON object or the sentence."""
        self.stdout.write(json.dumps(answer, ensure_ascii=False) if options.get("json") else line)

    def fail(self, message: str) -> None:
        """Say what is wrong on stderr, in one line, and stop with exit code 1."""
        self.stderr.write(" ".join(message.split()))
        sys.exit(1)

    def progress(self, done: int, total: int) -> None:
        """Show a bar on a terminal, a plain line at the start and the end otherwise; always on stderr."""
        err = self.stderr._out if hasattr(self.stderr, "_out") else sys.stderr
        if err.isatty():
            width = 30 * done // total if total else 30
            err.write(f"\r[{'#' * width}{'.' * (30 - width)}] {done}/{total}" + ("\n" if done == total else ""))
            err.flush()
        elif total and done in (0, total):
            err.write(f"{done}/{total}\n")

"""What every command of ours shares: one-line coded errors, exit codes, `--json`, progress."""

from __future__ import annotations

import json
import sys
import time
from abc import abstractmethod
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from corpus.core.problems import Problem
from corpus.importers import IMPORTERS, fields
from corpus.importers.reading import Reading


class SaidbyCommand(BaseCommand):
    """A command that answers with one line, or with one JSON object under `--json`.

    A `Problem` goes to stderr as one line and ends the command with exit code 1.
    """

    json_answer = True
    requires_system_checks: list[str] = []
    # Between two lines of progress where there is no terminal.
    seconds = 5.0
    _bar = False
    _last_line = 0.0

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--json` where the command can answer so."""
        if self.json_answer:
            parser.add_argument(
                "--json", action="store_true", help="print one JSON object on stdout, nothing else"
            )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and print the answer; a problem becomes one line."""
        self._last_line = time.monotonic()
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
        self.end_progress()
        self.stdout.write(json.dumps(answer, ensure_ascii=False) if options.get("json") else line)

    def fail(self, message: str) -> None:
        """Say what is wrong on stderr, in one line, and stop with exit code 1."""
        self.end_progress()
        self.stderr.write(" ".join(message.split()))
        sys.exit(1)

    def progress(self, done: int, total: int = 0) -> None:
        """Show a bar on a terminal, now and then a plain line elsewhere, on stderr.

        A `total` of 0 is one that is not known.
        """
        err = getattr(self.stderr, "_out", sys.stderr)
        words = f"{done}/{total}" if total else f"{done} so far"
        if err.isatty():
            width = 30 * done // total if total else 0
            bar = f"[{'#' * width}{'.' * (30 - width)}] " if total else ""
            self._bar = not total or done < total
            err.write(f"\r{bar}{words}" + ("" if self._bar else "\n"))
            err.flush()
        elif time.monotonic() - self._last_line >= self.seconds:
            self._last_line = time.monotonic()
            err.write(f"{words}\n")

    def end_progress(self) -> None:
        """Leave the line of a bar, so that what is said next has its own."""
        if self._bar:
            self._bar = False
            self.stderr.write("")


class ReadingCommand(SaidbyCommand):
    """A command that reads files of any format."""

    def add_reading_arguments(self, parser: CommandParser) -> None:
        """Add the options of how files are read."""
        parser.add_argument("--format", default="", choices=["", *IMPORTERS.names()])
        parser.add_argument(
            "--split-every",
            type=int,
            default=0,
            metavar="N",
            help="of CoNLL files, make a document of so many sentences",
        )
        parser.add_argument(
            "--field",
            action="append",
            default=[],
            metavar="OURS=THEIRS",
            help="what a field or column is called in the files, as text=body; repeatable",
        )
        parser.add_argument(
            "--encoding",
            default="",
            metavar="NAME",
            help="the encoding of texts that are not UTF-8, as windows-1250; else it is guessed",
        )

    def reading(self, options: dict[str, Any]) -> Reading:
        """Return how files are read; raise `Problem` when an option cannot be used."""
        if options["split_every"] < 0:
            raise Problem("request-invalid", reason="--split-every is a number of sentences")
        return Reading(
            format=options["format"],
            fields=fields.parse(options["field"]),
            split_every=options["split_every"],
            encoding=options["encoding"],
        )

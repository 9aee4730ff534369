"""Show, read or write the patterns of a corpus."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotator.core import patterns as core
from annotator.selectors import patterns as selectors
from annotator.services import patterns
from corpus.core.problems import Problem
from corpus.management.base import SaidbyCommand
from corpus.models import Corpus
from corpus.selectors import corpus_called


class Command(SaidbyCommand):
    """`patterns SLUG [--import FILE] [--export FILE]`."""

    help = (
        "Show how many patterns a corpus has, write them to a file, or replace them by those of a "
        "file, JSONL as spaCy and Prodigy have it. Bad lines are named, the rest goes in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug and the options."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--import", type=Path, metavar="FILE", help="replace them by these")
        either.add_argument("--export", type=Path, metavar="FILE", help="write them as JSONL")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Show, read or write them."""
        corpus = corpus_called(options["slug"])
        if options["import"]:
            return self._replaced(corpus, options)
        saved = selectors.newest(corpus)
        answer = {
            "version": saved.version if saved else 0,
            "patterns": saved.count if saved else 0,
            "digest": saved.digest if saved else "",
        }
        if path := options["export"]:
            try:
                path.write_text(saved.lines if saved else "", encoding="utf-8")
            except OSError as error:
                raise Problem("file-unreadable", reason=error.strerror).at(str(path)) from None
            return answer, f"Wrote {answer['patterns']} patterns to {path}."
        return answer, f"{answer['patterns']} patterns in version {answer['version']}."

    def _replaced(self, corpus: Corpus, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        path = options["import"]
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise Problem("file-unreadable", reason=error.strerror).at(str(path)) from None
        except UnicodeDecodeError as error:
            raise Problem("text-encoding", encoding="UTF-8", byte=error.start).at(
                str(path)
            ) from None
        found, problems = core.read(text, selectors.schema_of(corpus))
        problems = [problem.at(str(path)) for problem in problems]
        for problem in problems:
            self.stderr.write(" ".join(str(problem).split()))
        refused = [problem.as_json() for problem in problems]
        if problems and not found:
            self.answer(options, {"patterns": 0, "errors": refused}, "Nothing was replaced.")
            sys.exit(1)
        saved = patterns.replace(corpus, found, by=None)
        answer = {
            "version": saved.version,
            "patterns": saved.count,
            "digest": saved.digest,
            "errors": refused,
        }
        line = f"{saved.count} patterns in version {saved.version}, {len(refused)} lines refused."
        return answer, line

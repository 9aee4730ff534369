"""Create a corpus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from corpus.core import schema, schema_file
from corpus.core.languages import check_language
from corpus.core.problems import Problem
from corpus.management.base import SaidbyCommand
from corpus.models import MAX_REVIEWERS
from corpus.services.corpora import create_corpus


class Command(SaidbyCommand):
    """`create_corpus SLUG [--schema FILE] [--language CODE]`."""

    help = "Create a corpus, with the attribution schema unless a file brings another."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug and the options."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("--schema", type=Path, help="a schema as JSON")
        parser.add_argument("--name", default="", help="the name that people read")
        parser.add_argument(
            "--language", default="en", metavar="CODE", help="of the articles (default en)"
        )
        parser.add_argument(
            "--reviewers", type=int, default=2, help="reviews per document (default 2)"
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Create it."""
        view = _read(options["schema"]) if options["schema"] else schema.ATTRIBUTION
        if not 1 <= options["reviewers"] <= MAX_REVIEWERS:
            reason = f"--reviewers must be from 1 to {MAX_REVIEWERS}"
            raise Problem("request-invalid", reason=reason)
        corpus = create_corpus(
            options["slug"],
            name=options["name"],
            schema=view,
            language=check_language(options["language"]),
            reviewers_per_document=options["reviewers"],
        )
        answer = {"corpus": corpus.slug, "labels": list(view.labels)}
        return answer, f"Created the corpus {corpus.slug}."


def _read(path: Path) -> schema.SchemaView:
    """Return the schema that a file holds, or raise `Problem`."""
    try:
        return schema_file.parse(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise Problem("file-unreadable", reason=error.strerror).at(str(path)) from None
    except ValueError as error:
        raise Problem("row-json", reason=str(error)).at(str(path)) from None
    except Problem as problem:
        raise problem.at(str(path)) from None

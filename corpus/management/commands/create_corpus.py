"""Create a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from corpus.core import schema_file
from corpus.core.languages import check_language
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.schema_templates import DEFAULT, TEMPLATES, template_called
from corpus.management.base import SaidbyCommand
from corpus.models import MAX_REVIEWERS
from corpus.services.corpora import create_corpus

TEMPLATE_NAMES = "; ".join(f"{one.name}: {one.title.lower()}" for one in TEMPLATES.values())


class Command(SaidbyCommand):
    """`create_corpus SLUG [--schema FILE | --template NAME] [--language CODE]`."""

    help = "Create a corpus, with the attribution schema unless a file or template brings another."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug and the options."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        schema = parser.add_mutually_exclusive_group()
        schema.add_argument("--schema", type=Path, metavar="FILE", help="a schema as JSON")
        schema.add_argument(
            "--template",
            metavar="NAME",
            default="",
            help=f"a schema with a guideline to go on from; {TEMPLATE_NAMES} (default {DEFAULT})",
        )
        parser.add_argument("--name", default="", help="the name that people read")
        parser.add_argument(
            "--language", default="en", metavar="CODE", help="of the articles (default en)"
        )
        parser.add_argument(
            "--reviewers", type=int, default=2, help="reviews per document (default 2)"
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Create it."""
        schema, guideline = _chosen(options)
        if not 1 <= options["reviewers"] <= MAX_REVIEWERS:
            reason = f"--reviewers must be from 1 to {MAX_REVIEWERS}"
            raise Problem("request-invalid", reason=reason)
        corpus = create_corpus(
            options["slug"],
            name=options["name"],
            schema=schema,
            guideline=guideline,
            language=check_language(options["language"]),
            reviewers_per_document=options["reviewers"],
        )
        answer = {"corpus": corpus.slug, "labels": list(schema.labels)}
        return answer, f"Created the corpus {corpus.slug}."


def _chosen(options: dict[str, Any]) -> tuple[SchemaView, str]:
    """Return the schema that the options name, and a guideline for it."""
    if options["schema"]:
        return schema_file.read_file(options["schema"]), ""
    template = template_called(options["template"] or DEFAULT)
    # Without a template the guideline is for the team to write, as it always was.
    return template.schema, template.guideline if options["template"] else ""

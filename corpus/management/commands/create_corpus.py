"""Create a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from corpus.core import schema_file
from corpus.core.languages import check_language
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.schema_found import found_in
from corpus.core.schema_templates import DEFAULT, TEMPLATES, dressed, template_called
from corpus.importers import reader_process
from corpus.importers.reading import Reading
from corpus.management.base import SaidbyCommand
from corpus.models import MAX_REVIEWERS
from corpus.services.corpora import create_corpus

TEMPLATE_NAMES = "; ".join(f"{one.name}: {one.title.lower()}" for one in TEMPLATES.values())


class Command(SaidbyCommand):
    """`create_corpus SLUG [--schema FILE | --template NAME | --schema-from FILE]`."""

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
        schema.add_argument(
            "--schema-from",
            type=Path,
            metavar="FILE",
            help="a schema made of the labels, links and attributes that annotated files hold",
        )
        parser.add_argument(
            "--format", default="", help="of --schema-from (guessed when not given)"
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
        schema, guideline, counts = _chosen(options)
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
        answer: dict[str, Any] = {"corpus": corpus.slug, "labels": list(schema.labels)}
        line = f"Created the corpus {corpus.slug}."
        if counts:
            answer["found"] = counts
            line = f"{line} Found {_words(counts)}."
        return answer, line


def _words(counts: Mapping[str, Mapping[str, int]]) -> str:
    """Say what files hold, with how often."""
    said = []
    for sort, rows in counts.items():
        if rows and sort != "documents":
            named = ", ".join(f"{name} ({count})" for name, count in rows.items())
            said.append(f"{sort.replace('_', ' ')} {named}")
    return "; ".join(said) or "nothing"


def _chosen(options: dict[str, Any]) -> tuple[SchemaView, str, Mapping[str, Mapping[str, int]]]:
    """Return the schema that the options name, a guideline for it, and what files held of it."""
    if options["schema"]:
        return schema_file.read_file(options["schema"]), "", {}
    if path := options["schema_from"]:
        found = found_in(reader_process.articles([path], Reading(format=options["format"])))
        try:
            return dressed(schema_file.parse(found.schema)), "", found.counts
        except Problem as problem:
            raise problem.at(str(path)) from None
    template = template_called(options["template"] or DEFAULT)
    # Without a template the guideline is for the team to write, as it always was.
    return template.schema, template.guideline if options["template"] else "", {}

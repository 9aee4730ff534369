"""Create a corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from django.core.management.base import CommandParser

from corpus.core import schema_file
from corpus.core.languages import check_language
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.schema_found import found_in
from corpus.core.schema_templates import DEFAULT, TEMPLATES, dressed, template_called
from corpus.importers import Article, reader_process
from corpus.importers.reading import AS_FOUND, Reading
from corpus.management.base import ReadingCommand
from corpus.models import MAX_REVIEWERS
from corpus.services.corpora import create_corpus

TEMPLATE_NAMES = "; ".join(f"{one.name}: {one.title.lower()}" for one in TEMPLATES.values())


class _Chosen(NamedTuple):
    """A schema with its guideline; of one made of files what they hold, and what was refused."""

    schema: SchemaView
    guideline: str = ""
    counts: Mapping[str, Mapping[str, int]] = MappingProxyType({})
    refused: Sequence[Problem] = ()


class Command(ReadingCommand):
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
        # How the files of --schema-from are read.
        self.add_reading_arguments(parser)
        parser.add_argument("--name", default="", help="the name that people read")
        parser.add_argument(
            "--language", default="en", metavar="CODE", help="of the articles (default en)"
        )
        parser.add_argument(
            "--reviewers", type=int, default=2, help="reviews per document (default 2)"
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Create it."""
        schema, guideline, counts, refused = _chosen(options, self.reading(options))
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
            answer["errors"] = [problem.as_json() for problem in refused]
            line = f"{line} Found {_words(counts)}."
        for problem in refused:
            self.stderr.write(" ".join(str(problem).split()))
        return answer, line


def _words(counts: Mapping[str, Mapping[str, int]]) -> str:
    """Say what files hold, with how often."""
    said = []
    for sort, rows in counts.items():
        if rows and sort != "documents":
            named = ", ".join(f"{name} ({count})" for name, count in rows.items())
            said.append(f"{sort.replace('_', ' ')} {named}")
    return "; ".join(said) or "nothing"


def _chosen(options: dict[str, Any], reading: Reading) -> _Chosen:
    """Return the schema that the options name, with what belongs to it."""
    if options["schema_from"]:
        return _found(options["schema_from"], reading)
    if reading != AS_FOUND:
        reason = "--format, --field, --encoding and --split-every say how --schema-from is read"
        raise Problem("request-invalid", reason=reason)
    if options["schema"]:
        return _Chosen(schema_file.read_file(options["schema"]))
    template = template_called(options["template"] or DEFAULT)
    # Without a template the guideline is for the team to write, as it always was.
    return _Chosen(template.schema, template.guideline if options["template"] else "")


def _found(path: Path, reading: Reading) -> _Chosen:
    """Return the schema of what annotated files hold, and what of them could not be read.

    Raises `Problem` when nothing could.
    """
    refused: list[Problem] = []
    found = found_in(_read(path, reading, refused))
    if refused and not found.counts["documents"]["all"]:
        raise refused[0]
    try:
        schema = dressed(schema_file.parse(found.schema))
    except Problem as problem:
        raise problem.at(str(path)) from None
    return _Chosen(schema, "", found.counts, refused)


def _read(path: Path, reading: Reading, refused: list[Problem]) -> Iterator[Article]:
    for row in reader_process.articles([path], reading):
        if isinstance(row, Problem):
            refused.append(row)
        else:
            yield row

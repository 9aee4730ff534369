"""What both importing commands share: refused rows on stderr, exit 1 when nothing could be used."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotator.services.imports import NO_MAP, Report
from corpus.core import import_map
from corpus.core.import_map import ImportMap
from corpus.core.problems import Problem
from corpus.management.base import ReadingCommand
from corpus.models import Corpus
from corpus.selectors import schema_rows

# Of the names that a schema does not know the first are told, of each sort.
FIRST = 20


class ImportCommand(ReadingCommand):
    """A command that imports and lists what it refused."""

    def add_map_arguments(self, parser: CommandParser) -> None:
        """Add the options of label maps."""
        parser.add_argument(
            "--map",
            type=Path,
            metavar="FILE",
            help="what the file's names are called here, as JSON",
        )
        parser.add_argument(
            "--write-map",
            type=Path,
            metavar="FILE",
            help="write a map of all names that the schema does not know, to edit",
        )

    def names(self, corpus: Corpus, options: dict[str, Any]) -> ImportMap:
        """Return the map of an import; raise `Problem` when it cannot be used."""
        to = options["write_map"]
        if to is not None and to.exists():
            raise Problem("exists", what="file", name=str(to))
        if options["map"] is None or corpus.schema is None:
            return NO_MAP
        return import_map.read(options["map"], schema_rows(corpus.schema).view)

    def write_map(
        self, corpus: Corpus, report: Report, names: ImportMap, options: dict[str, Any]
    ) -> None:
        """Write a map to edit of what the schema does not know, if it was asked for."""
        to = options["write_map"]
        if to is None or not report.unknown or corpus.schema is None:
            return
        view = schema_rows(corpus.schema).view
        data = import_map.ready(report.unknown.as_json(), view, names)
        content = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
        try:
            to.write_text(content, encoding="utf-8")
        except OSError as error:
            reason = f"cannot be written: {error.strerror}"
            raise Problem("file-unreadable", reason=reason).at(str(to)) from None

    def reported(self, report: Report, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Name every refused row on stderr; return the answer and the sentence."""
        self.end_progress()
        for problem in report.problems:
            self.stderr.write(" ".join(str(problem).split()))
        for first, count in report.left.values():
            said = " ".join(str(first).split())
            self.stderr.write(f"{said}; left out, with {count - 1} more like it")
        refused = len(report.problems)
        lines = [
            f"{report.imported} imported, {report.skipped} there already, {refused} refused.",
            *_replaced(report),
            *_carried(report),
            *_beside_removed(report),
            *_noted(report),
            *_unknown(report),
        ]
        text = "\n".join(lines)
        if refused and refused == report.dealt_with:
            self.answer(options, report.as_json(), text)
            sys.exit(1)
        return report.as_json(), text


def _replaced(report: Report) -> Iterator[str]:
    """Yield what was replaced, or would be, and how many documents have other metadata."""
    replacing = report.replacing
    if report.replaced:
        yield f"{report.replaced} replaced documents that were there: {replacing.sentence}."
    elif replacing.documents:
        count = replacing.documents
        said = f"{count} would replace documents that are there: {replacing.sentence}."
        yield f"{said} Take them with --update."
    if report.updated:
        yield f"{report.updated} of those there have other metadata now."


def _carried(report: Report) -> Iterator[str]:
    """Yield what came along to corrected texts, and each span of people that did not."""
    carried = report.carried
    if carried.layers:
        yield f"{carried.spans} spans of {carried.layers} reviews and gold came along."
    if carried.opened:
        yield f"{carried.opened} reviews are open again."
    if carried.different:
        ids = ", ".join(carried.different[:FIRST])
        yield f"nothing came along, as the text is too different or was worked on before: {ids}."
    for row in carried.left:
        whose = f"the review of {row['author']}" if row["author"] else row["layer"]
        place = f"{row['start']}:{row['end']}"
        yield f"left behind in {row['id']}: {row['label']} of {whose} at {place}, {row['text']!r}"


def _beside_removed(report: Report) -> Iterator[str]:
    """Yield which documents have the id of one that was removed, which stays removed."""
    ids = report.beside_removed
    if ids:
        more = f" and {len(ids) - FIRST} more" if len(ids) > FIRST else ""
        named = ", ".join(ids[:FIRST]) + more
        yield f"{len(ids)} have the id of a removed document, which stays removed: {named}."


def _noted(report: Report) -> Iterator[str]:
    """Yield what was converted and what is not kept, a line for each reason."""
    for reason, count in sorted(report.notes.items()):
        example = report.examples.get(reason)
        yield f"noted: {count} × {reason}" + (f", as {example!r}" if example else "")


def _unknown(report: Report) -> Iterator[str]:
    """Yield what the schema does not know, a line for each sort of name, and what to do."""
    if not report.unknown:
        return
    said = report.unknown.as_json()
    for section in ("labels", "links", "attributes"):
        if said[section]:
            yield f"not in the schema: {section} {_counted(said[section])}"
    for name, values in said["values"].items():
        yield f"not in the schema: values of {name} {_counted(values)}"
    yield "Write a map of them with --write-map FILE, edit it, and import again with --map FILE."


def _counted(names: Mapping[str, int]) -> str:
    first = [f"{name!r} ({count})" for name, count in list(names.items())[:FIRST]]
    more = len(names) - FIRST
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")

"""The columns of tables and the fields of JSON, where somebody has to say which is the text."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from corpus.core.problems import Problem
from corpus.importers import fields, guess, stream, table
from corpus.importers.fields import Column, Row
from corpus.importers.reading import Reading
from corpus.importers.utf8 import in_utf8

READERS = {"csv": table.records, "jsonl": stream.values}


def columns(paths: Iterable[Path], reading: Reading) -> list[Column]:
    """Return the columns of the first file whose text is not called so, none when all are."""
    for path in paths:
        rows = _first_rows(path, reading)
        if rows and not any("text" in row for row in rows):
            return fields.columns(rows, reading.fields)
    return []


def _first_rows(path: Path, reading: Reading) -> list[Row]:
    """Return the first rows of a file, none of one that is no table and no plain JSON."""
    try:
        with in_utf8(path, reading.encoding) as (source, _):
            reader = READERS.get(reading.format or guess(source))
            rows = islice(reader(source), fields.ROWS) if reader else ()
            return [row for _, row in rows if isinstance(row, dict)]
    except (Problem, OSError):
        # The check tells what is wrong with the file.
        return []

"""JSONL: one article a line, lossless, with or without spans and links.

The export writes the same form.

Articles from elsewhere often say title or date beside the text instead of in `meta`: those come in
all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import Article, fields
from corpus.importers.reading import Reading
from corpus.importers.rows import ANNOTATIONS, Row, article_of, without
from corpus.importers.stream import loads, values

OURS = ("id", "text", "meta", "spans", "links", "attributes", "layer")
# What an article may say at the top of its row, and what we call that; the first that is there
# counts.
SAID = (
    ("title", "title"),
    ("outlet", "outlet"),
    ("published", "published"),
    ("date", "published"),
    ("url", "url"),
    ("author", "author"),
    ("language", "language"),
    ("targets", "targets"),
)


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article or a problem for each row.

    Where no row of the first ones has a text, their fields tell which is meant.
    """
    rows = values(path)
    first = list(islice(rows, fields.ROWS))
    names = _names([row for _, row in first if isinstance(row, dict)], reading)
    for number, row in chain(first, rows):
        if isinstance(row, Problem):
            yield row.at(str(path), number)
            continue
        try:
            yield _article(row, str(path), number, names, spans=reading.spans)
        except Problem as problem:
            yield problem.at(str(path), number)


def _names(first: list[Row], reading: Reading) -> Mapping[str, str]:
    """Return what our fields are called; rows of our own say it themselves."""
    if not first or (not reading.fields and any(fields.OURS_ALONE & row.keys() for row in first)):
        return {}
    return fields.located(first, reading.fields)


def article(raw: bytes, file: str, line: int) -> Article:
    """Read one line; raise `Problem` when it is no article."""
    return _article(loads(raw), file, line, {})


def _article(
    row: Any, file: str, line: int, names: Mapping[str, str], *, spans: bool = True
) -> Article:
    if not isinstance(row, dict):
        raise Problem("row-json", reason=f"it is a {type(row).__name__}")
    row = fields.renamed(row, names)
    if not spans:
        row = without(row, ANNOTATIONS)
    notes: Counter[str] = Counter()
    if not isinstance(row.get("attributes", {}), dict):
        notes["fields that are not ours: attributes"] += 1
        row = {key: value for key, value in row.items() if key != "attributes"}
    if any(key not in OURS for key in row):
        row = _gathered(row, notes)
    return article_of(row, file, line, counts=notes)


def _gathered(row: Row, notes: Counter[str]) -> Row:
    """Return the row with what is said beside `meta` in it, where it has no such field.

    What is dropped is noted.
    """
    known = dict(SAID)
    for key in row:
        if key not in OURS and key not in known:
            notes[f"fields that are not ours: {key[:80]}"] += 1
    meta = {} if row.get("meta") is None else row["meta"]
    if not isinstance(meta, dict):
        return row
    said = {name: row[key] for key, name in reversed(SAID) if row.get(key) is not None}
    return {**row, "meta": {**said, **meta}}

"""JSONL: one article a line, lossless, with or without spans and links.

The export writes the same form.

Articles from elsewhere often say title or date beside the text instead of in `meta`: those come in
all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import Article, dataset_rows, fields
from corpus.importers.reading import Reading
from corpus.importers.rows import ANNOTATIONS, Row, RowWithNotes, article_of, articles, without
from corpus.importers.sniff import is_of_dataset
from corpus.importers.stream import loads, values

# A text beside a list is no state or name.
SHORT = 200
OURS = ("id", "text", "meta", "spans", "links", "attributes", "layer")


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article or a problem for each row.

    Where no row of the first ones has a text, their fields tell which is meant.
    """
    rows = ((line, _of_text(value)) for line, value in values(path))
    first = _unwrapped(list(islice(rows, fields.ROWS)))
    found = [row for _, row in first if isinstance(row, dict)]
    if not reading.fields and any(map(is_of_dataset, found)):
        # A dataset's rows of tokens with tags.
        convert = partial(_of_tokens, spans=reading.spans)
        yield from articles(path, "JSON", chain(first, rows), convert, spans=reading.spans)
        return
    names = _names(found, reading)
    for number, row in chain(first, rows):
        if isinstance(row, Problem):
            yield row.at(str(path), number)
            continue
        try:
            yield _article(row, str(path), number, names, spans=reading.spans)
        except Problem as problem:
            yield problem.at(str(path), number)


def _of_text(value: Any) -> Any:
    """Return a text that stands alone as a row."""
    return {"text": value} if isinstance(value, str) else value


def _unwrapped(first: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """Return the rows of a file that is one object around them; any others stay what they are.

    That is an answer of a service with their list, a table as pandas writes it, by columns or by
    rows, or the texts by their ids.
    """
    line, row = first[0] if len(first) == 1 else (0, None)
    if not isinstance(row, dict) or isinstance(row.get("text"), str):
        return first
    lists = [rows for rows in row.values() if _holds_objects(rows)]
    beside = [value for value in row.values() if isinstance(value, str) and len(value) > SHORT]
    if len(lists) == 1 and not beside:
        return [(line, inner) for inner in lists[0]]
    return [(line, inner) for inner in _by_name(row)] or first


def _by_name(row: Row) -> list[Row]:
    """Return the rows of a table that is one object, or of texts by their ids; none of others."""
    columns, cells = row.get("columns"), row.get("data")
    if isinstance(columns, list) and isinstance(cells, list):
        return [dict(zip(columns, line, strict=False)) for line in cells if isinstance(line, list)]
    inner = list(row.values())
    if len(row) > 1 and all(isinstance(value, str) for value in inner):
        known = any(fields.plain(name) in names for name in row for names in fields.NAMES.values())
        return [] if known else [{"id": name, "text": text} for name, text in row.items()]
    if not inner or not all(isinstance(value, dict) and value for value in inner):
        return []
    numbers = list(inner[0])
    if all(name.isdecimal() for name in numbers) and all(list(v) == numbers for v in inner):
        return [{name: held[number] for name, held in row.items()} for number in numbers]
    texts = [{key for key in held if isinstance(held[key], str)} for held in inner]
    # Objects that say other things are parts of one row.
    alike = len(row) > 1 and set.intersection(*texts)
    return [{"id": name, **held} for name, held in row.items()] if alike else []


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _of_tokens(row: Any, *, spans: bool) -> Iterator[RowWithNotes]:
    if not isinstance(row, dict):
        raise Problem("row-json", reason=f"it is a {type(row).__name__}")
    yield dataset_rows.converted(row, {}, None, annotated=spans)


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
    for key in row:
        if key not in OURS and key not in fields.SAID:
            notes[f"fields that are not ours: {key[:80]}"] += 1
    meta = {} if row.get("meta") is None else row["meta"]
    if not isinstance(meta, dict):
        return row
    return {**row, "meta": {**fields.told(row), **meta}}

"""CSV and TSV: one article a row under a header.

Spans, links and layer stand as JSON in columns of these names. The export writes the same form,
with an apostrophe before what a spreadsheet would take for a formula; a header with the column
`layer` says that it did.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.core.text import MAX_CHARACTERS
from corpus.importers import Article, fields, labelstudio
from corpus.importers.identity import Number
from corpus.importers.reading import Reading
from corpus.importers.rows import ANNOTATIONS, Row, RowWithNotes, articles, without
from corpus.importers.stream import loads

MAX_LINE = 4 * MAX_CHARACTERS
JSON_COLUMNS: dict[str, type] = {
    "spans": list,
    "links": list,
    "attributes": dict,
    "layer": dict,
    "meta": dict,
    "targets": list,
}
ENCODINGS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
# What begins like this was meant as JSON, whoever wrote it.
BEGUN = re.compile(r'\s*(\[\s*)?\{\s*"')
# Lines that are read anew in one file, so that quotes left open on every line do not take for ever.
MAX_AGAIN = 2_000_000
# What is longer is no name of a column: such a file has no header.
LONGEST_NAME = 80
OPEN = "a quote opens here that closes nowhere, or where no cell may end"
# What Excel is told by a first line.
SEPARATOR = re.compile(r"sep=(.)\s*", re.IGNORECASE)
FORMULA = re.compile(r"'+[=+\-@\t\r]")


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each row; one with too few or too many cells is a problem."""
    yield from rows_of(path, "CSV", records(path), reading)


def rows_of(
    path: Path, format: str, rows: Iterator[tuple[int, Any]], reading: Reading
) -> Iterator[Article | Problem]:
    """Yield an article for each row of cells, by the names of their columns.

    Where no column is called text, the first rows tell which is meant.
    """
    first = list(islice(rows, fields.ROWS))
    cells = [row for _, row in first if isinstance(row, dict)]
    if cells and "annotation_id" in cells[0]:
        tasks = ((line, _task(row)) for line, row in chain(first, rows))
        convert = partial(labelstudio.task_rows, spans=reading.spans)
        yield from articles(path, "Label Studio's CSV", tasks, convert, spans=reading.spans)
        return
    names: Mapping[str, str] = {}
    if cells and (reading.fields or "layer" not in cells[0]):
        names = fields.located(cells, reading.fields)
    convert = partial(_rows, names=names, spans=reading.spans)
    yield from articles(path, format, chain(first, rows), convert, spans=reading.spans)


def _task(row: Any) -> Any:
    """Return a row of Label Studio's CSV, whose cells hold JSON, as one of its JSON-MIN."""
    if not isinstance(row, dict):
        return row
    return {name: _as_json(cell) for name, cell in row.items() if cell}


def _as_json(cell: str) -> Any:
    if not cell.lstrip().startswith(("[", "{")):
        return cell
    try:
        return loads(cell.encode("utf-8", "surrogatepass"))
    except Problem:
        return cell


def records(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the cells of each row by the names of the columns, with its line."""
    csv.field_size_limit(MAX_CHARACTERS + 1)
    with _opened(path) as file:
        lines = _Lines(file, path)
        try:
            yield from _cells(lines)
        except Problem as problem:
            yield lines.number, problem


def _opened(path: Path) -> io.TextIOWrapper:
    """Open a table so that its bytes, those that are no text too, can be counted again."""
    with path.open("rb") as raw:
        encoding = ENCODINGS.get(raw.read(2), "utf-8")
    errors = "surrogateescape" if encoding == "utf-8" else "surrogatepass"
    return path.open(encoding=encoding, errors=errors, newline="")


def _cells(lines: _Lines) -> Iterator[tuple[int, Any]]:
    """Yield each row by the names of its columns; a row that cannot be read costs no other one.

    A quote that is left open runs on to the next one or to the end: then the line after the one
    where it opens is read anew.
    """
    first_line = next(lines, "")
    separator = ""
    if said := SEPARATOR.fullmatch(first_line.removeprefix("\ufeff")):
        separator = said[1]
        first_line = next(lines, "")
    header, separator = _header(first_line, separator)
    if lines.bad:
        raise lines.bad
    if _is_row(header):
        # There is no header: its cells are those of the first row.
        names = [f"column {number}" for number in range(1, len(header) + 1)]
        yield lines.number, dict(zip(names, header, strict=True))
        header = names
    header = [name.strip().lower() for name in header]
    reader = csv.reader(lines, delimiter=separator, strict=True)
    again = 0
    while True:
        first = lines.begin()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            run = lines.number > first
            yield first, Problem("row-shape", format="CSV", reason=OPEN if run else str(error))
            again += lines.number - first
            if run and again <= MAX_AGAIN:
                lines.back()
            continue
        if cells is None:
            return
        if lines.bad:
            yield lines.bad.line, lines.bad
        elif len(cells) == len(header):
            yield first, dict(zip(header, cells, strict=True))
        elif cells:
            yield first, Problem("row-cells", found=len(cells), wanted=len(header))


def _is_row(header: list[str]) -> bool:
    """Tell a first line of values: running text beside a number, a date or an address."""
    told = [
        cell.isdecimal() or fields.DATE.fullmatch(cell) or fields.URL.fullmatch(cell)
        for cell in header
    ]
    return any(told) and any(len(cell.split()) >= fields.RUNNING for cell in header)


def _header(first: str, separator: str) -> tuple[list[str], str]:
    """Return the column names and what separates them, else the commonest of , ; TAB |."""
    separator = separator or max(",;\t|", key=first.count)
    reader = csv.reader([first.removeprefix("\ufeff")], delimiter=separator, strict=True)
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise Problem("row-shape", format="CSV", reason=str(error)) from None
    names = [name.strip().lower() for name in header]
    if not any(names) or len(set(names)) != len(names) or max(map(len, names)) > LONGEST_NAME:
        reason = "the first line must name the columns, each with a name of its own"
        raise Problem("row-shape", format="CSV", reason=reason)
    return header, separator


class _Lines:
    """The lines of a table for a csv.reader, which knows neither bytes nor a way back.

    `number` lines and `offset` bytes were read; `bad` is the first line of this row that is not in
    its encoding.
    """

    def __init__(self, file: io.TextIOWrapper, path: Path) -> None:
        self._file = file
        self._path = path
        self._encoding = file.encoding
        # Number and offset of the second line of the row.
        self._second: tuple[int, int] | None = None
        self.number = 0
        self.offset = 0
        self.bad: Problem | None = None

    def begin(self) -> int:
        """Begin a row; return the number of its first line."""
        self._second = None
        self.bad = None
        return self.number + 1

    def back(self) -> None:
        """Go back to where the second line of this row begins."""
        if self._second:
            self.number, self.offset = self._second
            self._file.seek(self.offset)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = self._file.readline(MAX_LINE)
        except UnicodeDecodeError:
            # What is left of UTF-16 at the very end is half a character.
            self.number += 1
            raise self._wrong(self._path.stat().st_size - 1) from None
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == MAX_LINE and not line.endswith("\n"):
            raise Problem("part-too-large", what="a line", limit=f"{MAX_LINE} characters")
        self.offset += self._bytes(line)
        self._second = self._second or (self.number, self.offset)
        return line

    def _bytes(self, line: str) -> int:
        """Return how many bytes a line has in the file; note where it is no text."""
        try:
            return len(line.encode(self._encoding))
        except UnicodeEncodeError as error:
            before = len(line[: error.start].encode(self._encoding))
            self.bad = self.bad or self._wrong(self.offset + before)
            return len(line.encode(self._encoding, self._file.errors or "strict"))

    def _wrong(self, byte: int) -> Problem:
        encoding = self._encoding.upper()
        return Problem("text-encoding", line=self.number, encoding=encoding, byte=byte)


def _rows(
    cells: dict[str, str], *, names: Mapping[str, str], spans: bool
) -> Iterator[RowWithNotes]:
    cells = fields.renamed(cells, names)
    if not spans:
        cells = without(cells, ANNOTATIONS)
    if "layer" in cells:
        cells = {name: _without_apostrophe(cell) for name, cell in cells.items()}
    known: Row = {}
    for name, kind in JSON_COLUMNS.items():
        value = _json(name, cells, kind)
        if value is not None:
            known[name] = value
    meta: Row = {}
    for name, cell in cells.items():
        if cell and name not in ("id", "text", *known):
            meta[name] = cell
    if "targets" in known:
        meta["targets"] = known.pop("targets")
    meta.update(known.pop("meta", {}))
    ident = cells.get("id") or None
    if ident and "layer" not in cells and ident.isdecimal():
        ident = Number(ident)
    yield {"id": ident, "text": cells["text"], "meta": meta, **known}, Counter()


def _without_apostrophe(cell: str) -> str:
    """Return a cell without the mark that our export sets before what looks like a formula."""
    return cell[1:] if FORMULA.match(cell) else cell


def _json(name: str, cells: dict[str, str], kind: type) -> Any:
    """Return what a cell of a column of ours holds.

    None when it is empty, or a column of others called the same. Raises `Problem` for a cell of our
    export, or one that begins as JSON, that holds none of the kind.
    """
    cell = cells.get(name)
    if not cell:
        return None
    reason = f"must hold a JSON {'list' if kind is list else 'object'}"
    try:
        value = loads(cell.encode("utf-8", "surrogatepass"))
        if isinstance(value, kind):
            return value
    except Problem as problem:
        reason = f"{reason}: {problem.details.get('reason', problem.message)}"
    if "layer" in cells or BEGUN.match(cell):
        raise Problem("row-field", field=name, reason=reason)
    return None

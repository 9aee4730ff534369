"""Spreadsheets: the first sheet that has rows, as a table under its header, by python-calamine."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from corpus.core.problems import Problem
from corpus.importers import Article, table
from corpus.importers.archive import DAMAGED
from corpus.importers.document import MAX_RATIO, OLD_OFFICE, check_size
from corpus.importers.reading import Reading

MAX_BYTES = 50_000_000
MAX_UNPACKED = 400_000_000
DAMAGED_FILE = (
    "it is damaged, has a password, or is no spreadsheet. Open it and save it as .xlsx without a "
    "password"
)


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each row of a spreadsheet, as of a table."""
    try:
        names, rows, others = _sheet(path)
        for row in table.rows_of(path, "XLSX", _records(names, rows), reading):
            # The first article says for all of them that there is more.
            if others and isinstance(row, Article):
                row = replace(row, notes={**row.notes, "other sheets left out": others})
                others = 0
            yield row
    except Problem as problem:
        yield problem.at(str(path))


def _sheet(path: Path) -> tuple[list[str], list[list[Any]], int]:
    """Return the header and rows of the first sheet with any, and how many others have some."""
    check_size(path, MAX_BYTES)
    _check_bomb(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            tables = [book.get_sheet_by_name(name).to_python() for name in _shown(book)]
    # Its parser is another language's, which may end in a panic.
    except (CalamineError, OSError, ValueError) as error:
        raise Problem("file-unreadable", reason=DAMAGED_FILE) from error
    sheets = [rows for rows in tables if rows]
    if not sheets:
        raise Problem("text-empty")
    header, *rows = sheets[0]
    return [_said(cell).strip().lower() for cell in header], rows, len(sheets) - 1


def _shown(book: CalamineWorkbook) -> list[str]:
    """Return the names of the sheets of cells."""
    return [sheet.name for sheet in book.sheets_metadata if "WorkSheet" in str(sheet.typ)]


def _check_bomb(path: Path) -> None:
    """Raise `Problem` for a zip that says it unpacks to more than a spreadsheet does."""
    with path.open("rb") as file:
        if file.read(4) == OLD_OFFICE:
            return
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except DAMAGED:
        raise Problem("file-unreadable", reason=DAMAGED_FILE) from None
    if size > min(MAX_UNPACKED, max(10_000_000, MAX_RATIO * path.stat().st_size)):
        raise Problem("zip-invalid", reason="it unpacks to far more than its size allows")


def _records(names: list[str], rows: list[list[Any]]) -> Iterator[tuple[int, Any]]:
    """Yield the cells of each row that has any, by the names of the columns."""
    named = [name for name in names if name]
    if not named or len(set(named)) != len(named):
        reason = "the first row must name the columns, each with a name of its own"
        raise Problem("row-shape", format="XLSX", reason=reason)
    for number, row in enumerate(rows, start=2):
        cells = [_said(cell) for cell in row]
        if any(cells):
            yield number, {name: cell for name, cell in zip(names, cells, strict=False) if name}


def _said(cell: Any) -> str:
    """Return a cell as it reads: a whole number without a fraction, a day without an hour."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    if isinstance(cell, (datetime.date, datetime.time)):
        return cell.isoformat()
    return str(cell)

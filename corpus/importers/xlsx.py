"""Spreadsheets: the first sheet that has rows, as a table under its header, by python-calamine.

One cell far out makes calamine ask for memory without end, so a spreadsheet is read in a process of
its own with limits. This module is that process, too: it gets a path and writes rows as JSON.
"""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from corpus.core.problems import Problem
from corpus.importers import Article, own_process, table
from corpus.importers.archive import DAMAGED
from corpus.importers.document import MAX_RATIO, OLD_OFFICE, check_size
from corpus.importers.reading import Reading

SECONDS = 120
MEMORY = 4 << 30
MAX_BYTES = 50_000_000
MAX_UNPACKED = 400_000_000
DAMAGED_FILE = (
    "it is damaged, has a password, or is no spreadsheet. Open it and save it as .xlsx without a "
    "password"
)
TOO_LARGE = (
    "it is damaged, or too large to be read, perhaps by one cell far from the others. Copy "
    "its rows to a new spreadsheet"
)


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each row of a spreadsheet, as of a table."""
    try:
        check_size(path, MAX_BYTES)
        _check_bomb(path)
        names, rows, others = _first_sheet(path)
        for row in table.rows_of(path, "XLSX", _records(names, rows), reading):
            # The first article says for all of them that there is more.
            if others and isinstance(row, Article):
                row = replace(row, notes={**row.notes, "other sheets left out": others})
                others = 0
            yield row
    except Problem as problem:
        yield problem.at(str(path))


def _first_sheet(path: Path) -> tuple[list[str], list[list[str]], int]:
    """Return the header and rows of the first sheet with any, and how many others have some."""
    sheets = own_process.answer(__name__, path, seconds=SECONDS, late=TOO_LARGE, failed=TOO_LARGE)
    if sheets is None:
        raise Problem("file-unreadable", reason=DAMAGED_FILE)
    if not sheets["rows"]:
        raise Problem("text-empty")
    header, *rows = sheets["rows"]
    return [cell.strip().lower() for cell in header], rows, sheets["others"]


def _sheets(path: str) -> dict[str, Any] | None:
    """Return the rows of the first sheet with any and the number of others; None of no sheets."""
    try:
        with CalamineWorkbook.from_path(path) as book:
            tables = [book.get_sheet_by_name(name).to_python() for name in _shown(book)]
    # Its parser is another language's, which may end in a panic.
    except (CalamineError, OSError, ValueError):
        return None
    sheets = [rows for rows in tables if rows] or [[]]
    return {"rows": [list(map(_said, row)) for row in sheets[0]], "others": len(sheets) - 1}


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


def _records(names: list[str], rows: list[list[str]]) -> Iterator[tuple[int, Any]]:
    """Yield the cells of each row that has any, by the names of the columns."""
    named = [name for name in names if name]
    if not named or len(set(named)) != len(named):
        reason = "the first row must name the columns, each with a name of its own"
        raise Problem("row-shape", format="XLSX", reason=reason)
    for number, cells in enumerate(rows, start=2):
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


def _main() -> None:
    own_process.say(_sheets, memory=MEMORY, seconds=SECONDS)


if __name__ == "__main__":
    _main()

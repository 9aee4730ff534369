"""CSV and TSV: one article a row under a header; spans, links and layer as JSON in columns of these names.

The export writes the same form, with an apostrophe before what a spreadsheet would take for a formula; a header
with the column `layer` says that it did.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.core.text import MAX_CHARACTERS
from corpus.importers import Article
from corpus.importers.rows import Found, articles, by_text
from corpus.importers.stream import loads

MAX_LINE = 4 * MAX_CHARACTERS
JSON_COLUMNS = ("spans", "links", "layer", "meta", "targets")
FORMULA = re.compile(r"'+[=+\-@\t\r]")


def read(path: Path) -> Iterator[Article | Problem]:
    """Yield an article for each row; a row with too few or too many cells is a problem at its line."""
    yield from articles(path, "CSV", _records(path), _rows)


def _records(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as raw:
        head = raw.read(2)
    encoding = "utf-16" if head in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    csv.field_size_limit(MAX_CHARACTERS + 1)
    with path.open(encoding=encoding, newline="") as file:
        line = 1
        try:
            header, reader = _header(file)
            for cells in reader:
                line, at = reader.line_num + 1, line
                if isinstance(cells, Problem):
                    yield at, cells
                elif len(cells) == len(header):
                    yield at, dict(zip(header, cells, strict=True))
                elif cells:
                    yield at, Problem("row-cells", found=len(cells), wanted=len(header))
        except UnicodeDecodeError as error:
            yield line, Problem("text-encoding", encoding=encoding.removesuffix("-sig").upper(), byte=error.start)
        except csv.Error as error:
            yield line, Problem("row-shape", format="CSV", reason=str(error))
        except Problem as problem:
            yield line, problem


def _header(file: io.TextIOBase) -> tuple[list[str], Any]:
    """Return the column names and a reader of the rows below them; the commonest of , ; TAB is what separates."""
    first = file.readline(MAX_CHARACTERS)
    separator = max(",;\t", key=first.count)
    header = next(csv.reader([first], delimiter=separator, strict=True), [])
    names = [name.strip().lower() for name in header]
    if "text" not in names or len(set(names)) != len(names):
        raise Problem("row-shape", format="CSV", reason="the first line must name the columns, one of them text")
    return names, _Rows(file, separator)


def _lines(file: io.TextIOBase) -> Iterator[str]:
    while line := file.readline(MAX_LINE):
        if len(line) == MAX_LINE and not line.endswith("\n"):
            raise Problem("file-too-large", size="a line", limit=f"{MAX_LINE} characters")
        yield line


class _Rows:
    """A csv.reader that counts the header as line 1."""

    def __init__(self, file: io.TextIOBase, separator: str) -> None:
        self._reader = csv.reader(_lines(file), delimiter=separator, strict=True)

    def __iter__(self) -> Iterator[list[str] | Problem]:
        while True:
            try:
                yield next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                # The reader begins anew with the next line.
                yield Problem("row-shape", format="CSV", reason=str(error))

    @property
    def line_num(self) -> int:
        return self._reader.line_num + 1


def _rows(cells: dict[str, str]) -> Iterator[Found]:
    if "layer" in cells:
        cells = {name: value[1:] if FORMULA.match(value) else value for name, value in cells.items()}
    known = {n: loads(cells[n].encode("utf-8", "surrogatepass")) for n in JSON_COLUMNS if cells.get(n)}
    meta = {n: v for n, v in cells.items() if v and n not in ("id", "text", *JSON_COLUMNS)}
    if "targets" in known:
        meta["targets"] = known.pop("targets")
    meta.update(known.pop("meta", {}))
    ident = cells["id"] if "id" in cells else by_text(cells["text"])
    yield {"id": ident, "text": cells["text"], "meta": meta, **known}, Counter()

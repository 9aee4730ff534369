"""The data files of a release as a dataset: a file for each configuration and split.

Parquet when pyarrow is installed, else JSONL, which `load_dataset` reads with the same columns.
The same rows give the same bytes; those of Parquet belong to a version of pyarrow.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from corpus.core.problems import Problem
from corpus.importers.parquet import PYARROW
from exports.core.dataset_features import (
    Column,
    Columns,
    Names,
    arrow_metadata,
    data_file,
    fitted,
)

FORMS = ("parquet", "jsonl")
COMPRESSION = "zstd"
# Rows of a row group; a reader takes a group at a time into memory.
GROUP = 500
# Rows that wait as Python values, which take many times the memory of Arrow's.
WAITING = 25


class _File(Protocol):
    """A data file that is being written."""

    def add(self, row: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...


class _Lines:
    """A file with a row of JSON on each line."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self._columns = columns
        self._out: TextIO = path.open("w", encoding="utf-8", newline="\n")

    def add(self, row: Mapping[str, Any]) -> None:
        held = fitted(row, self._columns, numbers=False)
        self._out.write(json.dumps(held, ensure_ascii=False) + "\n")

    def close(self) -> None:
        self._out.close()


class _Parquet:
    """A Parquet file, written in row groups, which are the same however their rows came."""

    def __init__(self, path: Path, columns: Columns) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        self._pa = pa
        self._columns = columns
        fields = [(name, _arrow(pa, column)) for name, column in columns.items()]
        self._schema = pa.schema(fields, {"huggingface": arrow_metadata(columns)})
        self._out = parquet.ParquetWriter(path, self._schema, compression=COMPRESSION)
        self._rows: list[Any] = []
        self._packed = 0
        # The rows of a group in Arrow's form wait on disk: a small part waits for long.
        self._waiting: Any = None
        self._stream: Any = None

    def add(self, row: Mapping[str, Any]) -> None:
        self._rows.append(fitted(row, self._columns, numbers=True))
        if len(self._rows) == WAITING:
            self._pack()
        if self._packed == GROUP:
            self._write()

    def close(self) -> None:
        if self._rows:
            self._pack()
        if self._packed:
            self._write()
        self._out.close()

    def _pack(self) -> None:
        if self._stream is None:
            self._waiting = TemporaryFile()  # noqa: SIM115 - closed with its group
            self._stream = self._pa.ipc.new_stream(self._waiting, self._schema)
        self._stream.write_table(self._pa.Table.from_pylist(self._rows, self._schema))
        self._packed += len(self._rows)
        self._rows = []

    def _write(self) -> None:
        self._stream.close()
        self._waiting.seek(0)
        group = self._pa.ipc.open_stream(self._waiting).read_all()
        self._out.write_table(group.combine_chunks())
        self._waiting.close()
        self._stream = None
        self._packed = 0


class Writer:
    """Writes the rows of a dataset below a folder and counts them by configuration and split."""

    def __init__(self, folder: Path, configs: Mapping[str, Columns], form: str) -> None:
        self._folder = folder
        self._configs = configs
        self._form = form
        self._files: dict[tuple[str, str], _File] = {}
        self.rows: Counter[tuple[str, str]] = Counter()

    def add(self, config: str, split: str, row: Mapping[str, Any]) -> None:
        """Write a row; a split without rows gets no file."""
        key = (config, split)
        if key not in self._files:
            self._files[key] = self._open(config, split)
        self._files[key].add(row)
        self.rows[key] += 1

    def _open(self, config: str, split: str) -> _File:
        path = self._folder / data_file(config, split, self._form)
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = self._configs[config]
        return _Lines(path, columns) if self._form == "jsonl" else _Parquet(path, columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files.values():
            file.close()


def installed_form() -> str:
    """Return the form in which this machine writes data files."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return "jsonl"
    return "parquet"


def writer_of(form: str) -> str:
    """Return what writes a form here, with its version; raise `Problem` when it is missing."""
    if form == "jsonl":
        return ""
    if installed_form() != form:
        raise Problem("extra-missing", format="parquet", package=PYARROW)
    import pyarrow

    return f"pyarrow {pyarrow.__version__}"


def same_content(one: Path, other: Path) -> bool:
    """Tell whether two Parquet files hold the same rows in the same columns."""
    from pyarrow import ArrowException, parquet

    try:
        tables = [parquet.read_table(path) for path in (one, other)]
    except (ArrowException, OSError):
        return False
    same: bool = tables[0].equals(tables[1], check_metadata=True)
    return same


def _arrow(pa: Any, column: Column) -> Any:
    if isinstance(column, str):
        return pa.type_for_alias(column)
    if isinstance(column, Names):
        return pa.int64()
    if isinstance(column, list):
        return pa.list_(_arrow(pa, column[0]))
    return pa.struct([(name, _arrow(pa, inner)) for name, inner in column.items()])

"""Parquet and Arrow files, as Hugging Face `datasets` writes and shares them.

What a row holds, `dataset_rows` reads. It needs pyarrow, which is larger than all the rest together
and therefore not among the locked requirements.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import Article, dataset_rows, fields
from corpus.importers.identity import Number
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles
from corpus.importers.sniff import is_of_dataset

PYARROW = "pyarrow==26.0.1"
BATCH = 200
# What a file may unpack to: so many times its size, and what is no bomb.
MAX_RATIO = 300
SMALL = 1 << 26
# A file of several that hold the rows of one dataset.
SHARD = re.compile(r"(.+)-(\d+)-of-\d+")


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each row; the number of the row stands for its line.

    Raises `Problem` when pyarrow is not installed.
    """

    def convert(item: tuple[int, Row, Mapping[str, Any]]) -> Iterator[RowWithNotes]:
        number, row, features = item
        kept = _as_json(row)
        renamed = fields.renamed(kept, names)
        name = f"{_name(path)}-{number}"
        made, notes = dataset_rows.converted(renamed, features, name, annotated=reading.spans)
        if isinstance(made["id"], Number):
            # Each split counts anew, all of its shards on.
            made["id"] = f"{_split(path)}-{made['id']}"
        yield made, notes

    rows = _rows(path)
    first = list(islice(rows, fields.ROWS))
    names = _names([item[1] for _, item in first if not isinstance(item, Problem)], reading)
    items = chain(first, rows)
    yield from articles(path, "Parquet", items, convert, spans=reading.spans)


def _names(first: list[Row], reading: Reading) -> Mapping[str, str]:
    """Return what our fields are called; rows with a text or tokens say it themselves."""
    known = any("text" in row or is_of_dataset(row) for row in first)
    if not first or (known and not reading.fields):
        return {}
    return fields.located([_as_json(row) for row in first], reading.fields)


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the rows with their numbers and the features of the file."""
    try:
        import pyarrow as pa
    except ImportError:
        raise Problem("extra-missing", format="parquet", package=PYARROW) from None
    number = 0
    try:
        allowed = MAX_RATIO * path.stat().st_size + SMALL
        for batch in _batches(path):
            rows = batch.to_pylist()
            # What is stored once for many rows is large only where they are made.
            texts = chain.from_iterable(row.values() for row in rows)
            allowed -= batch.nbytes + sum(len(text) for text in texts if isinstance(text, str))
            if allowed < 0:
                reason = "it unpacks to far more than its size allows"
                yield number + 1, Problem("zip-invalid", reason=reason)
                return
            features = _features(batch.schema.metadata)
            for row in rows:
                number += 1
                yield number, (number, row, features)
    except (pa.ArrowException, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        yield number + 1, Problem("row-shape", format="Parquet", reason=reason)


def _batches(path: Path) -> Iterator[Any]:
    """Yield some hundred rows at a time, of Parquet or of either form of Arrow."""
    import pyarrow as pa
    from pyarrow import parquet

    if path.suffix.lower() == ".parquet":
        with parquet.ParquetFile(path) as file:
            yield from file.iter_batches(BATCH)
        return
    with pa.OSFile(str(path)) as source:
        try:
            reader = pa.ipc.open_stream(source)
        except pa.ArrowInvalid:
            source.seek(0)
            file = pa.ipc.open_file(source)
            yield from (file.get_batch(number) for number in range(file.num_record_batches))
            return
        yield from reader


def _features(metadata: Mapping[bytes, bytes] | None) -> Mapping[str, Any]:
    """Return the features that `datasets` writes into the metadata of a file, by column."""
    try:
        said = json.loads((metadata or {}).get(b"huggingface", b"{}"))
        features = said["info"]["features"]
    except (ValueError, KeyError, TypeError):
        return {}
    return features if isinstance(features, dict) else {}


def _name(path: Path) -> str:
    """Return what the rows of a file are called by: of a shard, the name of its dataset."""
    shard = SHARD.fullmatch(path.stem)
    name = _split(path)
    return f"{name}-{int(shard[2])}" if shard and int(shard[2]) else name


def _split(path: Path) -> str:
    """Return the name of the split that a file holds, or has a shard of."""
    shard = SHARD.fullmatch(path.stem)
    if shard is None:
        return path.stem
    folder = path.absolute().parent
    if shard[1] != "data":
        return shard[1]
    # `save_to_disk` has a folder for each split, and the split's name nowhere else.
    in_several = (folder.parent / "dataset_dict.json").is_file()
    return f"{folder.parent.name}-{folder.name}" if in_several else folder.name


def _as_json(value: Any) -> Any:
    """Return a value as JSON has it: days and hours in ISO 8601, of bytes how many there are."""
    if isinstance(value, dict):
        return {str(key): _as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_json(inner) for inner in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return f"{len(value)} bytes" if isinstance(value, bytes) else str(value)

"""Parquet: one document a row, as `datasets.load_dataset("parquet", data_files=…)` reads it.

Spans are a list of structs with a field for each attribute of the schema; metadata stands as JSON
in a string. It needs pyarrow, which is larger than all the rest together and therefore not among
the locked requirements.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.core.schema import SchemaView, attribute_kinds
from exports.core.loss import EVERYTHING
from exports.core.record import Record, Report, as_row
from exports.encoders import Options
from exports.encoders.files import whole_file

HOLDS = EVERYTHING
BATCH = 500
PYARROW = "pyarrow==26.0.1"


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write the documents in row groups of some hundreds.

    Raises `Problem` when pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise Problem("extra-missing", format="parquet", package=PYARROW) from None
    report = Report(files=[str(to)])
    schema = _schema(pa, options.schema)
    with whole_file(to) as part, parquet.ParquetWriter(part, schema, compression="zstd") as out:
        rows: list[dict[str, Any]] = []
        for record in records:
            row = as_row(record)
            row["meta"] = json.dumps(row["meta"], ensure_ascii=False)
            rows.append(row)
            report.count(record)
            if len(rows) == BATCH:
                out.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        out.write_table(pa.Table.from_pylist(rows, schema))
    return report


def _schema(pa: Any, schema: SchemaView) -> Any:
    fields = []
    for name, kind in attribute_kinds(schema).items():
        fields.append((name, pa.bool_() if kind == "flag" else pa.string()))
    span = pa.struct(
        [
            ("id", pa.string()),
            ("label", pa.string()),
            ("start", pa.int32()),
            ("end", pa.int32()),
            ("text", pa.string()),
            *([("attributes", pa.struct(fields))] if fields else []),
            ("fragments", pa.list_(pa.list_(pa.int32()))),
            ("score", pa.float64()),
        ]
    )
    link = pa.struct([(name, pa.string()) for name in ("kind", "source", "target")])
    layer = pa.struct([("kind", pa.string()), ("author", pa.string())])
    return pa.schema(
        [
            ("id", pa.string()),
            ("text", pa.string()),
            ("meta", pa.string()),
            ("spans", pa.list_(span)),
            ("links", pa.list_(link)),
            ("layer", layer),
        ]
    )

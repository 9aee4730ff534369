"""Parquet: one document a row, as `datasets.load_dataset("parquet", data_files=…)` reads it.

Spans and links are lists of structs with a field for each attribute of the schema, as string,
boolean, double or list; where labels differ in the kind of one it holds JSON. Metadata stand as
JSON in a string. It needs pyarrow, which is larger than all the rest together and therefore not
among the locked requirements.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.core.schema import Attribute, SchemaView
from corpus.importers.parquet import PYARROW
from exports.core.loss import EVERYTHING
from exports.core.record import Record, Report, as_row
from exports.encoders import Options
from exports.encoders.files import whole_file

HOLDS = EVERYTHING
BATCH = 500


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
    attributes = _attributes(options.schema)
    schema = _schema(pa, attributes)
    with whole_file(to) as part, parquet.ParquetWriter(part, schema, compression="zstd") as out:
        rows: list[dict[str, Any]] = []
        for record in records:
            rows.append(_row(record, attributes, report))
            report.count(record)
            if len(rows) == BATCH:
                out.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        out.write_table(pa.Table.from_pylist(rows, schema))
    report.dropped = +report.dropped
    return report


def _struct(pa: Any, attributes: Iterable[Attribute]) -> Any:
    """Return the type of a set of attributes; None when there are none."""
    fields = [(name, _type(pa, kind)) for name, kind in _kinds(attributes).items()]
    return pa.struct(fields) if fields else None


def _kinds(attributes: Iterable[Attribute]) -> dict[str, str]:
    """Return the kind of each attribute by its name, "" where labels differ in it."""
    kinds: dict[str, str] = {}
    for attribute in attributes:
        kind = "text" if attribute.kind == "choice" else attribute.kind
        kinds[attribute.name] = kind if kinds.get(attribute.name, kind) == kind else ""
    return kinds


def _type(pa: Any, kind: str) -> Any:
    if kind == "choices":
        return pa.list_(pa.string())
    return {"flag": pa.bool_(), "number": pa.float64()}.get(kind, pa.string())


def _held(values: dict[str, Any], kinds: dict[str, str], report: Report) -> dict[str, Any]:
    """Return values as their columns hold them: JSON where one column is for several kinds."""
    held: dict[str, Any] = {}
    for name, value in values.items():
        if not kinds.get(name):
            held[name] = json.dumps(value, ensure_ascii=False)
        elif kinds[name] == "number":
            held[name] = float(value)
            report.dropped["numbers-rounded"] += held[name] != value
        else:
            held[name] = value
    return held


@dataclass(frozen=True, slots=True)
class _Attributes:
    """The attributes of spans, of links and of the document."""

    spans: list[Attribute]
    links: list[Attribute]
    document: list[Attribute]


def _attributes(schema: SchemaView) -> _Attributes:
    spans = [own for label in schema.labels.values() for own in label.attributes]
    links = [own for kind in schema.links.values() for own in kind.attributes]
    return _Attributes(spans, links, list(schema.attributes))


def _row(record: Record, attributes: _Attributes, report: Report) -> dict[str, Any]:
    row = as_row(record)
    row["meta"] = json.dumps(row["meta"], ensure_ascii=False)
    row["attributes"] = _held(row.get("attributes", {}), _kinds(attributes.document), report)
    for holders, kinds in (
        (row["spans"], _kinds(attributes.spans)),
        (row["links"], _kinds(attributes.links)),
    ):
        for holder in holders:
            holder["attributes"] = _held(holder.get("attributes", {}), kinds, report)
    return row


def _schema(pa: Any, attributes: _Attributes) -> Any:
    of_spans = _struct(pa, attributes.spans)
    of_links = _struct(pa, attributes.links)
    of_document = _struct(pa, attributes.document)
    span = pa.struct(
        [
            ("id", pa.string()),
            ("label", pa.string()),
            ("start", pa.int32()),
            ("end", pa.int32()),
            ("text", pa.string()),
            *([("attributes", of_spans)] if of_spans else []),
            ("fragments", pa.list_(pa.list_(pa.int32()))),
            ("score", pa.float64()),
        ]
    )
    ends = [(name, pa.string()) for name in ("kind", "source", "target")]
    link = pa.struct([*ends, *([("attributes", of_links)] if of_links else [])])
    layer = pa.struct([("kind", pa.string()), ("author", pa.string())])
    return pa.schema(
        [
            ("id", pa.string()),
            ("text", pa.string()),
            ("meta", pa.string()),
            *([("attributes", of_document)] if of_document else []),
            ("spans", pa.list_(span)),
            ("links", pa.list_(link)),
            ("layer", layer),
        ]
    )

"""Prodigy JSONL with tokens, spans and relations.

Ids, attributes and scores stand in the spans, where Prodigy leaves them alone. A fragment is a span
of its own, related to the first by `part_of`. Spans keep their characters; `token_start` and
`token_end` (inclusive) cover them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from exports.core.loss import EVERYTHING
from exports.core.record import Record, Report
from exports.core.rows import in_parts
from exports.core.tokens import covering, tokens
from exports.encoders import Options
from exports.encoders.files import text_file

HOLDS = EVERYTHING


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write one task a line."""
    report = Report(files=[str(to)])
    with text_file(to) as out:
        for record in records:
            out.write(json.dumps(_task(record), ensure_ascii=False) + "\n")
            report.count(record)
    return report


def _task(record: Record) -> dict[str, Any]:
    row, found = in_parts(record), tokens(record.text)
    spans = {}
    for span in row["spans"]:
        first, last = covering(found, span["start"], span["end"])
        spans[span["id"]] = {**span, "token_start": first, "token_end": last}
    relations = [
        {
            "head": spans[x["source"]]["token_end"],
            "child": spans[x["target"]]["token_end"],
            "head_span": _place(spans[x["source"]]),
            "child_span": _place(spans[x["target"]]),
            "label": x["kind"],
        }
        for x in row["links"]
    ]
    return {
        "id": record.id,
        "text": record.text,
        "meta": row["meta"],
        "tokens": [
            {
                "text": record.text[a:b],
                "start": a,
                "end": b,
                "id": n,
                "ws": record.text[b : b + 1].isspace(),
            }
            for n, (a, b) in enumerate(found)
        ],
        "spans": list(spans.values()),
        "relations": relations,
        "answer": "accept",
    }


def _place(span: dict[str, Any]) -> dict[str, Any]:
    return {key: span[key] for key in ("id", "label", "start", "end", "token_start", "token_end")}

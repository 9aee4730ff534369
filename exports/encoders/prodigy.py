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

from exports.core.fragments import in_parts
from exports.core.loss import EVERYTHING
from exports.core.record import Record, Report
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
    row = in_parts(record)
    places = tokens(record.text)
    spans = {}
    for span in row["spans"]:
        first, last = covering(places, span["start"], span["end"])
        spans[span["id"]] = {**span, "token_start": first, "token_end": last}
    relations = []
    for link in row["links"]:
        head = spans[link["source"]]
        child = spans[link["target"]]
        relations.append(
            {
                # Prodigy ties a relation to the last token of each span.
                "head": head["token_end"],
                "child": child["token_end"],
                "head_span": _place(head),
                "child_span": _place(child),
                "label": link["kind"],
            }
        )
    return {
        "id": record.id,
        "text": record.text,
        "meta": row["meta"],
        "tokens": [_token(record.text, number, *place) for number, place in enumerate(places)],
        "spans": list(spans.values()),
        "relations": relations,
        "answer": "accept",
    }


def _token(text: str, number: int, start: int, end: int) -> dict[str, Any]:
    return {
        "text": text[start:end],
        "start": start,
        "end": end,
        "id": number,
        "ws": text[end : end + 1].isspace(),
    }


def _place(span: dict[str, Any]) -> dict[str, Any]:
    return {key: span[key] for key in ("id", "label", "start", "end", "token_start", "token_end")}

"""What an encoder sees: documents with one layer, nothing of the database."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from corpus.core.span import LayerView, Range, Span

PREFIXES = {"SPEAKER": "s", "CLAIM": "c", "CUE": "q"}


@dataclass(frozen=True, slots=True)
class Record:
    """One document with one layer, on its way out.

    `kind` says whose layer it is, `author` its name. `disputed` holds what reviewers still differ
    on and gold therefore lacks, `disputes` in how many frames.
    """

    id: str
    text: str
    meta: Mapping[str, Any]
    layer: LayerView
    kind: str
    author: str = ""
    disputed: tuple[Range, ...] = ()
    disputes: int = 0


@dataclass(slots=True)
class Report:
    """What an encoder wrote, and what its format could not hold, by reason."""

    documents: int = 0
    spans: int = 0
    links: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    changed: list[dict[str, Any]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def count(self, record: Record) -> None:
        """Add a document to the counts."""
        self.documents += 1
        self.spans += len(record.layer.spans)
        self.links += len(record.layer.links)

    def as_json(self) -> dict[str, Any]:
        """Return the answer of `export --json`."""
        dropped = []
        for reason, count in sorted(self.dropped.items()):
            dropped.append({"reason": reason, "count": count})
        return {
            "documents": self.documents,
            "spans": self.spans,
            "links": self.links,
            "dropped": dropped,
            "files": self.files,
        }


def span_id(span: Span) -> str:
    """Return the id of a span in files: a letter for its label and its number in the layer."""
    return f"{PREFIXES.get(span.label, span.label[:1].lower())}{span.ident}"


def as_row(record: Record, *, evidence: bool = False) -> dict[str, Any]:
    """Return a document in the lossless form, with its keys in the fixed order.

    With `evidence`, spans say why they were suggested.
    """
    spans = []
    for span in record.layer.in_order():
        row = _span_row(span, record.text)
        if evidence and span.evidence:
            row["evidence"] = dict(span.evidence)
        spans.append(row)
    layer = {"kind": record.kind}
    if record.author:
        layer["author"] = record.author
    of_document = dict(sorted(record.layer.attributes.items()))
    return {
        "id": record.id,
        "text": record.text,
        "meta": dict(record.meta),
        **({"attributes": of_document} if of_document else {}),
        "spans": spans,
        "links": link_rows(record),
        "layer": layer,
    }


def link_rows(record: Record) -> list[dict[str, Any]]:
    """Return the links of a document as the lossless form has them."""
    spans = record.layer.spans
    rows: list[dict[str, Any]] = []
    for link in sorted(record.layer.links.values(), key=attrgetter("source", "target", "kind")):
        source, target = span_id(spans[link.source]), span_id(spans[link.target])
        row: dict[str, Any] = {"kind": link.kind, "source": source, "target": target}
        if link.attributes:
            row["attributes"] = dict(sorted(link.attributes.items()))
        rows.append(row)
    return rows


def line(record: Record) -> str:
    """Return a document as one line of lossless JSONL, its end included."""
    return json.dumps(as_row(record), ensure_ascii=False) + "\n"


def _span_row(span: Span, text: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": span_id(span),
        "label": span.label,
        "start": span.start,
        "end": span.end,
        "text": span.text(text),
        "attributes": dict(sorted(span.attributes.items())),
    }
    if span.fragments:
        row["fragments"] = [list(piece) for piece in span.fragments]
    if span.score is not None:
        row["score"] = span.score
    return row

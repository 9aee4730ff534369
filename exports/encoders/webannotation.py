"""W3C Web Annotation: a folder with a .txt and a .jsonld file for each document.

An annotation page holds an annotation for each span, its label as a body that classifies, its
attributes as bodies that describe, each fragment as a target; a link is an annotation that links
two others. Names that the model does not know (attribute, score, document, meta) are terms of our
own in the context.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from corpus.core.filenames import file_name
from exports.core.loss import EVERYTHING
from exports.core.record import Record, Report, as_row
from exports.encoders import Options
from exports.encoders.files import whole_folder

HOLDS = EVERYTHING
CONTEXT = [
    "http://www.w3.org/ns/anno.jsonld",
    {
        "saidby": "urn:saidby:",
        "attribute": "saidby:attribute",
        "score": "saidby:score",
        "document": "saidby:document",
        "meta": {"@id": "saidby:meta", "@type": "@json"},
        "attributes": {"@id": "saidby:attributes", "@type": "@json"},
    },
]
AROUND = 32


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write both files of each document, named after its id."""
    report = Report()
    with whole_folder(to) as folder:
        for record in records:
            name = file_name(record.id)
            page = json.dumps(_page(record, name), ensure_ascii=False, indent=1) + "\n"
            for ending, content in ((".txt", record.text), (".jsonld", page)):
                (folder / (name + ending)).write_text(content, encoding="utf-8", newline="")
                report.files.append(str(to / (name + ending)))
            report.count(record)
    return report


def _page(record: Record, name: str) -> dict[str, Any]:
    row = as_row(record)
    source = quote(f"{name}.txt")
    items = [_span(span, source, record.text) for span in row["spans"]]
    for number, link in enumerate(row["links"], start=1):
        items.append(_link(link, number))
    return {
        "@context": CONTEXT,
        "id": quote(f"{name}.jsonld"),
        "type": "AnnotationPage",
        "document": record.id,
        "meta": row["meta"],
        **({"attributes": row["attributes"]} if row.get("attributes") else {}),
        "items": items,
    }


def _span(span: dict[str, Any], source: str, text: str) -> dict[str, Any]:
    body = [{"type": "TextualBody", "purpose": "classifying", "value": span["label"]}]
    body += _described(span)
    targets = []
    for start, end in span.get("fragments", [[span["start"], span["end"]]]):
        targets.append({"source": source, "selector": _selectors(text, start, end)})
    score = {"score": span["score"]} if "score" in span else {}
    return {
        "id": _iri(span["id"]),
        "type": "Annotation",
        "motivation": "classifying",
        **score,
        "body": body,
        "target": targets,
    }


def _described(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a body for each attribute of a span or link."""
    for name, value in holder.get("attributes", {}).items():
        yield {"type": "TextualBody", "purpose": "describing", "attribute": name, "value": value}


def _iri(ident: str) -> str:
    """Return the address of a span within its page; its id may begin with any sign of a label."""
    return f"#{quote(ident)}"


def _selectors(text: str, start: int, end: int) -> list[dict[str, Any]]:
    """Return where a target stands, twice: by its position, and by its words with those around."""
    return [
        {"type": "TextPositionSelector", "start": start, "end": end},
        {
            "type": "TextQuoteSelector",
            "prefix": text[max(0, start - AROUND) : start],
            "exact": text[start:end],
            "suffix": text[end : end + AROUND],
        },
    ]


def _link(link: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": f"#l{number}",
        "type": "Annotation",
        "motivation": "linking",
        "body": [
            {"type": "TextualBody", "purpose": "classifying", "value": link["kind"]},
            {"type": "SpecificResource", "purpose": "linking", "source": _iri(link["target"])},
            *_described(link),
        ],
        "target": _iri(link["source"]),
    }

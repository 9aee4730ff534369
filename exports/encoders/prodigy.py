"""Prodigy JSONL with spaCy's tokens, spans, relations, hashes and the annotator.

Ids, attributes and scores stand in the spans, attributes of links and of the document in relations
and rows, where Prodigy leaves them alone. A fragment is a span
of its own, related to the first by `part_of`. Tokens are those of spaCy for the language that the
document's metadata name (else English); where a span begins or ends within one, it is cut in two,
because Prodigy takes spans of whole tokens alone and spans keep their characters.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language

from corpus.core.span import Range
from exports.core.fragments import in_parts
from exports.core.loss import EVERYTHING
from exports.core.record import Record, Report
from exports.encoders import Options
from exports.encoders.files import text_file

HOLDS = EVERYTHING
ENGLISH = "en"


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write one task a line."""
    report = Report(files=[str(to)])
    with text_file(to) as out:
        for record in records:
            out.write(json.dumps(_task(record, options), ensure_ascii=False) + "\n")
            report.count(record)
    return report


def _task(record: Record, options: Options) -> dict[str, Any]:
    row = in_parts(record)
    edges = set()
    for span in row["spans"]:
        edges |= {span["start"], span["end"]}
    places = _places(record, edges)
    starts = [start for start, _ in places]
    spans = {}
    for span in row["spans"]:
        first = bisect_right(starts, span["start"]) - 1
        last = bisect_left(starts, span["end"]) - 1
        spans[span["id"]] = {**span, "token_start": first, "token_end": last}
    relations = []
    for link in row["links"]:
        head = spans[link["source"]]
        child = spans[link["target"]]
        relation = {
            # Prodigy ties a relation to the last token of each span.
            "head": head["token_end"],
            "child": child["token_end"],
            "head_span": _place(head),
            "child_span": _place(child),
            "label": link["kind"],
        }
        if link.get("attributes"):
            relation["attributes"] = link["attributes"]
        relations.append(relation)
    author = record.author or record.kind
    task: dict[str, Any] = {
        "id": record.id,
        "text": record.text,
        "meta": row["meta"],
        **({"attributes": row["attributes"]} if row.get("attributes") else {}),
        "tokens": [_token(record.text, number, *place) for number, place in enumerate(places)],
        "spans": list(spans.values()),
        "relations": relations,
        "answer": "accept",
        "_view_id": "relations" if options.schema.links else "spans_manual",
        "_annotator_id": author,
        "_session_id": f"{options.name}-{author}" if options.name else author,
    }
    # Rows about one text share the first, rows that ask the same about it the second.
    task["_input_hash"] = _hash(record.text)
    task["_task_hash"] = _hash(task["_input_hash"], task["spans"], relations)
    return task


def _hash(*values: Any) -> int:
    """Return a hash of 32 bits with its sign, as Prodigy numbers rows."""
    text = json.dumps(values, ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big", signed=True)


def _places(record: Record, edges: set[int]) -> list[Range]:
    """Return where spaCy's tokens stand, cut where a span begins or ends within one."""
    language = record.meta.get("language")
    nlp = _tokenizer(language if isinstance(language, str) else ENGLISH)
    places: list[Range] = []
    cuts = sorted(edges)
    for token in nlp.make_doc(record.text):
        start = token.idx
        end = start + len(token.text)
        for cut in cuts[bisect_right(cuts, start) : bisect_left(cuts, end)]:
            places.append((start, cut))
            start = cut
        places.append((start, end))
    return places


@cache
def _tokenizer(language: str) -> Language:
    """Return spaCy's tokenizer of a language; English where it has none or lacks a package."""
    try:
        nlp = spacy.blank(language.lower().partition("-")[0])
    except (ImportError, OSError, ValueError):
        nlp = spacy.blank(ENGLISH)
    # A text may have five million characters.
    nlp.max_length = 10_000_000
    return nlp


def _token(text: str, number: int, start: int, end: int) -> dict[str, Any]:
    return {
        "text": text[start:end],
        "start": start,
        "end": end,
        "id": number,
        "ws": text[end : end + 1] == " ",
    }


def _place(span: dict[str, Any]) -> dict[str, Any]:
    return {key: span[key] for key in ("id", "label", "start", "end", "token_start", "token_end")}

"""Prodigy JSONL: spans, and relations between them.

https://prodi.gy/docs/api-interfaces: offsets are code points, a relation names its ends by their
spans; the answer of a row must be accept. Fields that Prodigy does not know (ids, attributes,
scores of spans) are kept by it and read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import Article, fields
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles, get, join_parts


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each row; of a row that was not accepted, the text alone."""
    yield from articles(path, "Prodigy", fields.rows(path, reading), _row)


def _row(item: Any) -> Iterator[RowWithNotes]:
    notes: Counter[str] = Counter()
    text = get(item, "text", str)
    row = {
        "id": item.get("id", item.get("_input_hash")),
        "text": text,
        "meta": get(item, "meta", dict, {}),
        "attributes": item.get("attributes") if isinstance(item.get("attributes"), dict) else {},
    }
    author = item.get("_annotator_id") or item.get("_session_id")
    if item.get("answer", "accept") != "accept":
        notes[f"Prodigy rows answered {item['answer']}"] += 1
        yield row, notes
        return
    chosen = item.get("accept")
    if isinstance(chosen, list) and all(isinstance(one, str) for one in chosen):
        # A choice among options, which is about the whole text.
        row["attributes"] = {"accept": chosen, **row["attributes"]}
    elif item.get("options") or chosen is not None:
        notes["Prodigy choices about the whole text"] += 1
    spans = []
    for number, span in enumerate(get(item, "spans", list, []), start=1):
        spans.append(_span(span, number))
    links = []
    for relation in get(item, "relations", list, []):
        links.append(
            {
                "kind": relation["label"],
                "source": _end(relation, "head", spans, item),
                "target": _end(relation, "child", spans, item),
                "attributes": relation.get("attributes"),
            }
        )
    row |= join_parts({"spans": spans, "links": links})
    if author:
        row["layer"] = {"author": author}
    yield row, notes


def _span(span: Row, number: int) -> Row:
    named = {
        "id": str(span.get("id", f"p{number}")),
        "label": span["label"],
        "start": span["start"],
        "end": span["end"],
    }
    for key in ("text", "attributes", "score"):
        if span.get(key) is not None:
            named[key] = span[key]
    return named


def _end(relation: Row, end: str, spans: list[Row], item: Row) -> str | None:
    """Return the id of the span at one end of a relation, None when none stands there.

    Where the relation does not hold the span itself, the token that it names tells which.
    """
    wanted = relation.get(f"{end}_span")
    if wanted is None:
        token = item["tokens"][relation[end]]
        around = [s for s in spans if s["start"] <= token["start"] and token["end"] <= s["end"]]
        wanted = min(around, key=lambda span: span["end"] - span["start"], default={})
    for span in spans:
        if _is_same(span, wanted):
            return str(span["id"])
    return None


def _is_same(span: Row, wanted: Row) -> bool:
    """Tell whether a span is the one wanted: by its id, else by its place and label."""
    if "id" in wanted:
        return bool(span["id"] == str(wanted["id"]))
    if span["start"] != wanted.get("start") or span["end"] != wanted.get("end"):
        return False
    return bool(span["label"] == wanted.get("label", span["label"]))

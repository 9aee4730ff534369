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
from corpus.importers import Article
from corpus.importers.rows import Found, Row, articles, by_text, get, join_parts
from corpus.importers.stream import values


def read(path: Path) -> Iterator[Article | Problem]:
    """Yield an article for each row; of a row that was not accepted, the text alone."""
    yield from articles(path, "Prodigy", values(path), _row)


def _row(item: Any) -> Iterator[Found]:
    notes: Counter[str] = Counter()
    text = get(item, "text", str)
    row = {
        "id": item.get("id", item.get("_input_hash", by_text(text))),
        "text": text,
        "meta": get(item, "meta", dict, {}),
    }
    author = item.get("_annotator_id") or item.get("_session_id")
    if item.get("answer", "accept") != "accept":
        notes[f"Prodigy rows answered {item['answer']}"] += 1
        yield row, notes
        return
    if item.get("options") or isinstance(item.get("accept"), list):
        notes["Prodigy choices about the whole text"] += 1
    spans = [
        _span(span, number) for number, span in enumerate(get(item, "spans", list, []), start=1)
    ]
    links = [
        {
            "kind": relation["label"],
            "source": _end(relation, "head", spans, item),
            "target": _end(relation, "child", spans, item),
        }
        for relation in get(item, "relations", list, [])
    ]
    found = join_parts({"spans": spans, "links": links})
    yield {**row, **found, **({"layer": {"author": author}} if author else {})}, notes


def _span(span: Row, number: int) -> Row:
    named = {
        "id": str(span.get("id", f"p{number}")),
        "label": span["label"],
        "start": span["start"],
        "end": span["end"],
    }
    return named | {
        key: span[key] for key in ("text", "attributes", "score") if span.get(key) is not None
    }


def _end(relation: Row, end: str, spans: list[Row], item: Row) -> str:
    """Return the id of the span at one end of a relation; without its span the token tells which."""
    wanted = relation.get(f"{end}_span")
    if wanted is None:
        token = item["tokens"][relation[end]]
        inside = [s for s in spans if s["start"] <= token["start"] and token["end"] <= s["end"]]
        wanted = min(inside, key=lambda s: s["end"] - s["start"], default={})
    for span in spans:
        same = (
            span["id"] == str(wanted["id"])
            if "id" in wanted
            else all(
                span[key] == wanted.get(key, span[key] if key == "label" else None)
                for key in ("start", "end", "label")
            )
        )
        if same:
            return str(span["id"])
    raise Problem(
        "link-ends", id=relation["label"], source_label="a span of this row", target_label="another"
    )

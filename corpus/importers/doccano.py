"""doccano JSONL and JSON of sequence labelling: `label` as triples, or `entities` with `relations`.

https://doccano.github.io/doccano/tutorial/: offsets are code points; categories of the whole text
are attributes of the document, and what else stands in a row is metadata.
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

OURS = (
    *("id", "text", "data", "label", "labels", "entities", "relations"),
    *("Comments", "cats", "meta"),
)


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each row."""
    yield from articles(path, "doccano", fields.rows(path, reading), _row)


def _row(item: Any) -> Iterator[RowWithNotes]:
    notes: Counter[str] = Counter()
    text = get(item, "text" if "text" in item else "data", str)
    spans = [_entity(entity) for entity in get(item, "entities", list, [])]
    of_document = {}
    for name in ("label", "labels", "cats"):
        categories = [one for one in get(item, name, list, []) if isinstance(one, str)]
        if categories:
            of_document[name] = categories
    for name in ("label", "labels"):
        for triple in get(item, name, list, []):
            if isinstance(triple, str):
                continue
            if not isinstance(triple, list) or len(triple) != 3:
                reason = f"{name} must hold [start, end, label] each"
                raise Problem("row-shape", format="doccano", reason=reason)
            start, end, label = triple
            spans.append({"id": f"t{len(spans) + 1}", "label": label, "start": start, "end": end})
    links = [_relation(relation) for relation in get(item, "relations", list, [])]
    others = [one for one in get(item, "cats", list, []) if not isinstance(one, str)]
    notes["doccano categories that are no names"] += len(others)
    notes["doccano comments"] += len(get(item, "Comments", list, []))
    meta = {key: value for key, value in item.items() if key not in OURS}
    meta |= get(item, "meta", dict, {})
    row = {"id": item.get("id"), "text": text, "meta": meta}
    layer = {"attributes": of_document, **join_parts({"spans": spans, "links": links})}
    yield {**row, **layer}, +notes


def _entity(entity: Row) -> Row:
    return {
        "id": f"e{entity['id']}",
        "label": entity["label"],
        "start": entity["start_offset"],
        "end": entity["end_offset"],
    }


def _relation(relation: Row) -> Row:
    return {
        "kind": relation["type"],
        "source": f"e{relation['from_id']}",
        "target": f"e{relation['to_id']}",
    }

"""doccano JSONL and JSON of sequence labelling: `label` as triples, or `entities` with `relations`.

https://doccano.github.io/doccano/tutorial/: offsets are code points; what else stands in a row is
metadata.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.rows import Found, articles, by_text, get, join_parts
from corpus.importers.stream import values

OURS = (
    "id",
    "text",
    "data",
    "label",
    "labels",
    "entities",
    "relations",
    "Comments",
    "cats",
    "meta",
)


def read(path: Path) -> Iterator[Article | Problem]:
    """Yield an article for each row."""
    yield from articles(path, "doccano", values(path), _row)


def _row(item: Any) -> Iterator[Found]:
    notes: Counter[str] = Counter()
    text = get(item, "text" if "text" in item else "data", str)
    spans = [
        {
            "id": f"e{e['id']}",
            "label": e["label"],
            "start": e["start_offset"],
            "end": e["end_offset"],
        }
        for e in get(item, "entities", list, [])
    ]
    for name in ("label", "labels"):
        for triple in get(item, name, list, []):
            if isinstance(triple, str):
                notes["doccano categories of the whole text"] += 1
            elif not isinstance(triple, list) or len(triple) != 3:
                raise Problem(
                    "row-shape",
                    format="doccano",
                    reason=f"{name} must hold [start, end, label] each",
                )
            else:
                start, end, label = triple
                spans.append(
                    {"id": f"t{len(spans) + 1}", "label": label, "start": start, "end": end}
                )
    links = [
        {"kind": x["type"], "source": f"e{x['from_id']}", "target": f"e{x['to_id']}"}
        for x in get(item, "relations", list, [])
    ]
    notes["doccano comments"] += len(get(item, "Comments", list, []))
    notes["doccano categories of the whole text"] += len(get(item, "cats", list, []))
    meta = {key: value for key, value in item.items() if key not in OURS} | get(
        item, "meta", dict, {}
    )
    found = join_parts({"spans": spans, "links": links})
    yield {"id": item.get("id", by_text(text)), "text": text, "meta": meta, **found}, +notes

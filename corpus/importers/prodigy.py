"""Prodigy JSONL: spans, and relations between them.

https://prodi.gy/docs/api-interfaces: offsets are code points, a relation names its ends by their
spans; the answer of a row must be accept. Fields that Prodigy does not know (ids, attributes,
scores of spans) are kept by it and read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import Article, fields
from corpus.importers.notes import Notes
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles, get, join_parts, without

ANNOTATED = ("spans", "relations", "attributes", "label", "accept", "options", "answer")
SPAN = "objects with a label, and start and end or token_start and token_end"
RELATION = "objects with head, child and label"


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each row; of a row that was not accepted, the text alone."""
    yield from articles(
        path, "Prodigy", fields.rows(path, reading), partial(_row, spans=reading.spans)
    )


def _row(item: Any, *, spans: bool) -> Iterator[RowWithNotes]:
    notes = Notes()
    text = get(item, "text", str)
    if not spans:
        item = without(item, ANNOTATED)
    meta = item.get("meta")
    ident = item.get("id")
    if ident is None and "_input_hash" in item:
        # It is of the text, so it is no number of a row.
        ident = str(item["_input_hash"])
    row: Row = {
        "id": ident,
        "text": text,
        "meta": meta if isinstance(meta, dict) else {},
    }
    if meta and not isinstance(meta, dict):
        row["meta"] = {"meta": meta}
    attributes = item.get("attributes") if isinstance(item.get("attributes"), dict) else {}
    answer = item.get("answer") or "accept"
    if answer != "accept":
        notes.add(f"Prodigy rows answered {answer}")
        yield {**row, "attributes": attributes, **notes.row()}, notes.counts
        return
    found = []
    for number, span in enumerate(get(item, "spans", list, []), start=1):
        with notes.leaving("spans", span, SPAN):
            found.append(_span(span, number, item))
    links = _links(item, found, notes)
    row |= join_parts({"spans": found, "links": links})
    author = item.get("_annotator_id") or item.get("_session_id")
    if author:
        row["layer"] = {"author": author}
    row["attributes"] = {**_chosen(item, notes), **attributes}
    yield {**row, **notes.row()}, notes.counts


def _chosen(item: Row, notes: Notes) -> Row:
    """Return what was said of the whole text: its label, or the choice among options."""
    chosen: Row = {}
    if isinstance(item.get("label"), str):
        chosen["label"] = item["label"]
    accepted = item.get("accept")
    if isinstance(accepted, list) and all(isinstance(one, str) for one in accepted):
        chosen["accept"] = accepted
    elif item.get("options") or accepted is not None:
        notes.add("Prodigy choices about the whole text", accepted)
    return chosen


def _span(span: Row, number: int, item: Row) -> Row:
    """Return a span; one that has tokens alone lies from the first to the end of the last."""
    start, end = span.get("start"), span.get("end")
    if start is None:
        start = item["tokens"][span["token_start"]]["start"]
    if end is None:
        end = item["tokens"][span["token_end"]]["end"]
    if type(start) is not int or type(end) is not int:
        raise TypeError
    named = {
        "id": str(span.get("id", f"p{number}")),
        "label": span["label"],
        "start": start,
        "end": end,
    }
    for key in ("text", "attributes", "score"):
        if span.get(key) is not None:
            named[key] = span[key]
    return named


def _links(item: Row, spans: list[Row], notes: Notes) -> list[Row]:
    """Return the links; a relation that is said again is the same one."""
    links: dict[tuple[Any, ...], Row] = {}
    for relation in get(item, "relations", list, []):
        with notes.leaving("relations", relation, RELATION):
            link = {
                "kind": relation["label"],
                "source": _end(relation, "head", spans, item),
                "target": _end(relation, "child", spans, item),
                "attributes": relation.get("attributes"),
            }
            key = (link["kind"], link["source"], link["target"])
            if key in links and None not in key:
                notes.add("Prodigy relations that stand there twice", link["kind"])
            else:
                links[key if None not in key else (*key, len(links))] = link
    return list(links.values())


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

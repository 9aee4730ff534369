"""Prodigy JSONL: spans, and relations between them.

https://prodi.gy/docs/api-interfaces: offsets are code points, a relation names its ends by their
spans; the answer of a row must be accept. Fields that Prodigy does not know (ids, attributes,
scores of spans) are kept by it and read.
"""

from __future__ import annotations

from bisect import bisect_left
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
# What Prodigy works with, or shows, and what is read here.
KNOWN = frozenset(
    (
        *(
            "id",
            "text",
            "meta",
            "layer",
            "tokens",
            "html",
            "score",
            "priority",
            "config",
            "view_id",
        ),
        *ANNOTATED,
    )
)
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
    row["meta"] = {**fields.told(item), **row["meta"]}
    for key, value in item.items():
        if not key.startswith("_") and key not in KNOWN and key not in fields.SAID:
            notes.add(f"fields that are not ours: {key[:80]}", value)
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
    if isinstance(accepted, list) and all(isinstance(one, str | int) for one in accepted):
        # Options may be numbered.
        chosen["accept"] = [str(one) for one in accepted]
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
    ends = _Ends(spans, item)
    for relation in get(item, "relations", list, []):
        with notes.leaving("relations", relation, RELATION):
            link = {
                "kind": relation["label"],
                "source": ends.find(relation, "head"),
                "target": ends.find(relation, "child"),
                "attributes": relation.get("attributes"),
            }
            key = (link["kind"], link["source"], link["target"])
            if key in links and None not in key:
                notes.add("Prodigy relations that stand there twice", link["kind"])
            else:
                links[key if None not in key else (*key, len(links))] = link
    return list(links.values())


class _Ends:
    """The spans of a row by their ids and places, and by the tokens that they are around."""

    def __init__(self, spans: list[Row], item: Row) -> None:
        self._spans = spans
        self._item = item
        self._by_id: dict[str, Row] = {}
        self._by_place: dict[tuple[Any, ...], Row] = {}
        self._around: dict[int, Row] | None = None
        for span in spans:
            self._by_id.setdefault(span["id"], span)
            place = (span["start"], span["end"])
            self._by_place.setdefault(place, span)
            self._by_place.setdefault((*place, span["label"]), span)

    def find(self, relation: Row, end: str) -> str | None:
        """Return the id of the span at one end of a relation, None when none stands there.

        Where the relation does not hold the span itself, the token that it names tells which.
        """
        wanted = relation.get(f"{end}_span")
        if wanted is None:
            token = self._item["tokens"][relation[end]]
            found = self._smallest().get(relation[end]) if token else None
        elif "id" in wanted:
            found = self._by_id.get(str(wanted["id"]))
        else:
            place = (wanted.get("start"), wanted.get("end"))
            found = self._by_place.get((*place, wanted["label"]) if "label" in wanted else place)
        return str(found["id"]) if found else None

    def _smallest(self) -> dict[int, Row]:
        """Return the smallest span around each token, by the token's number."""
        if self._around is not None:
            return self._around
        tokens = self._item["tokens"]
        starts = [token["start"] for token in tokens]
        self._around = {}
        # Of each token the next one that is in no span yet, so that none is looked at twice.
        free = list(range(len(tokens) + 1))
        for span in sorted(self._spans, key=lambda span: int(span["end"] - span["start"])):
            at = _first(free, bisect_left(starts, span["start"]))
            while at < len(tokens) and tokens[at]["end"] <= span["end"]:
                self._around[at] = span
                free[at] = at + 1
                at = _first(free, at)
        return self._around


def _first(free: list[int], at: int) -> int:
    """Return the first number from one on that is its own next one, and shorten the way there."""
    end = at
    while free[end] != end:
        end = free[end]
    while free[at] != end:
        free[at], at = end, free[at]
    return end

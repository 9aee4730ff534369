"""Rows of datasets, as Hugging Face shares them in Parquet, Arrow and JSON.

A row is a document: a text with spans (those of our exports and releases among them), or tokens
with tags, whose numbers the features name. Numbers of class labels become their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import fields, passages
from corpus.importers.identity import Number
from corpus.importers.notes import Notes
from corpus.importers.rows import Row, RowWithNotes
from corpus.importers.sniff import is_passages, tokens_in
from corpus.importers.stream import loads
from corpus.importers.tags import TAG, chunks, no_tag, places_of

TAGS = ("ner_tags", "ner", "tags", "labels", "iob_tags", "entity_tags")
SPANS = ("spans", "entities", "annotations")
# What the whole text is called, where it is classified.
CATEGORIES = ("label", "labels", "cats", "category", "class")
# What a span says beside its attributes, by the names that files use.
PLACE = {
    "id": ("id",),
    "label": ("label", "type", "entity_group", "tag", "class"),
    "start": ("start", "start_char", "start_offset", "begin"),
    "end": ("end", "end_char", "end_offset"),
    "text": ("text", "word", "surface"),
    "fragments": ("fragments",),
    "score": ("score",),
}
OURS = ("id", "text", "meta", "attributes", "links", "layer")


def converted(
    row: Row, features: Mapping[str, Any], name: str | None, *, annotated: bool
) -> RowWithNotes:
    """Return a row of ours; `name` is its id where it has none."""
    notes = Notes()
    if "text" not in row and is_passages(row):
        made = passages.converted(row, notes)
        return {**made, "id": made["id"] or name, **notes.row()}, +notes.counts
    ident = _ident(row)
    made = {"id": name if ident in (None, "") else ident, "meta": _meta(row)}
    tokens = tokens_in(row)
    used = {tokens}
    if "text" in row or tokens is None:
        made["text"] = row.get("text")
        spans = next((key for key in SPANS if isinstance(row.get(key), list | dict)), None)
        used.add(spans)
        if annotated and spans is not None:
            made["spans"] = _spans(row[spans], _feature(features, spans))
    else:
        tags = next((key for key in TAGS if isinstance(row.get(key), list)), None)
        used.add(tags)
        words = [str(word) for word in row[tokens]]
        made["text"] = " ".join(words)
        if annotated and tags is not None and _are_chunks(row[tags]):
            made["spans"] = _chunked(words, row[tags], notes)
        elif annotated and tags is not None:
            names = _class_names(_feature(features, tags))
            made["spans"] = _tagged(words, row[tags], names, tags, notes)
    links = row.get("links")
    made["links"] = [_link(link, features) for link in links] if isinstance(links, list) else []
    made["attributes"] = row["attributes"] if isinstance(row.get("attributes"), dict) else {}
    if isinstance(row.get("layer"), dict):
        made["layer"] = row["layer"]
    for key in CATEGORIES if annotated else ():
        if key in used:
            continue
        value = _category(row.get(key), _feature(features, key))
        if value not in (None, "", []):
            made["attributes"] = {key: value, **made["attributes"]}
            used.add(key)
    for key, value in row.items():
        if key not in used and key not in OURS and key not in fields.SAID:
            notes.add(f"fields that are not ours: {key[:80]}", value)
    return {**made, **notes.row()}, +notes.counts


def _ident(row: Row) -> Any:
    """Return what a row says its id is; a number is that of the row in its split."""
    ident = row.get("id")
    is_number = isinstance(ident, str) and ident.isdecimal() and "layer" not in row
    return Number(ident) if is_number else ident


def _category(value: Any, feature: Any) -> Any:
    """Return the category of a text, or several; None where a field holds none."""
    names = _class_names(feature)
    if not isinstance(value, list):
        called = _called(value, names)
        return called if isinstance(called, str | int | float) else None
    several = [_called(one, names) for one in value]
    return several if all(isinstance(one, str) for one in several) else None


def _meta(row: Row) -> Row:
    """Return what a row says about its text; ours stands as JSON in a column of its own."""
    said = row.get("meta")
    meta = loads(said.encode()) if isinstance(said, str) and said else said
    return {**fields.told(row), **(meta if isinstance(meta, dict) else {})}


def _feature(features: Mapping[str, Any], key: str) -> Any:
    """Return the feature of the items of a column of lists."""
    feature = features.get(key)
    if isinstance(feature, list) and feature:
        return feature[0]
    if isinstance(feature, dict) and "feature" in feature:
        return feature["feature"]
    return feature


def _class_names(feature: Any) -> list[str]:
    """Return the names that the numbers of a class label stand for."""
    names = feature.get("names") if isinstance(feature, dict) else None
    return [str(name) for name in names] if isinstance(names, list) else []


def _called(value: Any, names: list[str]) -> Any:
    """Return the name of a class by its number, other values as they are."""
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names)
    return names[value] if known else value


def _tagged(
    words: list[str], tags: list[Any], names: list[str], field: str, notes: Notes
) -> list[Row]:
    """Return the spans that tags of tokens give; one that is none is left out by itself."""
    if len(tags) != len(words):
        notes.left.append(Problem("row-cells", found=len(tags), wanted=len(words)))
        return []
    if not names and all(isinstance(tag, int) for tag in tags):
        # In JSON nothing tells which tag a number is.
        notes.add(f"tags that are numbers without names: {field}", tags, len(tags))
        return []
    places = places_of(words, " ".join(words))
    said = []
    for tag in tags:
        name = str(_called(tag, names))
        if not TAG.fullmatch(name):
            notes.left.append(no_tag(name, "rows of tokens with tags"))
            name = "O"
        said.append(name)
    spans = []
    for number, (label, first, last) in enumerate(chunks(said, {0}, notes.counts), start=1):
        start, end = places[first][0], places[last][1]
        spans.append({"id": f"t{number}", "label": label, "start": start, "end": end})
    return spans


def _are_chunks(tags: list[Any]) -> bool:
    """Tell spans of tokens as GLiNER is trained on: first and last token, and the label."""
    return bool(tags) and isinstance(tags[0], list)


def _chunked(words: list[str], given: list[Any], notes: Notes) -> list[Row]:
    """Return spans that are given by their first and their last token."""
    places = places_of(words, " ".join(words))
    spans = []
    for number, chunk in enumerate(given, start=1):
        with notes.leaving("ner", chunk, "[first token, last token, label]"):
            first, last, label = chunk
            if not 0 <= first <= last < len(words):
                raise IndexError
            start, end = places[first][0], places[last][1]
            spans.append({"id": f"t{number}", "label": str(label), "start": start, "end": end})
    return spans


def _spans(given: Any, feature: Any) -> list[Any]:
    """Return the rows of spans."""
    spans = passages.listed(given)
    return [_span(span, number, feature) for number, span in enumerate(spans, start=1)]


def _span(span: Any, number: int, feature: Any) -> Any:
    """Return a span in our names; what it says beside its place are its attributes."""
    if not isinstance(span, dict):
        return span
    made: Row = {"id": f"p{number}"}
    used = {"attributes"}
    for ours, names in PLACE.items():
        key = next((name for name in names if span.get(name) is not None), None)
        if key is not None:
            inner = feature.get(key) if isinstance(feature, dict) else None
            value = _called(span[key], _class_names(inner))
            # Some have the words of each piece.
            whole = ours == "text" and isinstance(value, list)
            made[ours] = " ".join(map(str, value)) if whole else value
            used.add(key)
    own = span.get("attributes")
    more = {key: value for key, value in span.items() if key not in used}
    made["attributes"] = {**more, **(own if isinstance(own, dict) else {})}
    return made


def _link(link: Any, features: Mapping[str, Any]) -> Any:
    """Return a link; what it says beside its ends are its attributes."""
    if not isinstance(link, dict):
        return link
    feature = _feature(features, "links")
    names = _class_names(feature.get("kind") if isinstance(feature, dict) else None)
    own = link.get("attributes")
    ends = ("kind", "source", "target", "attributes")
    more = {key: value for key, value in link.items() if key not in ends}
    attributes = {**more, **(own if isinstance(own, dict) else {})}
    return {**link, "kind": _called(link.get("kind"), names), "attributes": attributes}

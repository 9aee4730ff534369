"""doccano JSONL and JSON, of all its projects and versions, and rows as spaCy's examples have them.

https://doccano.github.io/doccano/tutorial/: spans are triples or objects under `entities`, `label`
or `labels`, objects with numbers of labels under `annotations` in older exports. Offsets are code
points; categories of the whole text are attributes of the document, and what else stands in a row
is metadata.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import Article, fields
from corpus.importers.foreign_spans import has_place, holds_spans, spans_in
from corpus.importers.notes import Notes
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles, get, join_parts, without

SPANS = ("entities", "label", "labels", "annotation", "annotations")
IDS = ("id", "doc_id")
META = ("meta", "metadata")
AUTHORS = ("username", "annotator", "annotation_approver")
OURS = ("text", "data", "cats", "relations", "Comments", *SPANS, *IDS, *META, *AUTHORS)
ANNOTATED = (*SPANS, "cats", "relations", "Comments")
# A text and what is said of it.
PAIR = 2
SPAN = "[start, end, label] or objects with start, end and label"
RELATION = "objects with from_id, to_id and type"


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each row; its text may have another name."""
    rows = fields.rows(path, reading)
    first = list(islice(rows, fields.ROWS))
    names = _names([row for _, row in first])
    convert = partial(_row, names=names, spans=reading.spans)
    yield from articles(path, "doccano", chain(first, rows), convert, spans=reading.spans)


def _names(first: list[Any]) -> Mapping[str, str]:
    """Return what the text is called where it is called neither text nor data.

    Of pictures and sounds nothing is one: rows with spans alone tell.
    """
    rows = [row for row in first if isinstance(row, dict)]
    has_spans = any(holds_spans(*field) for row in rows for field in row.items())
    if not has_spans or any(row.keys() & {"text", "data"} for row in rows):
        return {}
    return {"text": fields.located(rows, {})["text"]}


def _row(item: Any, *, names: Mapping[str, str], spans: bool) -> Iterator[RowWithNotes]:
    notes = Notes()
    item = fields.renamed(pair_as_row(item), names)
    if not spans:
        item = without(item, ANNOTATED)
    text = get(item, "data" if isinstance(item.get("data"), str) else "text", str)
    found: list[Row] = []
    of_document: Row = {}
    # The column of the labels may be called anything.
    others = [name for name in item if name not in OURS and holds_spans(name, item[name])]
    for name in (*SPANS, *others):
        values = item.get(name)
        categories = []
        if isinstance(values, int | float):
            # Who classifies texts by numbers means a number.
            of_document[name] = values
            continue
        for value in [values] if isinstance(values, str) else get(item, name, list, []):
            if isinstance(value, str):
                categories.append(value)
                continue
            with notes.leaving(name, value, SPAN):
                if _is_category(value):
                    categories.append(str(value["label"]))
                else:
                    found.extend(list(spans_in(value, f"t{len(found) + 1}")))
        if categories:
            of_document[name] = categories
    if chosen := _categories(item.get("cats"), notes):
        of_document["cats"] = chosen
    links = []
    for relation in get(item, "relations", list, []):
        with notes.leaving("relations", relation, RELATION):
            links.append(_relation(relation))
    for comment in get(item, "Comments", list, []):
        notes.add("doccano comments", comment)
    layer = {"attributes": of_document, **join_parts({"spans": found, "links": links})}
    yield {**_about(item, text), **layer, **notes.row()}, notes.counts


def pair_as_row(item: Any) -> Row:
    """Return a text with its annotations, as spaCy's older examples are written, as one row."""
    if isinstance(item, list) and len(item) == PAIR and isinstance(item[1], dict):
        return {"text": item[0], **item[1]}
    if not isinstance(item, dict):
        raise Problem("row-json", reason=f"it is a {type(item).__name__}")
    return item


def _about(item: Row, text: str) -> Row:
    """Return what a row says of its document, and who made the spans."""
    meta = {
        key: value for key, value in item.items() if key not in OURS and not holds_spans(key, value)
    }
    for name in META:
        if isinstance(item.get(name), dict):
            meta |= item[name]
        elif item.get(name) is not None:
            meta[name] = item[name]
    row: Row = {"id": _first(item, IDS), "text": text, "meta": meta}
    author = _first(item, AUTHORS)
    return {**row, "layer": {"author": str(author)}} if author else row


def _first(item: Row, names: tuple[str, ...]) -> Any:
    return next((item[name] for name in names if item.get(name) is not None), None)


def _is_category(value: Any) -> bool:
    """Tell an annotation of the whole text, which has a label and no place."""
    if not isinstance(value, dict) or value.get("label") is None:
        return False
    return not has_place(value)


def _categories(cats: Any, notes: Notes) -> list[str]:
    """Return the categories of a text: those listed, or those that are on."""
    if isinstance(cats, str):
        return [cats]
    if isinstance(cats, dict):
        on = [name for name, value in cats.items() if value in (1, True)]
        for name, value in cats.items():
            if value not in (0, 1, True, False):
                notes.add("doccano categories that are no names", {name: value})
        return on
    chosen = []
    for one in cats if isinstance(cats, list) else []:
        if isinstance(one, str):
            chosen.append(one)
        else:
            notes.add("doccano categories that are no names", one)
    return chosen


def _relation(relation: Row) -> Row:
    return {
        "id": relation.get("id"),
        "kind": str(relation["type"]),
        "source": f"e{relation['from_id']}",
        "target": f"e{relation['to_id']}",
    }

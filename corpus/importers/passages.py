"""Documents in passages with entities, events and relations, as the datasets of BigBio have them.

Places are counted in the whole document, of which the passages are parts. An event's trigger is a
span and its arguments are links by their roles, as with brat.

https://github.com/bigscience-workshop/biomedical/blob/main/docs/task_schemas.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpus.importers.notes import Notes
from corpus.importers.rows import Row

ENTITY = "objects with id, type and offsets"
EVENT = "objects with id, type, trigger and arguments"
RELATION = "objects with type, arg1_id and arg2_id"
OURS = ("id", "document_id", "passages", "entities", "events", "relations")


def converted(row: Row, notes: Notes) -> Row:
    """Return a row of ours; what is said beyond spans and links is counted by its field."""
    spans: list[Row] = []
    links: list[Row] = []
    for entity in listed(row.get("entities")):
        with notes.leaving("entities", entity, ENTITY):
            spans.append(_span(str(entity["id"]), entity["type"], entity))
            for normal in listed(entity.get("normalized")):
                notes.add("normalized entities", normal)
    # What an argument names is a span, or an event, which is its trigger.
    for event in listed(row.get("events")):
        with notes.leaving("events", event, EVENT):
            trigger = str(event["id"])
            spans.append(_span(trigger, event["type"], event["trigger"]))
            for argument in listed(event["arguments"]):
                links.append(_link(argument["role"], trigger, argument["ref_id"]))
    for relation in listed(row.get("relations")):
        with notes.leaving("relations", relation, RELATION):
            links.append(_link(relation["type"], relation["arg1_id"], relation["arg2_id"]))
    for name, value in row.items():
        if name not in OURS and value not in (None, "", [], {}):
            count = len(value) if isinstance(value, list) else 1
            notes.add(f"fields that are not ours: {name[:80]}", value, count)
    ident = row.get("document_id") or row.get("id")
    return {"id": ident, "text": _text(row["passages"]), "spans": spans, "links": links}


def listed(value: Any) -> list[Any]:
    """Return objects in a list, which some versions of `datasets` write as a struct of lists."""
    if isinstance(value, Mapping):
        columns = {key: held for key, held in value.items() if isinstance(held, list)}
        length = max((len(held) for held in columns.values()), default=0)
        return [
            {key: held[number] for key, held in columns.items() if number < len(held)}
            for number in range(length)
        ]
    return list(value) if isinstance(value, list) else []


def _text(passages: Any) -> str:
    """Return the text with each passage at its place; what lies between them is white space."""
    text = ""
    for passage in listed(passages):
        offsets = passage["offsets"]
        for words, (start, _) in zip(passage["text"], offsets, strict=True):
            # Where places say otherwise they are wrong, and the spans, by their words, too.
            gap = start - len(text)
            between = "\n" + " " * (gap - 1) if gap > 0 and text else " " * max(gap, 0)
            text += between + words
    return text


def _span(name: str, label: Any, placed: Row) -> Row:
    ranges = sorted([start, end] for start, end in placed["offsets"])
    words = placed.get("text")
    span: Row = {
        "id": name,
        "label": str(label),
        "start": ranges[0][0],
        "end": ranges[-1][1],
        "text": " ".join(words) if isinstance(words, list) else words,
    }
    return {**span, "fragments": ranges} if len(ranges) > 1 else span


def _link(kind: Any, source: Any, target: Any) -> Row:
    return {"kind": str(kind), "source": str(source), "target": str(target)}

"""Spans as other tools write them in JSON: lists, or objects by any of the usual names.

`[start, end, label]`, `{"start": …, "end": …, "label": …}` with the names below whatever their case
and signs, `{"offset": …, "length": …}`, ranges (`"offsets": [[start, end], …]`), and Dataturks'
points, whose ends are the last characters themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from corpus.importers.fields import plain

Row = dict[str, Any]

NAMES = {
    "label": (
        *("label", "labels", "type", "tag", "entitygroup", "entity", "entitytype", "category"),
        *("class", "classname", "nertag"),
    ),
    "start": ("start", "startoffset", "startchar", "charstart", "startindex", "begin", "from"),
    "end": ("end", "endoffset", "endchar", "charend", "endindex", "stop", "to"),
    "offset": ("offset",),
    "length": ("length",),
    "ranges": ("offsets", "span", "range", "indices", "charspan"),
    "points": ("points",),
    "text": ("text", "word", "surface", "mention"),
    "id": ("id",),
    "score": ("score", "confidencescore"),
}
# These have places and tags, and say what the text is made of.
NO_SPANS = frozenset(("tokens", "words", "sents", "sentences", "paragraphs", "passages"))
PLACES = ("ranges", "points", "offset", "start")
# Start, end and label.
TRIPLE = 3


def holds_spans(name: str, value: Any) -> bool:
    """Tell whether a field of a row is a list that begins with a span."""
    if not isinstance(value, list) or not value or plain(name) in NO_SPANS:
        return False
    first = value[0]
    if isinstance(first, list):
        return list(map(type, first)) == [int, int, str]
    if not isinstance(first, dict) or "label" not in _keys(tuple(first)):
        return False
    try:
        return bool(list(spans_in(first, "")))
    except (KeyError, TypeError, ValueError):
        return False


def has_place(value: Row) -> bool:
    """Tell whether an annotation is of a place in the text, and not of all of it."""
    return any(name in _keys(tuple(value)) for name in PLACES)


def spans_in(value: Any, name: str) -> Iterator[Row]:
    """Yield a span of ours for each label of an annotation, called `name` where it has no id.

    Raises `KeyError`, `TypeError` or `ValueError` for what is no span.
    """
    if isinstance(value, list):
        if len(value) != TRIPLE:
            raise TypeError
        made: Row = {"id": name, "start": whole(value[0]), "end": whole(value[1])}
        labels = value[2]
    else:
        keys = _keys(tuple(value))
        made = {"id": name, **_place(value, keys)}
        if value.get(keys.get("id")) is not None:
            made["id"] = f"e{value[keys['id']]}"
        for ours in ("text", "score"):
            if value.get(keys.get(ours)) is not None and ours not in made:
                made[ours] = value[keys[ours]]
        if isinstance(made.get("text"), list):
            made["text"] = " ".join(map(str, made["text"]))
        labels = value[keys["label"]]
    for number, label in enumerate(labels if isinstance(labels, list) else [labels]):
        if isinstance(label, bool) or not isinstance(label, str | int):
            raise TypeError
        yield {
            **made,
            "id": f"{made['id']}.{number}" if number else made["id"],
            "label": str(label),
        }


def whole(value: Any) -> int:
    """Return a whole number, also one written as `7.0` or `"7"`; raise `TypeError` for others."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    raise TypeError


def _place(value: Row, keys: dict[str, str]) -> Row:
    """Return where a span stands."""
    if "points" in keys:
        # Its end is the last character.
        ranges = [(whole(one["start"]), whole(one["end"]) + 1) for one in value[keys["points"]]]
        words = " ".join(str(one.get("text", "")) for one in value[keys["points"]])
        return {**_of_ranges(ranges), "text": words}
    if "ranges" in keys and isinstance(value[keys["ranges"]], list):
        given = value[keys["ranges"]]
        pairs = given if isinstance(given[0], list) else [given]
        return _of_ranges([(whole(start), whole(end)) for start, end in pairs])
    if "offset" in keys and "length" in keys:
        start = whole(value[keys["offset"]])
        return {"start": start, "end": start + whole(value[keys["length"]])}
    return {"start": whole(value[keys["start"]]), "end": whole(value[keys["end"]])}


def _of_ranges(ranges: list[tuple[int, int]]) -> Row:
    ranges = sorted(ranges)
    whole_span: Row = {"start": ranges[0][0], "end": ranges[-1][1]}
    return (
        {**whole_span, "fragments": [list(one) for one in ranges]}
        if len(ranges) > 1
        else whole_span
    )


@lru_cache(maxsize=1000)
def _keys(names: tuple[str, ...]) -> dict[str, str]:
    """Return what an object calls our names, of which it has those."""
    by_name = {plain(name): name for name in reversed(names) if isinstance(name, str)}
    keys = {}
    for ours, theirs in NAMES.items():
        found = next((by_name[name] for name in theirs if name in by_name), None)
        if found is not None:
            keys[ours] = found
    return keys

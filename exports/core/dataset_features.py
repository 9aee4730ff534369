"""The columns of the dataset in a release, in the three forms that its readers know.

A column is the name of a value type, `Names` (a class label), a list with the column of its items,
or a dictionary of columns. A release is the same on every machine, so the forms are made here and
not by the library `datasets`, which writes them differently from version to version.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from corpus.core.schema import Attribute, SchemaView

# Parts of a dataset as its readers call them, by our names. What is unused would be near to
# documents of different parts.
SPLITS = {"train": "train", "dev": "validation", "test": "test", "unused": "unused"}
CONFIGS = ("gold", "all_annotators", "provenance")
SOURCES = ("accepted", "edited", "added", "rejected")
VOTES = ("accepted", "edited", "added", "rejected", "left", "none")
DISPUTES = ("none", "settled", "open", "deferred")


class Names(tuple[str, ...]):
    """The values of a class label, in order: files hold their numbers or the names themselves."""


Column = str | Names | list[Any] | Mapping[str, Any]
Columns = Mapping[str, Column]

PLACE: Columns = {"start": "int32", "end": "int32", "text": "string", "fragments": [["int32"]]}
DOCUMENT: Columns = {"id": "string", "text": "string", "meta": "string"}


def columns(schema: SchemaView) -> dict[str, Columns]:
    """Return the columns of each configuration for a corpus with this schema."""
    label = Names(schema.labels)
    span: dict[str, Column] = {"id": "string", "label": label, **PLACE}
    span |= _attributes(own for known in schema.labels.values() for own in known.attributes)
    kind: Column = Names(schema.links) if schema.links else "string"
    link: dict[str, Column] = {"kind": kind, "source": "string", "target": "string"}
    link |= _attributes(own for known in schema.links.values() for own in known.attributes)
    layer: Columns = {**_attributes(schema.attributes), "spans": [span], "links": [link]}
    soft = {"facet": "string", "value": "string", "votes": "int32", "share": "float64"}
    frame = {"label": label, **PLACE, "annotators": "int32", "soft_labels": [soft]}
    dispute = {
        "state": Names(DISPUTES),
        "facets": ["string"],
        "choice": "string",
        "by": "string",
        "reason": "string",
    }
    return {
        "gold": {**DOCUMENT, **layer},
        "all_annotators": {
            **DOCUMENT,
            "annotations": [{"annotator": "string", "assisted": "bool", **layer}],
            "frames": [frame],
        },
        "provenance": {
            "document": "string",
            "span": "string",
            "in_gold": "bool",
            "label": label,
            **PLACE,
            "source": Names(SOURCES),
            "suggester": "string",
            "score": "float64",
            "decided_by": "string",
            "decision": "string",
            "votes": [{"annotator": "string", "vote": Names(VOTES), "same_place": "bool"}],
            "dispute": dispute,
        },
    }


def data_file(config: str, split: str, form: str) -> str:
    """Return the path of a data file within a release."""
    return f"data/{config}/{split}.{form}"


def _attributes(attributes: Iterable[Attribute]) -> dict[str, Column]:
    """Return the column `attributes` with one for each attribute, nothing when there are none.

    Labels with an attribute of one name share its column, with the choices of all of them; where
    they differ in kind it holds text.
    """
    kinds: dict[str, set[str]] = {}
    choices: dict[str, dict[str, None]] = {}
    for attribute in attributes:
        kinds.setdefault(attribute.name, set()).add(attribute.kind)
        choices.setdefault(attribute.name, {}).update(dict.fromkeys(attribute.choices))
    columns: dict[str, Column] = {}
    for name, known in kinds.items():
        kind = known.pop() if len(known) == 1 else "text"
        if kind in ("choice", "choices"):
            names = Names(choices[name])
            columns[name] = names if kind == "choice" else [names]
        else:
            columns[name] = {"flag": "bool", "number": "float64"}.get(kind, "string")
    return {"attributes": columns} if columns else {}


def card_features(columns: Columns) -> list[dict[str, Any]]:
    """Return the columns as the front matter of a dataset card lists them."""
    return [{"name": name, **_card_form(column)} for name, column in columns.items()]


def _card_form(column: Column) -> dict[str, Any]:
    if isinstance(column, str):
        return {"dtype": column}
    if isinstance(column, Names):
        names = {str(number): name for number, name in enumerate(column)}
        return {"dtype": {"class_label": {"names": names}}}
    if isinstance(column, list):
        [item] = column
        if isinstance(item, Mapping):
            return {"list": card_features(item)}
        form = _card_form(item)
        return {"list": form.get("dtype", form)}
    return {"struct": card_features(column)}


def arrow_metadata(columns: Columns) -> str:
    """Return what stands under the key `huggingface` in a Parquet file."""
    features = {name: _arrow_form(column) for name, column in columns.items()}
    return json.dumps({"info": {"features": features}})


def _arrow_form(column: Column) -> Any:
    if isinstance(column, str):
        return {"dtype": column, "_type": "Value"}
    if isinstance(column, Names):
        return {"names": list(column), "_type": "ClassLabel"}
    if isinstance(column, list):
        # The oldest form of a list, which every version of the library reads.
        return [_arrow_form(column[0])]
    return {name: _arrow_form(inner) for name, inner in column.items()}


def fitted(value: Any, column: Column, *, numbers: bool) -> Any:
    """Return a value as its column holds it, class labels as names or as their `numbers`."""
    if value is None:
        return None
    if column == "float64":
        return float(value)
    if isinstance(column, str):
        return json.dumps(value) if column == "string" and not isinstance(value, str) else value
    if isinstance(column, Names):
        return column.index(value) if numbers else value
    if isinstance(column, list):
        return [fitted(item, column[0], numbers=numbers) for item in value]
    row = {}
    for name, inner in column.items():
        row[name] = fitted(value.get(name), inner, numbers=numbers)
    return row

"""The JSON schema of an answer, made from the schema of a corpus.

Every property is required and no other allowed, as servers want it that hold a model to a schema;
what may be left out may be null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from corpus.core.schema import Attribute, LinkKind, SchemaView

JsonSchema = dict[str, Any]
TEXT: JsonSchema = {"type": "string"}
NUMBER: JsonSchema = {"type": "integer"}


def of_annotation(schema: SchemaView, *, with_document: bool) -> JsonSchema:
    """Return the schema of spans and links, and of the document's own attributes."""
    spans = []
    for label in schema.labels.values():
        fields = {"label": _one_of([label.name]), "id": NUMBER, "quote": TEXT, "why": TEXT}
        spans.append(_object({**fields, **_attributes(label.attributes)}))
    answer = {"spans": _list(spans)}
    if schema.links:
        answer["links"] = _list([_link(kind) for kind in schema.links.values()])
    if with_document and schema.attributes:
        answer["document"] = _object({"why": TEXT, **_attributes(schema.attributes)})
    return _object(answer)


def of_attribute(attributes: Iterable[Attribute]) -> JsonSchema:
    """Return the schema of the values of one attribute for numbered spans.

    Labels may have different attributes of that name; whose value it is, is told by the span.
    """
    value = _object({"id": NUMBER, "why": TEXT, "value": _value(*attributes)})
    return _object({"values": _list([value])})


def _link(kind: LinkKind) -> JsonSchema:
    fields = {"kind": _one_of([kind.name]), "source": NUMBER, "target": NUMBER}
    return _object({**fields, **_attributes(kind.attributes)})


def _attributes(attributes: Iterable[Attribute]) -> JsonSchema:
    """Return the property `attributes`, nothing where there are none."""
    values = {attribute.name: _value(attribute) for attribute in attributes}
    return {"attributes": _object(values)} if values else {}


def _value(*attributes: Attribute) -> JsonSchema:
    """Return the schema of a value that one of these attributes may have, or null."""
    allowed: list[JsonSchema] = []
    for attribute in attributes:
        kinds: Mapping[str, JsonSchema] = {
            "choice": _one_of(attribute.choices),
            "choices": {"type": "array", "items": _one_of(attribute.choices)},
            "flag": {"type": "boolean"},
            "number": {"type": "number"},
            "text": TEXT,
        }
        if kinds[attribute.kind] not in allowed:
            allowed.append(kinds[attribute.kind])
    return {"anyOf": [*allowed, {"type": "null"}]}


def _one_of(values: Iterable[str]) -> JsonSchema:
    return {"type": "string", "enum": list(values)}


def _list(items: list[JsonSchema]) -> JsonSchema:
    return {"type": "array", "items": items[0] if len(items) == 1 else {"anyOf": items}}


def _object(properties: JsonSchema) -> JsonSchema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }

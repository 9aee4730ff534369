"""What a stance is toward: where a claim names no target, its document's."""

from __future__ import annotations

from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, with_default

CLAIM, TARGET = "CLAIM", "target"


def with_target(view: LayerView, schema: SchemaView, target: str | None) -> LayerView:
    """Return the layer with a target where claims lack one, if the schema's claims can have it."""
    label = schema.labels.get(CLAIM)
    attributes = label.attributes if label is not None else ()
    if not any(a.name == TARGET and a.kind == "text" for a in attributes):
        return view
    return with_default(view, CLAIM, TARGET, target)

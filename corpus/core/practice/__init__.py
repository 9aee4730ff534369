"""A round of practice: a text of our own with prepared suggestions, and what is right of each."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpus.core.schema import SchemaView
from corpus.core.schema_templates import TEMPLATES
from corpus.core.span import LayerView, Link, Span, layer_view

FOLDER = Path(__file__).parent


def round_for(schema: SchemaView) -> Mapping[str, Any] | None:
    """Return the round of the first template whose labels a schema has as they are, or None."""
    for name, template in TEMPLATES.items():
        found = _read(name)
        if found is not None and _fits(found, template.schema, schema):
            return found
    return None


def suggestions_of(found: Mapping[str, Any]) -> LayerView:
    """Return the prepared suggestions of a round."""
    spans = []
    for row in found["spans"]:
        start = found["text"].rindex(row["text"])
        end = start + len(row["text"])
        evidence = {"why": row["why"]} if "why" in row else None
        attributes = row["attributes"]
        spans.append(
            Span(
                row["ident"],
                row["label"],
                start,
                end,
                attributes=attributes,
                score=row["score"],
                evidence=evidence,
            )
        )
    links = [
        Link(row["ident"], row["kind"], row["source"], row["target"]) for row in found["links"]
    ]
    return layer_view(spans, links)


@functools.cache
def _read(name: str) -> Mapping[str, Any] | None:
    file = FOLDER / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def _fits(found: Mapping[str, Any], template: SchemaView, schema: SchemaView) -> bool:
    """Tell whether what a round uses means the same in a schema as in its template."""
    labels = {row["label"] for row in found["spans"]}
    kinds = {row["kind"] for row in found["links"]}
    for name in labels:
        held = schema.labels.get(name)
        if held is None or held.attributes != template.labels[name].attributes:
            return False
        # Another kind of link might be required.
        if {kind.name for kind in schema.links_from(name)} - kinds:
            return False
    same = all(schema.links.get(name) == template.links[name] for name in kinds)
    return same and not schema.attributes

"""A layer held against a schema and a text: what a span or link there may not be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain, pairwise
from typing import Any

from .problems import Problem
from .schema import DOCUMENT, Attribute, SchemaView
from .span import LayerView, Link, Span


def check(layer: LayerView, schema: SchemaView, text: str) -> Iterator[Problem]:
    """Yield every way in which the layer breaks the schema or leaves the text."""
    for span in layer.spans.values():
        yield from check_span(span, schema, text)
    yield from check_document(layer.attributes, schema)
    for link in layer.links.values():
        yield from check_link(link, layer, schema)
    yield from check_links_together(layer, schema, layer.links)


def check_links_together(
    layer: LayerView, schema: SchemaView, idents: Collection[int]
) -> Iterator[Problem]:
    """Yield where one of these links repeats another, or is one too many for its source."""
    seen: set[tuple[str, int, int]] = set()
    sources: set[tuple[str, int]] = set()
    for link in layer.links.values():
        key = (link.kind, link.source, link.target)
        if key in seen:
            yield Problem("link-twice", id=link.ident)
        seen.add(key)
        kind = schema.links.get(link.kind)
        source = (link.kind, link.source)
        if kind is not None and not kind.many:
            if source in sources and link.ident in idents:
                yield Problem("link-many", id=link.ident, kind=link.kind)
            sources.add(source)


def check_span(span: Span, schema: SchemaView, text: str) -> Iterator[Problem]:
    """Yield what is wrong with one span."""
    if not 0 <= span.start < span.end <= len(text):
        yield Problem("span-range", id=span.ident, start=span.start, end=span.end, length=len(text))
        return
    # Every span of every import comes by here; most are of one piece.
    ranges = ((span.start, span.end),) if span.fragments is None else span.fragments
    if span.fragments is not None and not _are_in_order(span):
        yield Problem("span-fragments", id=span.ident)
        return
    for start, end in ranges:
        if text[start].isspace() or text[end - 1].isspace():
            yield Problem("span-space", id=span.ident)
            break
    label = schema.labels.get(span.label)
    if label is None:
        yield Problem("span-label", id=span.ident, label=span.label, known=", ".join(schema.labels))
    elif span.attributes:
        known = schema.attributes_by_name[span.label]
        for wrong in _wrong_values(span.attributes, known, span.label):
            yield Problem("span-attribute", id=span.ident, **wrong)


def _are_in_order(span: Span) -> bool:
    """Tell whether fragments are several, apart, in order, and reach from the start to the end."""
    fragments = span.fragments or ()
    if len(fragments) < 2:
        return False
    offsets = list(chain.from_iterable(fragments))
    if (offsets[0], offsets[-1]) != (span.start, span.end):
        return False
    return all(before < after for before, after in pairwise(offsets))


def check_document(values: Mapping[str, Any], schema: SchemaView) -> Iterator[Problem]:
    """Yield what is wrong with the attributes of the document."""
    for wrong in _wrong_values(values, schema.attributes_by_name[DOCUMENT], "the document"):
        yield Problem("document-attribute", **wrong)


def _wrong_values(
    values: Mapping[str, Any], known: Mapping[str, Attribute], holder: str
) -> Iterator[dict[str, Any]]:
    """Yield each attribute with a value that it cannot have, and what it can."""
    for name, value in values.items():
        allowed: str | None = f"no such attribute on {holder}"
        if name in known:
            allowed = known[name].allowed_instead(value)
        if allowed is not None:
            yield {"attribute": name, "value": value, "allowed": allowed}


def check_link(link: Link, layer: LayerView, schema: SchemaView) -> Iterator[Problem]:
    """Yield what is wrong with one link."""
    kind = schema.links.get(link.kind)
    if kind is None:
        yield Problem("link-kind", id=link.ident, kind=link.kind, known=", ".join(schema.links))
        return
    source = layer.spans.get(link.source)
    target = layer.spans.get(link.target)
    if source is None or target is None or not kind.joins(source.label, target.label):
        yield Problem(
            "link-ends",
            id=link.ident,
            source_label=" or ".join(kind.sources),
            target_label=" or ".join(kind.targets),
        )
    if link.source == link.target:
        yield Problem("link-itself", id=link.ident)
    if not link.attributes:
        return
    known = {attribute.name: attribute for attribute in kind.attributes}
    for wrong in _wrong_values(link.attributes, known, link.kind):
        yield Problem("link-attribute", id=link.ident, **wrong)

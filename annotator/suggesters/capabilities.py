"""What a suggester can give of a schema, and what of its layers a schema can hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from corpus.core.layer_check import check_link
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTION, SchemaView
from corpus.core.span import LayerView, Link, Span


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The labels, link kinds and attributes that a suggester can give, by names of a schema.

    `attributes` are pairs of label and attribute.
    """

    labels: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    attributes: frozenset[tuple[str, str]] = frozenset()

    def within(self, schema: SchemaView) -> Capabilities:
        """Return those that a schema knows; a link needs a label at each end."""
        labels = self.labels & set(schema.labels)
        links = set()
        for kind in schema.links.values():
            ends = labels & set(kind.sources), labels & set(kind.targets)
            if kind.name in self.links and all(ends):
                links.add(kind.name)
        attributes = set()
        for label in labels:
            for attribute in schema.labels[label].attributes:
                if (label, attribute.name) in self.attributes:
                    attributes.add((label, attribute.name))
        return Capabilities(labels, frozenset(links), frozenset(attributes))


def all_of(schema: SchemaView) -> Capabilities:
    """Return the capabilities that cover a whole schema."""
    attributes = set()
    for label in schema.labels.values():
        attributes |= {(label.name, attribute.name) for attribute in label.attributes}
    return Capabilities(frozenset(schema.labels), frozenset(schema.links), frozenset(attributes))


# What suggesters that are chosen by their name alone give, told without loading any of them.
BY_NAME: Mapping[str, Capabilities] = {"rules.v1": all_of(ATTRIBUTION)}


def require_common_label(suggester: str, gives: Iterable[str], schema: SchemaView) -> None:
    """Raise `Problem` unless a suggester gives at least one label of a schema."""
    labels = sorted(gives)
    if not set(labels) & set(schema.labels):
        raise Problem(
            "suggester-labels",
            suggester=suggester,
            gives=", ".join(labels) or "none",
            known=", ".join(schema.labels),
        )


def fitted(layer: LayerView, schema: SchemaView) -> LayerView:
    """Return what a schema can hold of a layer.

    Labels, attributes, values and link kinds that it does not know are left out.
    """
    spans = {}
    for ident, span in layer.spans.items():
        if span.label in schema.labels:
            spans[ident] = _with_known_attributes(span, schema)
    known = replace(layer, spans=spans)
    links: dict[int, Link] = {}
    for ident, link in layer.links.items():
        if not any(check_link(link, known, schema)):
            links[ident] = link
    return replace(known, links=links)


def above(layer: LayerView, threshold: float) -> LayerView:
    """Return a layer without the spans of a lower score, and without the links of those.

    What a span that stays links to stays too, as a claim's speaker does; so does what has no score,
    and what names another as who proposed it, who had a threshold of their own.
    """
    kept = set()
    for ident, span in layer.spans.items():
        if span.score is None or span.score >= threshold or (span.evidence or {}).get("suggester"):
            kept.add(ident)
    if len(kept) == len(layer.spans):
        return layer
    kept |= {link.target for link in layer.links.values() if link.source in kept}
    links = {i: x for i, x in layer.links.items() if {x.source, x.target} <= kept}
    return replace(layer, spans={i: s for i, s in layer.spans.items() if i in kept}, links=links)


def _with_known_attributes(span: Span, schema: SchemaView) -> Span:
    known = {attribute.name: attribute for attribute in schema.labels[span.label].attributes}
    kept: Mapping[str, object] = {
        name: value
        for name, value in span.attributes.items()
        if name in known and known[name].allowed_instead(value) is None
    }
    return span if len(kept) == len(span.attributes) else replace(span, attributes=kept)

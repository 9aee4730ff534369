"""What a layer lacks of another that was made of the same file, with more of it understood."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from corpus.core.span import LayerView, Link, Range, Span

Place = tuple[str, tuple[Range, ...]]


@dataclass(frozen=True, slots=True)
class Lacking:
    """Spans and links by the idents that they get, new or with more attributes.

    `attributes` are those of the document then; none when there are no more.
    """

    spans: Mapping[int, Span] = field(default_factory=dict)
    links: Mapping[int, Link] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.spans or self.links or self.attributes)

    def onto(self, own: LayerView) -> LayerView:
        """Return a layer with what it lacks."""
        return LayerView(
            {**own.spans, **self.spans},
            {**own.links, **self.links},
            attributes=self.attributes or own.attributes,
        )


def lacking(own: LayerView, view: LayerView) -> Lacking:
    """Return what a layer lacks of a view; what both have keeps its values."""
    spans, idents = _spans(own, view)
    attributes = {**view.attributes, **own.attributes}
    more = len(attributes) > len(own.attributes)
    return Lacking(spans, _links(own, view, idents), attributes if more else {})


def same(one: LayerView, other: LayerView) -> bool:
    """Tell whether two layers hold the same, whatever the idents are."""
    return _content(one) == _content(other)


def _place(span: Span) -> Place:
    return span.label, span.ranges


def _content(view: LayerView) -> tuple[set[Any], set[Any], str]:
    spans = {(_place(span), _said(span.attributes)) for span in view.spans.values()}
    links = set()
    for link in view.links.values():
        ends = _place(view.spans[link.source]), _place(view.spans[link.target])
        links.add((link.kind, *ends, _said(link.attributes)))
    return spans, links, _said(view.attributes)


def _said(attributes: Mapping[str, Any]) -> str:
    return json.dumps(dict(attributes), sort_keys=True)


def _spans(own: LayerView, view: LayerView) -> tuple[dict[int, Span], dict[int, int]]:
    """Return the spans of a view that a layer lacks, or lacks attributes of.

    Beside them, for each span of the view, the ident that it has in the layer then.
    """
    last = max((*own.spans, *view.spans, 0))
    spans: dict[int, Span] = {}
    idents = _pairs(own, view)
    for span in view.in_order():
        if span.ident not in idents:
            ident, last = _free(span.ident, own.spans, last)
            idents[span.ident] = ident
            spans[ident] = replace(span, ident=ident)
            continue
        held = own.spans[idents[span.ident]]
        if span.attributes.keys() - held.attributes.keys():
            attributes = {**span.attributes, **held.attributes}
            spans[held.ident] = replace(held, attributes=attributes)
    return spans, idents


def _pairs(own: LayerView, view: LayerView) -> dict[int, int]:
    """Return for spans of a view the ident of the span that a layer has at their place.

    Of several at one place each is paired with the one that says the same, else with one that says
    nothing else, else with any that is left.
    """
    at: dict[Place, list[Span]] = {}
    for span in own.in_order():
        at.setdefault(_place(span), []).append(span)
    pairs: dict[int, int] = {}
    for alike in (_say_the_same, _agree, _are_there):
        for span in view.in_order():
            left = at.get(_place(span), [])
            mate = next((held for held in left if alike(held, span)), None)
            if mate is not None and span.ident not in pairs:
                pairs[span.ident] = mate.ident
                left.remove(mate)
    return pairs


def _say_the_same(one: Span, other: Span) -> bool:
    return one.attributes == other.attributes


def _agree(one: Span, other: Span) -> bool:
    both = one.attributes.keys() & other.attributes.keys()
    return all(one.attributes[name] == other.attributes[name] for name in both)


def _are_there(one: Span, other: Span) -> bool:
    return True


def _links(own: LayerView, view: LayerView, idents: Mapping[int, int]) -> dict[int, Link]:
    """Return the links of a view that a layer lacks, or lacks attributes of."""
    held = {(link.kind, link.source, link.target): link for link in own.links.values()}
    last = max((*own.links, *view.links, 0))
    links: dict[int, Link] = {}
    for link in view.links.values():
        ends = (link.kind, idents[link.source], idents[link.target])
        if ends not in held:
            ident, last = _free(link.ident, own.links, last)
            links[ident] = held[ends] = Link(ident, *ends, link.attributes)
        elif link.attributes.keys() - held[ends].attributes.keys():
            attributes = {**link.attributes, **held[ends].attributes}
            held[ends] = replace(held[ends], attributes=attributes)
            links[held[ends].ident] = held[ends]
    return links


def _free(ident: int, taken: Collection[int], last: int) -> tuple[int, int]:
    """Return the ident itself where no other has it, else the next one, and the last ident then."""
    return (last + 1, last + 1) if ident in taken else (ident, last)

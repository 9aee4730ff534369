"""Frames: what a layer says, each span with its links and the parts that it owns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from annotator.core.identity import same_thing
from corpus.core.schema import BOUNDARY, DOCUMENT, LABEL, LinkKind, SchemaView
from corpus.core.span import LayerView, Link, Span, overlap


@dataclass(frozen=True, slots=True)
class Linked:
    """A link of a frame: its kind, its attributes, and the span at the other end.

    `anchor` is the place of that span among the clusters of a comparison; a span that is part of
    the frame that owns it has none. A `reverse` link runs from that span to the head: a symmetric
    link is compared at the end that comes first. `copy` tells equal spans of one place apart.
    """

    kind: str
    span: Span
    attributes: Mapping[str, Any] = field(default_factory=dict)
    anchor: int | None = None
    reverse: bool = False
    copy: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """A head span with its links; the document's own frame has a head without a label."""

    head: Span
    linked: tuple[Linked, ...] = ()
    copy: int = 0

    def linked_by(self, kind: str) -> list[Linked]:
        """Return the links of one kind."""
        return [linked for linked in self.linked if linked.kind == kind]


def frames(layer: LayerView, schema: SchemaView) -> list[Frame]:
    """Return the frames of a layer in text order: every span that no other frame owns."""
    links: dict[int, list[Link]] = {}
    for link in layer.links.values():
        links.setdefault(link.source, []).append(link)
    owned = owned_spans(layer, schema)
    copies = _copies(layer, schema)
    made = []
    for span in layer.in_order():
        if span.ident in owned:
            continue
        linked = [
            Linked(link.kind, layer.spans[link.target], link.attributes, copy=copies[link.target])
            for link in links.get(span.ident, ())
        ]
        made.append(Frame(span, in_order(linked), copies[span.ident]))
    return made


def owned_spans(layer: LayerView, schema: SchemaView) -> set[int]:
    """Return the idents of the spans that are part of a frame, and no frames of their own."""
    owned = set()
    for link in layer.links.values():
        if schema.links[link.kind].owned and layer.spans[link.target].label in schema.folded:
            owned.add(link.target)
    return owned


def frames_to_review(layer: LayerView, schema: SchemaView) -> set[int]:
    """Return the idents of the suggested spans that need a person, each with its parts.

    What rides along does not, and is decided with its frame.
    """
    riding = {span.ident for span in layer.spans.values() if span.label in schema.riding}
    return layer.spans.keys() - riding - owned_spans(layer, schema)


def all_ride(frames: Iterable[Frame], schema: SchemaView) -> bool:
    """Tell whether each of these frames rides along with another one."""
    return all(frame.head.label in schema.riding for frame in frames)


def without_frames(layer: LayerView, heads: Collection[int], schema: SchemaView) -> LayerView:
    """Return a layer without some frames, and without the parts that no other frame owns."""
    kept = {}
    for ident, link in layer.links.items():
        if link.source not in heads and link.target not in heads:
            kept[ident] = link
    owned = owned_spans(layer, schema)
    still_owned = owned_spans(replace(layer, links=kept), schema)
    gone = {*heads, *(owned - still_owned)}
    spans = {ident: span for ident, span in layer.spans.items() if ident not in gone}
    links = {i: link for i, link in kept.items() if link.target in spans}
    return replace(layer, spans=spans, links=links)


def document_frame(layer: LayerView) -> Frame:
    """Return the attributes of the document as a frame."""
    return Frame(Span(0, DOCUMENT, 0, 0, attributes=layer.attributes))


def in_order(linked: Iterable[Linked]) -> tuple[Linked, ...]:
    """Return links by kind, then by what they say."""
    links = tuple(linked)
    return links if len(links) < 2 else tuple(sorted(links, key=_order))


def _order(linked: Linked) -> tuple[object, ...]:
    span = linked.span
    return linked.kind, span.start, span.end, linked.copy, linked.reverse, _content(linked)


def part_key(span: Span, schema: SchemaView) -> tuple[object, ...]:
    """Return what makes two spans of gold one: label and place, and where nothing tells who is
    meant all they say.
    """
    place = (span.label, span.ranges)
    if span.label in schema.identities or not span.attributes:
        return place
    return (*place, str(_values(span.attributes)))


def _copies(layer: LayerView, schema: SchemaView) -> dict[int, int]:
    """Return by ident how many spans with the same key stand before a span."""
    equal: dict[tuple[object, ...], list[Span]] = {}
    for span in layer.spans.values():
        equal.setdefault(part_key(span, schema), []).append(span)
    copies = {}
    for spans in equal.values():
        if len(spans) > 1:
            spans.sort(key=_span_content)
        for number, span in enumerate(spans):
            copies[span.ident] = number
    return copies


def content(frame: Frame) -> tuple[object, ...]:
    """Return what a frame says, without names and idents, in a form that sorts."""
    return *_span_content(frame.head), [_content(linked) for linked in frame.linked]


def _content(linked: Linked) -> tuple[object, ...]:
    said = (linked.kind, *_span_content(linked.span))
    # What links had before they had attributes is what decides the order of versions.
    return (*said, _values(linked.attributes)) if linked.attributes else said


def _span_content(span: Span) -> tuple[object, ...]:
    return span.start, span.end, span.ranges, span.label, _values(span.attributes)


def _values(attributes: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in attributes.items())


def facets(left: Frame, right: Frame, schema: SchemaView) -> tuple[str, ...]:
    """Return in which facets two frames differ: boundary, label, kinds of links, attributes."""
    different = []
    if not left.head.same_place(right.head):
        different.append(BOUNDARY)
    label = left.head.label
    if label != right.head.label:
        # Under another label nothing else can be compared.
        return (*different, LABEL)
    for kind in schema.links_compared(label):
        if not same_links(left, right, kind, schema):
            different.append(schema.link_facet(kind))
    for attribute in schema.compared(label):
        name = attribute.name
        if left.head.attributes.get(name) != right.head.attributes.get(name):
            different.append(schema.attribute_facet(name))
    return tuple(different)


def same_links(left: Frame, right: Frame, kind: LinkKind, schema: SchemaView) -> bool:
    """Tell whether two frames have the same links of a kind, or none for the same reason."""
    ours = left.linked_by(kind.name)
    theirs = right.linked_by(kind.name)
    if reasons(left, kind) != reasons(right, kind):
        return False
    return _all_in(ours, theirs, schema) and _all_in(theirs, ours, schema)


def reasons(frame: Frame, kind: LinkKind) -> dict[str, str]:
    """Return why a frame has no link of a kind, by the attributes that say so."""
    found = {}
    for name, values in kind.unless.items():
        value = frame.head.attributes.get(name)
        if value in values:
            found[name] = value
    return found


def _all_in(ours: Iterable[Linked], theirs: list[Linked], schema: SchemaView) -> bool:
    # A span may have a thousand links: those to another frame are not looked through.
    ends: dict[int | None, list[Linked]] = {}
    for other in theirs:
        ends.setdefault(other.anchor, []).append(other)
    for mine in ours:
        candidates = theirs
        if mine.anchor is not None:
            candidates = [*ends.get(mine.anchor, ()), *ends.get(None, ())]
        if not any(_same(mine, other, schema) for other in candidates):
            return False
    return True


def _same(left: Linked, right: Linked, schema: SchemaView) -> bool:
    """Tell whether two links of a kind go to the same span, with the same attributes."""
    if left.attributes != right.attributes:
        return False
    if left.anchor is not None and right.anchor is not None:
        return left.anchor == right.anchor
    mine, theirs = left.span, right.span
    if mine.label != theirs.label:
        return False
    if left.anchor is not None or right.anchor is not None:
        # One layer has it as part of a frame, the other as a frame of its own.
        return same_thing(mine, theirs, schema)
    return _same_part(mine, theirs, schema)


def _same_part(mine: Span, theirs: Span, schema: SchemaView) -> bool:
    """Tell whether two spans that frames own are the same, in every attribute but who it is."""
    identity = schema.identities.get(mine.label)
    if identity is None and not mine.same_place(theirs):
        return False
    if identity is not None and not same_thing(mine, theirs, schema):
        return False
    for attribute in schema.compared(mine.label):
        name = attribute.name
        if mine.attributes.get(name) != theirs.attributes.get(name):
            return False
    return True


def fullest(frame: Frame, others: Iterable[Frame], schema: SchemaView) -> Frame:
    """Return the frame with each part that has an identity at its fullest mention.

    The mention is one of the other frames', in the same place, and none that this frame links to
    already.
    """
    own = {linked.span.ranges for linked in frame.linked}
    mentions = []
    for other in others:
        for linked in other.linked:
            if linked.anchor is None and linked.span.ranges not in own:
                mentions.append(linked)
    fuller = []
    for mine in frame.linked:
        identified = mine.anchor is None and mine.span.label in schema.identities
        candidates = [m for m in mentions if identified and _is_mention(m, mine, schema)]
        best = min((mine, *candidates), key=lambda m: (m.span.start - m.span.end, m.span.start))
        fuller.append(replace(mine, span=best.span, copy=best.copy))
    return replace(frame, linked=in_order(fuller))


def _is_mention(mention: Linked, mine: Linked, schema: SchemaView) -> bool:
    if (mention.kind, mention.span.label) != (mine.kind, mine.span.label):
        return False
    overlapping = overlap(mention.span, mine.span) > 0
    return overlapping and same_thing(mention.span, mine.span, schema)

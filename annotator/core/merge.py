"""Seam: policies that decide a cluster without a person, and the decisions that put a frame into gold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from annotator.core.compare import Cluster, Frame, same_speakers, versions
from annotator.core.decisions import Decision, link_value, span_value
from corpus.core.plugins import Plugins
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Link, Span


class Drop:
    """What a policy answers when it settles that nothing stands here."""


T = TypeVar("T")
Outcome = Frame | type[Drop] | None
Policy = Callable[[Cluster, SchemaView], Outcome]

POLICIES = Plugins(
    "policy",
    {
        "unanimous": "annotator.core.merge:unanimous",
        "majority": "annotator.core.merge:majority",
    },
)


def unanimous(cluster: Cluster, schema: SchemaView) -> Outcome:
    """Take a frame that every layer holds alike; leave everything else to a person."""
    return versions(cluster, schema)[0][1] if cluster.agreed else None


def majority(cluster: Cluster, schema: SchemaView) -> Outcome:
    """Take what more than half of all layers say, facet by facet; drop what more than half did not mark."""
    needed = len(cluster.layers) // 2 + 1
    if len(cluster.layers) - len(cluster.members) >= needed:
        return Drop
    members = [frame for _, frame in sorted(cluster.members.items())]
    place = _most([(frame.head.label, frame.head.ranges) for frame in members], needed)
    if place is None:
        return None
    chosen = next(f for f in members if (f.head.label, f.head.ranges) == place)
    speakers = next((f for f in members if sum(same_speakers(f, other) for other in members) >= needed), None)
    if speakers is None:
        return None
    attributes = {}
    for attribute in schema.labels[chosen.head.label].attributes:
        values = [frame.head.attributes.get(attribute.name) for frame in members if frame.head.label == place[0]]
        if attribute.name == "speaker_state":
            value = speakers.head.attributes.get("speaker_state")
        elif attribute.name in ("kind", "name"):
            value = chosen.head.attributes.get(attribute.name)
        else:
            if max(Counter(values).values()) < needed:
                return None
            value = Counter(values).most_common(1)[0][0]
        if value is not None:
            attributes[attribute.name] = value
    return Frame(replace(chosen.head, attributes=attributes), speakers.linked)


def _most(values: list[T], needed: int) -> T | None:
    value, count = Counter(values).most_common(1)[0]
    return value if count >= needed else None


def place(gold: LayerView, frame: Frame, *, verb: str) -> list[Decision]:
    """Return the decisions that add a frame to a layer; a span that is there already is used again."""
    if not frame.linked and holds(gold, frame):
        return []
    number = gold.next_ident()
    found: list[Decision] = []

    def span_ident(span: Span) -> int:
        nonlocal number
        for old in gold.spans.values():
            if old.same_place(span) and old.label == span.label:
                return old.ident
        for decision in found:
            if decision.subject == "span" and decision.after == span_value(span):
                return decision.ident
        ident, number = number, number + 1
        found.append(Decision(verb, "span", ident, span_value(span)))
        return ident

    head, number = number, number + 1
    found.append(Decision(verb, "span", head, span_value(frame.head)))
    for kind, span in frame.linked:
        target = span_ident(span)
        found.append(Decision(verb, "link", number, link_value(Link(number, kind, head, target))))
        number += 1
    return found


def holds(gold: LayerView, frame: Frame) -> bool:
    """Tell whether the layer has the frame's head already."""
    return any(span.same_place(frame.head) and span.label == frame.head.label for span in gold.spans.values())

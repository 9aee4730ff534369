"""Seam: policies that decide a cluster without a person, and how a frame gets into gold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import TypeVar

from annotator.core.compare import (
    DERIVED_ATTRIBUTES,
    Cluster,
    Frame,
    content,
    fullest,
    same_speakers,
)
from annotator.core.decisions import Decision, link_value, span_value
from corpus.core.plugins import Plugins
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Link, Range, Span, size


class Drop:
    """What a policy answers when it settles that nothing stands here."""


H = TypeVar("H", bound=Hashable)
Ranges = tuple[Range, ...]
Outcome = Frame | type[Drop] | None
Policy = Callable[[Cluster, SchemaView], Outcome]
Boundary = Callable[[Sequence[Ranges]], Ranges | None]

POLICIES = Plugins(
    "policy",
    {
        "unanimous": "annotator.core.merge:unanimous",
        "majority": "annotator.core.merge:majority",
        "at-least:K": "annotator.core.merge:at_least",
    },
)
BOUNDARIES = Plugins(
    "boundary policy",
    {
        "longest": "annotator.core.merge:longest",
        "shortest": "annotator.core.merge:shortest",
        "commonest": "annotator.core.merge:commonest",
    },
)
AT_LEAST = re.compile(r"at-least:([1-9][0-9]{0,2})")


def policy_called(name: str) -> Policy:
    """Return the policy of a name: one of `POLICIES`, and after a + one of `BOUNDARIES`.

    "at-least:2" takes what two hold; "majority+longest" takes the longest boundary where a majority
    agrees on all else. Raises `Problem` plugin-unknown, naming the known ones.
    """
    base, plus, edge = name.partition("+")
    boundary: Boundary | None = BOUNDARIES.get(edge) if plus else None
    number = AT_LEAST.fullmatch(base)
    if number:
        return partial(POLICIES.get("at-least:K"), k=int(number[1]), boundary=boundary)
    if base == "at-least:K":
        raise Problem("policy-number", name=name)
    return partial(POLICIES.get(base), boundary=boundary)


def unanimous(cluster: Cluster, schema: SchemaView, *, boundary: Boundary | None = None) -> Outcome:
    """Take a frame that every layer holds alike; leave everything else to a person."""
    if cluster.agreed or (boundary and cluster.kinds == ("boundary",)):
        return _facet_by_facet(cluster, schema, len(cluster.layers), boundary)
    return None


def majority(cluster: Cluster, schema: SchemaView, *, boundary: Boundary | None = None) -> Outcome:
    """Take what more than half of all layers say, facet by facet.

    Drop what more than half did not mark.
    """
    needed = len(cluster.layers) // 2 + 1
    if len(cluster.layers) - len(cluster.members) >= needed:
        return Drop
    return _facet_by_facet(cluster, schema, needed, boundary)


def at_least(
    cluster: Cluster, schema: SchemaView, *, k: int, boundary: Boundary | None = None
) -> Outcome:
    """Take what `k` layers say, facet by facet, and drop what fewer marked.

    Where two answers have `k` each, or fewer than `k` people reviewed, a person decides.
    """
    if len(cluster.layers) < k:
        return None
    if len(cluster.members) < k:
        return Drop
    return _facet_by_facet(cluster, schema, k, boundary)


def _facet_by_facet(
    cluster: Cluster, schema: SchemaView, needed: int, boundary: Boundary | None
) -> Outcome:
    """Return the frame that holds in each facet what at least `needed` layers say.

    None when there is no such frame, or more than one.
    """
    members = sorted(cluster.members.items(), key=lambda member: (content(member[1]), member[0]))
    label = _the_one([frame.head.label for _, frame in members], needed)
    frames = [frame for _, frame in members if frame.head.label == label]
    ranges = _the_one([frame.head.ranges for frame in frames], needed)
    if ranges is None and boundary and len(frames) >= needed:
        ranges = boundary([frame.head.ranges for frame in frames])
    speakers = _said_by(frames, needed)
    if label is None or ranges is None or speakers is None:
        return None
    same_place = [frame for frame in frames if frame.head.ranges == ranges]
    attributes = {}
    for attribute in schema.labels[label].attributes:
        name = attribute.name
        if name == "speaker_state":
            value = speakers.head.attributes.get(name)
        elif name in DERIVED_ATTRIBUTES:
            value = _commonest([frame.head.attributes.get(name) for frame in same_place])
        else:
            # No value is an answer too, so each is wrapped.
            answer = _the_one([(frame.head.attributes.get(name),) for frame in frames], needed)
            if answer is None:
                return None
            (value,) = answer
        if value is not None:
            attributes[name] = value
    head = replace(same_place[0].head, attributes=attributes)
    return Frame(head, fullest(speakers, cluster).linked)


def _the_one(values: Sequence[H], needed: int) -> H | None:
    """Return the value that occurs so often, None when there is none or another one too."""
    often = [value for value, times in Counter(values).items() if times >= needed]
    return often[0] if len(often) == 1 else None


def _said_by(frames: Sequence[Frame], needed: int) -> Frame | None:
    """Return a frame whose speakers so many frames have.

    None when there is none, or another one with other speakers.
    """
    often = [f for f in frames if sum(same_speakers(f, other) for other in frames) >= needed]
    if not often or not all(same_speakers(often[0], other) for other in often):
        return None
    return often[0]


def _commonest(values: Sequence[H]) -> H:
    """Return the most frequent value; of several the first."""
    return Counter(values).most_common(1)[0][0]


def longest(places: Sequence[Ranges]) -> Ranges:
    """Return the place with most characters; of equals the first in the text."""
    return min(places, key=lambda place: (-size(place), place))


def shortest(places: Sequence[Ranges]) -> Ranges:
    """Return the place with fewest characters; of equals the first in the text."""
    return min(places, key=lambda place: (size(place), place))


def commonest(places: Sequence[Ranges]) -> Ranges | None:
    """Return the place that most layers hold; None where two are held equally often."""
    (place, most), *rest = Counter(places).most_common(2)
    return None if rest and rest[0][1] == most else place


def place(gold: LayerView, frame: Frame, *, verb: str, above: int = 0) -> list[Decision]:
    """Return the decisions that add a frame to a layer, with new idents, all greater than `above`.

    A span that is there already is used again.
    """
    if not frame.linked and holds(gold, frame):
        return []
    idents = count(max(gold.next_ident(), above + 1))
    head = next(idents)
    decisions = [Decision(verb, "span", head, span_value(frame.head))]
    for kind, span in frame.linked:
        target = _ident_in(span, gold, decisions)
        if target is None:
            target = next(idents)
            decisions.append(Decision(verb, "span", target, span_value(span)))
        link = Link(next(idents), kind, head, target)
        decisions.append(Decision(verb, "link", link.ident, link_value(link)))
    return decisions


def _ident_in(span: Span, gold: LayerView, decisions: Sequence[Decision]) -> int | None:
    """Return the ident of a span that gold has already, or gets by these decisions."""
    for old in gold.spans.values():
        if old.same_place(span) and old.label == span.label:
            return old.ident
    for decision in decisions:
        if decision.subject == "span" and decision.after == span_value(span):
            return decision.ident
    return None


def holds(gold: LayerView, frame: Frame) -> bool:
    """Tell whether the layer has the frame's head already."""
    return any(
        span.same_place(frame.head) and span.label == frame.head.label
        for span in gold.spans.values()
    )

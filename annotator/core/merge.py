"""Seam: policies that decide a cluster without a person, and the decisions that put a frame into
gold.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
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
    """Take what more than half of all layers say, facet by facet; drop what more than half did not
    mark.
    """
    needed = len(cluster.layers) // 2 + 1
    if len(cluster.layers) - len(cluster.members) >= needed:
        return Drop
    return _facet_by_facet(cluster, schema, needed, boundary)


def at_least(
    cluster: Cluster, schema: SchemaView, *, k: int, boundary: Boundary | None = None
) -> Outcome:
    """Take what `k` layers say, facet by facet; drop what fewer marked; leave it where two answers
    have `k` each.

    Where fewer than `k` people reviewed, everything is left to a person.
    """
    if len(cluster.layers) < k:
        return None
    return _facet_by_facet(cluster, schema, k, boundary) if len(cluster.members) >= k else Drop


def _facet_by_facet(
    cluster: Cluster, schema: SchemaView, needed: int, boundary: Boundary | None
) -> Outcome:
    """Return the frame that holds in each facet what at least `needed` layers say, if there is just
    one such frame.
    """
    frames = [
        frame for _, frame in sorted(cluster.members.items(), key=lambda m: (content(m[1]), m[0]))
    ]
    label = _the_one([frame.head.label for frame in frames], needed)
    frames = [frame for frame in frames if frame.head.label == label]
    ranges = _the_one([frame.head.ranges for frame in frames], needed)
    if ranges is None and boundary and len(frames) >= needed:
        ranges = boundary([frame.head.ranges for frame in frames])
    speakers = _said_by(frames, needed)
    if label is None or ranges is None or speakers is None:
        return None
    attributes = {}
    for attribute in schema.labels[label].attributes:
        values = [frame.head.attributes.get(attribute.name) for frame in frames]
        if attribute.name == "speaker_state":
            value = speakers.head.attributes.get("speaker_state")
        elif attribute.name in DERIVED_ATTRIBUTES:
            value = _commonest(
                [f.head.attributes.get(attribute.name) for f in frames if f.head.ranges == ranges]
            )
        elif (found := _the_one([(value,) for value in values], needed)) is not None:
            value = found[0]
        else:
            return None
        if value is not None:
            attributes[attribute.name] = value
    chosen = next(frame for frame in frames if frame.head.ranges == ranges)
    return Frame(replace(chosen.head, attributes=attributes), fullest(speakers, cluster).linked)


def _the_one(values: Sequence[H], needed: int) -> H | None:
    """Return the value that occurs so often, None when there is none or another one too."""
    often = [value for value, times in Counter(values).items() if times >= needed]
    return often[0] if len(often) == 1 else None


def _said_by(frames: Sequence[Frame], needed: int) -> Frame | None:
    """Return a frame whose speakers so many frames have, None when there is none or another with
    other speakers.
    """
    often = [f for f in frames if sum(same_speakers(f, other) for other in frames) >= needed]
    return often[0] if often and all(same_speakers(often[0], other) for other in often) else None


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
    """Return the place that most layers hold; None, for a person, where two are held equally often."""
    (place, most), *rest = Counter(places).most_common(2)
    return None if rest and rest[0][1] == most else place


def place(gold: LayerView, frame: Frame, *, verb: str, above: int = 0) -> list[Decision]:
    """Return the decisions that add a frame to a layer, with new idents, all greater than `above`.

    A span that is there already is used again.
    """
    if not frame.linked and holds(gold, frame):
        return []
    number = max(gold.next_ident(), above + 1)
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
    return any(
        span.same_place(frame.head) and span.label == frame.head.label
        for span in gold.spans.values()
    )

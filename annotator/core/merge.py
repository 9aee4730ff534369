"""Seam: policies that decide a cluster without a person."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from annotator.core.compare import Cluster, versions
from annotator.core.frames import Frame, Linked, content, fullest, in_order, same_links
from corpus.core.plugins import Plugins
from corpus.core.problems import Problem
from corpus.core.schema import BOUNDARY, UNSEEN, LinkKind, SchemaView
from corpus.core.span import Range, size


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
        "weighted": "annotator.core.weighted:Weighted",
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
# How probable an answer must be: more than a throw of a coin.
WEIGHTED = re.compile(r"weighted(?::(0\.(?:5[1-9]|[6-9][0-9]?)))?")


def policy_called(name: str) -> Policy:
    """Return the policy of a name: one of `POLICIES`, and after a + one of `BOUNDARIES`.

    "at-least:2" takes what two hold; "majority+longest" takes the longest boundary where a majority
    agrees on all else. "weighted:0.9" takes what is so probable; it trusts everybody alike until it
    is given an estimate of a corpus. Raises `Problem` plugin-unknown, naming the known ones.
    """
    base, plus, edge = name.partition("+")
    boundary: Boundary | None = BOUNDARIES.get(edge) if plus else None
    number = AT_LEAST.fullmatch(base)
    if number:
        return partial(POLICIES.get("at-least:K"), k=int(number[1]), boundary=boundary)
    if base == "at-least:K":
        raise Problem("policy-number", name=name)
    weighted = WEIGHTED.fullmatch(base)
    if weighted:
        bar = {"bar": float(weighted[1])} if weighted[1] else {}
        made: Policy = POLICIES.get("weighted")(boundary=boundary, **bar)
        return made
    return partial(POLICIES.get(base), boundary=boundary)


def unanimous(cluster: Cluster, schema: SchemaView, *, boundary: Boundary | None = None) -> Outcome:
    """Take a frame that every layer with a vote holds alike; leave everything else to a person."""
    if cluster.agreed or (boundary and cluster.kinds == (BOUNDARY,)):
        return _facet_by_facet(cluster, schema, len(cluster.members), boundary)
    return None


def majority(cluster: Cluster, schema: SchemaView, *, boundary: Boundary | None = None) -> Outcome:
    """Take what more than half of the layers with a vote say, facet by facet.

    Drop what more than half did not mark. Where one person alone looked, a person decides.
    """
    if UNSEEN in cluster.kinds:
        return None
    needed = len(cluster.voters) // 2 + 1
    if len(cluster.voters) - len(cluster.members) >= needed:
        return Drop
    return _facet_by_facet(cluster, schema, needed, boundary)


def at_least(
    cluster: Cluster, schema: SchemaView, *, k: int, boundary: Boundary | None = None
) -> Outcome:
    """Take what `k` layers say, facet by facet, and drop what fewer marked.

    Where two answers have `k` each, or fewer than `k` people looked, a person decides.
    """
    if len(cluster.voters) < k:
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
    if label is None:
        return None
    frames = [frame for _, frame in members if frame.head.label == label]
    ranges = _the_one([frame.head.ranges for frame in frames], needed)
    if ranges is None and boundary and len(frames) >= needed:
        ranges = boundary([frame.head.ranges for frame in frames])
    holders = {
        kind.name: _linked_alike(frames, kind, schema, needed)
        for kind in schema.links_compared(label)
    }
    if ranges is None or None in holders.values():
        return None
    same_place = [frame for frame in frames if frame.head.ranges == ranges]
    for kind in schema.links_from(label):
        if schema.rides(kind):
            holders[kind.name] = _linked_mostly(same_place, kind, schema)
    attributes = _attributes(frames, same_place, label, schema, needed)
    if attributes is None:
        return None
    linked: list[Linked] = []
    for kind in schema.links_from(label):
        holder = holders[kind.name]
        assert holder is not None  # noqa: S101 - looked at above
        linked.extend(holder.linked_by(kind.name))
        for name in kind.unless:
            if name in holder.head.attributes:
                attributes[name] = holder.head.attributes[name]
    head = replace(same_place[0].head, attributes=attributes)
    frame = Frame(head, in_order(linked), same_place[0].copy)
    return fullest(frame, cluster.members.values(), schema)


def _attributes(
    frames: Sequence[Frame],
    same_place: Sequence[Frame],
    label: str,
    schema: SchemaView,
    needed: int,
) -> dict[str, Any] | None:
    """Return for each attribute what so many frames say, None where there is no such value.

    Of what rides along the most frequent value in the chosen place is taken.
    """
    attributes = {}
    compared = {attribute.name for attribute in schema.compared(label)}
    for attribute in schema.attributes_of(label):
        name = attribute.name
        if name in compared:
            answer = _the_one([_answer(frame, name) for frame in frames], needed)
            if answer is None:
                return None
        else:
            answer = _commonest([_answer(frame, name) for frame in same_place])
        if answer.given:
            attributes[name] = answer.value
    return attributes


@dataclass(frozen=True, slots=True)
class _Answer:
    """A value of an attribute, or none, which is an answer too; equal where its JSON is."""

    key: str
    value: Any = field(compare=False)
    given: bool = True


def _answer(frame: Frame, name: str) -> _Answer:
    value = frame.head.attributes.get(name)
    return _Answer(json.dumps(value, sort_keys=True), value, name in frame.head.attributes)


def _the_one(values: Sequence[H], needed: int) -> H | None:
    """Return the value that occurs so often, None when there is none or another one too."""
    often = [value for value, times in Counter(values).items() if times >= needed]
    return often[0] if len(often) == 1 else None


def _linked_alike(
    frames: Sequence[Frame], kind: LinkKind, schema: SchemaView, needed: int
) -> Frame | None:
    """Return a frame whose links of a kind so many frames have.

    None when there is none, or another one with other links.
    """
    often = [
        frame
        for frame in frames
        if sum(same_links(frame, other, kind, schema) for other in frames) >= needed
    ]
    if not often or not all(same_links(often[0], other, kind, schema) for other in often):
        return None
    return often[0]


def _linked_mostly(frames: Sequence[Frame], kind: LinkKind, schema: SchemaView) -> Frame:
    """Return the frame whose links of a kind most frames have; of several the first."""
    return max(
        frames, key=lambda frame: sum(same_links(frame, other, kind, schema) for other in frames)
    )


def agreed_outcome(cluster: Cluster, schema: SchemaView) -> Outcome:
    """Return what gold holds of a cluster that is not in dispute.

    Of what rides along that is what most hold, and nothing where more than half did not mark it.
    """
    if not cluster.rides(schema):
        return unanimous(cluster, schema)
    if 2 * len(cluster.members) < len(cluster.voters):
        return Drop
    return versions(cluster, schema)[0][1]


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

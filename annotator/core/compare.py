"""Several layers of one document, aligned frame by frame, each frame agreed or disputed and why.

A frame is a span that stands on its own (a claim, or a speaker that no claim names) with the spans
it links to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

from annotator.core.align import assign, overlapping
from annotator.core.people import same_person
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Span, jaccard, overlap

# Told by other facets (the words, the link), so a difference here alone is no dispute.
DERIVED_ATTRIBUTES = frozenset({"kind", "speaker_state", "name"})
FACETS = ("missing", "boundary", "label", "speaker")
DIFFERENT_LABELS_MEET_AT = 0.5
FACETS_COUNTED = 7


@dataclass(frozen=True, slots=True)
class Frame:
    """A head span with the spans that it links to, by kind of link."""

    head: Span
    linked: tuple[tuple[str, Span], ...] = ()

    @property
    def speakers(self) -> tuple[Span, ...]:
        """Return the linked spans."""
        return tuple(span for _, span in self.linked)


Node = tuple[str, Frame]


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the layers say about one place: at most one frame of each, by layer name."""

    members: Mapping[str, Frame]
    layers: tuple[str, ...]
    kinds: tuple[str, ...] = field(default=())

    @property
    def agreed(self) -> bool:
        """Tell whether every layer says the same."""
        return not self.kinds

    @property
    def ident(self) -> int:
        """Return a number below 2**31 that stays the same while the layers do."""
        key = " ".join(
            f"{layer}:{frame.head.ident}" for layer, frame in sorted(self.members.items())
        )
        return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) >> 1

    @property
    def start(self) -> int:
        """Return where the place begins."""
        return min(frame.head.start for frame in self.members.values())

    @property
    def end(self) -> int:
        """Return where the place ends."""
        return max(frame.head.end for frame in self.members.values())


def frames(layer: LayerView) -> list[Frame]:
    """Return the frames of a layer in text order: every span that no link points to."""
    pointed = {link.target for link in layer.links.values()}
    linked: dict[int, list[tuple[str, Span]]] = {}
    for link in layer.links.values():
        linked.setdefault(link.source, []).append((link.kind, layer.spans[link.target]))
    return [
        Frame(
            span,
            tuple(
                sorted(
                    linked.get(span.ident, ()),
                    key=lambda pair: (pair[0], pair[1].start, pair[1].end),
                )
            ),
        )
        for span in layer.in_order()
        if span.ident not in pointed
    ]


def same_speakers(left: Frame, right: Frame) -> bool:
    """Tell whether two frames are said by the same people, or by nobody in the text for the same
    reason.
    """
    if not left.linked and not right.linked:
        return left.head.attributes.get("speaker_state") == right.head.attributes.get(
            "speaker_state"
        )
    return all(
        any(kind == other and same_person(a, b) for other, b in theirs)
        for ours, theirs in ((left.linked, right.linked), (right.linked, left.linked))
        for kind, a in ours
    ) and bool(left.linked) == bool(right.linked)


def facets(left: Frame, right: Frame, schema: SchemaView) -> tuple[str, ...]:
    """Return in which facets two frames differ: boundary, label, speaker, or the name of an
    attribute.
    """
    found = []
    if not left.head.same_place(right.head):
        found.append("boundary")
    if left.head.label != right.head.label:
        return (*found, "label")
    if not same_speakers(left, right):
        found.append("speaker")
    for attribute in schema.labels[left.head.label].attributes:
        name = attribute.name
        if name not in DERIVED_ATTRIBUTES and left.head.attributes.get(
            name
        ) != right.head.attributes.get(name):
            found.append(name)
    return tuple(found)


def compare(layers: Mapping[str, LayerView], schema: SchemaView) -> list[Cluster]:
    """Align the frames of two or more layers and say what each cluster disagrees on.

    Each two layers are aligned one to one by the assignment with the greatest overlap of
    characters. The pairs that this gives are joined into clusters best first, so that every two
    frames of a cluster overlap and none is of the same layer: where A meets B and B meets C, A and
    C are together only when they meet too. Ties are broken by what the frames say, so neither the
    names nor the order of layers and spans change the answer.
    """
    told = {
        name: [(content(frame), frame) for frame in frames(view)] for name, view in layers.items()
    }
    order = sorted(layers, key=lambda name: (sorted(key for key, _ in told[name]), name))
    nodes = [
        (name, frame)
        for _, _, _, name, frame in sorted(
            (key, place, frame.head.ident, name, frame)
            for place, name in enumerate(order)
            for key, frame in told[name]
        )
    ]
    weights = _weights(nodes, schema)
    clusters = [
        Cluster(members, tuple(sorted(layers)), _kinds(members, len(layers), schema))
        for members in _joined(nodes, weights, order)
    ]
    return sorted(clusters, key=lambda c: (c.start, -c.end, c.ident))


def content(frame: Frame) -> tuple[object, ...]:
    """Return what a frame says, without names and idents, in a form that sorts."""

    def of(span: Span) -> tuple[object, ...]:
        return (
            span.start,
            span.end,
            span.ranges,
            span.label,
            sorted((k, str(v)) for k, v in span.attributes.items()),
        )

    return *of(frame.head), [(kind, *of(span)) for kind, span in frame.linked]


def _weights(nodes: list[Node], schema: SchemaView) -> dict[tuple[int, int], int]:
    """Return how well the frames of different layers fit, by their numbers; pairs that do not fit
    are left out.

    Character Jaccard in millionths, half of it under another label; what else agrees decides
    between equal overlaps.
    """
    found = {}
    for a, b in overlapping((number, frame.head) for number, (_, frame) in enumerate(nodes)):
        (layer, left), (other, right) = nodes[a], nodes[b]
        score = jaccard(left.head, right.head) if layer != other else 0
        same = left.head.label == right.head.label
        if score and (same or score >= DIFFERENT_LABELS_MEET_AT):
            agreed = max(0, FACETS_COUNTED - len(facets(left, right, schema)))
            found[min(a, b), max(a, b)] = (
                1
                + agreed
                + (FACETS_COUNTED + 1) * round(1_000_000 * (score if same else score / 2))
            )
    return found


def _joined(
    nodes: list[Node], weights: Mapping[tuple[int, int], int], order: list[str]
) -> list[dict[str, Frame]]:
    """Join the pairs of every two layers' best assignment into clusters, best pair first."""
    place = {name: number for number, name in enumerate(order)}
    by_layers: dict[tuple[int, int], dict[tuple[int, int], int]] = {}
    for (a, b), weight in weights.items():
        left, right = place[nodes[a][0]], place[nodes[b][0]]
        pair = (a, b) if left < right else (b, a)
        by_layers.setdefault((min(left, right), max(left, right)), {})[pair] = weight
    pairs = [(min(pair), max(pair)) for chosen in by_layers.values() for pair in assign(chosen)]
    group = {number: [number] for number in range(len(nodes))}
    for a, b in sorted(pairs, key=lambda pair: (-weights[pair], pair)):
        left_group, right_group = group[a], group[b]
        if left_group is not right_group and all(
            (min(x, y), max(x, y)) in weights for x in left_group for y in right_group
        ):
            left_group.extend(right_group)
            for number in right_group:
                group[number] = left_group
    unique = {id(members): members for members in group.values()}.values()
    return [
        dict(sorted((nodes[number] for number in members), key=lambda node: node[0]))
        for members in unique
    ]


def _kinds(members: Mapping[str, Frame], layers: int, schema: SchemaView) -> tuple[str, ...]:
    """Return what a cluster disagrees on, in the order in which an adjudicator settles it."""
    found = {
        kind
        for left, right in combinations(members.values(), 2)
        for kind in facets(left, right, schema)
    }
    if len(members) < layers:
        found.add("missing")
    attributes = dict.fromkeys(a.name for label in schema.labels.values() for a in label.attributes)
    return tuple(kind for kind in (*FACETS, *attributes) if kind in found)


def versions(cluster: Cluster, schema: SchemaView) -> list[tuple[tuple[str, ...], Frame]]:
    """Return the distinct versions of a cluster with the layers that hold each, most held first."""
    found: list[tuple[list[str], Frame]] = []
    for name, frame in sorted(
        cluster.members.items(), key=lambda member: (content(member[1]), member[0])
    ):
        for holders, other in found:
            if not facets(frame, other, schema):
                holders.append(name)
                break
        else:
            found.append(([name], frame))
    found.sort(key=lambda v: (-len(v[0]), v[1].head.start, -v[1].head.end))
    return [(tuple(sorted(holders)), fullest(frame, cluster)) for holders, frame in found]


def fullest(frame: Frame, cluster: Cluster) -> Frame:
    """Return the frame with each speaker at the fullest mention that a layer marks in the same
    place.
    """
    mentions = [span for other in cluster.members.values() for _, span in other.linked]
    linked = []
    for kind, span in frame.linked:
        same = [m for m in mentions if overlap(m, span) and same_person(m, span)]
        linked.append(
            (kind, min(same, key=lambda m: (m.start - m.end, m.start, m.ident != span.ident)))
        )
    return Frame(frame.head, tuple(linked))

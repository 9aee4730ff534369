"""Several layers of one document, aligned frame by frame, each frame agreed or disputed and why.

A frame is a span that stands on its own (a claim, or a speaker that no claim names) with the spans it links to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Span, jaccard, overlap

# Told by other facets (the words, the link), so a difference here alone is no dispute.
DERIVED_ATTRIBUTES = frozenset({"kind", "speaker_state", "name"})
DIFFERENT_LABELS_MEET_AT = 0.5


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
        key = " ".join(f"{layer}:{frame.head.ident}" for layer, frame in sorted(self.members.items()))
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
        Frame(span, tuple(sorted(linked.get(span.ident, ()), key=lambda pair: (pair[0], pair[1].start, pair[1].end))))
        for span in layer.in_order()
        if span.ident not in pointed
    ]


def same_person(left: Span, right: Span) -> bool:
    """Tell whether two mentions name one person: equal names, or overlapping mentions where a name is missing."""
    names = [str(span.attributes.get("name", "")).casefold().strip() for span in (left, right)]
    return names[0] == names[1] if all(names) else overlap(left, right) > 0


def same_speakers(left: Frame, right: Frame) -> bool:
    """Tell whether two frames are said by the same people, or by nobody in the text for the same reason."""
    if not left.linked and not right.linked:
        return left.head.attributes.get("speaker_state") == right.head.attributes.get("speaker_state")
    return all(
        any(kind == other and same_person(a, b) for other, b in theirs)
        for ours, theirs in ((left.linked, right.linked), (right.linked, left.linked))
        for kind, a in ours
    ) and bool(left.linked) == bool(right.linked)


def facets(left: Frame, right: Frame, schema: SchemaView) -> tuple[str, ...]:
    """Return in which facets two frames differ: boundary, label, speaker, or the name of an attribute."""
    found = []
    if not left.head.same_place(right.head):
        found.append("boundary")
    if left.head.label != right.head.label:
        return (*found, "label")
    if not same_speakers(left, right):
        found.append("speaker")
    for attribute in schema.labels[left.head.label].attributes:
        name = attribute.name
        if name not in DERIVED_ATTRIBUTES and left.head.attributes.get(name) != right.head.attributes.get(name):
            found.append(name)
    return tuple(found)


def compare(layers: Mapping[str, LayerView], schema: SchemaView) -> list[Cluster]:
    """Align the frames of two or more layers and say what each cluster disagrees on.

    Pairs are joined best overlap first, never two frames of one layer, so the answer does not depend on the order
    in which layers are given.
    """
    names = tuple(sorted(layers))
    nodes = [(name, frame) for name in names for frame in frames(layers[name])]
    group = {(name, frame.head.ident): {name: frame} for name, frame in nodes}
    pairs = sorted(_pairs(nodes), key=_nearest_first)
    for _, _, a, b in pairs:
        left, right = group[a[0], a[1].head.ident], group[b[0], b[1].head.ident]
        if left is not right and not left.keys() & right.keys():
            left.update(right)
            for name, frame in right.items():
                group[name, frame.head.ident] = left
    unique = {id(members): members for members in group.values()}.values()
    clusters = [Cluster(members, names, _kinds(members, names, schema)) for members in unique]
    return sorted(clusters, key=lambda c: (c.start, -c.end, c.ident))


def _nearest_first(pair: tuple[bool, float, Node, Node]) -> tuple[object, ...]:
    same, score, (a, left), (b, right) = pair
    return (
        not same, -score, left.head.start, left.head.end, right.head.start, right.head.end,
        a, left.head.ident, b, right.head.ident,
    )  # fmt: skip


def _pairs(nodes: list[Node]) -> list[tuple[bool, float, Node, Node]]:
    """Return the pairs of frames of different layers that overlap, by a sweep over the text."""
    found = []
    alive: list[Node] = []
    for node in sorted(nodes, key=lambda n: (n[1].head.start, n[1].head.end, n[0], n[1].head.ident)):
        alive = [other for other in alive if other[1].head.end > node[1].head.start]
        for other in alive:
            if other[0] != node[0]:
                score = jaccard(other[1].head, node[1].head)
                same = other[1].head.label == node[1].head.label
                if score >= (1e-9 if same else DIFFERENT_LABELS_MEET_AT):
                    found.append((same, score, other, node))
        alive.append(node)
    return found


def _kinds(members: Mapping[str, Frame], names: tuple[str, ...], schema: SchemaView) -> tuple[str, ...]:
    found = ["missing"] if len(members) < len(names) else []
    for left, right in combinations(members.values(), 2):
        found.extend(kind for kind in facets(left, right, schema) if kind not in found)
    return tuple(found)


def versions(cluster: Cluster, schema: SchemaView) -> list[tuple[tuple[str, ...], Frame]]:
    """Return the distinct versions of a cluster with the layers that hold each, most held first."""
    found: list[tuple[list[str], Frame]] = []
    for name, frame in sorted(cluster.members.items()):
        for holders, other in found:
            if not facets(frame, other, schema):
                holders.append(name)
                break
        else:
            found.append(([name], frame))
    found.sort(key=lambda v: (-len(v[0]), v[1].head.start, -v[1].head.end, v[0]))
    return [(tuple(holders), fullest(frame, cluster)) for holders, frame in found]


def fullest(frame: Frame, cluster: Cluster) -> Frame:
    """Return the frame with each speaker at the fullest mention that a layer marks in the same place."""
    mentions = [span for other in cluster.members.values() for _, span in other.linked]
    linked = []
    for kind, span in frame.linked:
        same = [m for m in mentions if overlap(m, span) and same_person(m, span)]
        linked.append((kind, min(same, key=lambda m: (m.start - m.end, m.start, m.ident != span.ident))))
    return Frame(frame.head, tuple(linked))

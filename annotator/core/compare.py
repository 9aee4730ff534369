"""Several layers of one document, aligned frame by frame, each frame agreed or disputed and why.

A frame is a span that stands on its own (a claim, or a speaker that no claim names) with the spans
it links to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from operator import itemgetter

from annotator.core.align import assign, overlapping
from annotator.core.speakers import same_person
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Span, jaccard, overlap

# Other facets show these (the words, the link), so a difference here alone is no dispute.
DERIVED_ATTRIBUTES = frozenset({"kind", "speaker_state", "name"})
FACETS = ("missing", "boundary", "label", "speaker")
# Frames with different labels are about the same when they overlap by this Jaccard.
DIFFERENT_LABELS_MEET_AT = 0.5
# More facets than these do not count when equal overlaps are ranked.
FACETS_COUNTED = 7


# The spans that a head links to, each with the kind of its link.
Linked = tuple[tuple[str, Span], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A head span with the spans that it links to, by kind of link."""

    head: Span
    linked: Linked = ()

    @property
    def speakers(self) -> tuple[Span, ...]:
        """Return the linked spans."""
        return tuple(span for _, span in self.linked)


# A layer's name and a frame of it.
Node = tuple[str, Frame]
# The numbers of two nodes, the lower first, with how well they fit.
Weights = Mapping[tuple[int, int], int]


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
        members = sorted((layer, frame.head.ident) for layer, frame in self.members.items())
        key = " ".join(f"{layer}:{ident}" for layer, ident in members)
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
    heads = [span for span in layer.in_order() if span.ident not in pointed]
    return [Frame(head, _in_order(linked.get(head.ident, []))) for head in heads]


def _in_order(linked: list[tuple[str, Span]]) -> Linked:
    return tuple(sorted(linked, key=lambda pair: (pair[0], pair[1].start, pair[1].end)))


def same_speakers(left: Frame, right: Frame) -> bool:
    """Tell whether two frames are said by the same people, or by nobody for the same reason."""
    if not left.linked and not right.linked:
        reasons = [frame.head.attributes.get("speaker_state") for frame in (left, right)]
        return reasons[0] == reasons[1]
    if not left.linked or not right.linked:
        return False
    return _all_in(left.linked, right.linked) and _all_in(right.linked, left.linked)


def _all_in(ours: Linked, theirs: Linked) -> bool:
    """Tell whether each person linked here is linked there too, in the same way."""
    return all(_is_in(kind, span, theirs) for kind, span in ours)


def _is_in(kind: str, person: Span, linked: Linked) -> bool:
    return any(kind == other and same_person(person, span) for other, span in linked)


def facets(left: Frame, right: Frame, schema: SchemaView) -> tuple[str, ...]:
    """Return in which facets two frames differ.

    A facet is boundary, label, speaker, or the name of an attribute.
    """
    different = []
    if not left.head.same_place(right.head):
        different.append("boundary")
    if left.head.label != right.head.label:
        # Under another label nothing else can be compared.
        return (*different, "label")
    if not same_speakers(left, right):
        different.append("speaker")
    for attribute in schema.labels[left.head.label].attributes:
        name = attribute.name
        if name in DERIVED_ATTRIBUTES:
            continue
        if left.head.attributes.get(name) != right.head.attributes.get(name):
            different.append(name)
    return tuple(different)


def compare(layers: Mapping[str, LayerView], schema: SchemaView) -> list[Cluster]:
    """Align the frames of two or more layers and say what each cluster disagrees on.

    Each two layers are aligned one to one by the assignment with the greatest overlap of
    characters. The pairs that this gives are joined into clusters best first, so that every two
    frames of a cluster overlap and none is of the same layer: where A meets B and B meets C, A and
    C are together only when they meet too. Ties are broken by what the frames say, so neither the
    names nor the order of layers and spans change the answer.
    """
    contents: dict[str, list[tuple[tuple[object, ...], Frame]]] = {}
    for name, view in layers.items():
        contents[name] = [(content(frame), frame) for frame in frames(view)]
    order = sorted(layers, key=lambda name: (sorted(key for key, _ in contents[name]), name))
    ranked = []
    for place, name in enumerate(order):
        for key, frame in contents[name]:
            ranked.append((key, place, frame.head.ident, name, frame))
    ranked.sort(key=itemgetter(0, 1, 2, 3))
    nodes = [(name, frame) for *_, name, frame in ranked]
    weights = _weights(nodes, schema)
    names = tuple(sorted(layers))
    clusters = []
    for members in _joined(nodes, weights, order):
        clusters.append(Cluster(members, names, _kinds(members, len(layers), schema)))
    return sorted(clusters, key=lambda cluster: (cluster.start, -cluster.end, cluster.ident))


def content(frame: Frame) -> tuple[object, ...]:
    """Return what a frame says, without names and idents, in a form that sorts."""
    linked = [(kind, *_content_of(span)) for kind, span in frame.linked]
    return *_content_of(frame.head), linked


def _content_of(span: Span) -> tuple[object, ...]:
    attributes = sorted((name, str(value)) for name, value in span.attributes.items())
    return span.start, span.end, span.ranges, span.label, attributes


def _weights(nodes: list[Node], schema: SchemaView) -> Weights:
    """Return how well the frames of different layers fit, by their numbers; pairs that do not fit
    are left out.

    Character Jaccard in millionths, half of it under another label; what else agrees decides
    between equal overlaps.
    """
    weights = {}
    heads = [(number, frame.head) for number, (_, frame) in enumerate(nodes)]
    for a, b in overlapping(heads):
        layer, left = nodes[a]
        other, right = nodes[b]
        if layer == other:
            continue
        score = jaccard(left.head, right.head)
        same = left.head.label == right.head.label
        if score and (same or score >= DIFFERENT_LABELS_MEET_AT):
            agreed = max(0, FACETS_COUNTED - len(facets(left, right, schema)))
            millionths = round(1_000_000 * (score if same else score / 2))
            weights[min(a, b), max(a, b)] = 1 + agreed + (FACETS_COUNTED + 1) * millionths
    return weights


def _joined(nodes: list[Node], weights: Weights, order: list[str]) -> list[dict[str, Frame]]:
    """Join the pairs of every two layers' best assignment into clusters, best pair first."""
    group = {number: [number] for number in range(len(nodes))}
    for a, b in sorted(_pairs(nodes, weights, order), key=lambda pair: (-weights[pair], pair)):
        left, right = group[a], group[b]
        if left is not right and _all_overlap(left, right, weights):
            left.extend(right)
            for number in right:
                group[number] = left
    clusters = []
    for members in {id(members): members for members in group.values()}.values():
        named = sorted((nodes[number] for number in members), key=itemgetter(0))
        clusters.append(dict(named))
    return clusters


def _pairs(nodes: list[Node], weights: Weights, order: list[str]) -> list[tuple[int, int]]:
    """Return the pairs that the best assignment of each two layers gives."""
    place = {name: number for number, name in enumerate(order)}
    by_layers: dict[tuple[int, int], dict[tuple[int, int], int]] = {}
    for (a, b), weight in weights.items():
        left, right = place[nodes[a][0]], place[nodes[b][0]]
        pair = (a, b) if left < right else (b, a)
        by_layers.setdefault((min(left, right), max(left, right)), {})[pair] = weight
    pairs = []
    for allowed in by_layers.values():
        for a, b in assign(allowed):
            pairs.append((min(a, b), max(a, b)))
    return pairs


def _all_overlap(left: list[int], right: list[int], weights: Weights) -> bool:
    """Tell whether every two frames of two groups fit each other."""
    return all((min(a, b), max(a, b)) in weights for a in left for b in right)


def _kinds(members: Mapping[str, Frame], layers: int, schema: SchemaView) -> tuple[str, ...]:
    """Return what a cluster disagrees on, in the order in which an adjudicator settles it."""
    different: set[str] = set()
    for left, right in combinations(members.values(), 2):
        different.update(facets(left, right, schema))
    if len(members) < layers:
        different.add("missing")
    ordered = list(FACETS)
    for label in schema.labels.values():
        ordered.extend(attribute.name for attribute in label.attributes)
    return tuple(kind for kind in dict.fromkeys(ordered) if kind in different)


def versions(cluster: Cluster, schema: SchemaView) -> list[tuple[tuple[str, ...], Frame]]:
    """Return the distinct versions of a cluster with the layers that hold each, most held first."""
    distinct: list[tuple[list[str], Frame]] = []
    members = sorted(cluster.members.items(), key=lambda member: (content(member[1]), member[0]))
    for name, frame in members:
        for holders, other in distinct:
            if not facets(frame, other, schema):
                holders.append(name)
                break
        else:
            distinct.append(([name], frame))
    distinct.sort(
        key=lambda version: (-len(version[0]), version[1].head.start, -version[1].head.end)
    )
    return [(tuple(sorted(holders)), fullest(frame, cluster)) for holders, frame in distinct]


def fullest(frame: Frame, cluster: Cluster) -> Frame:
    """Return the frame with each speaker at the fullest mention that a layer marks in the same
    place.
    """
    mentions: list[Span] = []
    for other in cluster.members.values():
        mentions.extend(other.speakers)
    linked = []
    for kind, span in frame.linked:
        same = [m for m in mentions if overlap(m, span) and same_person(m, span)]
        best = min(same, key=lambda m: (m.start - m.end, m.start, m.ident != span.ident))
        linked.append((kind, best))
    return Frame(frame.head, tuple(linked))

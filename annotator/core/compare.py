"""Several layers of one document, aligned frame by frame, each frame agreed or disputed and why."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from operator import itemgetter

from annotator.core.align import assign, overlapping
from annotator.core.decisions import DOCUMENT_IDENT
from annotator.core.frames import (
    Frame,
    Linked,
    all_ride,
    content,
    document_frame,
    facets,
    frames,
    fullest,
    in_order,
)
from corpus.core.schema import DOCUMENT, MISSING, UNSEEN, SchemaView
from corpus.core.span import LayerView, Span, jaccard

# Frames with different labels are about the same when they overlap by this Jaccard.
DIFFERENT_LABELS_MEET_AT = 0.5
# More facets than these do not count when equal overlaps are ranked.
FACETS_COUNTED = 7

# A layer's name and a frame of it.
Node = tuple[str, Frame]
# The numbers of two nodes, the lower first, with how well they fit.
Weights = Mapping[tuple[int, int], int]
# One frame of each layer that has one, by the layer's name.
Members = Mapping[str, Frame]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What the author of a layer was shown: spans by ident, and those left untouched.

    0 is among the untouched when the attributes of the document are.
    """

    suggested: Mapping[int, Span]
    untouched: Container[int] = ()


# What the authors of layers were shown, by the layer's name; without an entry nothing was left.
Shown = Mapping[str, Suggestions]


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the layers say about one place: at most one frame of each, by layer name.

    `abstained` are the layers whose authors left a suggestion there untouched: they have no vote.
    `given` are the layers in the order in which they were given to be compared, which changes
    nothing but how versions are numbered.
    """

    members: Members
    layers: tuple[str, ...]
    kinds: tuple[str, ...] = field(default=())
    abstained: tuple[str, ...] = field(default=())
    given: tuple[str, ...] = field(default=(), compare=False)

    @property
    def voters(self) -> tuple[str, ...]:
        """Return the layers whose authors looked."""
        return tuple(name for name in self.layers if name not in self.abstained)

    @property
    def agreed(self) -> bool:
        """Tell whether every layer that has a vote says the same, or what differs rides along."""
        return not self.kinds

    @property
    def ident(self) -> int:
        """Return a number below 2**31 that stays the same while the layers do."""
        members = sorted((layer, frame.head.ident) for layer, frame in self.members.items())
        key = " ".join(f"{layer}:{ident}" for layer, ident in members)
        return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) >> 1

    @property
    def is_of_document(self) -> bool:
        """Tell whether this is about the document itself and no place in it."""
        return all(frame.head.label == DOCUMENT for frame in self.members.values())

    def rides(self, schema: SchemaView) -> bool:
        """Tell whether all that the layers hold here rides along with another frame."""
        return all_ride(self.members.values(), schema)

    @property
    def start(self) -> int:
        """Return where the place begins."""
        return min(frame.head.start for frame in self.members.values())

    @property
    def end(self) -> int:
        """Return where the place ends."""
        return max(frame.head.end for frame in self.members.values())


def compare(
    layers: Mapping[str, LayerView], schema: SchemaView, *, shown: Shown | None = None
) -> list[Cluster]:
    """Align the frames of two or more layers and say what each cluster disagrees on.

    Each two layers are aligned one to one by the assignment with the greatest overlap of
    characters. The pairs that this gives are joined into clusters best first, so that every two
    frames of a cluster overlap and none is of the same layer: where A meets B and B meets C, A and
    C are together only when they meet too. Ties are broken by what the frames say, so neither the
    names nor the order of layers and spans change the answer. Links are compared afterwards, by
    the clusters at their ends. The attributes of the document are a cluster of their own, the
    last one.

    A layer without a frame in some place abstains there when, of what its author was `shown`, the
    suggestion that fits best was left untouched: that is never a no.
    """
    shown = shown or {}
    contents: dict[str, list[tuple[tuple[object, ...], Frame]]] = {}
    for name, view in layers.items():
        contents[name] = [(content(frame), frame) for frame in frames(view, schema)]
    order = sorted(layers, key=lambda name: (sorted(key for key, _ in contents[name]), name))
    ranked = []
    for place, name in enumerate(order):
        for key, frame in contents[name]:
            ranked.append((key, place, frame.head.ident, name, frame))
    ranked.sort(key=itemgetter(0, 1, 2, 3))
    nodes = [(name, frame) for *_, name, frame in ranked]
    weights = _weights(nodes, schema)
    names = tuple(sorted(layers))
    unlinked = [Cluster(members, names) for members in _joined(nodes, weights, order)]
    unlinked.sort(key=lambda cluster: (cluster.start, -cluster.end, cluster.ident))
    aligned = _anchored([cluster.members for cluster in unlinked], schema)
    of_document = _of_document(layers, shown)
    if any(frame.head.attributes for frame in of_document.values()):
        aligned.append(of_document)
    abstained = _abstained(aligned, shown)
    clusters = []
    for members, silent in zip(aligned, abstained, strict=True):
        kinds = _kinds(members, len(names) - len(silent), schema, silent=bool(silent))
        clusters.append(Cluster(members, names, kinds, silent, tuple(layers)))
    return clusters


def _of_document(layers: Mapping[str, LayerView], shown: Shown) -> dict[str, Frame]:
    """Return what each layer says of the document, of those whose author looked at it."""
    frames = {}
    for name, view in sorted(layers.items()):
        left = name in shown and DOCUMENT_IDENT in shown[name].untouched
        if view.attributes or not left:
            frames[name] = document_frame(view)
    return frames


def _abstained(clusters: Sequence[Members], shown: Shown) -> list[tuple[str, ...]]:
    """Return by cluster the layers without a frame there whose best suggestion is untouched."""
    best: list[dict[str, tuple[float, bool]]] = [{} for _ in clusters]
    # Frames by the number of their cluster, suggestions by their layer and ident.
    nodes: list[tuple[int | tuple[str, int], Span]] = []
    for number, members in enumerate(clusters):
        nodes += [(number, frame.head) for frame in members.values()]
    for name, seen in shown.items():
        nodes += [((name, ident), span) for ident, span in seen.suggested.items()]
    for one, other in overlapping(nodes) if shown else ():
        place, suggestion = (one, other) if isinstance(one, int) else (other, one)
        if not isinstance(place, int) or isinstance(suggestion, int):
            continue
        name, ident = suggestion
        if name in clusters[place]:
            continue
        span = shown[name].suggested[ident]
        fit = max(_fit(frame.head, span) for frame in clusters[place].values())
        # Of two that fit alike, the one that was looked at says no.
        found = (fit, ident not in shown[name].untouched)
        best[place][name] = max(best[place].get(name, (0.0, True)), found)
    silent = []
    for number, members in enumerate(clusters):
        names = {name for name, (fit, looked_at) in best[number].items() if fit and not looked_at}
        if DOCUMENT in {frame.head.label for frame in members.values()}:
            names = shown.keys() - members.keys()
        silent.append(tuple(sorted(names)))
    return silent


def _fit(left: Span, right: Span) -> float:
    """Return how well two spans fit, 0 where they cannot be about the same."""
    return jaccard(left, right) if _meet(left, right) else 0.0


def _meet(left: Span, right: Span) -> bool:
    """Tell whether two spans can be about the same."""
    score = jaccard(left, right) if DOCUMENT not in (left.label, right.label) else 0
    return bool(score) and (left.label == right.label or score >= DIFFERENT_LABELS_MEET_AT)


def _anchored(clusters: Sequence[Members], schema: SchemaView) -> list[Members]:
    """Return the clusters with each link told by the cluster that it goes to.

    A symmetric link that goes to an earlier cluster is compared there instead.
    """
    cluster_of: dict[tuple[str, int], int] = {}
    for number, members in enumerate(clusters):
        for name, frame in members.items():
            cluster_of[name, frame.head.ident] = number
    turned: dict[tuple[str, int], list[Linked]] = {}
    anchored: list[dict[str, Frame]] = []
    for number, members in enumerate(clusters):
        anchored.append({})
        for name, frame in members.items():
            if not frame.linked:
                anchored[number][name] = frame
                continue
            kept = []
            for linked in frame.linked:
                anchor = cluster_of.get((name, linked.span.ident))
                if anchor is not None and anchor < number and schema.links[linked.kind].symmetric:
                    back = replace(
                        linked, span=frame.head, anchor=number, reverse=True, copy=frame.copy
                    )
                    turned.setdefault((name, anchor), []).append(back)
                elif anchor is None:
                    kept.append(linked)
                else:
                    kept.append(replace(linked, anchor=anchor))
            anchored[number][name] = Frame(frame.head, in_order(kept), frame.copy)
    for (name, number), links in turned.items():
        frame = anchored[number][name]
        anchored[number][name] = replace(frame, linked=in_order((*frame.linked, *links)))
    return list(anchored)


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
        if _meet(left.head, right.head):
            score = jaccard(left.head, right.head)
            same = left.head.label == right.head.label
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


def _kinds(members: Members, voters: int, schema: SchemaView, *, silent: bool) -> tuple[str, ...]:
    """Return what a cluster disagrees on, in the order in which an adjudicator settles it."""
    if all_ride(members.values(), schema):
        return ()
    different: set[str] = set()
    for left, right in combinations(members.values(), 2):
        different.update(facets(left, right, schema))
    if len(members) < voters:
        different.add(MISSING)
    if silent and voters == 1:
        different.add(UNSEEN)
    return tuple(kind for kind in schema.facets if kind in different)


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
    others = list(cluster.members.values())
    return [(tuple(sorted(holders)), fullest(frame, others, schema)) for holders, frame in distinct]

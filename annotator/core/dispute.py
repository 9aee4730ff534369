"""One dispute: the order of its versions, its size, who differs, and a frame made of several."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

from annotator.core.compare import (
    DERIVED_ATTRIBUTES,
    FACETS,
    Cluster,
    Frame,
    content,
    facets,
    versions,
)
from corpus.core.schema import SchemaView
from corpus.core.text import words

# A queue key has this much room for the size of a dispute.
LARGEST = 999_999


def shuffled(cluster: Cluster, schema: SchemaView) -> list[tuple[tuple[str, ...], Frame]]:
    """Return the distinct versions of a dispute in an order that tells nothing.

    It is the same each time.
    """

    def lot(version: tuple[tuple[str, ...], Frame]) -> bytes:
        return hashlib.sha256(f"{cluster.ident} {content(version[1])!r}".encode()).digest()

    return sorted(versions(cluster, schema), key=lot)


def parts(cluster: Cluster) -> tuple[str, ...]:
    """Return the facets of which one may be taken from another version: all but existence."""
    return tuple(kind for kind in cluster.kinds if kind != "missing")


def mixed(base: Frame, taken: Mapping[str, Frame]) -> Frame:
    """Return a frame with single facets of other frames: boundary, label, speaker, or an attribute
    by its name.

    What a facet implies comes with it: the way of quoting with the boundary, the reason why nobody
    is named with the speaker, and everything else that was not chosen with the label.
    """
    head = base.head
    linked = base.linked
    if "label" in taken:
        other = taken["label"]
        head = replace(head, label=other.head.label, attributes=other.head.attributes)
        linked = other.linked
    attributes = dict(head.attributes)
    if "boundary" in taken:
        place = taken["boundary"].head
        head = replace(head, start=place.start, end=place.end, fragments=place.fragments)
        if place.label == head.label and "kind" in place.attributes:
            attributes["kind"] = place.attributes["kind"]
    names = {facet: facet for facet in taken if facet not in FACETS}
    if "speaker" in taken:
        linked = taken["speaker"].linked
        names["speaker_state"] = "speaker"
    for name, facet in names.items():
        attributes.pop(name, None)
        if name in taken[facet].head.attributes:
            attributes[name] = taken[facet].head.attributes[name]
    return Frame(replace(head, attributes=attributes), linked)


def differences(
    cluster: Cluster, schema: SchemaView
) -> tuple[Mapping[str, int], list[tuple[str, str]]]:
    """Return how many pairs of layers differ in each facet, and those pairs."""
    counts: Counter[str] = Counter()
    pairs = []
    for a, b in combinations(cluster.layers, 2):
        left, right = cluster.members.get(a), cluster.members.get(b)
        if left is None and right is None:
            continue
        different = facets(left, right, schema) if left and right else ("missing",)
        counts.update(different)
        if different:
            pairs.append((a, b))
    return {kind: counts[kind] for kind in cluster.kinds}, pairs


def size_in_words(cluster: Cluster, text: str) -> int:
    """Return how much hangs on a dispute: the words of its place times the facets in dispute.

    It is at most `LARGEST`.
    """
    return min(words(text[cluster.start : cluster.end]) * len(cluster.kinds), LARGEST)


def turn(cluster: Cluster, schema: SchemaView, text: str) -> int:
    """Return the place of a dispute in the queue: by its first facet, then the large ones first."""
    first = kinds(schema).index(cluster.kinds[0])
    return first * (LARGEST + 1) + LARGEST - size_in_words(cluster, text)


def suggested(cluster: Cluster) -> bool:
    """Tell whether anybody's frame began as a suggestion."""
    return any(frame.head.origin is not None for frame in cluster.members.values())


def kinds(schema: SchemaView) -> list[str]:
    """Return the facets that can be in dispute, in the order in which they are settled."""
    names = list(FACETS)
    for label in schema.labels.values():
        for attribute in label.attributes:
            if attribute.name not in DERIVED_ATTRIBUTES:
                names.append(attribute.name)
    return list(dict.fromkeys(names))

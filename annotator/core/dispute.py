"""One dispute: the order of its versions, its size, who differs, and a frame made of several."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from annotator.core.compare import Cluster, versions
from annotator.core.frames import Frame, content, facets, in_order
from annotator.core.gold import frame_value
from corpus.core.problems import Problem
from corpus.core.schema import BOUNDARY, LABEL, MISSING, UNSEEN, SchemaView
from corpus.core.text import words

# A queue key has this much room for the size of a dispute.
LARGEST = 999_999


def shuffled(cluster: Cluster, schema: SchemaView) -> list[tuple[tuple[str, ...], Frame]]:
    """Return the distinct versions of a dispute in the order in which the layers were given.

    That is drawn for a document and not for a dispute: whose version is the first at one dispute
    has the first at the next, as far as they hold one.
    """

    def first_given(held: tuple[tuple[str, ...], Frame]) -> int:
        return min(cluster.given.index(name) for name in held[0])

    return sorted(versions(cluster, schema), key=first_given)


def _shuffled_before(cluster: Cluster, schema: SchemaView) -> list[Frame]:
    """Return the versions in the order of before, which was drawn anew for each dispute."""

    def lot_of(frame: Frame) -> bytes:
        return hashlib.sha256(f"{cluster.ident} {content(frame)!r}".encode()).digest()

    return sorted((frame for _, frame in versions(cluster, schema)), key=lot_of)


def version(
    cluster: Cluster, schema: SchemaView, *, number: int, facets: Mapping[str, int]
) -> Frame:
    """Return the version of a number, with single facets of other versions by theirs.

    Raises `Problem` dispute-choice for numbers and facets that are not there.
    """
    frames = [frame for _, frame in shuffled(cluster, schema)]
    return _numbered(frames, cluster, schema, number, facets)


def version_before(
    cluster: Cluster, schema: SchemaView, *, number: int, facets: Mapping[str, int]
) -> Frame:
    """Return the version that a settlement of before names, from which no frame was kept."""
    return _numbered(_shuffled_before(cluster, schema), cluster, schema, number, facets)


def _numbered(
    frames: Sequence[Frame],
    cluster: Cluster,
    schema: SchemaView,
    number: int,
    facets: Mapping[str, int],
) -> Frame:
    for wanted in (number, *facets.values()):
        if not 1 <= wanted <= len(frames):
            reason = f"there are {len(frames)} versions"
            raise Problem("dispute-choice", choice=wanted, reason=reason)
    disputed = parts(cluster)
    for facet in facets:
        if facet not in disputed:
            reason = f"in dispute here: {', '.join(disputed) or 'no facet'}"
            raise Problem("dispute-choice", choice=facet, reason=reason)
    taken = {facet: frames[n - 1] for facet, n in facets.items()}
    return mixed(frames[number - 1], taken, schema)


def renumbered(
    cluster: Cluster, schema: SchemaView, value: Mapping[str, Any], clusters: Sequence[Cluster]
) -> dict[str, Any]:
    """Return a settlement with the numbers that the versions it names have now.

    Those of before were numbered in another order; what it put into gold tells which.
    """
    after = dict(value)
    number, taken = value.get("number", 1), value.get("facets") or {}
    frames = [frame for _, frame in shuffled(cluster, schema)]
    if value.get("choice") != "version" or not value.get("frame"):
        return after
    if _gives(frames, cluster, schema, value, clusters):
        return after
    before = _shuffled_before(cluster, schema)
    if _gives(before, cluster, schema, value, clusters):
        now = {place: frames.index(frame) + 1 for place, frame in enumerate(before, start=1)}
        after["number"] = now[number]
        if taken:
            after["facets"] = {facet: now[place] for facet, place in taken.items()}
    return after


def _gives(
    frames: Sequence[Frame],
    cluster: Cluster,
    schema: SchemaView,
    value: Mapping[str, Any],
    clusters: Sequence[Cluster],
) -> bool:
    """Tell whether a settlement's numbers name its frame where versions stand in this order."""
    number, taken = value.get("number", 1), value.get("facets") or {}
    try:
        named = _numbered(frames, cluster, schema, number, taken)
    except Problem:
        return False
    return bool(frame_value(named, clusters) == value["frame"])


def parts(cluster: Cluster) -> tuple[str, ...]:
    """Return the facets of which one may be taken from another version: all but existence."""
    return tuple(kind for kind in cluster.kinds if kind not in (MISSING, UNSEEN))


def mixed(base: Frame, taken: Mapping[str, Frame], schema: SchemaView) -> Frame:
    """Return a frame with single facets of other frames: boundary, label, links, or an attribute.

    What a facet implies comes with it: what rides along with the boundary, the reason why a link
    is missing with the links, and everything else that was not chosen with the label.
    """
    if LABEL in taken:
        other = taken[LABEL]
        place = {name: getattr(base.head, name) for name in ("start", "end", "fragments")}
        base = replace(other, head=replace(other.head, **place))
    head = base.head
    if BOUNDARY in taken:
        place_of = taken[BOUNDARY].head
        head = replace(head, start=place_of.start, end=place_of.end, fragments=place_of.fragments)
    sources: dict[str, Frame] = {}
    linked = list(base.linked)
    for kind in schema.links_from(head.label):
        facet = BOUNDARY if schema.rides(kind) else schema.link_facet(kind)
        frame = taken.get(facet)
        if frame is not None:
            linked = [one for one in linked if one.kind != kind.name]
            linked += frame.linked_by(kind.name)
            sources.update(dict.fromkeys(kind.unless, frame))
    for attribute in schema.attributes_of(head.label):
        name = attribute.name
        facet = BOUNDARY if attribute.fold else schema.attribute_facet(name)
        frame = taken.get(facet)
        if frame is None or frame.head.label != head.label:
            continue
        if not attribute.fold or name in frame.head.attributes:
            sources.setdefault(name, frame)
    attributes = dict(head.attributes)
    for name, frame in sources.items():
        attributes.pop(name, None)
        if name in frame.head.attributes:
            attributes[name] = frame.head.attributes[name]
    return replace(base, head=replace(head, attributes=attributes), linked=in_order(linked))


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
        different: tuple[str, ...] = (MISSING,)
        if left and right:
            different = facets(left, right, schema)
        elif a in cluster.abstained or b in cluster.abstained:
            different = (UNSEEN,) if UNSEEN in cluster.kinds else ()
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
    first = schema.facets.index(cluster.kinds[0])
    return first * (LARGEST + 1) + LARGEST - size_in_words(cluster, text)


def suggested(cluster: Cluster) -> bool:
    """Tell whether anybody's frame began as a suggestion."""
    return any(frame.head.origin is not None for frame in cluster.members.values())

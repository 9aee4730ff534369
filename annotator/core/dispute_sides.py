"""Who stands where in a dispute: in each facet what is said, by whom, and what was suggested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from annotator.core.compare import Cluster
from annotator.core.frames import Frame, Linked, facets, reasons
from corpus.core.schema import (
    BOUNDARY,
    DOCUMENT,
    LABEL,
    MISSING,
    UNSEEN,
    Attribute,
    LinkKind,
    SchemaView,
)
from corpus.core.span import Span

NOTHING, NOT_SEEN = "nothing", "not looked at"
NONE = "none"
# Characters of a value, and of words that stand in one.
LONGEST_VALUE = 100
LONGEST_WORDS = 40
MARKS = "“”‘’„\"'«»"

# What is said at each of two sides, for counting; the order is that of the sides.
Keys = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Side:
    """What some layers say in one facet, in words; `suggested` tells that a suggester did too."""

    value: str
    layers: tuple[str, ...]
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class Opposition:
    """Two sides of a facet, by their places, and what they are counted under, in order."""

    left: int
    right: int
    keys: Keys


@dataclass(frozen=True, slots=True)
class Sides:
    """The sides of one facet in dispute, the one that most hold first."""

    sides: tuple[Side, ...]
    oppositions: tuple[Opposition, ...]

    def as_json(self, letters: Mapping[str, str]) -> dict[str, Any]:
        """Return the form that is kept, with letters for the layers."""
        return {
            "sides": [
                {
                    "value": side.value,
                    "held": sorted(letters[name] for name in side.layers),
                    "suggested": side.suggested,
                }
                for side in self.sides
            ],
            "cells": [[one.left, one.right, *one.keys] for one in self.oppositions],
        }


@dataclass(frozen=True, slots=True)
class _Group:
    """Layers that say the same in a facet, and the frame of one of them (none: no frame)."""

    value: str
    layers: tuple[str, ...]
    frame: Frame | None
    key: str


def sides_of(
    cluster: Cluster, schema: SchemaView, text: str, *, suggestions: Mapping[str, Frame]
) -> dict[str, Sides]:
    """Return the sides of each facet in dispute.

    `suggestions` are what the frames of some layers began as, by the layer's name.
    """
    found = {}
    for facet in cluster.kinds:
        groups = [group for group in _groups(cluster, facet, schema, text) if group.layers]
        groups.sort(key=lambda group: (-len(group.layers), group.value, group.layers))
        sides = tuple(
            Side(
                group.value,
                group.layers,
                _is_suggested(group, cluster, facet, schema, suggestions),
            )
            for group in groups
        )
        found[facet] = Sides(sides, tuple(_oppositions(groups, facet)))
    return found


def _groups(cluster: Cluster, facet: str, schema: SchemaView, text: str) -> list[_Group]:
    members = cluster.members
    if facet in (MISSING, UNSEEN):
        first = next(iter(members.values()))
        marked = f"marked {_quoted(first.head.text(text))}"
        key = first.head.label
        if key == DOCUMENT:
            marked, key = "answered", "answered"
        absent = [name for name in cluster.voters if name not in members]
        without = cluster.abstained if facet == UNSEEN else absent
        other = NOT_SEEN if facet == UNSEEN else NOTHING
        return [
            _Group(marked, tuple(sorted(members)), first, key),
            _Group(other, tuple(without), None, other),
        ]
    alike: list[list[str]] = []
    for name, frame in sorted(members.items()):
        if not _has(frame, facet, schema):
            continue
        for names in alike:
            if _same(members[names[0]], frame, facet, schema, text):
                names.append(name)
                break
        else:
            alike.append([name])
    frames = [members[names[0]] for names in alike]
    values = _values(frames, facet, schema, text)
    return [
        _Group(value, tuple(names), frame, value)
        for names, frame, value in zip(alike, frames, values, strict=True)
    ]


def _has(frame: Frame, facet: str, schema: SchemaView) -> bool:
    """Tell whether frames of this label can differ in a facet."""
    label = frame.head.label
    if facet in (BOUNDARY, LABEL):
        return True
    if schema.link_in_dispute(label, facet) is not None:
        return True
    return _attribute(label, facet, schema) is not None


def _attribute(label: str, facet: str, schema: SchemaView) -> Attribute | None:
    attribute = schema.attribute_in_dispute(label, facet)
    return attribute if attribute in schema.compared(label) else None


def _same(left: Frame, right: Frame, facet: str, schema: SchemaView, text: str) -> bool:
    if left.head.label == right.head.label or facet in (BOUNDARY, LABEL):
        return facet not in facets(left, right, schema)
    # Under another label nothing is compared, yet it may be the same value.
    return _value(left, facet, schema, text) == _value(right, facet, schema, text)


def _values(frames: list[Frame], facet: str, schema: SchemaView, text: str) -> list[str]:
    if facet == BOUNDARY:
        return _edges([frame.head for frame in frames], text)
    values = [_value(frame, facet, schema, text) for frame in frames]
    told = []
    for place, value in enumerate(values):
        # Two may differ in what no short word tells.
        before = values[:place].count(value)
        told.append(f"{value} ({before + 1})" if before else value)
    return told


def _value(frame: Frame, facet: str, schema: SchemaView, text: str) -> str:
    """Return what a frame says in a facet, as people read it."""
    label = frame.head.label
    if facet == LABEL:
        return label
    kind = schema.link_in_dispute(label, facet)
    if kind is not None:
        return _linked_words(frame, kind, schema, text)
    attribute = _attribute(label, facet, schema)
    if attribute is None:
        return NONE
    return _short(attribute.words(frame.head.attributes.get(attribute.name)), LONGEST_VALUE)


def _linked_words(frame: Frame, kind: LinkKind, schema: SchemaView, text: str) -> str:
    """Return the names of what a frame links to, or why it links to nothing."""
    names = []
    for linked in frame.linked_by(kind.name):
        name = _name(linked, schema, text)
        if name not in names:
            names.append(name)
    if names:
        return _short(", ".join(names), LONGEST_VALUE)
    return ", ".join(reasons(frame, kind).values()) or NONE


def _name(linked: Linked, schema: SchemaView, text: str) -> str:
    span = linked.span
    identity = schema.identities.get(span.label, "")
    name = str(span.attributes.get(identity) or "").strip()
    name = name or _quoted(span.text(text))
    if linked.attributes:
        more = ", ".join(str(value) for value in linked.attributes.values())
        return f"{name} ({more})"
    return name


def _edges(heads: list[Span], text: str) -> list[str]:
    """Return of several places what each has beyond the words that all of them share."""
    start = max(head.start for head in heads)
    end = min(head.end for head in heads)
    if start >= end:
        return [_quoted(head.text(text)) for head in heads]
    values = []
    envelopes = {(head.start, head.end) for head in heads}
    for head in heads:
        if len(envelopes) == 1:
            pieces = [_quoted(text[a:b]) for a, b in head.ranges]
            values.append(" … ".join(pieces))
            continue
        before = text[head.start : start].strip()
        after = text[end : head.end].strip()
        parts = [_quoted(before)] if before else []
        parts.append("…")
        if after:
            parts.append(_quoted(after))
        values.append(" ".join(parts) if before or after else "without")
    return [_short(value, LONGEST_VALUE) for value in values]


def _oppositions(groups: list[_Group], facet: str) -> Iterable[Opposition]:
    for left, right in combinations(range(len(groups)), 2):
        keys = groups[left].key, groups[right].key
        if facet == BOUNDARY:
            mine, theirs = groups[left].frame, groups[right].frame
            if mine is not None and theirs is not None:
                keys = _places(mine.head, theirs.head)
        if keys[0] <= keys[1]:
            yield Opposition(left, right, keys)
        else:
            yield Opposition(right, left, (keys[1], keys[0]))


def _places(left: Span, right: Span) -> Keys:
    """Return how two places differ, each as seen from the other."""
    if (left.start, left.end) == (right.start, right.end):
        words = "in fewer pieces", "in more pieces"
        pieces = len(left.ranges) - len(right.ranges)
        if pieces == 0:
            return "in other pieces", "in other pieces"
        return words if pieces < 0 else words[::-1]
    if left.end == right.end:
        words = "starts earlier", "starts later"
        first = left.start < right.start
    elif left.start == right.start:
        words = "ends earlier", "ends later"
        first = left.end < right.end
    elif (left.start < right.start) == (left.end > right.end):
        words = "longer", "shorter"
        first = left.start < right.start
    else:
        words = "lies before", "lies after"
        first = left.start < right.start
    return words if first else words[::-1]


def _is_suggested(
    group: _Group,
    cluster: Cluster,
    facet: str,
    schema: SchemaView,
    suggestions: Mapping[str, Frame],
) -> bool:
    """Tell whether a suggestion that this dispute began with says what a group says."""
    if group.frame is None:
        return False
    begun = [suggestions[name] for name in cluster.members if name in suggestions]
    if facet in (MISSING, UNSEEN):
        return any(frame.head.origin is not None for frame in cluster.members.values())
    for frame in begun:
        alike = frame.head.label == group.frame.head.label
        if (alike or facet in (BOUNDARY, LABEL)) and facet not in facets(
            group.frame, frame, schema
        ):
            return True
    return False


def _quoted(words: str) -> str:
    """Return words in quotation marks, without those around them unless there is nothing else."""
    line = " ".join(words.split())
    return f"‘{_short(line.strip(MARKS) or line, LONGEST_WORDS)}’"


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"

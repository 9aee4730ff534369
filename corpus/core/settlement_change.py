"""Settled disputes of gold, in words of another schema.

A settlement holds the frame that was chosen. Its links name the clusters that they go to, disputes
or agreed frames, or hold the part that the frame owns; which of the two it is, the schema decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .schema import DOCUMENT as DOCUMENT_LABEL
from .schema import LinkKind, SchemaView
from .schema_change import DOCUMENT, LABEL, LINK, Change, Mapper, Place

Value = Mapping[str, Any]
# The label of a span and its ranges.
Where = tuple[str, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class Clusters:
    """The clusters of a document before a change and after it.

    `idents` are the numbers that they have from now on, by those before. `spans` hold by the number
    of before the head that was chosen or agreed, as the old schema calls it. `labels` are those of
    the heads by the number of now, and `places` tell which cluster of now has a head there.
    """

    idents: Mapping[int, int] = field(default_factory=dict)
    spans: Mapping[int, Value] = field(default_factory=dict)
    labels: Mapping[int, frozenset[str]] = field(default_factory=dict)
    places: Mapping[Where, int] = field(default_factory=dict)


def mapped_settlements(
    settled: Mapping[int, Value], change: Change, clusters: Clusters
) -> dict[int, dict[str, Any]]:
    """Return by the numbers of now how disputes were settled, in words of the new schema.

    A settlement by a frame whose label is dropped becomes one by nothing. Links that the new schema
    does not take are left out, as they are in layers.
    """
    mapper = _SettlementMapper(change, clusters, settled)
    return {
        clusters.idents.get(ident, ident): mapper.settlement(ident, value)
        for ident, value in settled.items()
        if not mapper.became_part(ident)
    }


class _SettlementMapper:
    """Maps the settlements of one document; links of several count together."""

    def __init__(self, change: Change, clusters: Clusters, settled: Mapping[int, Value]) -> None:
        self.change = change
        self.clusters = clusters
        self.mapper = Mapper(change)
        self.labels = dict(clusters.labels)
        for ident, value in settled.items():
            head = self._span(value["frame"]["span"]) if value.get("frame") else None
            if head is not None:
                # Gold holds what was chosen, whatever else the versions of the dispute say.
                self.labels[clusters.idents.get(ident, ident)] = frozenset((head["label"],))
        self.taken: set[tuple[str, str, str]] = set()
        self.full: set[tuple[str, str]] = set()

    def became_part(self, ident: int) -> bool:
        """Tell whether a cluster is gone because all that was in it are parts now."""
        given = self.clusters.spans.get(ident)
        span = None if given is None else self._span(given)
        if given is None or span is None or ident in self.clusters.idents:
            return False
        folded = self.change.new.folded
        return span["label"] in folded and given["label"] not in self.change.old.folded

    def settlement(self, ident: int, value: Value) -> dict[str, Any]:
        frame = value.get("frame")
        if not isinstance(frame, Mapping):
            return dict(value)
        head = self._span(frame["span"])
        if head is None:
            kept = {name: value[name] for name in ("reason", "policy", "spans") if name in value}
            return {**kept, "choice": "none"}
        number = self.clusters.idents.get(ident, ident)
        links = []
        for link in frame.get("links", ()):
            mapped = self._link(number, head["label"], link)
            if mapped is not None:
                links.append(mapped)
        return {**value, "frame": {**frame, "span": head, "links": links}}

    def _span(self, value: Value) -> dict[str, Any] | None:
        """Return a span as a settlement holds it, mapped; None when its label is dropped."""
        label = value["label"]
        given = value.get("attributes") or {}
        if label == DOCUMENT_LABEL:
            return {**value, "attributes": dict(self.mapper.values(DOCUMENT, "", given))}
        name = self.change.names[Place(LABEL, label)]
        if name is None:
            return None
        attributes = dict(self.mapper.values(LABEL, label, given))
        return {**value, "label": name, "attributes": attributes}

    def _link(self, number: int, head: str, link: Value) -> dict[str, Any] | None:
        """Return a link of the frame of a cluster; None when it is dropped or does not fit."""
        name = self.change.names[Place(LINK, link["kind"])]
        if name is None:
            return None
        end = self._end(link)
        if end is None:
            return None
        kind = self.change.new.links[name]
        reverse = bool(link.get("reverse"))
        if not self._joins(kind, head, end, reverse=reverse):
            return None
        ends = (str(number), str(end.get("cluster", end.get("span"))))
        source, target = reversed(ends) if reverse else ends
        one_too_many = not kind.many and (name, source) in self.full
        if one_too_many or (name, source, target) in self.taken:
            return None
        self.taken.add((name, source, target))
        self.full.add((name, source))
        kept = {key: link[key] for key in link if key not in ("cluster", "span")}
        mapped = {**kept, "kind": name, **end}
        if link.get("attributes"):
            mapped["attributes"] = dict(self.mapper.values(LINK, link["kind"], link["attributes"]))
        return mapped

    def _joins(self, kind: LinkKind, head: str, end: Value, *, reverse: bool) -> bool:
        """Tell whether a kind takes a link to what a cluster holds, or may hold once settled."""
        if "span" in end:
            labels = frozenset((end["span"]["label"],))
        else:
            labels = self.labels.get(end["cluster"], frozenset())
        for label in labels:
            if kind.joins(label, head) if reverse else kind.joins(head, label):
                return True
        # A cluster that is gone has no label; gold leaves a link to it out.
        return not labels

    def _end(self, link: Value) -> dict[str, Any] | None:
        """Return what a link goes to from now on; None when its label is dropped."""
        number = link.get("cluster")
        given = link["span"] if number is None else self.clusters.spans.get(number)
        if given is None:
            return {"cluster": self.clusters.idents.get(number or 0, number)}
        span = self._span(given)
        if span is None:
            return None
        was_part = _is_part(link["kind"], given["label"], self.change.old)
        name = self.change.names[Place(LINK, link["kind"])] or ""
        is_part = _is_part(name, span["label"], self.change.new)
        if number is None:
            now = self.clusters.places.get(_where(span)) if was_part and not is_part else None
        elif is_part and not was_part:
            now = None
        else:
            now = self.clusters.idents.get(number, self.clusters.places.get(_where(span)))
        return {"span": span} if now is None else {"cluster": now}


def _is_part(kind: str, label: str, schema: SchemaView) -> bool:
    """Tell whether what a link goes to is part of the frame at its source."""
    return schema.links[kind].owned and label in schema.folded


def _where(span: Value) -> Where:
    pieces = span.get("fragments") or [(span["start"], span["end"])]
    return span["label"], tuple((start, end) for start, end in pieces)

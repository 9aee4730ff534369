"""Gold of a document, built from what is agreed and what was settled about each cluster.

Gold is a function of the clusters and their outcomes alone: settling in another order, or taking a
settlement back and making it again, gives the same. A link stands in gold once both of its ends do.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate, count
from typing import Any

from annotator.core.compare import Cluster
from annotator.core.decisions import read_attributes, read_span, span_value
from annotator.core.frames import Frame, Linked, in_order, part_key
from annotator.core.merge import Drop, Outcome, agreed_outcome, policy_called
from corpus.core.schema import DOCUMENT, SchemaView
from corpus.core.span import LayerView, Link, Span

# What a cluster's frame is known by while gold is built: its number, or the place of a part.
Key = tuple[Any, ...]
Settled = Mapping[int, Mapping[str, Any]]


def frame_value(frame: Frame, clusters: Sequence[Cluster]) -> dict[str, Any]:
    """Return a chosen frame as the decision that settles a dispute holds it.

    A link names the cluster that it goes to, or holds the part that its frame owns.
    """
    links = []
    for linked in frame.linked:
        value: dict[str, Any] = {"kind": linked.kind}
        if linked.anchor is None:
            value["span"] = span_value(linked.span)
        else:
            value["cluster"] = clusters[linked.anchor].ident
        if linked.attributes:
            value["attributes"] = dict(linked.attributes)
        if linked.reverse:
            value["reverse"] = True
        links.append(value)
    return {"span": span_value(frame.head), "links": links}


def read_frame(value: Mapping[str, Any], clusters: Sequence[Cluster]) -> Frame:
    """Return the frame that `frame_value` wrote; a link to a cluster that is gone is left out."""
    number_of = {cluster.ident: number for number, cluster in enumerate(clusters)}
    linked = []
    for row in value["links"]:
        anchor = number_of.get(row["cluster"]) if "cluster" in row else None
        if "cluster" in row and anchor is None:
            continue
        if anchor is None:
            span = read_span(0, row["span"])
        else:
            span = next(iter(clusters[anchor].members.values())).head
        attributes = read_attributes(row)
        linked.append(
            Linked(row["kind"], span, attributes, anchor, reverse=row.get("reverse", False))
        )
    return Frame(read_span(0, value["span"]), in_order(linked))


def outcomes_of(
    clusters: Sequence[Cluster],
    settled: Settled,
    schema: SchemaView,
    *,
    before: LayerView,
    numbered: Callable[[Cluster, Mapping[str, Any]], Outcome],
) -> list[Outcome]:
    """Return what gold holds of each cluster: what is agreed, or settled, or nothing yet.

    `numbered` reads a settlement that names a version by its number, as all did once.
    """
    chosen = []
    for cluster in clusters:
        value = settled.get(cluster.ident)
        if value is not None:
            # Also where a change of the schema made an agreement of the dispute.
            chosen.append(_settled(cluster, value, clusters, schema, before, numbered))
        else:
            chosen.append(agreed_outcome(cluster, schema) if cluster.agreed else None)
    for rider, head in _heads_of_riders(clusters, schema):
        # What rides along comes with its frame, and goes with it.
        if not isinstance(chosen[head], Frame) and clusters[rider].ident not in settled:
            chosen[rider] = chosen[head]
    return chosen


def _heads_of_riders(clusters: Sequence[Cluster], schema: SchemaView) -> Iterator[tuple[int, int]]:
    """Yield the number of each cluster that rides along, with that of the nearest other one.

    Of two that are equally near that is the earlier one.
    """
    in_text = [n for n, cluster in enumerate(clusters) if not cluster.is_of_document]
    in_text.sort(key=lambda number: (clusters[number].start, -clusters[number].end))
    heads = [number for number in in_text if not clusters[number].rides(schema)]
    starts = [clusters[number].start for number in heads]
    # Of the frames that begin before, the one that reaches farthest.
    farthest = list(accumulate(heads, partial(_farther, clusters)))
    for number in in_text:
        rider = clusters[number]
        if not rider.rides(schema):
            continue
        place = bisect_right(starts, rider.start)
        near = [*farthest[max(0, place - 1) : place], *heads[place : place + 1]]
        if near:
            yield number, min(near, key=lambda head: _gap(rider, clusters[head]))


def _farther(clusters: Sequence[Cluster], one: int, other: int) -> int:
    return other if clusters[other].end > clusters[one].end else one


def _gap(left: Cluster, right: Cluster) -> int:
    """Return how many characters stand between two clusters."""
    return max(0, right.start - left.end, left.start - right.end)


def _settled(
    cluster: Cluster,
    value: Mapping[str, Any],
    clusters: Sequence[Cluster],
    schema: SchemaView,
    before: LayerView,
    numbered: Callable[[Cluster, Mapping[str, Any]], Outcome],
) -> Outcome:
    if value.get("choice") == "none":
        return Drop
    if value.get("frame"):
        return read_frame(value["frame"], clusters)
    standing = _standing(value, before, clusters, schema)
    if standing is not None:
        return standing
    if value.get("policy"):
        return policy_called(value["policy"])(cluster, schema)
    # A version of one's own stood in gold through other frames, or not at all.
    return numbered(cluster, value) if value.get("choice") == "version" else None


def _standing(
    value: Mapping[str, Any],
    before: LayerView,
    clusters: Sequence[Cluster],
    schema: SchemaView,
) -> Frame | None:
    """Return the frame that a settlement of before put into gold, by the spans and links there."""
    spans = [before.spans[ident] for ident in value.get("spans", ()) if ident in before.spans]
    links = [before.links[ident] for ident in value.get("links", ()) if ident in before.links]
    sources = {link.source for link in links}
    heads = [span for span in spans if span.ident in sources] if sources else spans[:1]
    if len(heads) != 1:
        return None
    number_of: dict[Key, int] = {}
    for number, cluster in enumerate(clusters):
        for frame in cluster.members.values():
            if frame.head.label not in schema.folded:
                number_of.setdefault(_place(frame.head), number)
    linked = []
    for link in links:
        span = before.spans[link.target]
        linked.append(Linked(link.kind, span, link.attributes, number_of.get(_place(span))))
    return Frame(heads[0], in_order(linked))


@dataclass(frozen=True, slots=True)
class Built:
    """Gold as it was built, and by cluster the idents of the spans that it put there."""

    view: LayerView
    spans: Mapping[int, list[int]]


def build(
    clusters: Sequence[Cluster],
    chosen: Sequence[Outcome],
    schema: SchemaView,
    *,
    before: LayerView,
    kept: Iterable[int] = (),
) -> Built:
    """Return gold with the outcome of each cluster in it; `settled` and `deferred` stay.

    What stands in gold as it is keeps its ident; what is new gets one that gold never used. The
    spans in `kept` stay, with the links between them: people settled them about clusters that a
    later review changed. No other span takes their place.
    """
    plan = _Plan(schema)
    for span in _those(before, kept):
        plan.spans[_KEPT, span.ident] = span
        plan.kept.setdefault(_place(span), span.ident)
    for number, outcome in enumerate(chosen):
        if isinstance(outcome, Frame):
            plan.add(number, outcome)
    idents = count(max(before.next_ident(), 1 + max(_used(before), default=0)))
    ident_of = _span_idents(plan, before, idents)
    spans = {}
    for key, span in plan.spans.items():
        value = span_value(span)
        spans[ident_of[key]] = read_span(ident_of[key], value)
    links = _links(plan, ident_of, before, idents)
    view = replace(before, spans=spans, links=links, attributes=plan.attributes)
    placed = {
        number: sorted({ident_of[key] for key in keys}) for number, keys in plan.placed.items()
    }
    return Built(view, placed)


def _those(before: LayerView, kept: Iterable[int]) -> list[Span]:
    return [before.spans[ident] for ident in kept if ident in before.spans]


def _used(before: LayerView) -> Iterator[int]:
    """Yield the idents that settlements name, of spans that may be gone since."""
    for value in before.settled.values():
        yield from value.get("spans", ())
        yield from value.get("links", ())


_KEPT = "kept"


@dataclass(slots=True)
class _Plan:
    """The spans that gold is to hold, by what they are known by, and the links between them."""

    schema: SchemaView
    # Of several kept spans of one label and place, new frames are taken to be the first.
    kept: dict[Key, int] = field(default_factory=dict)
    spans: dict[Key, Span] = field(default_factory=dict)
    heads: dict[int, Key] = field(default_factory=dict)
    placed: dict[int, list[Key]] = field(default_factory=dict)
    links: list[tuple[Key, Linked]] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)

    def add(self, number: int, frame: Frame) -> None:
        """Take in the frame that was chosen for a cluster."""
        if frame.head.label == DOCUMENT:
            self.attributes = dict(frame.head.attributes)
            return
        head = self._key(frame.head, frame.copy)
        if head[0] != _KEPT and frame.head.label not in self.schema.folded:
            head = (number,)
        self.spans.setdefault(head, frame.head)
        self.heads[number] = head
        self.placed[number] = [head]
        for linked in frame.linked:
            if linked.anchor is None:
                part = self._key(linked.span, linked.copy)
                self.spans.setdefault(part, linked.span)
                self.placed[number].append(part)
            self.links.append((head, linked))

    def _key(self, span: Span, copy: int) -> Key:
        """Return what a part is known by; one that stands alone elsewhere is the same span."""
        kept = self.kept.get(_place(span))
        return (*part_key(span, self.schema), copy) if kept is None else (_KEPT, kept)

    def end_of(self, linked: Linked) -> Key | None:
        """Return the span at the other end of a link, None while gold does not hold it."""
        if linked.anchor is None:
            return self._key(linked.span, linked.copy)
        return self.heads.get(linked.anchor)


def _place(span: Span) -> Key:
    return span.label, span.ranges


def _span_idents(plan: _Plan, before: LayerView, idents: Iterator[int]) -> dict[Key, int]:
    """Return an ident for each span: the one that an equal span of gold has, or a new one."""
    ident_of = {key: span.ident for key, span in plan.spans.items() if key[0] == _KEPT}
    taken = set(ident_of.values())
    standing: dict[str, list[int]] = {}
    for ident in sorted(before.spans.keys() - taken, reverse=True):
        standing.setdefault(_text(span_value(before.spans[ident])), []).append(ident)
    for key, span in plan.spans.items():
        if key not in ident_of:
            held = standing.get(_text(span_value(span)))
            ident_of[key] = held.pop() if held else next(idents)
    return ident_of


def _links(
    plan: _Plan, ident_of: Mapping[Key, int], before: LayerView, idents: Iterator[int]
) -> dict[int, Link]:
    """Return the links whose two ends are in gold, each once."""
    standing = {_link_text(link): link.ident for link in before.links.values()}
    kept = {key[1] for key in plan.spans if key[0] == _KEPT}
    links = {
        link.ident: link
        for link in before.links.values()
        if link.source in kept and link.target in kept
    }
    seen = {(link.kind, link.source, link.target) for link in links.values()}
    full = {(link.kind, link.source) for link in links.values()}
    for head, linked in plan.links:
        end = plan.end_of(linked)
        if end is None:
            continue
        source, target = ident_of[head], ident_of[end]
        labels = plan.spans[head].label, plan.spans[end].label
        if linked.reverse:
            source, target = target, source
            labels = labels[::-1]
        kind = plan.schema.links[linked.kind]
        # The ends may have been settled so that the kind does not fit them any more.
        if not kind.joins(*labels) or (not kind.many and (linked.kind, source) in full):
            continue
        full.add((linked.kind, source))
        if (linked.kind, source, target) in seen or source == target:
            continue
        seen.add((linked.kind, source, target))
        link = Link(0, linked.kind, source, target, dict(linked.attributes))
        ident = standing.get(_link_text(link))
        link = replace(link, ident=next(idents) if ident is None else ident)
        links[link.ident] = link
    return links


def _link_text(link: Link) -> str:
    return _text([link.kind, link.source, link.target, dict(link.attributes)])


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)

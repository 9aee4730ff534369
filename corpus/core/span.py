"""Spans, links and layers as values, and the algebra over them.

Every offset is a count of code points, every range half-open. A span may be discontinuous: then
`fragments` lists its ranges and `start`, `end` are the envelope. All of the algebra works on
fragments.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled piece of a text.

    `ident` is unique within its layer. `origin` is the ident of the suggestion it came from,
    `score` the confidence of a suggestion from 0 to 1, and `evidence` its rule, cue and
    explanation.
    """

    ident: int
    label: str
    start: int
    end: int
    fragments: tuple[Range, ...] | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    score: float | None = None
    evidence: Mapping[str, Any] | None = None
    origin: int | None = None

    @property
    def ranges(self) -> tuple[Range, ...]:
        """Return the ranges that the span covers, in order."""
        return self.fragments or ((self.start, self.end),)

    def text(self, text: str) -> str:
        """Return the words of the envelope, as files and the browser quote them."""
        return text[self.start : self.end]

    def covered(self, text: str) -> str:
        """Return the words that the span covers, with an ellipsis between fragments."""
        return " … ".join(text[start:end] for start, end in self.ranges)

    def same_place(self, other: Span) -> bool:
        """Tell whether both cover exactly the same characters."""
        return self.ranges == other.ranges


@dataclass(frozen=True, slots=True)
class Link:
    """A directed link between two spans of one layer, by their idents."""

    ident: int
    kind: str
    source: int
    target: int
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LayerView:
    """What one author holds over one document: spans and links by ident, and what was rejected.

    `attributes` are those of the document. `settled` holds, on a gold layer, the adjudicator's
    choice by the ident of the dispute, and `deferred` the disputes that were put off.
    """

    spans: Mapping[int, Span] = field(default_factory=dict)
    links: Mapping[int, Link] = field(default_factory=dict)
    rejected: frozenset[int] = frozenset()
    settled: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    deferred: frozenset[int] = frozenset()
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def in_order(self) -> list[Span]:
        """Return the spans by start, longest first, then ident."""
        return sorted(self.spans.values(), key=lambda s: (s.start, -s.end, s.ident))

    def targets_of(self, ident: int, kind: str = "said_by") -> list[Span]:
        """Return the spans that `ident` links to, in text order."""
        targets = []
        for link in self.links.values():
            if link.source == ident and link.kind == kind:
                targets.append(self.spans[link.target])
        return sorted(targets, key=lambda span: (span.start, span.end))

    def next_ident(self) -> int:
        """Return the smallest number above every ident in the layer."""
        return max((*self.spans, *self.links, *self.rejected, 0)) + 1


def layer_view(spans: Iterable[Span], links: Iterable[Link] = ()) -> LayerView:
    """Make a layer from spans and links."""
    return LayerView(
        spans={span.ident: span for span in spans},
        links={link.ident: link for link in links},
    )


def with_default(view: LayerView, label: str, attribute: str, value: str | None) -> LayerView:
    """Return the layer with an attribute filled in where spans of this label lack it."""
    if value is None:
        return view
    spans = dict(view.spans)
    for ident, span in view.spans.items():
        if span.label == label and attribute not in span.attributes:
            spans[ident] = replace(span, attributes={**span.attributes, attribute: value})
    return replace(view, spans=spans)


def size(ranges: Iterable[Range]) -> int:
    """Return how many characters the ranges cover."""
    return sum(end - start for start, end in ranges)


def overlaps(piece: Range, taken: Sequence[Range]) -> bool:
    """Tell whether a range overlaps one of the taken ranges, which must be sorted and disjoint."""
    before = bisect_left(taken, piece[1], key=itemgetter(0))
    return before > 0 and taken[before - 1][1] > piece[0]


def intersection(left: Iterable[Range], right: Iterable[Range]) -> tuple[Range, ...]:
    """Return the ranges that both cover; both must be sorted and disjoint."""
    a = list(left)
    b = list(right)
    shared: list[Range] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start = max(a[i][0], b[j][0])
        end = min(a[i][1], b[j][1])
        if start < end:
            shared.append((start, end))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(shared)


def overlap(left: Span, right: Span) -> int:
    """Return how many characters both spans cover."""
    return size(intersection(left.ranges, right.ranges))


def jaccard(left: Span, right: Span) -> float:
    """Return shared characters divided by covered characters, from 0 to 1."""
    shared = overlap(left, right)
    return shared / (size(left.ranges) + size(right.ranges) - shared)


def contains(outer: Span, inner: Span) -> bool:
    """Tell whether `outer` covers every character of `inner`."""
    return overlap(outer, inner) == size(inner.ranges)


def crosses(left: Span, right: Span) -> bool:
    """Tell whether the spans overlap and neither contains the other."""
    shared = overlap(left, right)
    return 0 < shared < min(size(left.ranges), size(right.ranges))


def trim(text: str, start: int, end: int) -> Range:
    """Return the range without white space at its edges; an all-white range becomes empty."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def with_fragments(span: Span, ranges: Iterable[Range]) -> Span:
    """Return the span over the given ranges, joined where they touch.

    One range makes it contiguous.
    """
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    fragments = tuple(joined) if len(joined) > 1 else None
    return replace(span, start=joined[0][0], end=joined[-1][1], fragments=fragments)

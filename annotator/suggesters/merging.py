"""What one suggester says, added to what others before it said of the same text.

What is the same (`annotator.core.same_spans`) is kept once; who proposed it stands in its evidence:
`suggester` is who proposed the span, `also` lists the others who did, and `given_by` names who gave
an attribute or a kind of link where that was another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from annotator.core.same_spans import same_spans
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Link, Range, Span


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose layer is added: its name, and whether it overrules what was said before.

    One that `fills` gives attributes and links, and proposes no span that is there. `labels` are
    those that it can give.
    """

    name: str
    labels: frozenset[str] = frozenset()
    overrules: bool = False
    fills: bool = False

    def of(self, span: Span) -> str:
        """Return who proposed a span of its layer: itself, unless the span tells of another."""
        return str((span.evidence or {}).get("suggester") or self.name)


def merged(
    text: str, before: LayerView, more: LayerView, schema: SchemaView, *, by: Voice
) -> LayerView:
    """Return a layer with what it lacks of another, or with what the other says instead.

    A voice that overrules replaces ranges, attributes and links of the same span, and a span that
    has just the ranges of its own under another label, where it could have given that label too.
    Time follows the spans and how many of them overlap.
    """
    merge = _Merge(text, schema, by, dict(before.spans), before.next_ident())
    idents = merge.add_spans(more)
    links = merge.add_links(before.links, more.links, idents)
    attributes = {**more.attributes, **before.attributes}
    if by.overrules:
        attributes = {**before.attributes, **more.attributes}
    return replace(before, spans=merge.spans, links=links, attributes=attributes)


@dataclass(slots=True)
class _Merge:
    """A layer on its way, and the next ident that is free in it."""

    text: str
    schema: SchemaView
    by: Voice
    spans: dict[int, Span]
    following: int

    def add_spans(self, more: LayerView) -> dict[int, int]:
        """Add the spans of a layer; return the ident that each has here."""
        same = same_spans(self.text, self.spans.values(), more.spans.values())
        if self.by.overrules:
            self._replace_labels(more, same)
        idents = {}
        for span in more.in_order():
            ident = same.get(span.ident)
            if ident is None:
                ident = self._next()
                self.spans[ident] = replace(_proposed(span, self.by), ident=ident)
            else:
                self.spans[ident] = _agreed(self.spans[ident], span, self.by)
            idents[span.ident] = ident
        return idents

    def _next(self) -> int:
        self.following += 1
        return self.following - 1

    def _replace_labels(self, more: LayerView, same: dict[int, int]) -> None:
        """Let spans with a label of their own take the place of spans with another."""
        taken = set(same.values())
        at: dict[tuple[Range, ...], int] = {}
        for ident, span in self.spans.items():
            if ident not in taken and span.label in self.by.labels:
                at[span.ranges] = ident
        for span in more.in_order():
            if span.ident not in same and span.ranges in at:
                ident = at.pop(span.ranges)
                # What was said of it under its other label does not hold of it now.
                self.spans[ident] = replace(_proposed(span, self.by), ident=ident)
                same[span.ident] = ident

    def add_links(
        self, before: Mapping[int, Link], more: Mapping[int, Link], idents: Mapping[int, int]
    ) -> dict[int, Link]:
        """Return the links that were there, and those of a layer whose spans lack their kind."""
        theirs = [
            replace(link, source=idents[link.source], target=idents[link.target])
            for link in more.values()
        ]
        links = dict(before)
        if self.by.overrules:
            said = {(link.kind, link.source) for link in theirs}
            links = {i: link for i, link in before.items() if (link.kind, link.source) not in said}
        linked = {(link.kind, link.source) for link in links.values()}
        known = {self._key(link) for link in links.values()}
        for link in theirs:
            key = self._key(link)
            if key in known or (link.kind, link.source) in linked or not self._may(link):
                continue
            known.add(key)
            ident = self._next()
            links[ident] = replace(link, ident=ident)
            self._credit(link)
        return links

    def _key(self, link: Link) -> tuple[str, int, int]:
        """Return what a link is known by; a symmetric one has no direction."""
        ends = [link.source, link.target]
        kind = self.schema.links.get(link.kind)
        if kind is not None and kind.symmetric:
            ends.sort()
        return link.kind, ends[0], ends[1]

    def _may(self, link: Link) -> bool:
        """Tell whether a span may have a link: not where an attribute says that it has none.

        A voice that overrules takes such an attribute away.
        """
        kind = self.schema.links.get(link.kind)
        if kind is None:
            return False
        span = self.spans[link.source]
        denied = [n for n, values in kind.unless.items() if span.attributes.get(n) in values]
        if denied and self.by.overrules:
            kept = {name: value for name, value in span.attributes.items() if name not in denied}
            self.spans[link.source] = replace(span, attributes=kept)
        return self.by.overrules or not denied

    def _credit(self, link: Link) -> None:
        """Note who gave a kind of link, where that is not who proposed its source."""
        span = self.spans[link.source]
        evidence = dict(span.evidence or {})
        if evidence.get("suggester") != self.by.name:
            evidence["given_by"] = {**evidence.get("given_by", {}), link.kind: self.by.name}
            self.spans[link.source] = replace(span, evidence=evidence)


def _proposed(span: Span, by: Voice) -> Span:
    """Return a span that tells who proposed it."""
    return replace(span, evidence={**(span.evidence or {}), "suggester": by.of(span)})


def _agreed(span: Span, other: Span, by: Voice) -> Span:
    """Return a span with what another says of the same place."""
    other = _proposed(other, by)
    if by.fills:
        attributes = span.attributes
        if by.overrules:
            attributes = {n: v for n, v in attributes.items() if other.attributes.get(n, v) == v}
        return _completed(replace(span, attributes=attributes), other)
    if by.overrules:
        return _with_also(_completed(replace(other, ident=span.ident), span), span)
    return _with_also(_completed(span, other), other)


def _completed(span: Span, more: Span) -> Span:
    """Return a span with the attributes that it lacks, why they are so, and who gave them."""
    evidence = dict(span.evidence or {})
    told = more.evidence or {}
    given_by = dict(evidence.get("given_by", {}))
    for name in more.attributes:
        if name in span.attributes:
            continue
        evidence.pop(name, None)
        if name in told:
            evidence[name] = told[name]
        given_by[name] = told.get("given_by", {}).get(name, told["suggester"])
    given_by = {name: who for name, who in given_by.items() if who != evidence["suggester"]}
    evidence.pop("given_by", None)
    if given_by:
        evidence["given_by"] = given_by
    attributes = {**more.attributes, **span.attributes}
    return replace(span, attributes=attributes, evidence=evidence)


def _with_also(span: Span, more: Span) -> Span:
    """Return a span that names those who proposed it too."""
    evidence = dict(span.evidence or {})
    told = more.evidence or {}
    others = [*evidence.get("also", ()), told["suggester"], *told.get("also", ())]
    others = [name for name in dict.fromkeys(others) if name != evidence["suggester"]]
    if others:
        evidence["also"] = others
    return replace(span, evidence=evidence)

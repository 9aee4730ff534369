"""Decisions: how a human layer changes, and how it is folded from its log.

A decision names a subject (a span, a link, the document with ident 0, or a dispute on gold), its
ident, and the whole value that is true afterwards. The fold reads `after` alone; `verb` says why,
and a new verb cannot break history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from corpus.core.problems import Problem
from corpus.core.schema import DOCUMENT
from corpus.core.span import LayerView, Link, Span

VERBS = (
    *("accept", "reject", "relabel", "resize", "attribute", "add", "remove", "link", "unlink"),
    *("undo", "redo", "leave", "submit", "reopen"),
    # On gold.
    *("settle", "defer", "agree"),
)
# The ident of the document itself, where spans have theirs.
DOCUMENT_IDENT = 0
# What reviewers decide about; the other subjects are for gold, and for handing in.
REVIEWED = ("span", "link", "document")
SUBJECTS = (*REVIEWED, "dispute", "layer")

Value = Mapping[str, Any]
REJECTED: Value = {"rejected": True}
DEFERRED: Value = {"deferred": True}


@dataclass(frozen=True, slots=True)
class Decision:
    """One change.

    `after` is the new value: null for nothing, `REJECTED`, `DEFERRED`, or a span, link or dispute.
    """

    verb: str
    subject: str
    ident: int
    after: Value | None


def span_value(span: Span) -> Value:
    """Return the value of a span as decisions hold it, without score and evidence."""
    return {
        "label": span.label,
        "start": span.start,
        "end": span.end,
        "fragments": [list(piece) for piece in span.fragments] if span.fragments else None,
        "attributes": dict(span.attributes),
    }


def link_value(link: Link) -> Value:
    """Return the value of a link as decisions hold it."""
    value = {"kind": link.kind, "source": link.source, "target": link.target}
    # Left out where there are none, as logs of before links had any.
    return {**value, "attributes": dict(link.attributes)} if link.attributes else value


def read_span(ident: int, value: Value, *, origin: int | None = None) -> Span:
    """Make a span from its value; raise `Problem` when the value is not well formed."""
    try:
        pieces = value.get("fragments")
        fragments = tuple((_offset(a), _offset(b)) for a, b in pieces) if pieces else None
        attributes = read_attributes(value)
        return Span(
            ident,
            str(value["label"]),
            _offset(value["start"]),
            _offset(value["end"]),
            fragments,
            attributes,
            origin=origin,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Problem("decision-shape", reason=f"span {ident}: {error!r}") from None


def read_attributes(value: Value) -> dict[str, Any]:
    """Return the attributes that a value holds; what is empty was never set."""
    given = dict(value.get("attributes") or {})
    return {name: chosen for name, chosen in given.items() if chosen not in (None, "", [])}


def read_link(ident: int, value: Value) -> Link:
    """Make a link from its value; raise `Problem` when the value is not well formed."""
    try:
        return Link(
            ident,
            str(value["kind"]),
            _offset(value["source"]),
            _offset(value["target"]),
            read_attributes(value),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Problem("decision-shape", reason=f"link {ident}: {error!r}") from None


def _offset(number: Any) -> int:
    # A bool is an int to Python, and a column holds no more than 31 bits.
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 2**31:
        raise ValueError(f"{number!r} is not a whole number")
    return number


def current(layer: LayerView, subject: str, ident: int) -> Value | None:
    """Return the value that is true now, which becomes the `before` of the next decision."""
    if subject == "span":
        if ident in layer.rejected:
            return REJECTED
        return span_value(layer.spans[ident]) if ident in layer.spans else None
    if subject == "link":
        return link_value(layer.links[ident]) if ident in layer.links else None
    if subject == "document":
        return {"attributes": dict(layer.attributes)}
    if subject == "dispute":
        return DEFERRED if ident in layer.deferred else layer.settled.get(ident)
    return None


def apply(
    layer: LayerView, decision: Decision, *, origins: frozenset[int] = frozenset()
) -> LayerView:
    """Return the layer after one decision.

    `origins` are the idents of the suggestions that the author was shown: a span with such an ident
    comes from that suggestion. Removing a span removes its links.
    """
    if decision.subject == "span":
        return _apply_to_span(layer, decision, origins)
    if decision.subject == "link":
        return _apply_to_link(layer, decision)
    if decision.subject == "document":
        return replace(layer, attributes=_read_document(decision.after))
    if decision.subject == "dispute":
        return _apply_to_dispute(layer, decision)
    return layer


def _read_document(value: Value | None) -> dict[str, Any]:
    try:
        return read_attributes(value or {})
    except (TypeError, ValueError) as error:
        raise Problem("decision-shape", reason=f"document: {error!r}") from None


def _apply_to_span(layer: LayerView, decision: Decision, origins: frozenset[int]) -> LayerView:
    ident = decision.ident
    after = decision.after
    spans = dict(layer.spans)
    spans.pop(ident, None)
    rejected = layer.rejected - {ident}
    if after is not None and not after.get("rejected"):
        spans[ident] = read_span(ident, after, origin=ident if ident in origins else None)
        return replace(layer, spans=spans, rejected=rejected)
    if after:
        rejected |= {ident}
    links = {i: x for i, x in layer.links.items() if ident not in (x.source, x.target)}
    return replace(layer, spans=spans, links=links, rejected=rejected)


def _apply_to_link(layer: LayerView, decision: Decision) -> LayerView:
    links = dict(layer.links)
    links.pop(decision.ident, None)
    if decision.after is not None:
        links[decision.ident] = read_link(decision.ident, decision.after)
    return replace(layer, links=links)


def _apply_to_dispute(layer: LayerView, decision: Decision) -> LayerView:
    settled = dict(layer.settled)
    settled.pop(decision.ident, None)
    deferred = layer.deferred - {decision.ident}
    if decision.after is not None:
        if decision.after.get("deferred"):
            deferred |= {decision.ident}
        else:
            settled[decision.ident] = decision.after
    return replace(layer, settled=settled, deferred=deferred)


def fold(decisions: Iterable[Decision], *, origins: frozenset[int] = frozenset()) -> LayerView:
    """Return the layer that a log of decisions adds up to."""
    layer = LayerView()
    for decision in decisions:
        layer = apply(layer, decision, origins=origins)
    return layer


def not_looked_at(log: Iterable[Decision], suggested: LayerView) -> list[Span]:
    """Return the suggestions that the last hand-in of a log notes as left untouched."""
    left: Iterable[int] = ()
    for decision in log:
        if decision.verb == "leave":
            left = (decision.after or {}).get("left", ())
    return left_spans(left, suggested.spans)


def left_spans(left: Iterable[int], suggested: Mapping[int, Span]) -> list[Span]:
    """Return the suggested spans of these idents; the document stands for what it was given."""
    spans = [suggested[ident] for ident in left if ident in suggested]
    if DOCUMENT_IDENT in left:
        spans.append(Span(DOCUMENT_IDENT, DOCUMENT, 0, 0))
    return spans


def changes(before: LayerView, after: LayerView) -> tuple[set[int], set[int]]:
    """Return the idents of the spans and links that differ between two states of one layer."""
    return _different(before.spans, after.spans), _different(before.links, after.links)


def _different(before: Mapping[int, object], after: Mapping[int, object]) -> set[int]:
    idents = {*before, *after}
    return {ident for ident in idents if before.get(ident) != after.get(ident)}

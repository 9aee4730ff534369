"""Decisions: how a human layer changes, and how it is folded from its log.

A decision names a subject (a span, a link, the document with ident 0, or a dispute on gold), its
ident, and the whole value that is true afterwards. The fold reads `after` alone; `verb` says why,
and a new verb cannot break history.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.core.problems import Problem
from corpus.core.span import LayerView, Link, Span

VERBS = (
    *("accept", "reject", "relabel", "resize", "attribute", "add", "remove", "link", "unlink"),
    *("propose", "undo", "redo", "leave", "submit", "reopen", "lose"),
    # On gold.
    *("settle", "defer", "agree"),
)
# The ident of the document itself, where spans have theirs.
DOCUMENT_IDENT = 0
# Of a layer: spans of it did not come along to a corrected text.
LEFT_BEHIND = "lose"
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


class Folding:
    """A layer while decisions are put on it, one after the other.

    It is copied once, and what the decisions touch is noted: they cost the same on a layer that
    holds thousands. `origins` are the idents of the suggestions that the author was shown: a span
    with such an ident comes from that suggestion.
    """

    def __init__(self, layer: LayerView, *, origins: Container[int] = ()) -> None:
        self.before = layer
        self.origins = origins
        self.spans = dict(layer.spans)
        self.links = dict(layer.links)
        self.rejected = set(layer.rejected)
        self.settled = dict(layer.settled)
        self.deferred = set(layer.deferred)
        self.attributes = layer.attributes
        self._touched_spans: set[int] = set()
        self._touched_links: set[int] = set()

    def apply(self, decision: Decision) -> None:
        """Carry out a decision. Removing a span removes its links."""
        if decision.subject == "span":
            self._set_span(decision.ident, decision.after)
        elif decision.subject == "link":
            self._set_link(decision.ident, decision.after)
        elif decision.subject == "document":
            self.attributes = _read_document(decision.after)
        elif decision.subject == "dispute":
            self._set_dispute(decision.ident, decision.after)

    def view(self) -> LayerView:
        """Return the layer as it is now; no decision may follow."""
        return LayerView(
            self.spans,
            self.links,
            frozenset(self.rejected),
            self.settled,
            frozenset(self.deferred),
            self.attributes,
        )

    def changes(self) -> tuple[set[int], set[int]]:
        """Return the idents of the spans and links that are not what they were."""
        return (
            _different(self._touched_spans, self.before.spans, self.spans),
            _different(self._touched_links, self.before.links, self.links),
        )

    def _set_span(self, ident: int, after: Value | None) -> None:
        self._touched_spans.add(ident)
        self.spans.pop(ident, None)
        self.rejected.discard(ident)
        if after is not None and not after.get("rejected"):
            origin = ident if ident in self.origins else None
            self.spans[ident] = read_span(ident, after, origin=origin)
            return
        if after:
            self.rejected.add(ident)
        gone = [i for i, x in self.links.items() if x.source == ident or x.target == ident]
        for link in gone:
            del self.links[link]
        self._touched_links.update(gone)

    def _set_link(self, ident: int, after: Value | None) -> None:
        self._touched_links.add(ident)
        self.links.pop(ident, None)
        if after is not None:
            self.links[ident] = read_link(ident, after)

    def _set_dispute(self, ident: int, after: Value | None) -> None:
        self.settled.pop(ident, None)
        self.deferred.discard(ident)
        if after is None:
            return
        if after.get("deferred"):
            self.deferred.add(ident)
        else:
            self.settled[ident] = after


def _read_document(value: Value | None) -> dict[str, Any]:
    try:
        return read_attributes(value or {})
    except (TypeError, ValueError) as error:
        raise Problem("decision-shape", reason=f"document: {error!r}") from None


def current(layer: LayerView | Folding, subject: str, ident: int) -> Value | None:
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


def fold(decisions: Iterable[Decision], *, origins: Container[int] = ()) -> LayerView:
    """Return the layer that a log of decisions adds up to; `origins` as for `Folding`."""
    folding = Folding(LayerView(), origins=origins)
    for decision in decisions:
        folding.apply(decision)
    return folding.view()


def not_looked_at(log: Iterable[Decision]) -> frozenset[int]:
    """Return the suggestions that the last hand-in of a log notes as left untouched."""
    left: frozenset[int] = frozenset()
    for decision in log:
        if decision.verb == "leave" and decision.subject == "layer":
            left = left_in(decision.after)
    return left


def left_in(after: Value | None) -> frozenset[int]:
    """Return the suggestions that the value of one hand-in names as left untouched."""
    return frozenset((after or {}).get("left", ()))


def left_behind(idents: Mapping[str, Iterable[int]]) -> Decision:
    """Return the decision that notes spans which did not come along to a corrected text.

    `idents` are those of the layer that was carried, by the digest of its text.
    """
    value = {digest: sorted(spans) for digest, spans in idents.items()}
    return Decision(LEFT_BEHIND, "layer", 0, {"texts": value})


def left_behind_in(after: Value | None) -> Mapping[str, Sequence[int]]:
    """Return the idents of such a decision, by the digest of the text that they are of."""
    return dict((after or {}).get("texts", {}))


def changes(before: LayerView, after: LayerView) -> tuple[set[int], set[int]]:
    """Return the idents of the spans and links that differ between two states of one layer."""
    return (
        _different({*before.spans, *after.spans}, before.spans, after.spans),
        _different({*before.links, *after.links}, before.links, after.links),
    )


def _different(
    idents: Iterable[int], before: Mapping[int, object], after: Mapping[int, object]
) -> set[int]:
    return {ident for ident in idents if before.get(ident) != after.get(ident)}

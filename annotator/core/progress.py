"""How far a review is: how many of its items need a person, and how many of those are settled.

It counts as the review page does (`text/model.js`), so that the number on the page and those on
lists are the same: frames, parts that no frame owns, whatever lacks something, and the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from annotator.core.acceptance import LogFacts
from corpus.core.schema import Attribute, LinkKind, SchemaView
from corpus.core.span import LayerView, Link, Span


@dataclass(frozen=True, slots=True)
class Progress:
    """So many items of a review are settled of so many."""

    settled: int
    total: int


@dataclass(frozen=True, slots=True)
class _Shown:
    """A link as a span shows it; a `pending` one comes when its other end is accepted."""

    link: Link
    pending: bool


@dataclass(frozen=True)
class _Review:
    """A review with the suggestions that it shows."""

    suggested: LayerView
    mine: LayerView
    facts: LogFacts
    schema: SchemaView

    @cached_property
    def spans(self) -> Mapping[int, Span]:
        """Return the spans as they are shown: mine before what was suggested."""
        return {**self.suggested.spans, **self.mine.spans}

    @cached_property
    def mine_at(self) -> Mapping[int, list[Link]]:
        """Return the links of the layer by the spans at both of their ends."""
        return _by_span(self.mine.links.values())

    @cached_property
    def suggested_at(self) -> Mapping[int, list[Link]]:
        """Return the suggested links by the spans at both of their ends."""
        return _by_span(self.suggested.links.values())

    def stands(self, ident: int) -> bool:
        """Tell whether a span is in the layer and nothing of it waits to be accepted."""
        return ident in self.mine.spans and ident not in self.facts.unaccepted


def progress(
    suggested: LayerView, mine: LayerView, facts: LogFacts, schema: SchemaView
) -> Progress:
    """Return how many items of a review are settled, and how many there are."""
    review = _Review(suggested, mine, facts, schema)
    shown = {ident: _links_of(review, ident) for ident in review.spans}
    owned = {
        entry.link.target
        for ident, entries in shown.items()
        for entry in entries
        if entry.link.source == ident and schema.links[entry.link.kind].owned
    }
    settled = total = 0
    for ident, entries in shown.items():
        is_lacking = ident not in facts.rejected and _lacks(review, ident, entries)
        if _is_item(review, ident, is_lacking=is_lacking, is_owned=ident in owned):
            total += 1
            is_decided = review.stands(ident) or ident in facts.rejected
            settled += is_decided and not is_lacking
    if schema.attributes:
        total += 1
        settled += _is_document_settled(review)
    return Progress(settled, total)


def _by_span(links: Iterable[Link]) -> dict[int, list[Link]]:
    by_span: dict[int, list[Link]] = {}
    for link in links:
        by_span.setdefault(link.source, []).append(link)
        by_span.setdefault(link.target, []).append(link)
    return by_span


def _is_item(review: _Review, ident: int, *, is_lacking: bool, is_owned: bool) -> bool:
    """Tell whether a span needs a person of itself.

    A part is settled with the frame that owns it, and what folds rides along.
    """
    schema = review.schema
    span = review.spans[ident]
    # A person proposed it for one of many places.
    is_proposed = ident in review.facts.unaccepted and ident not in review.suggested.spans
    if is_proposed or (is_lacking and ident in review.mine.spans):
        return True
    if schema.labels[span.label].fold:
        return is_lacking
    if span.label not in schema.folded:
        return True
    if is_owned:
        return False
    if ident in review.mine.spans or ident in review.facts.rejected:
        return True
    links = review.suggested_at.get(ident, ())
    return not any(link.target == ident and schema.links[link.kind].owned for link in links)


def _links_of(review: _Review, ident: int) -> list[_Shown]:
    """Return the links of a span as the page shows them."""
    if ident in review.facts.rejected:
        return []
    stands = review.stands(ident)
    shown = [_Shown(link, pending=False) for link in review.mine_at.get(ident, ())]
    for link in review.suggested_at.get(ident, ()):
        if _is_offered(review, link) and (not stands or _waits(review, link)):
            shown.append(_Shown(link, pending=stands))
    return [
        entry
        for entry in shown
        if entry.link.source == ident or review.schema.links[entry.link.kind].symmetric
    ]


def _is_offered(review: _Review, link: Link) -> bool:
    """Tell whether a suggested link can still hold."""
    mine = review.mine
    source, target = review.spans.get(link.source), review.spans.get(link.target)
    if source is None or target is None or link.ident in mine.links:
        return False
    if link.source in review.facts.rejected or link.target in review.facts.rejected:
        return False
    kind = review.schema.links[link.kind]
    if not kind.joins(source.label, target.label):
        return False
    is_source_mine = link.source in mine.spans
    is_shown_by_mine = is_source_mine or (kind.symmetric and link.target in mine.spans)
    if is_shown_by_mine and link.ident in review.facts.dropped:
        return False
    if not is_source_mine:
        return True
    return not _has_reason(kind, source.attributes) and all(
        kind.many and other.target != link.target
        for other in review.mine_at.get(link.source, ())
        if other.source == link.source and other.kind == link.kind
    )


def _waits(review: _Review, link: Link) -> bool:
    """Tell whether a link comes when its other end is accepted; parts come with their frame."""
    label = review.spans[link.target].label
    is_part = review.schema.links[link.kind].owned and label in review.schema.folded
    return not (review.stands(link.source) and review.stands(link.target)) and not is_part


def _has_reason(kind: LinkKind, attributes: Mapping[str, Any]) -> bool:
    """Tell whether attributes say why there is no link of a kind."""
    return any(attributes.get(name) in values for name, values in kind.unless.items())


def _lacks(review: _Review, ident: int, links: Iterable[_Shown]) -> bool:
    """Tell whether a span lacks a required link or attribute."""
    span = review.spans[ident]
    schema = review.schema
    held = {entry.link.kind for entry in links}
    for kind in schema.links_from(span.label):
        if kind.required and kind.name not in held and not _has_reason(kind, span.attributes):
            return True
    if _is_empty_in(span.attributes, schema.attributes_of(span.label)):
        return True
    return any(
        _is_empty_in(entry.link.attributes, schema.links[entry.link.kind].attributes)
        for entry in links
        if entry.link.source == ident and not entry.pending
    )


def _is_empty_in(values: Mapping[str, Any], attributes: Iterable[Attribute]) -> bool:
    """Tell whether a required attribute is without a value."""
    return any(
        attribute.required and values.get(attribute.name) in (None, "", [])
        for attribute in attributes
    )


def _is_document_settled(review: _Review) -> bool:
    is_lacking = _is_empty_in(review.mine.attributes, review.schema.attributes)
    is_accepted = review.facts.document_seen and 0 not in review.facts.unaccepted
    return is_accepted and not is_lacking

"""The rows of the dataset in a release: gold, every annotator's layer, and where each span is from.

Soft labels and disputes rest on the same comparison as adjudication does.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from annotator.core.compare import Cluster, Suggestions, compare, versions
from annotator.core.decisions import span_value
from annotator.core.frames import Frame, reasons, same_links
from corpus.core.schema import LinkKind, SchemaView
from corpus.core.span import LayerView, Span, jaccard
from corpus.core.targets import with_target
from exports.core.record import Record, as_row, span_id

# How reviews are compared. 2: every span is a frame of its own. 3: what was not looked at is no
# vote, and what rides along is no dispute.
COMPARISON = 3
ABSTENTIONS = 3
# Jaccard index from which spans with different labels are about the same words.
SAME = 0.5


@dataclass(frozen=True, slots=True)
class Review:
    """One annotator's layer of a document, with the suggestions that were shown.

    `layer` is the name of the layer in comparisons, `annotator` a pseudonym. `released` and
    `suggested` are what the release holds of `view` and of the suggestions. `suggester` is "" when
    the review was blind. `shown` tells what the annotator did not look at.
    """

    layer: str
    annotator: str
    view: LayerView
    released: LayerView
    suggester: str
    suggested: LayerView
    shown: Suggestions | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """Who decided something of gold last, a pseudonym or a policy, and with which verb."""

    by: str
    verb: str


@dataclass(frozen=True, slots=True)
class Annotated:
    """A document as it was released: gold, the reviews, and who decided what of gold.

    `settled` says who settled a dispute. `whole` is false when a release holds only what people
    found, so that what suggesters proposed stays out of every configuration.
    """

    record: Record
    gold: LayerView
    target: str | None
    reviews: tuple[Review, ...]
    decided: Mapping[int, Decided]
    settled: Mapping[int, Decided]
    whole: bool = True


def gold_row(document: Annotated) -> dict[str, Any]:
    """Return the row of a document in the configuration `gold`."""
    return {**_document(document.record), **_layer(document.record)}


def without_riding(schema: SchemaView) -> SchemaView:
    """Return a schema in which no label rides along, as none did once."""
    labels = {name: replace(label, fold=False) for name, label in schema.labels.items()}
    return replace(schema, labels=labels)


def compared(document: Annotated, schema: SchemaView) -> list[Cluster]:
    """Compare the reviews of a document, as its disputes were found."""
    views = {review.layer: review.view for review in document.reviews}
    return _clusters(document, views, schema)


def annotators_row(
    document: Annotated, clusters: list[Cluster], schema: SchemaView
) -> dict[str, Any]:
    """Return the row of a document with every annotator's layer, and soft labels by frame."""
    annotations = []
    for review in document.reviews:
        layer = _layer(replace(document.record, layer=review.released))
        assisted = bool(review.suggester)
        annotations.append({"annotator": review.annotator, "assisted": assisted, **layer})
    if not document.whole:
        views = {review.layer: review.released for review in document.reviews}
        clusters = _clusters(document, views, schema)
    frames = [
        _soft_frame(cluster, document.record.text, schema)
        for cluster in clusters
        if not cluster.is_of_document
    ]
    return {**_document(document.record), "annotations": annotations, "frames": frames}


def _document(record: Record) -> dict[str, Any]:
    meta = json.dumps(dict(record.meta), ensure_ascii=False)
    return {"id": record.id, "text": record.text, "meta": meta}


def _layer(record: Record) -> dict[str, Any]:
    row = as_row(record)
    for span in row["spans"]:
        span.setdefault("fragments", [])
    # A document of which nothing is said has no such field.
    return {key: row.get(key) for key in ("attributes", "spans", "links")}


def _clusters(
    document: Annotated, views: Mapping[str, LayerView], schema: SchemaView
) -> list[Cluster]:
    """Compare layers as adjudication does, with the document's target where none is named."""
    return compare(
        {name: with_target(view, schema, document.target) for name, view in views.items()},
        schema,
        shown={review.layer: review.shown for review in document.reviews if review.shown},
    )


def _soft_frame(cluster: Cluster, text: str, schema: SchemaView) -> dict[str, Any]:
    """Return a frame in the version that most hold, with how many hold which value."""
    head = versions(cluster, schema)[0][1].head
    held = len(cluster.members)
    total = len(cluster.voters)
    frames = [frame for _, frame in sorted(cluster.members.items())]
    counts = {
        "existence": Counter({"yes": held, "no": total - held}),
        "boundary": Counter(_boundary(frame.head) for frame in frames),
        "label": Counter(frame.head.label for frame in frames),
        **_links(frames, text, schema),
        **_attributes(frames, schema),
    }
    soft = []
    for facet, values in counts.items():
        voters = values.total()
        for value, votes in sorted(values.items(), key=lambda item: (-item[1], item[0])):
            if votes:
                share = round(votes / voters, 6)
                soft.append({"facet": facet, "value": value, "votes": votes, "share": share})
    return {"label": head.label, **_place(head, text), "annotators": total, "soft_labels": soft}


def _boundary(span: Span) -> str:
    return ",".join(f"{start}-{end}" for start, end in span.ranges)


def _links(frames: list[Frame], text: str, schema: SchemaView) -> dict[str, Counter[str]]:
    """Count what is linked to by each kind; the same person under several mentions is one."""
    counts: dict[str, Counter[str]] = {}
    for kind in schema.links.values():
        held = [frame for frame in frames if frame.head.label in kind.sources]
        if held:
            counts[schema.link_facet(kind)] = _ends(held, kind, text, schema)
    return counts


def _ends(frames: list[Frame], kind: LinkKind, text: str, schema: SchemaView) -> Counter[str]:
    counts: Counter[str] = Counter()
    named: list[tuple[str, Frame]] = []
    for frame in frames:
        for name, other in named:
            if same_links(frame, other, kind, schema):
                counts[name] += 1
                break
        else:
            name = _names_of_ends(frame, kind, text, schema)
            named.append((name, frame))
            counts[name] += 1
    return counts


def _names_of_ends(frame: Frame, kind: LinkKind, text: str, schema: SchemaView) -> str:
    names = []
    for linked in frame.linked_by(kind.name):
        identity = schema.identities.get(linked.span.label, "")
        names.append(str(linked.span.attributes.get(identity) or linked.span.covered(text)))
    return "; ".join(sorted(names)) or " ".join(reasons(frame, kind).values()) or "nobody"


def _attributes(frames: list[Frame], schema: SchemaView) -> dict[str, Counter[str]]:
    """Count the values of each attribute among those who gave one."""
    counts: dict[str, Counter[str]] = {}
    for frame in frames:
        for attribute in schema.compared(frame.head.label):
            value = frame.head.attributes.get(attribute.name)
            if value is not None:
                word = str(value).lower() if attribute.kind == "flag" else attribute.words(value)
                facet = schema.attribute_facet(attribute.name)
                counts.setdefault(facet, Counter())[word] += 1
    return counts


def _place(span: Span, text: str) -> dict[str, Any]:
    fragments = [list(piece) for piece in span.fragments or ()]
    return {
        "start": span.start,
        "end": span.end,
        "text": span.text(text),
        "fragments": fragments,
    }


def provenance_rows(
    document: Annotated, clusters: list[Cluster], schema: SchemaView
) -> Iterator[dict[str, Any]]:
    """Yield a row for each span of gold, then for what gold does not hold, in text order.

    That is what is in dispute or was settled to be nothing, and suggestions that nobody took.
    """
    disputes = {c.ident: _dispute(document, c) for c in clusters if not c.agreed}
    dispute_of = {}
    for ident, value in document.gold.settled.items():
        for span in value.get("spans") or ():
            dispute_of[span] = disputes.get(ident)
    in_gold = document.record.layer.in_order()
    for span in in_gold:
        yield _row(document, span, dispute=dispute_of.get(span.ident), in_gold=True)
    outside = list(_outside(document, clusters, disputes, in_gold, schema))
    outside += [(span, None) for span in _refused(document, in_gold, [s for s, _ in outside])]
    for span, dispute in sorted(outside, key=lambda row: (row[0].start, row[0].end, row[0].label)):
        yield _row(document, span, dispute=dispute, in_gold=False)


def _dispute(document: Annotated, cluster: Cluster) -> dict[str, Any]:
    """Return what became of a dispute."""
    value = document.gold.settled.get(cluster.ident)
    state = "deferred" if cluster.ident in document.gold.deferred else "open"
    decided = document.settled.get(cluster.ident)
    return {
        "state": state if value is None else "settled",
        "facets": list(cluster.kinds),
        "choice": str((value or {}).get("choice") or ""),
        "by": decided.by if decided and value is not None else "",
        "reason": str((value or {}).get("reason") or ""),
    }


def _outside(
    document: Annotated,
    clusters: list[Cluster],
    disputes: Mapping[int, dict[str, Any]],
    in_gold: list[Span],
    schema: SchemaView,
) -> Iterator[tuple[Span, dict[str, Any] | None]]:
    """Yield what annotators marked and gold does not hold, with its dispute."""
    views = {review.layer: review.view for review in document.reviews}
    for cluster in clusters:
        if cluster.is_of_document:
            # It has no words that a row could name.
            continue
        dispute = disputes.get(cluster.ident)
        holder = versions(cluster, schema)[0][0][0]
        # As the annotator marked it, without the document's target.
        head = views[holder].spans[cluster.members[holder].head.ident]
        if dispute is None:
            held = any(head.label == span.label and head.same_place(span) for span in in_gold)
        else:
            held = dispute["state"] == "settled" and dispute["choice"] != "none"
        proposed = any(frame.head.origin is not None for frame in cluster.members.values())
        if not held and (document.whole or not proposed):
            yield head, dispute


def _refused(document: Annotated, in_gold: list[Span], outside: list[Span]) -> list[Span]:
    """Return the suggestions that were shown and stand neither in gold nor in a review."""
    if not document.whole:
        return []
    refused: dict[tuple[str, int], Span] = {}
    taken = set()
    for review in document.reviews:
        for span in review.view.spans.values():
            taken.add((review.suggester, span.origin))
        for span in review.suggested.spans.values():
            refused[review.suggester, span.ident] = span
    others = [*in_gold, *outside]
    return [
        span
        for key, span in sorted(refused.items(), key=itemgetter(0))
        if key not in taken and not any(_is_same(span, other) for other in others)
    ]


def _is_same(one: Span, other: Span) -> bool:
    return one.label == other.label and one.same_place(other)


def _row(
    document: Annotated, span: Span, *, dispute: dict[str, Any] | None, in_gold: bool
) -> dict[str, Any]:
    votes = []
    source = "added"
    suggestion: Span | None = None
    suggester = ""
    for review in document.reviews:
        own, vote = _vote(span, review)
        same_place = own is not None and own.same_place(span)
        votes.append({"annotator": review.annotator, "vote": vote, "same_place": same_place})
        if suggestion is None and vote in ("accepted", "edited", "rejected", "left"):
            suggestion = _suggestion(span, own, review)
            suggester = review.suggester
    cast = {vote["vote"] for vote in votes}
    if suggestion is not None and cast & {"accepted", "edited"}:
        same = _value(suggestion, document.target) == _value(span, document.target)
        source = "accepted" if same else "edited"
    elif suggestion is not None and not in_gold and "added" not in cast:
        source = "rejected"
    decided = document.decided.get(span.ident) if in_gold else None
    return {
        "document": document.record.id,
        "span": span_id(span) if in_gold else "",
        "in_gold": in_gold,
        "label": span.label,
        **_place(span, document.record.text),
        "source": source,
        "suggester": suggester,
        "score": suggestion.score if suggestion is not None else None,
        "decided_by": decided.by if decided else "",
        "decision": decided.verb if decided else "",
        "votes": votes,
        "dispute": dispute or {"state": "none", "facets": [], "choice": "", "by": "", "reason": ""},
    }


def _vote(span: Span, review: Review) -> tuple[Span | None, str]:
    """Return an annotator's span that is about the same words, and what they did."""
    own = _nearest(span, review.released)
    if own is not None:
        shown = review.suggested.spans.get(own.origin) if own.origin is not None else None
        if shown is None:
            return own, "added"
        return own, "accepted" if span_value(shown) == span_value(own) else "edited"
    shown = _nearest(span, review.suggested)
    if shown is None or shown.ident in review.view.spans:
        return None, "none"
    return None, "rejected" if shown.ident in review.view.rejected else "left"


def _suggestion(span: Span, own: Span | None, review: Review) -> Span | None:
    if own is not None and own.origin is not None:
        return review.suggested.spans.get(own.origin)
    return _nearest(span, review.suggested)


def _value(span: Span, target: str | None) -> Mapping[str, Any]:
    """Return what a span says, with the document's target where it names none, as gold has it."""
    value = span_value(span)
    if span.label != "CLAIM" or target is None:
        return value
    return {**value, "attributes": {"target": target, **span.attributes}}


def _nearest(span: Span, view: LayerView) -> Span | None:
    """Return the span of a layer that fits best: the same label, else half of the words."""
    best: Span | None = None
    fit = (False, 0.0, 0)
    for other in view.spans.values():
        if other.end <= span.start or other.start >= span.end:
            continue
        likeness = jaccard(span, other)
        same = other.label == span.label
        # Of two that fit alike it is the one with the lower ident, whatever their order.
        rank = (same, likeness, -other.ident)
        if (likeness >= SAME or (same and likeness)) and rank > fit:
            best = other
            fit = rank
    return best

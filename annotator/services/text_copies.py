"""What people made on a text, taken over to its corrected version as far as the words allow.

A span moves when its exact words stand unchanged where a comparison of the texts expects them. The
layers are copied by decisions of a policy; those of the old version stay with it, to be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from annotator.core.compare import Cluster
from annotator.core.decisions import Decision, read_span, span_value
from annotator.models import (
    Adjudication,
    Assignment,
    Layer,
    LayerKind,
    LayerState,
)
from annotator.selectors.layers import FROM_FILE, layer_view, layer_views
from annotator.services import adjudications, assignment_plan, assignments
from annotator.services import layers as layer_rows
from annotator.services.decision_log import Entry, origin_keys, write
from annotator.services.layer_copies import (
    Compared,
    Log,
    accepted_in,
    compare,
    content,
    disputes_before,
    disputes_of,
    fill,
    handing_in,
    left_waiting,
    log_of,
    noting_left,
)
from annotator.services.policies import gold_with
from corpus.core.problems import Problem
from corpus.core.span import LayerView, Span
from corpus.core.text_moves import Moves, moved_layer, moves_between
from corpus.models import Document
from corpus.selectors import schema_of, schema_rows, text_of
from corpus.services import audit


@dataclass(slots=True)
class Carried:
    """What was carried over to new versions of texts.

    `left` are the spans of people that did not move, with the id of their document, the words and
    the old place; `opened` counts the reviews that are open again for it, `different` names the
    documents of which nothing could move, or whose text is again one that has work of its own.
    """

    spans: int = 0
    layers: int = 0
    opened: int = 0
    left: list[dict[str, Any]] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    def leave(self, document: Document, text: str, layer: Layer, spans: Iterable[Span]) -> None:
        """Note the spans of a layer that did not move."""
        for span in spans:
            self.left.append(
                {
                    "id": document.external_id,
                    "layer": layer.kind,
                    "author": str(layer.owner) if layer.owner is not None else "",
                    "label": span.label,
                    "start": span.start,
                    "end": span.end,
                    "text": span.covered(text),
                }
            )

    def as_json(self) -> dict[str, Any]:
        """Return the answer of `--json`."""
        return {
            "spans": self.spans,
            "layers": self.layers,
            "opened": self.opened,
            "left": self.left,
            "different": self.different,
        }


@dataclass(frozen=True, slots=True)
class _Versions:
    """Two versions of a document, and where the words of the old one are in the new one."""

    old: Document
    new: Document
    moves: Moves
    policy: str


@dataclass(slots=True)
class _Copied:
    """The reviews of the new version, by the key of each before.

    The `opened` ones were handed in and are open again, as something is missing; those `in_hand`
    were open, and are so once more.
    """

    copies: dict[int, Layer] = field(default_factory=dict)
    opened: list[Layer] = field(default_factory=list)
    in_hand: list[Layer] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        """Tell whether a review is missing that counts."""
        return any(not copy.practice for copy in self.opened)


def carry(old: Document, new: Document, carried: Carried) -> None:
    """Carry the layers, places and disputes of a document over to its new version.

    Inside the transaction that retires the old one. A version that people worked on before finds
    its own work again. Raises `Problem` while the document waits for a change of the schema.
    """
    # Whoever hands in or saves at this moment goes first, or finds the review ended.
    list(Assignment.objects.filter(document=old).select_for_update().values_list("pk"))
    rows = Layer.objects.filter(document=old).order_by("pk")
    list(rows.select_for_update().values_list("pk"))
    layers = list(rows.select_related("run", "owner"))
    schema = schema_of(new.corpus) if new.corpus.schema_id else None
    current = [layer for layer in layers if layer.state != LayerState.SUPERSEDED]
    if schema is None or any(layer.schema_id != schema.pk for layer in current):
        if current:
            raise Problem("schema-changing").at(old.external_id)
        return
    for layer in current:
        layer.document = old
        layer.schema = schema
    reviews = [layer for layer in current if layer.kind == LayerKind.REVIEW]
    gold = next((layer for layer in current if layer.kind == LayerKind.GOLD), None)
    shown = {layer.shown_run_id for layer in reviews}
    suggestions = [layer for layer in current if layer.kind == LayerKind.SUGGESTION]
    kept = [layer for layer in suggestions if _stays(layer, shown)]
    # Where nobody made anything, no words need to be looked for.
    has_work = bool(reviews or gold or kept)
    moves = moves_between(text_of(old), text_of(new)) if has_work else Moves(())
    versions = _Versions(old, new, moves, f"text:{new.pk}")
    if versions.moves.too_different or adjudications.has_work(new, schema):
        # Its reviews, disputes and case law stay with it, whole, for the day that it comes back.
        # So did those that the new version has of such a day before.
        if has_work:
            carried.different.append(old.external_id)
        return
    adjudication, before = disputes_before(old, schema)
    _copy_suggestions(kept, versions)
    copied = _copy_reviews(reviews, versions, carried)
    layer_rows.end_work(old, schema)
    assignments.move(old, old=schema, new=schema, to=new)
    if adjudication is not None:
        _move_adjudication(adjudication, gold, before, copied, versions, carried)
    _open_again(copied.opened, adjudication, versions)
    for copy in copied.in_hand:
        # What its author has in hand was counted back when it was opened.
        _open(copy, versions)
    carried.opened += len(copied.opened)
    assignment_plan.move_sample(old, new)


def _stays(layer: Layer, shown: Iterable[int | None]) -> bool:
    """Tell whether suggestions are carried: others are made anew for the new text."""
    run = layer.run
    if run is None:
        return False
    return layer.run_id in shown or run.suggester.startswith((FROM_FILE, "api:"))


def _copy_suggestions(layers: Sequence[Layer], versions: _Versions) -> None:
    views = layer_views(layers)
    new = []
    for layer in layers:
        there = Layer.objects.filter(document=versions.new, run=layer.run_id)
        if layer.run is None or there.exists():
            continue
        view = moved_layer(views[layer.pk], versions.moves).view
        rows = schema_rows(layer.schema)
        new.append(layer_rows.NewSuggestions(layer.run, versions.new, view, rows))
    if new:
        layer_rows.add_suggestions(new)


def _copy_reviews(reviews: Sequence[Layer], versions: _Versions, carried: Carried) -> _Copied:
    """Copy the reviews of a text to its new version, and note what does not move there."""
    copied = _Copied()
    text = text_of(versions.old)
    for layer in reviews:
        copy, made = layer_rows.copy_to(layer, versions.new)
        if made:
            left = _copy_review(layer, copy, versions, carried)
        else:
            # A text that is back has its own work.
            left = _not_in(layer_view(copy), layer_view(layer), versions.moves)
        carried.leave(versions.old, text, layer, left)
        copied.copies[layer.pk] = copy
        is_open = copy.state == LayerState.OPEN
        if layer.state == LayerState.SUBMITTED and (is_open or (made and left)):
            copied.opened.append(copy)
        elif layer.state == LayerState.OPEN and not is_open:
            copied.in_hand.append(copy)
    return copied


def _copy_review(
    layer: Layer, copy: Layer, versions: _Versions, carried: Carried
) -> tuple[Span, ...]:
    """Write a review of the new version; return the spans that did not move there."""
    moved = moved_layer(layer_view(layer), versions.moves)
    log = log_of(layer)
    kept = content(moved.view, log, origins=origin_keys(copy), accepted=accepted_in(layer))
    texts = _left_texts(moved.left, log, versions)
    entries = [*kept, *handing_in(layer, moved.view, log), *noting_left(texts)]
    fill(copy, layer, entries, policy=versions.policy, idents={}, only=moved.view.spans)
    carried.layers += 1
    carried.spans += len(moved.view.spans)
    return moved.left


def _not_in(own: LayerView, view: LayerView, moves: Moves) -> tuple[Span, ...]:
    """Return the spans of a layer that another one does not hold where they move to."""
    held = [(span.label, span.ranges, span.attributes) for span in own.spans.values()]
    left = []
    for span in view.in_order():
        now = moves.span(span)
        if now is None or (now.label, now.ranges, now.attributes) not in held:
            left.append(span)
    return tuple(left)


def _left_texts(left: Sequence[Span], log: Log, versions: _Versions) -> Mapping[str, Sequence[int]]:
    """Return the idents of spans that did not move, now and before, by the digest of their text."""
    texts = dict(left_waiting(log))
    if left:
        texts[versions.old.digest] = [span.ident for span in left]
    # Of a text that is back nothing is left behind.
    texts.pop(versions.new.digest, None)
    return texts


def _move_adjudication(
    adjudication: Adjudication,
    gold: Layer | None,
    before: Sequence[Cluster],
    copied: _Copied,
    versions: _Versions,
    carried: Carried,
) -> None:
    """Move what is to be settled, with gold as it follows from the reviews that were carried.

    A document that waits for reviews gets no disputes, and its case law is kept of the old text
    until they are settled again.
    """
    adjudications.move(adjudication, adjudication.schema, gold=None, to=versions.new)
    compared = compare(adjudication, before, copied.copies)
    if gold is None:
        return
    copy, made = layer_rows.copy_to(gold, versions.new)
    view = _copy_gold(gold, copy, compared, versions, carried) if made else layer_view(copy)
    adjudications.move(adjudication, adjudication.schema, gold=copy)
    if before and not copied.waits:
        adjudications.record_moved(adjudication, compared.clusters, view, idents=compared.idents)


def _copy_gold(
    gold: Layer, copy: Layer, compared: Compared, versions: _Versions, carried: Carried
) -> LayerView:
    """Write gold of the new version; return what it holds."""
    own = layer_view(gold)
    moved = moved_layer(own, versions.moves)
    carried.leave(versions.old, text_of(versions.old), gold, moved.left)
    now = {cluster.ident for cluster in compared.clusters}
    settled = {}
    for ident, value in own.settled.items():
        number = compared.idents.get(ident, ident)
        kept = _settlement(value, versions.moves, compared.idents)
        if kept is not None and number in now:
            settled[number] = {
                **kept,
                "spans": [i for i in value.get("spans", ()) if i in moved.view.spans],
            }
    deferred = frozenset(compared.idents.get(i, i) for i in own.deferred) & now
    view = replace(moved.view, settled=settled, deferred=deferred)
    if not compared.same or moved.left:
        schema = schema_rows(gold.schema).view
        view = gold_with(compared.clusters, settled, schema, before=view)
    log = log_of(gold)
    disputed = disputes_of(view, log, compared.idents)
    texts = _left_texts(moved.left, log, versions)
    entries = [*content(view, log, origins={}), *disputed, *noting_left(texts)]
    fill(copy, gold, entries, policy=versions.policy, idents=compared.idents)
    carried.layers += 1
    carried.spans += len(view.spans)
    return view


def _settlement(
    value: Mapping[str, Any], moves: Moves, idents: Mapping[int, int]
) -> dict[str, Any] | None:
    """Return a settlement over the new text, None when the span that was chosen did not move."""
    frame = value.get("frame")
    if not isinstance(frame, Mapping):
        return dict(value)
    head = _placed(frame["span"], moves)
    if head is None:
        return None
    links = []
    for link in frame.get("links", ()):
        if link.get("cluster") is not None:
            links.append({**link, "cluster": idents.get(link["cluster"], link["cluster"])})
        elif (end := _placed(link["span"], moves)) is not None:
            links.append({**link, "span": end})
    return {**value, "frame": {**frame, "span": head, "links": links}}


def _placed(value: Mapping[str, Any], moves: Moves) -> dict[str, Any] | None:
    """Return a span, as a settlement holds it, at its new place."""
    if value["start"] == value["end"]:
        # The document itself, which has no place.
        return dict(value)
    span = moves.span(read_span(0, value))
    if span is None:
        return None
    placed = span_value(span)
    return {**value, **{name: placed[name] for name in ("start", "end", "fragments")}}


def _open(review: Layer, versions: _Versions) -> None:
    """Open a review to who made it, if it is not open yet."""
    if layer_rows.open_again(review, final_too=True):
        entry = Entry(Decision("reopen", "layer", 0, {"state": "open"}))
        write(review, [entry], at=review.version, policy=versions.policy)


def _open_again(
    reviews: Sequence[Layer], adjudication: Adjudication | None, versions: _Versions
) -> None:
    """Open the reviews of which something did not move to those who made them."""
    for layer in reviews:
        _open(layer, versions)
        if layer.owner is not None:
            assignments.take_back(versions.new, owner=layer.owner)
        if adjudication is not None and not layer.practice:
            adjudications.take_back(adjudication)
    if reviews:
        audit.note(
            versions.new.corpus,
            "opened-again",
            by=None,
            count=len(reviews),
            document=versions.new.external_id,
        )

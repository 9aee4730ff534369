"""The rows of layers with their spans and links: made, moved to the next version, handed in.

What a human layer holds is decided by its log: `decision_log` alone calls `advance` and, for human
layers, `write_rows`. What a suggestion layer holds comes from `runs`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from annotator.core.erasure import clean_attributes, names_in
from annotator.models import Adjudication, Layer, LayerKind, LayerState, Link, Run, Span
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.core.span import Link as LinkValue
from corpus.core.span import Span as SpanValue
from corpus.db import bulk
from corpus.models import Document, Schema
from corpus.selectors import SchemaRows, schema_rows

# Plain SQL, because every save runs it while others wait for its end.
ADVANCE = (
    "UPDATE annotator_layer SET version = version + %s, elapsed_ms = elapsed_ms + %s"
    " WHERE id = %s AND version = %s AND state = %s"
)
SPAN_COLUMNS = (
    "id",
    "layer_id",
    "ident",
    "label_id",
    "start",
    "end",
    "fragments",
    "attributes",
    "score",
    "evidence",
)
LINK_COLUMNS = ("id", "layer_id", "ident", "kind_id", "source_id", "target_id", "attributes")


def open_review(
    document: Document, *, schema_id: int, owner_id: int, shown_run_id: int | None, practice: bool
) -> Layer:
    """Make a reviewer's layer; raise `IntegrityError` when they have one."""
    layer = Layer(
        document=document,
        schema_id=schema_id,
        kind=LayerKind.REVIEW,
        owner_id=owner_id,
        shown_run_id=shown_run_id,
        practice=practice,
    )
    bulk.add(layer)
    return layer


def show_run(layer: Layer, run: int) -> bool:
    """Have a review that nobody has touched show a run; tell whether it was untouched."""
    untouched = Layer.objects.filter(
        pk=layer.pk, version=0, state=LayerState.OPEN, shown_run__isnull=True
    )
    if not untouched.update(shown_run=run):
        return False
    layer.shown_run_id = run
    return True


def review_for_import(document: Document, schema: Schema, *, owner_id: int) -> Layer:
    """Return a person's layer of a document, made without suggestions when there is none.

    Raises `Problem` while their layer waits for a change of the schema.
    """
    own = Layer.objects.filter(document=document, kind=LayerKind.REVIEW, owner_id=owner_id)
    if own.exclude(schema=schema).exclude(state=LayerState.SUPERSEDED).exists():
        raise Problem("schema-changing")
    layer, _ = Layer.objects.get_or_create(
        document=document, schema=schema, kind=LayerKind.REVIEW, owner_id=owner_id
    )
    return layer


def gold_for(adjudication: Adjudication) -> Layer:
    """Return the gold layer of a document, made when there is none."""
    layer, _ = Layer.objects.get_or_create(
        document=adjudication.document, schema=adjudication.schema, kind=LayerKind.GOLD
    )
    layer.document = adjudication.document
    layer.schema = adjudication.schema
    return layer


def suggestions_for(document: Document, run: Run) -> tuple[Layer, bool]:
    """Return a run's layer of a document, and whether it was made now."""
    return Layer.objects.get_or_create(
        document=document,
        run=run,
        kind=LayerKind.SUGGESTION,
        defaults={"schema_id": run.schema_id, "state": LayerState.CLOSED},
    )


@dataclass(frozen=True, slots=True)
class NewSuggestions:
    """What a run suggests for a document that has no layer by it."""

    run: Run
    document: Document
    view: LayerView
    schema: SchemaRows


def add_suggestions(suggestions: Sequence[NewSuggestions]) -> None:
    """Write layers of suggestions with their spans and links, in a few statements for all.

    Raises `IntegrityError` when one is there.
    """
    rows = [
        {
            "document_id": new.document.pk,
            "run_id": new.run.pk,
            "schema_id": new.run.schema_id,
            "kind": LayerKind.SUGGESTION,
            "state": LayerState.CLOSED,
            "attributes": dict(new.view.attributes),
        }
        for new in suggestions
    ]
    keys = bulk.create(Layer, rows)
    span_keys = iter(bulk.reserve(Span, sum(len(new.view.spans) for new in suggestions)))
    spans: list[tuple[Any, ...]] = []
    links: list[tuple[Any, ...]] = []
    for layer, new in zip(keys, suggestions, strict=True):
        key_of = {ident: next(span_keys) for ident in new.view.spans}
        for span in new.view.spans.values():
            spans.append(_span_values(key_of[span.ident], layer, span, new.schema))
        for link in new.view.links.values():
            kind = new.schema.link_ids[link.kind]
            attributes = bulk.json_text(dict(link.attributes))
            ends = (key_of[link.source], key_of[link.target])
            links.append((layer, link.ident, kind, *ends, attributes))
    bulk.insert(Span, SPAN_COLUMNS, spans)
    link_keys = bulk.reserve(Link, len(links))
    keyed_links = [(key, *link) for key, link in zip(link_keys, links, strict=True)]
    bulk.insert(Link, LINK_COLUMNS, keyed_links)


def _span_values(key: int, layer: int, span: SpanValue, schema: SchemaRows) -> tuple[Any, ...]:
    """Return the values of `SPAN_COLUMNS`."""
    return (
        key,
        layer,
        span.ident,
        schema.label_ids[span.label],
        span.start,
        span.end,
        bulk.json_text(_fragments(span)) if span.fragments else None,
        bulk.json_text(dict(span.attributes)),
        span.score,
        bulk.json_text(dict(span.evidence)) if span.evidence else None,
    )


def _fragments(span: SpanValue) -> list[list[int]] | None:
    return [list(piece) for piece in span.fragments] if span.fragments else None


def _evidence(span: SpanValue) -> dict[str, Any] | None:
    return dict(span.evidence) if span.evidence else None


def advance(layer: Layer, *, seen: int, decisions: int, elapsed_ms: int) -> bool:
    """Count decisions into an open layer that is at the version seen; tell whether it was."""
    if not bulk.changed(ADVANCE, decisions, elapsed_ms, layer.pk, seen, LayerState.OPEN.value):
        return False
    layer.version = seen + decisions
    return True


def write_rows(
    layer: Layer,
    view: LayerView,
    spans: set[int],
    links: set[int],
    *,
    schema: SchemaRows,
    origins: Mapping[int, int] | None = None,
) -> None:
    """Make what the view says the rows of the named spans and links, and the layer's attributes."""
    origins = origins or {}
    # Links first: they go with their spans otherwise.
    if links:
        Link.objects.filter(layer=layer, ident__in=links).delete()
    gone = {ident for ident in spans if ident not in view.spans}
    if gone:
        Span.objects.filter(layer=layer, ident__in=gone).delete()
    kept = [view.spans[ident] for ident in sorted(spans - gone)]
    bulk.put(
        [_span_row(layer, span, schema, origins.get(span.ident)) for span in kept],
        unique=["layer_id", "ident"],
        update=["label_id", "start", "end", "fragments", "attributes", "origin_id"],
    )
    wanted = [view.links[ident] for ident in sorted(links) if ident in view.links]
    if wanted:
        ends = {ident for link in wanted for ident in (link.source, link.target)}
        keys = dict(Span.objects.filter(layer=layer, ident__in=ends).values_list("ident", "pk"))
        bulk.put([_link_row(layer, link, schema, keys) for link in wanted])
    if layer.attributes != view.attributes:
        layer.attributes = dict(view.attributes)
        Layer.objects.filter(pk=layer.pk).update(attributes=layer.attributes)


def _span_row(layer: Layer, span: SpanValue, schema: SchemaRows, origin: int | None) -> Span:
    return Span(
        layer=layer,
        ident=span.ident,
        label_id=schema.label_ids[span.label],
        start=span.start,
        end=span.end,
        fragments=_fragments(span),
        attributes=dict(span.attributes),
        score=span.score,
        evidence=_evidence(span),
        origin_id=origin,
    )


def _link_row(layer: Layer, link: LinkValue, schema: SchemaRows, keys: Mapping[int, int]) -> Link:
    return Link(
        layer=layer,
        ident=link.ident,
        kind_id=schema.link_ids[link.kind],
        source_id=keys[link.source],
        target_id=keys[link.target],
        attributes=dict(link.attributes),
    )


def set_practice(layer: Layer, practice: bool) -> None:
    """Say whether an open review is practice, which never goes into gold."""
    Layer.objects.filter(pk=layer.pk).update(practice=practice)
    layer.practice = practice


def hand_in(layer: Layer, *, suggested: int, untouched: int) -> None:
    """Close a review to its owner, of whose suggested frames so many were not looked at."""
    Layer.objects.filter(pk=layer.pk).update(
        state=LayerState.SUBMITTED,
        submitted_at=timezone.now(),
        suggested=suggested,
        untouched=untouched,
    )
    layer.state = LayerState.SUBMITTED


def open_again(layer: Layer, *, final_too: bool = False) -> bool:
    """Open a submitted review to its owner; tell whether it was submitted, and not final.

    Of two who open it and make it final at the same moment, one alone does so.
    """
    submitted = Layer.objects.filter(pk=layer.pk, state=LayerState.SUBMITTED)
    if not final_too:
        submitted = submitted.filter(final=False)
    moved = submitted.update(state=LayerState.OPEN, submitted_at=None, final=False)
    layer.refresh_from_db(fields=["version", "state", "final"])
    return bool(moved)


def make_final(documents: Collection[Document], *, owner_id: int) -> None:
    """Make a person's submitted reviews of these documents final."""
    submitted = _not_final(document__in=documents, owner_id=owner_id)
    submitted.update(final=True)


def make_compared_final(document: Document, schema: Schema) -> None:
    """Make the submitted reviews final that gold of a document is made from."""
    compared = _not_final(document=document, schema=schema, practice=False)
    compared.update(final=True)


def _not_final(**lookups: Any) -> QuerySet[Layer]:
    return Layer.objects.filter(
        kind=LayerKind.REVIEW, state=LayerState.SUBMITTED, final=False, **lookups
    )


def drop_empty_review(document_id: int, *, owner_id: int | None) -> None:
    """Delete a person's open review of a document when it holds no decisions."""
    Layer.objects.filter(
        document=document_id,
        owner=owner_id,
        kind=LayerKind.REVIEW,
        state=LayerState.OPEN,
        version=0,
    ).delete()


def copy_for(layer: Layer, schema: Schema, *, shown_run_id: int | None) -> Layer | None:
    """Make an empty open copy of a human layer under another version of the schema.

    Returns None when there is one that people work on already.
    """
    copy, _ = Layer.objects.get_or_create(
        document=layer.document,
        schema=schema,
        kind=layer.kind,
        owner_id=layer.owner_id,
        defaults={"shown_run_id": shown_run_id, "practice": layer.practice},
    )
    copy.document = layer.document
    copy.schema = schema
    return None if copy.version else copy


def copy_to(layer: Layer, document: Document) -> tuple[Layer, bool]:
    """Return an empty open copy of a human layer over another version of its document.

    When people worked on that version already, returns what they made, and False.
    """
    copy, _ = Layer.objects.get_or_create(
        document=document,
        schema=layer.schema,
        kind=layer.kind,
        owner_id=layer.owner_id,
        defaults={"shown_run_id": layer.shown_run_id, "practice": layer.practice},
    )
    copy.document = document
    copy.schema = layer.schema
    if copy.state == LayerState.SUPERSEDED:
        # It was in hand when its text was corrected, and now the text is that again.
        Layer.objects.filter(pk=copy.pk).update(state=LayerState.OPEN)
        copy.state = LayerState.OPEN
    return copy, not copy.version


def end_work(document: Document, schema: Schema) -> None:
    """Leave what people have in hand of a document to be read only: its text was corrected."""
    in_hand = Layer.objects.filter(document=document, schema=schema, state=LayerState.OPEN)
    in_hand.update(state=LayerState.SUPERSEDED)


def finish_copy(copy: Layer, layer: Layer) -> None:
    """Give a copy whose decisions are written the state and the times of the layer."""
    copy.state = layer.state
    Layer.objects.filter(pk=copy.pk).update(
        state=layer.state,
        final=layer.final,
        elapsed_ms=layer.elapsed_ms,
        submitted_at=layer.submitted_at,
        opened_at=layer.opened_at,
        suggested=layer.suggested,
        untouched=layer.untouched,
    )


def supersede(document: Document, schema: Schema) -> None:
    """Leave the layers of a document under an older version of its schema to be read only."""
    layers = Layer.objects.filter(document=document, schema=schema)
    layers.exclude(state=LayerState.SUPERSEDED).update(state=LayerState.SUPERSEDED)


def erase_words(documents: Sequence[Document]) -> None:
    """Take out of the rows of documents all that may be words of their texts; offsets stay."""
    for layer in Layer.objects.filter(document__in=documents).select_related("schema"):
        names = names_in(schema_rows(layer.schema).view)
        layer.attributes = clean_attributes(layer.attributes, names)
        layer.save(update_fields=["attributes"])
        spans = list(Span.objects.filter(layer=layer))
        for span in spans:
            span.attributes = clean_attributes(span.attributes, names)
            span.evidence = None
        Span.objects.bulk_update(spans, ["attributes", "evidence"], batch_size=500)
        links = list(Link.objects.filter(layer=layer).exclude(attributes={}))
        for link in links:
            link.attributes = clean_attributes(link.attributes, names)
        Link.objects.bulk_update(links, ["attributes"], batch_size=500)

"""Suggestions that a program pushes for one document; each is stored, or refused with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction

from annotator.models import Layer, LayerKind, Run
from annotator.selectors.layers import layer_view
from annotator.services import runs
from corpus import permissions
from corpus.core import layer_check
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Link, Range, Span
from corpus.importers import rows
from corpus.importers.notes import Notes
from corpus.models import Document
from corpus.selectors import schema_of, schema_rows, text_of

# What a span or a link is known by when it comes again.
SpanKey = tuple[str, tuple[Range, ...]]
LinkKey = tuple[str, SpanKey, SpanKey]
Row = Mapping[str, Any]


@dataclass(slots=True)
class _Item:
    """A span or link of a push: what it is known by, or why it is refused; and its ident then."""

    row: Row
    key: Any = None
    problem: Problem | None = None
    ident: int | None = None
    present: bool = False


@dataclass(slots=True)
class Pushed:
    """What came of each span and link that was pushed."""

    suggester: str
    spans: list[_Item] = field(default_factory=list)
    links: list[_Item] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the counts of both together, and what came of each."""
        spans = [{"id": _name(item.row), **_outcome(item)} for item in self.spans]
        links = []
        for item in self.links:
            ends = {name: str(item.row.get(name, "")) for name in ("kind", "source", "target")}
            links.append({**ends, **_outcome(item)})
        states = [row["state"] for row in (*spans, *links)]
        return {
            "suggester": self.suggester,
            **{state: states.count(state) for state in ("stored", "present", "refused")},
            "spans": spans,
            "links": links,
        }


def push(
    document: Document,
    suggester: str,
    spans: Sequence[Row],
    links: Sequence[Row],
    *,
    by: permissions.User,
) -> Pushed:
    """Store what a program suggests for a document, beside what it pushed before.

    A suggestion that does not fit the text or the schema is refused and keeps none of the others
    out. What reviewers were shown stays as it is: they saw one run, and this is another or refused.
    """
    permissions.require(by, "suggest", document.corpus)
    schema = schema_of(document.corpus)
    pushed = Pushed(suggester)
    text = text_of(document)
    read = _read_spans(spans, schema_rows(schema).view, text, pushed)
    view = _with_links(read, links, schema_rows(schema).view, pushed)
    if spans and not view.spans:
        # A layer without spans would say that the program found nothing.
        return pushed
    with transaction.atomic():
        run = runs.program_run(schema, suggester)
        before = _stored(document, run)
        # Of two pushes at the same moment one makes the layer, and both extend it.
        runs.extend(runs.store(run, document, view), view)
        after = _stored(document, run)
    shown = Problem("suggestions-shown", name=suggester)
    for items, had, has in zip(
        (pushed.spans, pushed.links), _idents(before), _idents(after), strict=True
    ):
        _settle(items, had, has, shown)
    return pushed


def _read_spans(
    data: Sequence[Row], schema: SchemaView, text: str, pushed: Pushed
) -> dict[str, Span]:
    """Read spans, one at a time, and return those that fit by the ids that they came with."""
    read: dict[str, Span] = {}
    for number, row in enumerate(data, start=1):
        row = {"id": str(number), **row}
        item = _Item(row)
        pushed.spans.append(item)
        try:
            if _name(row) in read:
                raise Problem("span-ident", id=_name(row))
            notes = Notes()
            layer = rows.read_layer({"spans": [row]}, text, text, notes, loose=False)
            if notes.left:
                raise notes.left[0]
            (span,) = layer.spans.values()
            span = replace(span, ident=number)
            for problem in layer_check.check_span(span, schema, text):
                raise problem
        except Problem as problem:
            item.problem = problem
        else:
            item.key = _key(span)
            read[_name(row)] = span
    return read


def _with_links(
    read: Mapping[str, Span], data: Sequence[Row], schema: SchemaView, pushed: Pushed
) -> LayerView:
    """Return the spans that fit, each place once, with the links that lead between them."""
    first_of: dict[SpanKey, Span] = {}
    for span in read.values():
        first_of.setdefault(_key(span), span)
    view = LayerView({span.ident: span for span in first_of.values()})
    links: dict[int, Link] = {}
    known: set[LinkKey] = set()
    for number, row in enumerate(data, start=1):
        item = _Item(row)
        pushed.links.append(item)
        ends = [read.get(str(row.get(name))) for name in ("source", "target")]
        source, target = (first_of[_key(end)] if end is not None else None for end in ends)
        kind = str(row.get("kind", "said_by"))
        if source is None or target is None:
            item.problem = Problem(
                "link-ends",
                id=number,
                source_label="a span that is stored with it",
                target_label="another",
            )
            continue
        link = Link(number, kind, source.ident, target.ident)
        item.problem = next(layer_check.check_link(link, view, schema), None)
        if item.problem is None:
            item.key = (kind, _key(source), _key(target))
            if item.key not in known:
                known.add(item.key)
                links[number] = link
    return replace(view, links=links)


def _stored(document: Document, run: Run) -> LayerView:
    """Return what a run has suggested for a document."""
    layer = Layer.objects.filter(document=document, run=run, kind=LayerKind.SUGGESTION).first()
    return layer_view(layer) if layer is not None else LayerView()


def _idents(view: LayerView) -> tuple[dict[Any, int], dict[Any, int]]:
    """Return the idents of spans and of links by what they are known by."""
    spans = {_key(span): span.ident for span in view.spans.values()}
    links = {}
    for link in view.links.values():
        ends = (_key(view.spans[link.source]), _key(view.spans[link.target]))
        links[(link.kind, *ends)] = link.ident
    return spans, links


def _settle(
    items: Sequence[_Item], had: Mapping[Any, int], has: Mapping[Any, int], shown: Problem
) -> None:
    """Say of each item that fits whether it was there, is stored now, or is kept out."""
    seen = set(had)
    for item in items:
        if item.problem is not None:
            continue
        item.ident = has.get(item.key)
        item.present = item.key in seen
        seen.add(item.key)
        if item.ident is None:
            item.problem = shown


def _outcome(item: _Item) -> dict[str, Any]:
    if item.problem is not None:
        code, message = item.problem.code, item.problem.message
        return {"state": "refused", "ident": None, "code": code, "message": message}
    state = "present" if item.present else "stored"
    return {"state": state, "ident": item.ident, "code": "", "message": ""}


def _key(span: Span) -> SpanKey:
    return span.label, span.ranges


def _name(row: Row) -> str:
    return str(row.get("id", ""))

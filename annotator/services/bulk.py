"""The spans and links of many layers at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotator.models import Link, Span
from corpus.core.span import LayerView
from corpus.db.bulk import insert, json_text, reserve
from corpus.selectors import SchemaRows

SPAN = (
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
LINK = ("id", "layer_id", "ident", "kind_id", "source_id", "target_id")


def add_rows(layers: Sequence[tuple[int, LayerView, SchemaRows]]) -> None:
    """Write the spans and links of layers, named by key, that have none yet."""
    keys = iter(reserve(Span, sum(len(view.spans) for _, view, _ in layers)))
    spans: list[tuple[Any, ...]] = []
    links: list[tuple[Any, ...]] = []
    for layer, view, schema in layers:
        own = {}
        for span in view.spans.values():
            own[span.ident] = key = next(keys)
            spans.append(
                (
                    key,
                    layer,
                    span.ident,
                    schema.label_ids[span.label],
                    span.start,
                    span.end,
                    json_text(
                        [list(piece) for piece in span.fragments] if span.fragments else None
                    ),
                    json_text(dict(span.attributes)),
                    span.score,
                    json_text(dict(span.evidence) if span.evidence else None),
                )
            )
        for link in view.links.values():
            ends = own[link.source], own[link.target]
            links.append((layer, link.ident, schema.link_ids[link.kind], *ends))
    insert(Span, SPAN, spans)
    insert(
        Link, LINK, [(key, *row) for key, row in zip(reserve(Link, len(links)), links, strict=True)]
    )

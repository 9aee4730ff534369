"""Many rows at once, past the ORM where it is the brake: executemany on SQLite, COPY on PostgreSQL.

Rows are written as they are: whoever calls has checked them, inside a transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

from annotator.models import Layer, Link, Span
from corpus.core.span import LayerView
from corpus.selectors import SchemaRows

SPAN = ("id", "layer_id", "ident", "label_id", "start", "end", "fragments", "attributes", "score", "evidence")
LINK = ("id", "layer_id", "ident", "kind_id", "source_id", "target_id")


def add_rows(layers: Sequence[tuple[Layer, LayerView, SchemaRows]]) -> None:
    """Write the spans and links of layers that have none yet."""
    keys = iter(reserve(Span, sum(len(view.spans) for _, view, _ in layers)))
    spans: list[tuple[Any, ...]] = []
    links: list[tuple[Any, ...]] = []
    for layer, view, schema in layers:
        own = {}
        for span in view.spans.values():
            own[span.ident] = key = next(keys)
            spans.append((
                key, layer.pk, span.ident, schema.label_ids[span.label], span.start, span.end,
                _json([list(piece) for piece in span.fragments] if span.fragments else None),
                _json(dict(span.attributes)), span.score, _json(dict(span.evidence) if span.evidence else None),
            ))  # fmt: skip
        for link in view.links.values():
            ends = own[link.source], own[link.target]
            links.append((layer.pk, link.ident, schema.link_ids[link.kind], *ends))
    insert(Span, SPAN, spans)
    insert(Link, LINK, [(key, *row) for key, row in zip(reserve(Link, len(links)), links, strict=True)])


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def reserve(model: type[models.Model], count: int) -> Sequence[int]:
    """Return keys for so many rows of a table, which nobody else gets."""
    table = model._meta.db_table
    if not count:
        return ()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [key for (key,) in cursor.fetchall()]
        # The transaction is the only one that writes; keys once used are never used again.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        first = (row[0] if (row := cursor.fetchone()) else 0) + 1
        return range(first, first + count)


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows into a table; JSON columns hold their text."""
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), ", ".join(map(quote, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - no value in it

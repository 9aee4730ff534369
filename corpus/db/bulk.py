"""Many rows at once, past the ORM where it is the brake: executemany on SQLite, COPY on PostgreSQL.

Rows are written as they are: whoever calls has checked them, inside a transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.utils import timezone

from corpus.db.prepared import prepared_cursor

_encode = json.JSONEncoder().encode
_encode_text = json.encoder.encode_basestring_ascii


def create(
    model: type[models.Model], rows: Sequence[Mapping[str, Any]], *, ignore_conflicts: bool = False
) -> Sequence[int]:
    """Write rows given by attribute name, all with the same ones; return their keys.

    Attributes that are not given get their defaults. With `ignore_conflicts` a row that breaks a
    uniqueness is left out, and its key belongs to nothing.
    """
    if not rows:
        return ()
    given = []
    rest = []
    for field in model._meta.concrete_fields:
        if field.attname in rows[0]:
            given.append(field)
        elif not field.primary_key:
            rest.append(field)
    defaults = [_default(field) for field in rest]
    # Every concrete field has a column, which Django's types do not say.
    columns = [str(field.column) for field in (*given, *rest)]
    # Decided once and not for each value: an import writes hundreds of thousands.
    dumps = [json_text if isinstance(field, models.JSONField) else _same for field in given]
    names = [field.attname for field in given]
    values = (
        [dump(row[name]) for name, dump in zip(names, dumps, strict=True)] + defaults
        for row in rows
    )
    if any(field.primary_key for field in given):
        insert(model, columns, values, ignore_conflicts=ignore_conflicts)
        return [row[model._meta.pk.attname] for row in rows]
    keys = reserve(model, len(rows))
    keyed = ([key, *row] for key, row in zip(keys, values, strict=True))
    insert(model, ["id", *columns], keyed, ignore_conflicts=ignore_conflicts)
    return keys


def json_text(value: Any) -> str | None:
    """Return a value as a JSON column takes it."""
    if value is None:
        return None
    if type(value) is not dict:
        return _encode(value)
    # Nearly all attributes are texts, which need no encoder to be made for them.
    pairs = []
    for name, text in value.items():
        if type(name) is not str or type(text) is not str:
            return _encode(value)
        pairs.append(f"{_encode_text(name)}: {_encode_text(text)}")
    return f"{{{', '.join(pairs)}}}"


def reserve(model: type[models.Model], count: int) -> Sequence[int]:
    """Return keys for so many rows of a table, which nobody else gets."""
    table = model._meta.db_table
    if not count:
        return ()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            return [key for (key,) in cursor.fetchall()]
        # The transaction is the only one that writes; keys once used are never used again.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        first = (row[0] if row else 0) + 1
        return range(first, first + count)


def insert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    ignore_conflicts: bool = False,
) -> None:
    """Write rows into a table; JSON columns hold their text."""
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(map(quote, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and not ignore_conflicts:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            end = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
            sql = f"INSERT INTO {table} ({names}) VALUES ({marks}){end}"  # noqa: S608 - no values
            # Both drivers take rows as they come, which Django's types do not say.
            cursor.executemany(sql, rows)  # type: ignore[arg-type]


def put(
    rows: Sequence[models.Model], *, unique: Sequence[str] = (), update: Sequence[str] = ()
) -> None:
    """Write new rows of one table, all columns but the key, in a statement that is planned once.

    A row that is there already, as the columns `unique` say, gets the columns `update`.
    """
    if not rows:
        return
    sql = _insertion(type(rows[0]))
    if update:
        quote = connection.ops.quote_name
        news = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in update)
        sql += f" ON CONFLICT ({', '.join(map(quote, unique))}) DO UPDATE SET {news}"
    values = [_values(row) for row in rows]
    with prepared_cursor() as cursor:
        if len(values) == 1:
            # psycopg makes a pipeline of many, which for one takes longer.
            cursor.execute(sql, values[0])
        else:
            cursor.executemany(sql, values)


def add_up(rows: Sequence[models.Model], *, unique: Sequence[str], number: str) -> None:
    """Write new rows of one table; to one that is there already, as `unique` says, add a number.

    Rows are locked in the order in which they come: whoever calls has sorted them.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    table, column = quote(rows[0]._meta.db_table), quote(number)
    sql = (
        f"{_insertion(type(rows[0]))} ON CONFLICT ({', '.join(map(quote, unique))})"
        f" DO UPDATE SET {column} = {table}.{column} + excluded.{column}"
    )
    values = [_values(row) for row in rows]
    with prepared_cursor() as cursor:
        if len(values) == 1:
            cursor.execute(sql, values[0])
        else:
            cursor.executemany(sql, values)


def add(row: models.Model) -> None:
    """Write a new row, in a statement that is planned once, and give it its key."""
    sql = _insertion(type(row))
    with prepared_cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{sql} RETURNING id", _values(row))
            row.pk = cursor.fetchone()[0]
        else:
            cursor.execute(sql, _values(row))
            row.pk = cursor.lastrowid
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS


def changed(sql: str, *values: Any) -> int:
    """Return how many rows an UPDATE changed that is planned once."""
    with prepared_cursor() as cursor:
        cursor.execute(sql, values)
        rows: int = cursor.rowcount
    return rows


def change(
    model: type[models.Model], column: str, values: Mapping[int, Any], *, where: str, more: str = ""
) -> int:
    """Set one column of the rows whose column `where` holds each key; return how many there were.

    `more` is a further condition in SQL.
    """
    quote = connection.ops.quote_name
    condition = f"{quote(where)} = %s"
    if more:
        condition += f" AND {more}"
    table = quote(model._meta.db_table)
    sql = f"UPDATE {table} SET {quote(column)} = %s WHERE {condition}"  # noqa: S608 - no values
    if not values:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(value, key) for key, value in values.items()])
        changed: int = cursor.rowcount
    return changed


def _same(value: Any) -> Any:
    return value


def _default(field: models.Field[Any, Any]) -> Any:
    value = timezone.now() if getattr(field, "auto_now_add", False) else field.get_default()
    if isinstance(field, models.JSONField):
        return json_text(value)
    return field.get_db_prep_save(value, connection)


@cache
def _insertion(model: type[models.Model]) -> str:
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(field.column) for field in _fields(model))
    marks = ", ".join(["%s"] * len(_fields(model)))
    return f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - no values


def _values(row: models.Model) -> list[Any]:
    return [
        field.get_db_prep_save(field.pre_save(row, True), connection)
        for field in _fields(type(row))
    ]


@cache
def _fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]

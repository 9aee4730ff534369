"""Querysets that are compiled once.

From a queryset Django builds the same SQL anew each time, which takes several times as long as the
database takes to answer it. What every opening and every save asks is built at its first use and
kept; only the arguments change.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.fields.json import KeyTransform
from django.db.models.query import ModelIterable, get_related_populators

# Stand for the arguments while the SQL is built; no queryset here has such numbers of its own.
FIRST = 2_000_000_011

_scan = json.JSONDecoder().scan_once

Parameter = Callable[[tuple[Any, ...]], Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """The SQL, what gives each parameter, how columns become values, and what makes of a row what
    is asked for.
    """

    sql: str
    parameters: list[Parameter]
    converters: list[tuple[int, list[Any], Any]]
    made: Callable[[Any], Any]


class Prepared:
    """A queryset of models or of plain values, with an argument for each of the kinds: `int` or
    `str`.

    `Prepared(lambda user, slug: Corpus.objects.filter(owner=user, slug=slug), int, str)`. An
    argument must get into the SQL just as it is, once or several times.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any, Any]], *kinds: type) -> None:
        self.build, self.kinds = build, kinds

    def all(self, *arguments: Any) -> list[Any]:
        """Return what is found for these arguments: models, or tuples of values."""
        compiled = self._compiled
        with connection.prepared_cursor() as cursor:
            cursor.execute(
                compiled.sql, [parameter(arguments) for parameter in compiled.parameters]
            )
            rows = cursor.fetchall()
        return [compiled.made(row) for row in _converted(rows, compiled.converters)]

    def first(self, *arguments: Any) -> Any:
        """Return the first of what is found, or None."""
        return next(iter(self.all(*arguments)), None)

    @cached_property
    def _compiled(self) -> Compiled:
        values = [kind(FIRST + number) for number, kind in enumerate(self.kinds)]
        found = self.build(*values)
        compiler = found.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        if missing := [value for value in values if value not in parameters]:
            raise TypeError(f"argument {values.index(missing[0])} is not in {sql}")
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        return Compiled(
            sql,
            [_parameter(value, values, self.kinds) for value in parameters],
            [
                (place, [_quick(step, column) for step in steps], column)
                for place, (steps, column) in converters.items()
            ],
            _model_maker(compiler) if issubclass(found._iterable_class, ModelIterable) else tuple,
        )


def _parameter(value: Any, stand_ins: list[Any], kinds: tuple[type, ...]) -> Parameter:
    if value not in stand_ins:
        return lambda arguments: value
    place = stand_ins.index(value)
    # PostgreSQL's driver has a type of its own for each width of whole numbers.
    kind = kinds[place]
    return lambda arguments: kind(arguments[place])


def _converted(rows: list[Any], converters: list[tuple[int, list[Any], Any]]) -> Iterator[Any]:
    if not converters:
        yield from rows
        return
    for row in map(list, rows):
        for place, steps, column in converters:
            for step in steps:
                row[place] = step(row[place], column, connection)
        yield row


def _quick(step: Any, column: Any) -> Any:
    """Return what reads a whole JSON column, as Django wrote it, in a quarter of the time that
    Django takes.
    """
    plain = (
        getattr(step, "__func__", None) is models.JSONField.from_db_value
        and step.__self__.decoder is None
    )
    return _read_json if plain and not isinstance(column, KeyTransform) else step


def _read_json(value: str | None, *_: Any) -> Any:
    return None if value is None else _scan(value, 0)[0]


def _model_maker(compiler: Any) -> Callable[[Any], models.Model]:
    """Return what makes a model and its related ones of a row, as Django's own `ModelIterable`
    does.
    """
    info = compiler.klass_info
    first, last = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column.target.attname for column, *_ in compiler.select[first:last]]
    related = get_related_populators(info, compiler.select, DEFAULT_DB_ALIAS)
    annotated = compiler.annotation_col_map.items()

    def made(row: Any) -> models.Model:
        found: models.Model = info["model"].from_db(DEFAULT_DB_ALIAS, names, row[first:last])
        for name, place in annotated:
            setattr(found, name, row[place])
        for populator in related:
            populator.populate(row, found)
        return found

    return made

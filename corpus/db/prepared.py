"""Querysets that are compiled once.

From a queryset Django builds the same SQL anew each time, which takes several times as long as the
database takes to answer it. What every opening and every save asks is built at its first use and
kept; only the arguments change.

This uses parts of Django that it may change without notice (how a compiler describes the models of
a row), so its minor version is pinned, and `tests/corpus/db/test_prepared.py` fails when they do.
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

# What `decode` itself calls, without its search for white space around the value.
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined] # not in the stubs

Parameter = Callable[[tuple[Any, ...]], Any]
# The place of a column, what is done to its value, and the column.
Converter = tuple[int, list[Any], Any]


def prepared_cursor() -> Any:
    """Return a cursor for statements that come again and again, with other values."""
    # Both engines of `corpus.db` have it.
    return connection.prepared_cursor()  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A queryset as SQL: its parameters, its converters, and what makes of a row its object."""

    sql: str
    parameters: list[Parameter]
    converters: list[Converter]
    make: Callable[[Any], Any]


class Prepared:
    """A queryset of models or of values, with an argument for each of the kinds: `int` or `str`.

    `Prepared(lambda user, slug: Corpus.objects.filter(owner=user, slug=slug), int, str)`. An
    argument must get into the SQL just as it is, once or several times.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any, Any]], *kinds: type) -> None:
        self.build, self.kinds = build, kinds

    def all(self, *arguments: Any) -> list[Any]:
        """Return what is found for these arguments: models, or tuples of values."""
        compiled = self._compiled
        parameters = [parameter(arguments) for parameter in compiled.parameters]
        with prepared_cursor() as cursor:
            cursor.execute(compiled.sql, parameters)
            rows = cursor.fetchall()
        return [compiled.make(row) for row in _converted(rows, compiled.converters)]

    def first(self, *arguments: Any) -> Any:
        """Return the first of what is found, or None."""
        return next(iter(self.all(*arguments)), None)

    @cached_property
    def _compiled(self) -> Compiled:
        stand_ins = [kind(FIRST + number) for number, kind in enumerate(self.kinds)]
        queryset = self.build(*stand_ins)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        for number, stand_in in enumerate(stand_ins):
            if stand_in not in values:
                raise TypeError(f"argument {number} is not in {sql}")
        parameters = [_parameter(value, stand_ins, self.kinds) for value in values]
        gives_models = issubclass(queryset._iterable_class, ModelIterable)
        make = _model_maker(compiler) if gives_models else tuple
        return Compiled(sql, parameters, _converters(compiler), make)


def _parameter(value: Any, stand_ins: list[Any], kinds: tuple[type, ...]) -> Parameter:
    if value not in stand_ins:
        return lambda arguments: value
    place = stand_ins.index(value)
    # PostgreSQL's driver has a type of its own for each width of whole numbers.
    kind = kinds[place]
    return lambda arguments: kind(arguments[place])


def _converters(compiler: Any) -> list[Converter]:
    """Return how the columns of a compiled query become values."""
    columns = [column for column, *_ in compiler.select]
    converters = []
    for place, (steps, column) in compiler.get_converters(columns).items():
        converters.append((place, [_faster(step, column) for step in steps], column))
    return converters


def _converted(rows: list[Any], converters: list[Converter]) -> Iterator[Any]:
    if not converters:
        yield from rows
        return
    for row in map(list, rows):
        for place, steps, column in converters:
            for step in steps:
                row[place] = step(row[place], column, connection)
        yield row


def _faster(step: Any, column: Any) -> Any:
    """Return what reads a JSON column in a quarter of the time that Django takes.

    Any other step is returned as it is.
    """
    if getattr(step, "__func__", None) is not models.JSONField.from_db_value:
        return step
    # A decoder of its own or a key within the column needs what Django does.
    if step.__self__.decoder is not None or isinstance(column, KeyTransform):
        return step
    return _read_json


def _read_json(value: str | None, *_: Any) -> Any:
    return None if value is None else _scan(value, 0)[0]


def _model_maker(compiler: Any) -> Callable[[Any], models.Model]:
    """Return what makes a model and its related ones of a row, as Django's `ModelIterable` does."""
    info = compiler.klass_info
    model: type[models.Model] = info["model"]
    first = info["select_fields"][0]
    end = info["select_fields"][-1] + 1
    names = [column.target.attname for column, *_ in compiler.select[first:end]]
    # The stubs are those of a later Django.
    related = get_related_populators(info, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
    annotated = compiler.annotation_col_map.items()

    def make(row: Any) -> models.Model:
        instance = model.from_db(DEFAULT_DB_ALIAS, names, row[first:end])
        for name, place in annotated:
            setattr(instance, name, row[place])
        for populator in related:
            populator.populate(row, instance)
        return instance

    return make

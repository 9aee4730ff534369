"""Querysets that are compiled once find what the querysets themselves find.

`corpus.db.prepared` uses what Django does not promise to keep; the last tests here fail when that
changes, and when the version of Django is not pinned any more.
"""

from __future__ import annotations

import inspect
import json
import re
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.db.models import Count, F
from django.db.models.query import ModelIterable, RelatedPopulator, get_related_populators
from django.db.models.sql.compiler import SQLCompiler
from django.forms.models import model_to_dict
from django.utils import timezone

from annotator.models import Layer, LayerKind, Span
from annotator.selectors import layers
from annotator.services import review
from corpus.db.prepared import Prepared
from corpus.models import Corpus, Document

pytestmark = pytest.mark.postgresql


def test_models_come_with_their_related_ones(
    document: Any, bob: Any, django_assert_num_queries: Any
) -> None:
    review.open_layer(document, by=bob)
    own = Layer.objects.filter(kind=LayerKind.REVIEW).select_related("schema", "run", "owner")
    prepared = Prepared(
        lambda document, owner: own.filter(document=document, owner=owner), int, int
    )
    assert prepared.all(document.pk, bob.pk + 1) == []
    with django_assert_num_queries(1):
        layer = prepared.first(document.pk, bob.pk)
        assert layer.owner.username == "bob"
        assert (layer.schema.pk, layer.run) == (document.corpus.schema_id, None)
    expected = own.get()
    assert model_to_dict(layer) == model_to_dict(expected)
    assert (layer.opened_at, layer._state.adding, layer._state.db) == (
        expected.opened_at,
        False,
        "default",
    )


def test_values_are_what_the_queryset_gives(document: Any) -> None:
    layer = Layer.objects.get(kind="suggestion")
    columns = ("ident", "label__name", "attributes", "fragments", "score")

    def spans(layer: int, label: str) -> Any:
        rows = Span.objects.filter(layer=layer, label__name=label)
        return rows.order_by("ident").values_list(*columns)

    prepared = Prepared(spans, int, str)
    for label in ("CLAIM", "SPEAKER", "none such"):
        expected = list(spans(layer.pk, label))
        assert prepared.all(layer.pk, label) == expected
    assert expected == []
    assert prepared.first(layer.pk, "CLAIM")[2]["stance"]


def test_annotations_and_json_come_as_the_queryset_gives_them(
    corpus: Corpus, alice: Any, bob: Any
) -> None:
    Corpus.objects.update(targets=["the wall", {"ü": [1, 2.5, None]}])

    def members(slug: str) -> Any:
        joined = Corpus.objects.filter(slug=slug).annotate(
            role=F("memberships__role"), first=F("targets__0")
        )
        return joined.order_by("memberships__user__username")

    prepared = Prepared(members, str).all(corpus.slug)
    expected = list(members(corpus.slug))
    for rows in (prepared, expected):
        assert [(row.role, row.first) for row in rows] == [
            ("manager", "the wall"),
            ("reviewer", "the wall"),
        ]
        assert [row.targets for row in rows] == [["the wall", {"ü": [1, 2.5, None]}]] * 2
    assert prepared == expected


def test_an_argument_that_the_database_is_not_asked_for_is_an_error(db: None) -> None:
    prepared = Prepared(lambda slug, pk: Corpus.objects.filter(slug=slug), str, int)
    with pytest.raises(TypeError, match="argument 1 is not in"):
        prepared.all("seeds", 1)


def test_a_statement_that_comes_again_is_planned_once(corpus: Corpus) -> None:
    prepared = Prepared(lambda slug: Corpus.objects.filter(slug=slug), str)
    assert [prepared.first(corpus.slug) for _ in range(3)] == [corpus] * 3
    assert prepared.first("none such") is None
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT generic_plans + custom_plans FROM pg_prepared_statements"
                " WHERE statement LIKE %s",
                ["SELECT%corpus_corpus%"],
            )
            assert cursor.fetchall() == [(4,)]


@pytest.mark.django_db(transaction=True)
def test_what_one_thread_compiled_serves_all(corpus: Corpus, tmp_path: Any) -> None:
    from tests.conftest import add_document

    names = [f"d{n}" for n in range(4)]
    for name in names:
        add_document(corpus, tmp_path, name)
    prepared = Prepared(
        lambda corpus, name: Document.objects.filter(
            corpus=corpus, external_id=name
        ).select_related("corpus"),
        int,
        str,
    )
    prepared.all(corpus.pk, "d0")
    rows: dict[str, tuple[str, str, timedelta]] = {}

    def ask(name: str) -> None:
        one = prepared.first(corpus.pk, name)
        rows[name] = (one.external_id, one.corpus.slug, timezone.now() - one.created_at)
        connection.close()

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: row[:2] for name, row in rows.items()} == {
        name: (name, corpus.slug) for name in names
    }
    assert all(timedelta(0) <= row[2] < timedelta(minutes=10) for row in rows.values())


def test_an_expired_session_and_a_person_shut_out_are_signed_out(bob: Any, as_user: Any) -> None:
    page = "/corpora/"
    client = as_user(bob)
    assert client.get(page).status_code == 200
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get(page).status_code == 302
    client = as_user(bob)
    bob.is_active = False
    bob.save()
    assert client.get(page).status_code == 302


def test_two_layers_or_many_are_read_alike(document: Any, bob: Any) -> None:
    own = review.open_layer(document, by=bob)
    shown = Layer.objects.get(kind="suggestion")
    one, two = layers.layer_views([shown]), layers.layer_views([own, shown])
    three = layers.layer_views([own, shown, shown])
    assert one[shown.pk] == two[shown.pk] == three[shown.pk]
    assert one[shown.pk].spans
    assert two[own.pk] == three[own.pk]
    assert layers.layer_views([]) == {}


def loaded(row: Any, *, of: Any = None) -> Any:
    """Return all that a model holds without a query: values, deferred ones, and related models."""
    if row is None:
        return None
    related = {}
    for name, other in row._state.fields_cache.items():
        related[name] = "back" if other is not None and other is of else loaded(other, of=row)
    return {
        "values": {name: value for name, value in vars(row).items() if name != "_state"},
        "deferred": row.get_deferred_fields(),
        "state": (row._state.adding, row._state.db),
        "related": related,
    }


def test_a_model_is_loaded_just_as_the_queryset_loads_it(document: Any) -> None:
    """Related ones through several models or without a row, JSON, annotations, deferred ones."""
    Corpus.objects.update(targets=["the wall"])

    def documents(name: str) -> Any:
        rows = Document.objects.filter(external_id=name)
        rows = rows.select_related("corpus__schema", "supersedes", "body")
        rows = rows.defer("metadata", "body__signature")
        return rows.annotate(
            layer_count=Count("layers"), first=F("corpus__targets__0"), slug=F("corpus__slug")
        )

    [prepared] = Prepared(documents, str).all(document.external_id)
    [expected] = documents(document.external_id)
    assert loaded(prepared) == loaded(expected)
    assert loaded(expected)["related"]["corpus"]["related"]["schema"]["values"]["version"] == 1
    assert loaded(expected)["related"]["supersedes"] is None
    assert (expected.layer_count, expected.first, expected.slug) == (1, "the wall", "harbour")


@pytest.mark.parametrize(
    ("used", "parameters"),
    [
        (get_related_populators, ["klass_info", "select", "db"]),
        (RelatedPopulator.populate, ["self", "row", "from_obj"]),
        (ModelIterable.__iter__, ["self"]),
        (ModelIterable.__init__, ["self", "queryset", "chunked_fetch", "chunk_size"]),
        (models.Model.from_db, ["db", "field_names", "values"]),
        (models.JSONField.from_db_value, ["self", "value", "expression", "connection"]),
        (models.sql.Query.get_compiler, ["self", "using", "connection", "elide_empty"]),
        (SQLCompiler.as_sql, ["self", "with_limits", "with_col_aliases"]),
        (SQLCompiler.get_converters, ["self", "expressions"]),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_what_is_used_of_django_takes_the_same_arguments(used: Any, parameters: list[str]) -> None:
    assert list(inspect.signature(used).parameters) == parameters


def test_a_compiler_describes_its_rows_as_before(db: None) -> None:
    rows = Document.objects.filter(external_id="a").select_related("corpus__schema")
    rows = rows.annotate(slug=F("corpus__slug"))
    assert rows._iterable_class is ModelIterable
    compiler = rows.query.get_compiler(connection=connection)
    sql, values = compiler.as_sql()
    assert sql.startswith("SELECT ") and tuple(values) == ("a",)
    columns = [column for column, _, _ in compiler.select]
    [place] = compiler.annotation_col_map.values()
    assert list(compiler.annotation_col_map) == ["slug"] and place < len(columns)

    info = compiler.klass_info
    first, last = info["select_fields"][0], info["select_fields"][-1]
    assert info["model"] is Document
    assert info["select_fields"] == list(range(first, last + 1))
    names = [column.target.attname for column in columns[first : last + 1]]
    assert names == [field.attname for field in Document._meta.concrete_fields]
    populators = get_related_populators(info, compiler.select, "default")
    assert [populator.model_cls for populator in populators] == [Corpus]

    [steps] = [
        steps
        for number, (steps, column) in compiler.get_converters(columns).items()
        if column is columns[number] and column.target is Document._meta.get_field("metadata")
    ]
    assert steps[-1].__func__ is models.JSONField.from_db_value
    assert steps[-1].__self__.decoder is None
    assert json.JSONDecoder().scan_once('{"a": [1, null]}', 0) == ({"a": [1, None]}, 16)


def test_the_minor_version_of_django_is_pinned() -> None:
    """A new one needs a look at what `corpus.db.prepared` uses of it."""
    assert django.VERSION[:2] == (5, 2)
    for name, pin in (
        ("requirements.in", r"^Django==5\.2\.\d+$"),
        ("requirements.txt", r"^django==5\.2\.\d+\b"),
    ):
        text = (Path(settings.BASE_DIR) / name).read_text(encoding="utf-8")
        assert re.search(pin, text, re.MULTILINE), name

"""Querysets that are compiled once find what the querysets themselves find."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F
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
        found = prepared.first(document.pk, bob.pk)
        assert (found.owner.username, found.schema.pk, found.run) == (
            "bob",
            document.corpus.schema_id,
            None,
        )
    expected = own.get()
    assert model_to_dict(found) == model_to_dict(expected)
    assert (found.opened_at, found._state.adding, found._state.db) == (
        expected.opened_at,
        False,
        "default",
    )


def test_values_are_what_the_queryset_gives(document: Any) -> None:
    layer = Layer.objects.get(kind="suggestion")
    columns = ("ident", "label__name", "attributes", "fragments", "score")
    prepared = Prepared(
        lambda layer, label: (
            Span.objects.filter(layer=layer, label__name=label)
            .order_by("ident")
            .values_list(*columns)
        ),
        int,
        str,
    )
    for label in ("CLAIM", "SPEAKER", "none such"):
        expected = list(
            Span.objects.filter(layer=layer, label__name=label)
            .order_by("ident")
            .values_list(*columns)
        )
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

    found, expected = Prepared(members, str).all(corpus.slug), list(members(corpus.slug))
    for rows in (found, expected):
        assert [(row.role, row.first) for row in rows] == [
            ("manager", "the wall"),
            ("reviewer", "the wall"),
        ]
        assert [row.targets for row in rows] == [["the wall", {"ü": [1, 2.5, None]}]] * 2
    assert found == expected


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
                "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
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
    found: dict[str, tuple[str, str, timedelta]] = {}

    def ask(name: str) -> None:
        one = prepared.first(corpus.pk, name)
        found[name] = (one.external_id, one.corpus.slug, timezone.now() - one.created_at)
        connection.close()

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: row[:2] for name, row in found.items()} == {
        name: (name, corpus.slug) for name in names
    }
    assert all(timedelta(0) <= row[2] < timedelta(minutes=10) for row in found.values())


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

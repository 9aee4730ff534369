"""What the database itself refuses, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from annotator.models import Assignment, Decision, Layer, Link, Span
from annotator.services import review
from corpus.models import Corpus, Document, Job, Label, Membership, Schema


def refused(make: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_a_layer_has_exactly_its_author(document: Any, bob: Any) -> None:
    review.open_layer(document, by=bob)
    schema, run = document.corpus.schema, Layer.objects.get(kind="suggestion").run
    for wrong in (
        {"kind": "suggestion", "owner": bob, "run": run},
        {"kind": "suggestion"},
        {"kind": "review"},
        {"kind": "review", "owner": bob, "run": run},
        {"kind": "gold", "owner": bob},
        {"kind": "gold", "run": run},
        {"kind": "suggestion", "run": run},
        {"kind": "review", "owner": bob},
    ):
        refused(lambda wrong=wrong: Layer.objects.create(document=document, schema=schema, **wrong))
    Layer.objects.create(document=document, schema=schema, kind="gold")
    refused(lambda: Layer.objects.create(document=document, schema=schema, kind="gold"))


def test_spans_and_links_are_whole(document: Any) -> None:
    layer = Layer.objects.get(kind="suggestion")
    label = Label.objects.get(name="CLAIM")
    for wrong in (
        {"ident": 90, "start": 5, "end": 5},
        {"ident": 90, "start": 6, "end": 5},
        {"ident": 90, "start": 5, "end": 6, "score": 1.5},
        {"ident": 1, "start": 5, "end": 6},
    ):
        refused(lambda wrong=wrong: Span.objects.create(layer=layer, label=label, **wrong))
    link = Link.objects.first()
    assert link is not None
    refused(
        lambda: Link.objects.create(
            layer=layer, ident=90, kind=link.kind, source=link.source, target=link.source
        )
    )
    refused(
        lambda: Link.objects.create(
            layer=layer, ident=90, kind=link.kind, source=link.source, target=link.target
        )
    )


def test_the_log_counts_once_and_names_who_decided(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    values = {"layer": layer, "verb": "leave", "subject": "layer", "group": uuid.uuid4()}
    once = uuid.uuid4()
    Decision.objects.create(seq=1, user=bob, client_id=once, **values)
    refused(lambda: Decision.objects.create(seq=1, user=bob, client_id=uuid.uuid4(), **values))
    refused(lambda: Decision.objects.create(seq=2, user=bob, client_id=once, **values))
    refused(lambda: Decision.objects.create(seq=3, client_id=uuid.uuid4(), **values))


def test_one_place_a_person_and_one_person_a_place(document: Any, bob: Any) -> None:
    review.open_layer(document, by=bob)
    free = Assignment.objects.get(user__isnull=True)
    refused(lambda: Assignment.objects.filter(pk=free.pk).update(user=bob))
    refused(
        lambda: Assignment.objects.create(
            corpus=free.corpus, document=document, schema=free.schema, slot=free.slot
        )
    )


def test_names_and_versions_stand_once(document: Any, alice: Any) -> None:
    corpus = document.corpus
    refused(lambda: Corpus.objects.create(slug="harbour", name="x"))
    refused(lambda: Membership.objects.create(corpus=corpus, user=alice, role="manager"))
    refused(lambda: Schema.objects.create(corpus=corpus, version=1, digest="x"))
    refused(lambda: Label.objects.create(schema=corpus.schema, name="CLAIM"))
    values = {"corpus": corpus, "external_id": "sea-wall", "title": "x", "length": 1, "words": 1}
    refused(lambda: Document.objects.create(digest="another", **values))
    refused(
        lambda: Document.objects.create(
            digest=document.digest, retired_at=document.created_at, **values
        )
    )
    Job.objects.create(corpus=corpus, kind="suggest")
    refused(lambda: Job.objects.create(corpus=corpus, kind="suggest"))


def test_a_schema_is_frozen_by_its_first_layer(corpus: Any, document: Any) -> None:
    assert Schema.objects.get().frozen_at is not None

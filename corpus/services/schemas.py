"""Writes of schemas: versions with the rows that spans and links refer to."""

from __future__ import annotations

import hashlib
import json

from django.utils import timezone

from corpus.core import schema as core
from corpus.models import Corpus, Label, LinkKind, Schema


def add_schema(corpus: Corpus, view: core.SchemaView) -> Schema:
    """Write a new version of the corpus's schema."""
    definition = view.as_json()
    canonical = json.dumps(definition, sort_keys=True, ensure_ascii=False)
    schema = Schema.objects.create(
        corpus=corpus,
        version=Schema.objects.filter(corpus=corpus).count() + 1,
        definition=definition,
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
    )
    Label.objects.bulk_create(Label(schema=schema, name=name) for name in view.labels)
    LinkKind.objects.bulk_create(LinkKind(schema=schema, name=name) for name in view.links)
    return schema


def freeze_schema(schema: Schema) -> None:
    """Mark a schema as used, so that it is never edited again."""
    Schema.objects.filter(pk=schema.pk, frozen_at__isnull=True).update(frozen_at=timezone.now())

"""Writes of schemas: versions with the rows that spans and links refer to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from corpus.core import schema as core
from corpus.models import Corpus, Label, LinkKind, Schema


def add_schema(
    corpus: Corpus, view: core.SchemaView, *, becomes: Mapping[str, Any] | None = None
) -> Schema:
    """Write a new version of the corpus's schema, with a map of the version before onto it."""
    schema = Schema.objects.create(
        corpus=corpus,
        version=Schema.objects.filter(corpus=corpus).count() + 1,
        definition=view.as_json(),
        map=dict(becomes or {}),
        digest=_digest(view),
    )
    _add_rows(schema, view)
    return schema


def replace_unused(schema: Schema, view: core.SchemaView) -> bool:
    """Make another schema of one that nothing was annotated with; tell whether that is so."""
    with transaction.atomic():
        unused = Schema.objects.filter(pk=schema.pk, frozen_at__isnull=True)
        if not unused.update(definition=view.as_json(), digest=_digest(view)):
            return False
        Label.objects.filter(schema=schema).delete()
        LinkKind.objects.filter(schema=schema).delete()
        _add_rows(schema, view)
    schema.refresh_from_db()
    return True


def _digest(view: core.SchemaView) -> str:
    canonical = json.dumps(view.as_json(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _add_rows(schema: Schema, view: core.SchemaView) -> None:
    Label.objects.bulk_create(Label(schema=schema, name=name) for name in view.labels)
    LinkKind.objects.bulk_create(LinkKind(schema=schema, name=name) for name in view.links)


def freeze_schema(schema: Schema) -> None:
    """Mark a schema as used, so that it is never edited again."""
    Schema.objects.filter(pk=schema.pk, frozen_at__isnull=True).update(frozen_at=timezone.now())

"""Writes of schemas: versions with their labels, attributes and kinds of links."""

from __future__ import annotations

import hashlib
import json

from django.utils import timezone

from corpus.core import schema as core
from corpus.models import Attribute, Corpus, Label, LinkKind, Schema


def add_schema(corpus: Corpus, view: core.SchemaView) -> Schema:
    """Write a new version of the corpus's schema."""
    canonical = json.dumps(view.as_json(), sort_keys=True, ensure_ascii=False)
    schema = Schema.objects.create(
        corpus=corpus,
        version=Schema.objects.filter(corpus=corpus).count() + 1,
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
    )
    labels: dict[str, Label] = {}
    for position, label in enumerate(view.labels.values()):
        labels[label.name] = _add_label(schema, label, position)
    for kind in view.links.values():
        LinkKind.objects.create(
            schema=schema,
            name=kind.name,
            source=labels[kind.source],
            target=labels[kind.target],
            many=kind.many,
        )
    return schema


def freeze_schema(schema: Schema) -> None:
    """Mark a schema as used, so that it is never edited again."""
    Schema.objects.filter(pk=schema.pk, frozen_at__isnull=True).update(frozen_at=timezone.now())


def _add_label(schema: Schema, label: core.Label, position: int) -> Label:
    row = Label.objects.create(
        schema=schema,
        name=label.name,
        title=label.title,
        description=label.description,
        colour=label.colour,
        key=label.key,
        position=position,
    )
    for number, attribute in enumerate(label.attributes):
        Attribute.objects.create(
            label=row,
            name=attribute.name,
            kind=attribute.kind,
            choices=list(attribute.choices),
            required=attribute.required,
            position=number,
        )
    return row

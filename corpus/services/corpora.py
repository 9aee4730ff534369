"""Writes of corpora, schemas, members and documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_slug
from django.db import IntegrityError, transaction
from django.utils import timezone

from corpus import permissions
from corpus.core import schema as core
from corpus.core.near_duplicates import shingles, signature
from corpus.core.problems import Problem
from corpus.core.text import words
from corpus.db import bulk
from corpus.importers import Article
from corpus.models import (
    Attribute,
    Corpus,
    Document,
    DocumentText,
    JobState,
    Label,
    LinkKind,
    Membership,
    Role,
    Schema,
)
from corpus.services import audit

SETTINGS = ("name", "language", "targets", "guideline")


def create_corpus(
    slug: str,
    *,
    name: str = "",
    schema: core.SchemaView = core.ATTRIBUTION,
    guideline: str = "",
    language: str = "en",
    reviewers_per_document: int = 2,
) -> Corpus:
    """Create a corpus with its first schema; raise `Problem` when the slug is taken or not one."""
    try:
        validate_slug(slug)
    except ValidationError:
        raise Problem(
            "request-invalid", reason=f"{slug!r} is not a slug: use letters, digits, - and _"
        ) from None
    if slug in ("new", "restore"):
        raise Problem(
            "request-invalid",
            reason=f"{slug!r} is the address of a page; choose another short name",
        )
    with transaction.atomic():
        try:
            with transaction.atomic():
                corpus = Corpus.objects.create(
                    slug=slug,
                    name=name or slug.replace("-", " ").capitalize(),
                    guideline=guideline,
                    language=language,
                    reviewers_per_document=reviewers_per_document,
                )
        except IntegrityError:
            raise Problem("exists", what="corpus", name=slug) from None
        corpus.schema = add_schema(corpus, schema)
        corpus.save(update_fields=["schema"])
    return corpus


def start_corpus(
    slug: str, *, name: str, language: str, reviewers_per_document: int, by: AbstractUser
) -> Corpus:
    """Create a corpus on a page; who creates it manages it. Raises `Problem` unless the person may
    create corpora.
    """
    if not by.has_perm("corpus.add_corpus"):
        raise Problem("corpus-creator")
    with transaction.atomic():
        corpus = create_corpus(
            slug, name=name, language=language, reviewers_per_document=reviewers_per_document
        )
        add_member(corpus, by, Role.MANAGER)
        audit.note(corpus, "created", by=by)
    return corpus


def change_corpus(corpus: Corpus, values: Mapping[str, Any], *, by: AbstractUser) -> list[str]:
    """Change name, language, targets or guideline of a corpus; return what is another now."""
    permissions.require(by, "manage", corpus)
    changed = [
        field for field in SETTINGS if field in values and values[field] != getattr(corpus, field)
    ]
    for field in changed:
        setattr(corpus, field, values[field])
    if changed:
        with transaction.atomic():
            corpus.save(update_fields=changed)
            audit.note(corpus, "changed", by=by, fields=", ".join(changed))
    return changed


def delete_corpus(corpus: Corpus, *, by: AbstractUser) -> None:
    """Take a corpus out of every list and stop its jobs; nothing of it is lost, and
    `restore_corpus` brings it back.
    """
    permissions.require(by, "manage", corpus)
    with transaction.atomic():
        audit.note(corpus, "deleted", by=by)
        corpus.jobs.filter(state__in=(JobState.QUEUED, JobState.RUNNING)).update(cancel=True)
        Corpus.objects.filter(pk=corpus.pk).update(deleted_at=timezone.now())


def restore_corpus(slug: str, *, by: AbstractUser) -> Corpus:
    """Bring a deleted corpus back; one that is there stays. Raises `Problem` unless the person
    managed it.
    """
    corpus = Corpus.objects.filter(slug=slug).first()
    if corpus is None:
        raise Problem("not-found", what="corpus", name=slug)
    with transaction.atomic():
        back = Corpus.objects.filter(pk=corpus.pk, deleted_at__isnull=False).update(deleted_at=None)
        corpus.deleted_at = None
        permissions.require(by, "manage", corpus)
        if back:
            audit.note(corpus, "restored", by=by)
    return corpus


def add_schema(corpus: Corpus, view: core.SchemaView) -> Schema:
    """Write a new version of the corpus's schema."""
    canonical = json.dumps(view.as_json(), sort_keys=True, ensure_ascii=False)
    version = Schema.objects.filter(corpus=corpus).count() + 1
    schema = Schema.objects.create(
        corpus=corpus, version=version, digest=hashlib.sha256(canonical.encode()).hexdigest()
    )
    labels = {}
    for position, label in enumerate(view.labels.values()):
        labels[label.name] = Label.objects.create(
            schema=schema,
            name=label.name,
            title=label.title,
            description=label.description,
            colour=label.colour,
            key=label.key,
            position=position,
        )
        Attribute.objects.bulk_create(
            Attribute(
                label=labels[label.name],
                name=a.name,
                kind=a.kind,
                choices=list(a.choices),
                required=a.required,
                position=n,
            )
            for n, a in enumerate(label.attributes)
        )
    LinkKind.objects.bulk_create(
        LinkKind(
            schema=schema,
            name=k.name,
            source=labels[k.source],
            target=labels[k.target],
            many=k.many,
        )
        for k in view.links.values()
    )
    return schema


def freeze_schema(schema: Schema) -> None:
    """Mark a schema as used, so that it is never edited again."""
    Schema.objects.filter(pk=schema.pk, frozen_at__isnull=True).update(frozen_at=timezone.now())


def add_member(corpus: Corpus, user: AbstractUser, role: str) -> None:
    """Give a person a role in a corpus; twice is once."""
    Membership.objects.get_or_create(corpus=corpus, user=user, role=role)


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a batch of articles: rows made, rows that were there, and rows that these
    supersede.

    `withdrawn` are the ids of articles whose text was withdrawn earlier: they are left out.
    """

    documents: list[Document]
    present: list[Document]
    retired: list[Document]
    withdrawn: frozenset[str] = frozenset()


def add_documents(corpus: Corpus, articles: Sequence[Article]) -> Added:
    """Add articles in one transaction.

    The same id with the same text adds nothing; with other text it is a new version that supersedes
    the old one, which is retired. Ids are unique in the batch.
    """
    wanted = {article.id: article for article in articles}
    with transaction.atomic():
        # Whether a text is there is asked, not the text.
        retired = {
            (d.external_id, d.digest): d
            for d in Document.objects.filter(
                corpus=corpus, external_id__in=list(wanted), retired_at__isnull=False
            )
            .select_related("body")
            .defer("body__text", "body__signature")
        }
        withdrawn = frozenset(
            i
            for i, a in wanted.items()
            if (d := retired.get((i, a.body.digest))) and not hasattr(d, "body")
        )
        there = {
            d.external_id: d
            for d in Document.objects.filter(corpus=corpus, external_id__in=list(wanted))
            if d.retired_at is None
        }
        present = [
            there[i] for i, a in wanted.items() if i in there and there[i].digest == a.body.digest
        ]
        new = [
            a
            for i, a in wanted.items()
            if i not in withdrawn and (i not in there or there[i].digest != a.body.digest)
        ]
        old = [there[a.id] for a in new if a.id in there]
        Document.objects.filter(pk__in=[d.pk for d in old]).update(retired_at=timezone.now())
        documents = []
        for article in new:
            earlier = retired.get((article.id, article.body.digest))
            if earlier is not None:
                # The text went back to an earlier version: that row is current again.
                Document.objects.filter(pk=earlier.pk).update(retired_at=None)
                earlier.retired_at = None
                documents.append(earlier)
                continue
            documents.append(_document(corpus, article, supersedes=there.get(article.id)))
        fresh = [d for d in documents if d.pk is None]
        _add_rows(fresh, wanted)
    return Added(documents, present, old, withdrawn)


def _add_rows(documents: Sequence[Document], articles: Mapping[str, Article]) -> None:
    fields = [
        field.attname
        for field in Document._meta.concrete_fields
        if field.attname not in ("id", "created_at")
    ]
    keys = bulk.create(
        Document, [{name: getattr(document, name) for name in fields} for document in documents]
    )
    bodies = []
    for key, document in zip(keys, documents, strict=True):
        document.pk = key
        article = articles[document.external_id]
        text = article.body.text
        signed = article.signature or signature(shingles(text)).tobytes()
        bodies.append({"document_id": key, "text": text, "signature": signed})
    bulk.create(DocumentText, bodies)


def _document(corpus: Corpus, article: Article, *, supersedes: Document | None) -> Document:
    meta = dict(article.meta)
    targets = meta.get("targets", [])
    if isinstance(targets, list) and all(isinstance(t, str) for t in targets):
        meta.pop("targets", None)
    else:
        targets = []
    return Document(
        corpus=corpus,
        external_id=article.id,
        title=_take(meta, "title", 500) or article.id,
        outlet=_take(meta, "outlet", 200),
        published=_take(meta, "published", 40),
        url=_take(meta, "url", 1000) if _is_url(meta.get("url")) else "",
        digest=article.body.digest,
        length=len(article.body.text),
        words=words(article.body.text),
        targets=targets,
        metadata=meta,
        supersedes=supersedes,
    )


def _take(meta: dict[str, Any], field: str, limit: int) -> str:
    """Move a text that fits its column out of the metadata; what does not fit stays there whole."""
    value = meta.get(field)
    return str(meta.pop(field)) if isinstance(value, str) and len(value) <= limit else ""


def _is_url(value: object) -> bool:
    try:
        URLValidator(schemes=["http", "https"])(value)
    except ValidationError:
        return False
    return True

"""Reads of corpora, schemas and documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q, QuerySet

from corpus import permissions
from corpus.core import schema as core
from corpus.core.problems import Problem
from corpus.models import Corpus, Document, DocumentText, Job, Label, LinkKind, Schema


@dataclass(frozen=True, slots=True)
class SchemaRows:
    """A schema as the core sees it, with the database keys of its labels and link kinds by name."""

    view: core.SchemaView
    label_ids: dict[str, int]
    link_ids: dict[str, int]


def corpora_of(user: permissions.User) -> QuerySet[Corpus]:
    """Return the corpora that a person may see."""
    if getattr(user, "is_superuser", False):
        return Corpus.objects.order_by("name")
    return Corpus.objects.filter(memberships__user_id=user.pk).distinct().order_by("name")


def corpus_for(user: permissions.User, slug: str, act: str = "read") -> Corpus:
    """Return a corpus if the person may do the act in it; raise `Problem` otherwise."""
    corpus = corpus_called(slug)
    permissions.require(user, act, corpus)
    return corpus


def corpus_called(slug: str) -> Corpus:
    """Return the corpus with this slug, or raise `Problem`."""
    found = Corpus.objects.select_related("schema").filter(slug=slug).first()
    if found is None:
        raise Problem("not-found", what="corpus", name=slug)
    return found


def document_called(corpus: Corpus, external_id: str) -> Document:
    """Return the current document with this id, or raise `Problem`."""
    found = (
        Document.objects.select_related("corpus")
        .filter(corpus=corpus, external_id=external_id, retired_at__isnull=True)
        .first()
    )
    if found is None:
        raise Problem("not-found", what="document", name=external_id)
    return found


def text_of(document: Document) -> str:
    """Return the frozen text of a document."""
    return DocumentText.objects.values_list("text", flat=True).get(document=document)


def texts_of(documents: Iterable[Document]) -> dict[int, str]:
    """Return the frozen texts of several documents by their key, in one query."""
    keys = [document.pk for document in documents]
    return dict(DocumentText.objects.filter(document__in=keys).values_list("document_id", "text"))


def schema_rows(schema: Schema) -> SchemaRows:
    """Return a schema with the keys of its rows; read once per process, since its digest names its content."""
    return _schema_rows(schema.pk, schema.digest)


@lru_cache(maxsize=256)
def _schema_rows(pk: int, digest: str) -> SchemaRows:
    labels = list(Label.objects.filter(schema=pk).prefetch_related("attributes"))
    kinds = list(LinkKind.objects.filter(schema=pk).select_related("source", "target"))
    view = core.SchemaView(
        {
            row.name: core.Label(
                row.name,
                row.title,
                row.description,
                row.colour,
                row.key,
                tuple(core.Attribute(a.name, a.kind, tuple(a.choices), a.required) for a in row.attributes.all()),
            )
            for row in labels
        },
        {row.name: core.LinkKind(row.name, row.source.name, row.target.name, row.many) for row in kinds},
    )
    return SchemaRows(view, {row.name: row.pk for row in labels}, {row.name: row.pk for row in kinds})


def documents_page(
    corpus: Corpus, *, query: str = "", state: str = "", after: str = "", size: int = 50
) -> tuple[list[Document], str]:
    """Return a page of current documents by id, and the id to ask for the next page with ("" at the end).

    `query` matches the start of the id or title; `state` is an adjudication state.
    """
    found = Document.objects.filter(corpus=corpus, retired_at__isnull=True, external_id__gt=after)
    if query:
        found = found.filter(Q(external_id__istartswith=query) | Q(title__istartswith=query))
    if state:
        found = found.filter(adjudications__state=state)
    page = list(found.prefetch_related("adjudications").order_by("external_id")[: size + 1])
    return page[:size], page[size - 1].external_id if len(page) > size else ""


def progress(corpus: Corpus) -> dict[str, Any]:
    """Return the counts that the corpus page shows, from the queues alone."""
    documents = Document.objects.filter(corpus=corpus, retired_at__isnull=True).count()
    states = dict(corpus.adjudications.values_list("state").annotate(Count("id")))
    slots = dict(corpus.assignments.values_list("state").annotate(Count("id")))
    return {
        "documents": documents,
        "waiting": states.get("waiting", 0),
        "ready": states.get("ready", 0),
        "settled": states.get("done", 0),
        "slots": sum(slots.values()),
        "slots_done": slots.get("done", 0),
    }


def jobs_of(corpus: Corpus, *, size: int = 20) -> list[Job]:
    """Return the newest jobs of a corpus."""
    return list(corpus.jobs.select_related("created_by").order_by("-id")[:size])

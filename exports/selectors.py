"""Reads of layers on their way out, streamed by document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import Count, Q, Sum

from annotator.models import Adjudication, AdjudicationState, Layer, LayerKind
from annotator.selectors.layers import layer_views
from corpus.core.problems import Problem
from corpus.db.paging import keyset_page
from corpus.models import Corpus, Document
from corpus.selectors import texts_of
from exports.core.record import Record
from exports.models import Release, ReleaseItem

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

BATCH = 500


class Withdrawn(TypedDict):
    """What a query adds to a release: how many of its texts were withdrawn."""

    withdrawn: int


def layers_of(corpus: Corpus, which: str) -> dict[int, int]:
    """Return the key of the asked layer of each current document, by document key.

    `which` is "gold", "suggestions" (the newest finished run of each document) or a user name.
    """
    layers = Layer.objects.filter(document__corpus=corpus, document__retired_at__isnull=True)
    if which == "gold":
        layers = layers.filter(kind=LayerKind.GOLD)
    elif which == "suggestions":
        layers = layers.filter(kind=LayerKind.SUGGESTION)
    else:
        layers = layers.filter(kind=LayerKind.REVIEW, owner__username=which)
    return dict(layers.order_by("document_id", "run_id", "pk").values_list("document_id", "pk"))


def document_count(corpus: Corpus) -> int:
    """Return how many current documents a corpus has."""
    return Document.objects.filter(corpus=corpus, retired_at__isnull=True).count()


def open_dispute_count(corpus: Corpus) -> int:
    """Return how many frames of the current documents are in dispute and therefore not in gold."""
    ready = Adjudication.objects.filter(
        corpus=corpus,
        document__retired_at__isnull=True,
        gold__isnull=False,
        state=AdjudicationState.READY,
    )
    return ready.aggregate(n=Sum("disputes"))["n"] or 0


def meta(document: Document) -> dict[str, Any]:
    """Return a document's metadata as the lossless form holds it."""
    named = {
        "title": document.title,
        "outlet": document.outlet,
        "published": document.published,
        "url": document.url,
        "targets": document.targets,
    }
    return {**{key: value for key, value in named.items() if value}, **document.metadata}


def records(layers: dict[int, int], *, kind: str, author: str = "") -> Iterator[Record]:
    """Yield documents with their layer by external id; two queries and the texts for each batch."""
    ordered = _ordered(layers)
    for first in range(0, len(ordered), BATCH):
        keys = ordered[first : first + BATCH]
        documents = Document.objects.in_bulk(keys)
        texts = texts_of(documents.values())
        views = layer_views(Layer.objects.filter(pk__in=[layers[key] for key in keys]))
        for key in keys:
            # A text that was withdrawn meanwhile is not there.
            if key in texts:
                document = documents[key]
                view = views[layers[key]]
                yield Record(document.external_id, texts[key], meta(document), view, kind, author)


def _ordered(layers: dict[int, int]) -> list[int]:
    """Return the keys of documents in the order of their external ids."""
    names: list[tuple[str, int]] = []
    keys = list(layers)
    for first in range(0, len(keys), BATCH):
        rows = Document.objects.filter(pk__in=keys[first : first + BATCH])
        names.extend(rows.values_list("external_id", "pk"))
    return [key for _, key in sorted(names)]


def release_called(corpus: Corpus, name: str) -> Release:
    """Return the release of this name, or raise `Problem`."""
    rows = Release.objects.filter(corpus=corpus, name=name)
    release = rows.select_related("created_by", "corpus").first()
    if release is None:
        raise Problem("not-found", what="release", name=name)
    return release


def releases_of(
    corpus: Corpus, *, before: int = 0, size: int = 50
) -> tuple[list[WithAnnotations[Release, Withdrawn]], int]:
    """Return a page of releases, newest first, and the key that the next page stands before.

    The key is 0 at the end. Each release has `withdrawn`, how many of its texts were withdrawn.
    """
    rows = Release.objects.filter(corpus=corpus).select_related("created_by").order_by("-pk")
    if before:
        rows = rows.filter(pk__lt=before)
    withdrawn = Count("items", filter=Q(items__withdrawn_at__isnull=False))
    return keyset_page(rows.annotate(withdrawn=withdrawn).order_by("-pk"), size)


def next_name(corpus: Corpus) -> str:
    """Return the number that a further release would have."""
    names = corpus.releases.values_list("name", flat=True).order_by("-pk")[:50]
    # A longer one is a date or the like, no number that was counted up.
    numbers = [int(name) for name in names if name.isdecimal() and len(name) < 9]
    return str(max(numbers, default=0) + 1)


def withdrawn_texts(release: Release) -> int:
    """Return how many texts of a release were withdrawn."""
    return ReleaseItem.objects.filter(release=release, withdrawn_at__isnull=False).count()

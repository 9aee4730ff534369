"""Reads of the texts that a document had before, and of what did not come along from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from annotator.core.decisions import LEFT_BEHIND, left_behind_in
from annotator.models import Decision, Layer, LayerKind
from annotator.selectors import layers
from annotator.selectors.notes import said_about
from corpus import permissions, selectors
from corpus.core.problems import Problem
from corpus.core.span import Span
from corpus.models import Corpus, Document
from corpus.selectors import schema_rows, text_of


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """The spans of a layer that did not come along when the text `sha256` was corrected.

    `author` is the reviewer, "" for gold; `spans` hold the title of the label, words, old place and
    what was said about them in comments and flags.
    """

    author: str
    sha256: str
    spans: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """Return the text and the spans, for the author of them."""
        return {"sha256": self.sha256, "spans": self.spans}


def _texts(document: Document) -> QuerySet[Document]:
    """Return the other texts of a document's id that are neither removed nor erased."""
    rows = selectors.earlier_texts(document.corpus).filter(external_id=document.external_id)
    return rows.exclude(pk=document.pk).select_related("body").defer("body__signature")


def earlier_texts(document: Document) -> list[Document]:
    """Return the earlier texts of a document, the newest first."""
    texts = list(_texts(document).defer("body").order_by("-retired_at", "-pk"))
    for text in texts:
        text.corpus = document.corpus
    return texts


def earlier_text(document: Document, sha256: str) -> Document:
    """Return the earlier text of a document with this digest, or raise `Problem`."""
    text = _texts(document).filter(digest=sha256).first()
    if text is None:
        raise Problem("not-found", what="earlier text of the document, digest", name=sha256[:64])
    text.corpus = document.corpus
    return text


def own_work_left(corpus: Corpus, user: permissions.User, *, size: int = 20) -> list[Layer]:
    """Return a person's newest reviews that stayed with an earlier text of their documents, whole.

    The text became too different, or is again one that they worked on before. What they began anew
    on the text of now ends that.
    """
    by_hand = Decision.objects.filter(layer=OuterRef("pk"), policy="")
    later = Layer.objects.filter(
        owner=user.pk,
        kind=LayerKind.REVIEW,
        pk__gt=OuterRef("pk"),
        document__corpus=corpus,
        document__external_id=OuterRef("document__external_id"),
    )
    current = Document.objects.filter(
        corpus=corpus, external_id=OuterRef("document__external_id"), retired_at__isnull=True
    )
    rows = Layer.objects.filter(
        Exists(by_hand),
        Exists(current),
        ~Exists(later),
        owner=user.pk,
        kind=LayerKind.REVIEW,
        document__in=selectors.earlier_texts(corpus),
    )
    newest = rows.select_related("document").order_by("-document__retired_at", "-pk")
    return list(newest[:size])


def left_of_review(layer: Layer, *, log: Iterable[Decision] | None) -> list[LeftBehind]:
    """Return what of a review did not come along, until its author hands it in again.

    `log` are all decisions of the layer in order, when they have been read already.
    """
    if log is None:
        log = Decision.objects.filter(layer=layer, subject="layer").order_by("seq")
    waiting: Mapping[str, Any] = {}
    for row in log:
        if row.subject == "layer" and row.verb == LEFT_BEHIND:
            waiting = left_behind_in(row.after)
        elif row.subject == "layer" and row.verb == "submit":
            waiting = {}
    found = [_spans_left(layer, digest, idents) for digest, idents in waiting.items()]
    return [left for left in found if left is not None]


def left_of_document(document: Document, user: permissions.User) -> list[LeftBehind]:
    """Return what of gold and reviews did not come along, of those that a person may read."""
    rows = Decision.objects.filter(
        layer__document__corpus=document.corpus_id,
        layer__document__external_id=document.external_id,
        subject="layer",
        verb=LEFT_BEHIND,
    )
    readable: dict[str, set[tuple[str, int | None]]] = {}
    for text in earlier_texts(document):
        may = layers.earlier_layers(text, document, user)
        readable[text.digest] = {(layer.kind, layer.owner_id) for layer in may}
    found: dict[tuple[str, str, int | None], LeftBehind] = {}
    for row in rows.select_related("layer__owner", "layer__document__corpus").order_by("pk"):
        author = (row.layer.kind, row.layer.owner_id)
        for digest, idents in left_behind_in(row.after).items():
            if author in readable.get(digest, ()):
                left = _spans_left(row.layer, digest, idents)
                if left is not None:
                    found[(digest, *author)] = left
    return list(found.values())


def _spans_left(layer: Layer, digest: str, idents: Iterable[int]) -> LeftBehind | None:
    """Return spans of the layer that one was carried from; None once that text is erased."""
    before = (
        Layer.objects.filter(
            document__corpus=layer.document.corpus_id,
            document__external_id=layer.document.external_id,
            document__digest=digest,
            document__body__isnull=False,
            kind=layer.kind,
            owner=layer.owner_id,
        )
        .select_related("document", "schema")
        .order_by("-schema__version")
        .first()
    )
    if before is None:
        return None
    text = text_of(before.document)
    titles = {name: label.title for name, label in schema_rows(before.schema).view.labels.items()}
    spans = layers.layer_views([before])[before.pk].spans
    left = [spans[ident] for ident in idents if ident in spans]
    # Of gold, people speak about disputes.
    said = said_about(before) if before.kind == LayerKind.REVIEW else {}
    author = layer.owner.get_username() if layer.kind == LayerKind.REVIEW and layer.owner else ""
    told = [{**_told(span, text, titles), "said": said.get(span.ident, [])} for span in left]
    return LeftBehind(author, digest, told)


def _told(span: Span, text: str, titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "label": titles.get(span.label) or span.label,
        "text": span.covered(text),
        "start": span.start,
        "end": span.end,
    }

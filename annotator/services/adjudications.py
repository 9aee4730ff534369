"""The adjudicators' queue of documents: a row counts reviews in, then what the comparison found.

The disputed frames of a document are rows of their own (`disputes`), written from here with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F, Q
from django.utils import timezone

from annotator.core.compare import Cluster
from annotator.models import Adjudication, AdjudicationState, Layer
from annotator.services import disputes, precedents
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.db import bulk
from corpus.models import Corpus, Document, Schema
from corpus.services import audit

# What a comparison writes; the reviews are counted beside it.
COMPARED = (
    "gold",
    "state",
    "frames",
    "agreed",
    "disputes",
    "kinds",
    "ready_at",
    "done_at",
)


def open_for(corpus: Corpus, needed: Mapping[int, int]) -> None:
    """Open rows for documents, by key, that wait for so many reviews; a row that is there stays."""
    rows = [
        {
            "corpus_id": corpus.pk,
            "schema_id": corpus.schema_id,
            "document_id": document,
            "needed": reviews,
        }
        for document, reviews in needed.items()
    ]
    bulk.create(Adjudication, rows, ignore_conflicts=True)
    # A text may have gone back to an earlier version, which was annotated.
    disputes.show(list(needed))


def has_work(document: Document, schema: Schema) -> bool:
    """Tell whether reviews of a document were counted in, or it has gold."""
    rows = Adjudication.objects.filter(document=document, schema=schema)
    return rows.filter(Q(submitted__gt=0) | Q(gold__isnull=False)).exists()


def set_needed(document: Document, schema: Schema, needed: int) -> None:
    """Say how many reviews a document waits for."""
    Adjudication.objects.filter(document=document, schema=schema).update(needed=needed)


def count_in(document: Document, schema: Schema) -> Adjudication:
    """Count one more submitted review, and return the row as it is then.

    The increment comes first: its row lock makes the second of two reviewers who submit at once see
    both.
    """
    rows = Adjudication.objects.filter(document=document, schema=schema)
    rows.update(submitted=F("submitted") + 1)
    return rows.select_related("document__corpus", "schema", "gold").get()


def take_back(adjudication: Adjudication) -> None:
    """Count one submitted review less: the document waits again, without disputes."""
    Adjudication.objects.filter(pk=adjudication.pk).update(
        submitted=F("submitted") - 1,
        state=AdjudicationState.WAITING,
        disputes=0,
        kinds={},
        ready_at=None,
    )
    disputes.withdraw(adjudication)
    precedents.withdraw(adjudication)


def leave_queue(documents: Sequence[Document]) -> None:
    """Take the disputes of documents that are retired out of the queue and its counts."""
    disputes.hide([document.pk for document in documents])


def enter_queue(document: Document) -> None:
    """Put the disputes of a document that is current again back into the queue."""
    disputes.show([document.pk])


def erase(document: Document) -> None:
    """Take a document's disputes and case law away for good, with the words that they hold.

    Inside a transaction: who settles at this moment goes first, and no words of it stay.
    """
    rows = Adjudication.objects.select_for_update().filter(document=document)
    for adjudication in list(rows):
        disputes.withdraw(adjudication)
    precedents.erase(document)
    disputes.forget_empty_counts(document.corpus)


def all_in(adjudication: Adjudication) -> bool:
    """Tell whether every review is in; until the transaction ends no reviewer takes one back."""
    rows = Adjudication.objects.select_for_update().only("submitted", "needed", "schema_id")
    row = rows.get(pk=adjudication.pk)
    if row.schema_id != adjudication.schema_id:
        raise Problem("schema-changing")
    return row.submitted >= row.needed


def record_comparison(
    adjudication: Adjudication, clusters: Sequence[Cluster], *, gold: Layer, view: LayerView
) -> None:
    """Write what a comparison found and a policy made of it."""
    adjudication.gold = gold
    adjudication.frames = len(clusters)
    adjudication.agreed = sum(cluster.agreed for cluster in clusters)
    adjudication.ready_at = timezone.now()
    record_disputes(adjudication, clusters, view)


def record_disputes(
    adjudication: Adjudication,
    clusters: Sequence[Cluster],
    gold: LayerView,
    *,
    by: AbstractBaseUser | None = None,
) -> None:
    """Write what lists show, and the queue of disputes; without open disputes a document is done.

    `by` is None when a policy settled the last of them.
    """
    left = [c for c in clusters if not c.agreed and c.ident not in gold.settled]
    disputes.record(adjudication, clusters, gold)
    precedents.record(adjudication, clusters, gold)
    adjudication.disputes = len(left)
    adjudication.kinds = dict(Counter(kind for cluster in left for kind in cluster.kinds))
    if not left and adjudication.state != AdjudicationState.DONE:
        document = adjudication.document.external_id
        audit.note(adjudication.corpus, "settled", by=by, document=document)
    adjudication.state = AdjudicationState.READY if left else AdjudicationState.DONE
    adjudication.done_at = None if left else timezone.now()
    adjudication.save(update_fields=COMPARED)


def move(
    adjudication: Adjudication, schema: Schema, *, gold: Layer | None, to: Document | None = None
) -> None:
    """Move a document's row to another version of the schema, with the gold that it has there.

    `to` is another version of the document.
    """
    if to is not None and to.pk != adjudication.document_id:
        precedents.keep(adjudication, old=adjudication.document, new=to)
        adjudication.document = to
    empty = Adjudication.objects.filter(document=adjudication.document, schema=schema)
    empty.exclude(pk=adjudication.pk).filter(submitted=0, gold__isnull=True).delete()
    adjudication.schema = schema
    adjudication.gold = gold
    adjudication.save(update_fields=["document", "schema", "gold"])


def record_moved(
    adjudication: Adjudication,
    clusters: Sequence[Cluster],
    gold: LayerView,
    *,
    idents: Mapping[int, int],
) -> None:
    """Write what the comparison finds under another version of the schema.

    `idents` say what each dispute is called now; who is to settle it stays, and so does since when
    a document has been settled.
    """
    done_at = adjudication.done_at
    disputes.renumber(adjudication, idents)
    adjudication.frames = len(clusters)
    adjudication.agreed = sum(cluster.agreed for cluster in clusters)
    record_disputes(adjudication, clusters, gold)
    if done_at is not None and adjudication.state == AdjudicationState.DONE:
        adjudication.done_at = done_at
        adjudication.save(update_fields=["done_at"])

"""Reads of case law: how the same question was settled before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Substr

from annotator.core import precedents as core
from annotator.models import (
    Adjudication,
    AdjudicationState,
    Assignment,
    Dispute,
    Layer,
    LayerKind,
    LayerState,
    Precedent,
    Sample,
    SampleKind,
)
from annotator.selectors import withheld
from corpus import guideline
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.models import Corpus, Document
from corpus.permissions import User
from corpus.selectors import removed_since, schema_rows

# So many are shown, of so many newest ones of the same facet and label.
SHOWN = 3
NEWEST = 500
# In review, from so many of a person's own newest reviews.
REVIEWS = 200
# A dispute is about no more facets than these, as far as case law is looked up.
FACETS = 4


def precedent_called(document: Document, *, dispute: int, facet: str) -> Precedent | None:
    """Return what a dispute of a document was settled as in one facet."""
    rows = Precedent.objects.filter(
        corpus=document.corpus_id,
        adjudication__document__external_id=document.external_id,
        ident=dispute,
        facet=facet,
    )
    # What is settled in the text of now comes before what was in an earlier one.
    retired = F("adjudication__document__retired_at").asc(nulls_first=True)
    rows = rows.order_by(retired, F("earlier").asc(nulls_first=True))
    return rows.select_related("adjudication__schema", "corpus").first()


def with_settlements(corpus: Corpus) -> QuerySet[Adjudication]:
    """Return the documents in which people settled disputes, those with erased texts left out."""
    return Adjudication.objects.filter(
        corpus=corpus,
        document__body__isnull=False,
        gold__decisions__subject="dispute",
        gold__decisions__user__isnull=False,
    ).distinct()


def for_dispute(document: Document, ident: int, *, by: User) -> list[Precedent]:
    """Return what was settled about the most alike words as those of a dispute, most alike first.

    Only of its facets and its label, and from documents that are not removed and not in this
    person's own hands to review, whatever text it was settled in. Raises `Problem` when the
    document has no such dispute.
    """
    rows = Dispute.objects.filter(adjudication__document=document, ident=ident)
    dispute = rows.order_by("-adjudication").first()
    if dispute is None:
        raise Problem("dispute-unknown", ident=ident)
    label = core.label_key(dispute.labels)
    text = Substr("adjudication__document__body__text", F("start") + 1, core.WORDS)
    words = Dispute.objects.filter(pk=dispute.pk).values_list(text, flat=True).first() or ""
    question = str(words)[: dispute.end - dispute.start] if label else ""
    known = Precedent.objects.filter(
        ~removed_since(document.corpus, of="adjudication__document__"),
        corpus=document.corpus_id,
        adjudication__document__removed_because="",
    )
    known = known.exclude(adjudication=dispute.adjudication_id, ident=ident, earlier__isnull=True)
    held = Document.objects.filter(withheld.from_lists(by, of="pk"), corpus=document.corpus_id)
    # By the id, as it may have been settled in another text than the one in hand.
    known = known.exclude(adjudication__document__external_id__in=held.values("external_id"))
    return _most_alike(known, label, _in_turn(dispute), question)


def _in_turn(dispute: Dispute) -> list[str]:
    """Return the facets of a dispute, the one that is settled first first."""
    others = sorted(set(dispute.facets) - {dispute.facet})
    return [dispute.facet, *others][:FACETS]


def in_review(layer: Layer, *, label: str, facet: str, words: str) -> list[Precedent]:
    """Return how a question was settled in documents that a reviewer is through with.

    Without a facet it is about all that can be asked of the label.

    Those are documents that they handed in, whose disputes are all settled, and whose review they
    can take back no more; never the one in hand, nor one that was practice for them. So it says
    nothing of what a colleague did on a document that this person holds or may still be given.
    Raises `Problem` where it is not shown.
    """
    document = layer.document
    if not _shown_in(document, layer):
        raise Problem("precedents-hidden")
    own = Layer.objects.filter(
        owner=layer.owner_id,
        schema=layer.schema_id,
        kind=LayerKind.REVIEW,
        submitted_at__isnull=False,
        state__in=(LayerState.SUBMITTED, LayerState.CLOSED),
        practice=False,
    ).exclude(document=document.pk)
    newest = own.order_by("-submitted_at").values_list("document", flat=True)[:REVIEWS]
    settled = Adjudication.objects.filter(
        document__in=list(newest),
        document__retired_at__isnull=True,
        schema=layer.schema_id,
        state=AdjudicationState.DONE,
    )
    known = Precedent.objects.filter(corpus=document.corpus_id, adjudication__in=settled)
    return _most_alike(known, label, [facet] if facet else None, words)


def _shown_in(document: Document, layer: Layer) -> bool:
    """Tell whether case law is shown in the review of a document.

    Not in a blind review, nor while a document calibrates. In a corpus with hidden checks it is
    shown in none, because what is missing in some documents alone would tell which they are.
    """
    hidden = Q(kind=SampleKind.CHECK) | Q(document=document.pk)
    if Sample.objects.filter(hidden, corpus=document.corpus_id).exists():
        return False
    place = Assignment.objects.filter(document=document.pk, user=layer.owner_id)
    return not place.filter(blind=True).exists()


def _most_alike(
    known: QuerySet[Precedent], label: str, facets: Iterable[str] | None, words: str
) -> list[Precedent]:
    newest = known.filter(label=label).order_by("-settled_at", "-pk")
    each = [newest] if facets is None else [newest.filter(facet=facet) for facet in facets]
    texts: dict[int, str] = {}
    for rows in each:
        texts.update(rows.values_list("pk", "words")[:NEWEST])
    chosen = core.most_alike(words, texts, SHOWN)
    known = Precedent.objects.select_related(
        "adjudication__document", "adjudication__schema", "earlier"
    )
    found = known.in_bulk(chosen)
    return [found[pk] for pk in chosen if pk in found]


def as_json(rows: Iterable[Precedent], corpus: Corpus) -> list[dict[str, Any]]:
    """Return precedents as adjudicators read them; nobody is named."""
    found = []
    for row in rows:
        document = row.adjudication.document
        text = row.earlier or (document if document.retired_at else None)
        found.append(
            {
                **_said(row, corpus),
                "earlier": text.digest if text is not None else None,
                "document": document.external_id,
                "title": document.title,
                "dispute": row.ident,
                "settled": row.settled_at.date().isoformat(),
            }
        )
    return found


def as_review_json(rows: Iterable[Precedent], corpus: Corpus) -> list[dict[str, Any]]:
    """Return precedents as reviewers read them: neither documents nor days nor people."""
    return [_said(row, corpus) for row in rows]


def _said(row: Precedent, corpus: Corpus) -> dict[str, Any]:
    names = section_names(row, schema_rows(row.adjudication.schema).view)
    section = guideline.section_called(corpus.guideline, names)
    return {
        "facet": row.facet,
        "about": names[0],
        "label": row.label,
        "value": row.value,
        "votes": row.votes,
        "against": sum(votes for _, votes in row.others),
        "others": [{"value": value, "votes": votes} for value, votes in row.others],
        "words": row.words,
        "cue": row.cue,
        "reason": row.reason,
        "section": None if section is None else {"slug": section.slug, "title": section.title},
    }


def section_names(row: Precedent, schema: SchemaView) -> list[str]:
    """Return what the section of a precedent may be called: after its facet, else its label."""
    names = []
    for kind in schema.links.values():
        if schema.link_facet(kind) == row.facet:
            names += [kind.title, kind.facet, kind.name]
    label = schema.labels.get(row.label)
    attributes = schema.attributes if label is None else label.attributes
    for attribute in attributes:
        if schema.attribute_facet(attribute.name) == row.facet:
            names += [attribute.title, attribute.name]
    if not names:
        names.append(row.facet)
    names += [row.label] if label is None else [label.title, label.name]
    return [name for name in names if name]


def example_of(row: Precedent, schema: SchemaView) -> str:
    """Return a precedent as an example of the guideline, in Markdown; its words stay words."""
    facet = section_names(row, schema)[0]
    against = sum(votes for _, votes in row.others)
    refused = ", ".join(value for value, _ in row.others)
    words = f"{core.quoted(row.words)} — " if row.words else ""
    said = f"{words}{facet}: {row.value} ({row.votes} : {against}"
    said += f", not {refused})" if refused else ")"
    if row.reason:
        said += f", because: {row.reason}"
    return f"- {guideline.plain(said)}"

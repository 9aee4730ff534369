"""What people say beside their decisions: comments on a frame, and flags for the guideline."""

from __future__ import annotations

import uuid
from collections.abc import Container, Mapping, Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from annotator.models import Comment, Flag, Layer, LayerKind
from annotator.selectors import layers, notes
from annotator.services import looking
from corpus import guideline, permissions
from corpus.core.problems import Problem
from corpus.models import Corpus, Document


def layer_for(document: Document, *, by: AbstractBaseUser) -> Layer:
    """Return the layer whose frames a person may speak about.

    Their own review, or gold for who adjudicates. Raises `Problem` with the document in their own
    hands and no review of it yet.
    """
    corpus = document.corpus
    permissions.require(by, "read", corpus)
    if permissions.allows(by, "review", corpus):
        own = layers.review_layer(document, by)
        if own is not None:
            return own
    if permissions.allows(by, "adjudicate", corpus):
        looking.look([document], by=by)
        gold = layers.gold_layer(document)
        if gold is not None:
            return gold
    raise Problem("not-found", what="review of yours for", name=document.external_id)


def comment(
    document: Document,
    *,
    by: AbstractBaseUser,
    subject: int,
    body: str,
    client_id: uuid.UUID | None = None,
) -> Comment:
    """Comment on a frame; sent twice (by `client_id`, else by its words) is once."""
    layer = _about(document, subject, by=by)
    body = body.strip()
    if not body:
        raise Problem("request-invalid", reason="a comment needs words")
    key = client_id or uuid.uuid5(uuid.NAMESPACE_OID, f"{by.pk} {subject} {body}")
    made, _ = Comment.objects.get_or_create(
        layer=layer, client_id=key, defaults={"ident": subject, "user_id": by.pk, "body": body}
    )
    return made


def flag(
    document: Document, *, by: AbstractBaseUser, subject: int, section: str = "", note: str = ""
) -> Flag:
    """Flag a frame for a section of the guideline ("" for none of them).

    Again changes the note and opens it anew.
    """
    layer = _about(document, subject, by=by)
    _, sections = guideline.read(document.corpus.guideline)
    known = [heading.slug for heading in sections]
    if section and section not in known:
        raise Problem("section-unknown", section=section, known=", ".join(known) or "no sections")
    made, _ = Flag.objects.update_or_create(
        layer=layer,
        ident=subject,
        section=section,
        defaults={
            "corpus": document.corpus,
            "user_id": by.pk,
            "note": note.strip(),
            "done_at": None,
        },
    )
    return made


def settle_flag(corpus: Corpus, pk: int, *, by: AbstractBaseUser) -> None:
    """Mark a flag as dealt with; twice is once."""
    permissions.require(by, "manage", corpus)
    flags = Flag.objects.filter(corpus=corpus, pk=pk)
    if not flags.exists():
        raise Problem("not-found", what="flag", name=pk)
    flags.filter(done_at__isnull=True).update(done_at=timezone.now())


def _about(document: Document, subject: int, *, by: AbstractBaseUser) -> Layer:
    """Return the layer that holds the frame.

    On gold the subject is a dispute, which is computed and not looked up.
    """
    layer = layer_for(document, by=by)
    if layer.kind == LayerKind.REVIEW and not notes.has_span(layer, subject):
        raise Problem("decision-unknown", subject="span", ident=subject, verb="speak about")
    return layer


def move(
    before: Layer,
    after: Layer,
    *,
    idents: Mapping[int, int],
    only: Container[int] | None = None,
) -> None:
    """Move what was said about a layer to its copy, where frames may have other numbers.

    What is said of a frame that is not among `only` stays.
    """
    for table in (Comment, Flag):
        for pk, ident in table.objects.filter(layer=before).values_list("pk", "ident"):
            if only is not None and ident not in only:
                continue
            new = idents.get(ident, ident)
            table.objects.filter(pk=pk).update(layer=after, ident=new)


def erase(documents: Sequence[Document]) -> None:
    """Take away for good what was said about documents, since it may quote their texts."""
    for table in (Comment, Flag):
        table.objects.filter(layer__document__in=documents).delete()

"""Reads of comments and flags."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from annotator.models import Comment, Flag, Layer, LayerKind, Span
from annotator.selectors.layers import adjudication_of, of_run, submitted_layers
from corpus.models import Corpus


def has_span(layer: Layer, ident: int) -> bool:
    """Tell whether a review layer holds this span, or shows it as a suggestion."""
    if Span.objects.filter(layer=layer, ident=ident).exists():
        return True
    if layer.shown_run_id is None:
        return False
    return of_run(
        Span.objects.filter(layer__document=layer.document_id, ident=ident), layer.shown_run_id
    ).exists()


def comments_json(layer: Layer) -> list[dict[str, Any]]:
    """Return the comments that the author of a layer may read, oldest first.

    On gold these are also the comments of the submitted reviews, under the letters that hide their
    authors' names.
    """
    names = {layer.pk: "gold" if layer.kind == LayerKind.GOLD else "mine"}
    if layer.kind == LayerKind.GOLD:
        submitted = submitted_layers(adjudication_of(layer.document))
        names |= {other.pk: chr(ord("A") + place) for place, other in enumerate(submitted)}
    found = Comment.objects.filter(layer__in=names).order_by("pk")
    return [
        {
            "subject": c.ident,
            "layer": names[c.layer_id],
            "body": c.body,
            "at": c.at.isoformat(timespec="seconds"),
        }
        for c in found
    ]


def flags_json(layer: Layer) -> list[dict[str, Any]]:
    """Return the flags on a layer, oldest first."""
    return [
        {"subject": f.ident, "section": f.section, "note": f.note, "done": f.done_at is not None}
        for f in Flag.objects.filter(layer=layer).order_by("pk")
    ]


def open_flags(
    corpus: Corpus, *, before: int = 0, section: str | None = None, size: int = 50
) -> tuple[list[Flag], int]:
    """Return a page of open flags, newest first, and the key to ask for older ones with (0 at the
    end).
    """
    found = Flag.objects.filter(corpus=corpus, done_at__isnull=True).select_related(
        "layer__document", "user"
    )
    if before:
        found = found.filter(pk__lt=before)
    if section is not None:
        found = found.filter(section=section)
    page = list(found.order_by("-pk")[: size + 1])
    return page[:size], page[size - 1].pk if len(page) > size else 0


def flags_by_section(corpus: Corpus) -> dict[str, int]:
    """Return the number of open flags of each section that has some."""
    found = (
        Flag.objects.filter(corpus=corpus, done_at__isnull=True)
        .values("section")
        .annotate(n=Count("pk"))
    )
    return dict(found.order_by().values_list("section", "n"))

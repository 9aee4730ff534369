"""Reads of comments and flags."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from annotator.models import Comment, Flag, Layer, LayerKind, Span
from annotator.selectors import comparison, disputes, withheld
from annotator.selectors.layers import of_run
from corpus.db.paging import keyset_page
from corpus.models import Corpus
from corpus.permissions import User


def has_span(layer: Layer, ident: int) -> bool:
    """Tell whether a review layer holds this span, or shows it as a suggestion."""
    if Span.objects.filter(layer=layer, ident=ident).exists():
        return True
    if layer.shown_run_id is None:
        return False
    shown = Span.objects.filter(layer__document=layer.document_id, ident=ident)
    return of_run(shown, layer.shown_run_id).exists()


def comments_page(
    layer: Layer, *, subject: int = 0, after: int = 0, size: int = 100
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of the comments that the author of a layer may read, oldest first.

    On gold these are also the comments of the submitted reviews, under the letters that hide their
    authors' names. `subject` keeps to those on one frame. With the page comes the key to go on
    after, 0 at the end.
    """
    names = {layer.pk: "mine"}
    if layer.kind == LayerKind.GOLD:
        adjudication = disputes.adjudication_of(layer.document)
        submitted = comparison.submitted_layers(adjudication)
        names = {layer.pk: "gold", **comparison.letters(submitted)}
    comments = Comment.objects.filter(layer__in=names, pk__gt=after)
    if subject:
        comments = comments.filter(ident=subject)
    page, following = keyset_page(comments.order_by("pk"), size)
    return [comment_json(comment, names[comment.layer_id]) for comment in page], following


def comment_json(comment: Comment, layer: str) -> dict[str, Any]:
    """Return a comment, with what its layer is called for its reader."""
    return {
        "subject": comment.ident,
        "layer": layer,
        "body": comment.body,
        "at": comment.at.isoformat(timespec="seconds"),
    }


def flags_page(
    layer: Layer, *, after: int = 0, size: int = 100
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of the flags on a layer, oldest first, and the key to go on after.

    The key is 0 at the end.
    """
    flags = Flag.objects.filter(layer=layer, pk__gt=after).order_by("pk")
    page, following = keyset_page(flags, size)
    return [flag_json(flag) for flag in page], following


def flag_json(flag: Flag) -> dict[str, Any]:
    """Return a flag."""
    return {
        "subject": flag.ident,
        "section": flag.section,
        "note": flag.note,
        "done": flag.done_at is not None,
    }


def open_flags(
    corpus: Corpus, *, by: User, before: int = 0, section: str | None = None, size: int = 50
) -> tuple[list[Flag], int]:
    """Return a page of open flags, newest first, and the key to go on before (0 at the end).

    Others' flags on documents that are withheld from the person are left out.
    """
    flags = _open_flags(corpus, by)
    if before:
        flags = flags.filter(pk__lt=before)
    if section is not None:
        flags = flags.filter(section=section)
    return keyset_page(flags.select_related("layer__document", "user").order_by("-pk"), size)


def _open_flags(corpus: Corpus, by: User) -> QuerySet[Flag]:
    told = ~withheld.from_lists(by, of="layer__document") | Q(user=by.pk)
    return Flag.objects.filter(told, corpus=corpus, done_at__isnull=True)


def flags_by_section(corpus: Corpus, *, by: User) -> dict[str, int]:
    """Return the number of open flags, as a person is told them, of each section with some."""
    flags = _open_flags(corpus, by).order_by()
    return dict(flags.values_list("section").annotate(n=Count("pk")))


def said_about(layer: Layer) -> dict[int, list[str]]:
    """Return the comments and the notes of flags on a layer, by the ident that they are about."""
    said: dict[int, list[str]] = {}
    for table, words in ((Comment, "body"), (Flag, "note")):
        rows = table._default_manager.filter(layer=layer).exclude(**{words: ""}).order_by("pk")
        for ident, body in rows.values_list("ident", words):
            said.setdefault(ident, []).append(body)
    return said

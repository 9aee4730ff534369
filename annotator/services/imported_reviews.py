"""Reviews in: the annotations of files become review layers, on documents that are here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotator.core.decisions import DOCUMENT_IDENT, Decision, link_value, span_value
from annotator.core.lacking import Lacking, lacking, same
from annotator.models import Adjudication, AdjudicationState, Layer, LayerState
from annotator.models import Decision as DecisionRow
from annotator.selectors.layers import layer_view, review_layer
from annotator.services import accounts, assignments, overview, review
from annotator.services.decision_log import Entry, write
from annotator.services.imports import NO_MAP, Report, articles_of, matched
from annotator.services.layers import review_for_import
from corpus import importers
from corpus.core.import_map import ImportMap
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.importers import Article, reader_process
from corpus.importers.reading import AS_FOUND, Reading
from corpus.models import Corpus, Document, Role, Schema
from corpus.services.documents import under_known_ids
from corpus.services.members import add_member

STEP = 50
LEFT_OPEN = "reviews left open, because parts of them did not come in"
# How an import makes a layer; any other decision is a person's.
IMPORTED = ("add", "link", "attribute")
# Files that hold no annotations: a text in one of them is nobody's review.
PLAIN = frozenset(ending for name in ("text", "html") for ending in importers.ENDINGS[name])


def import_layers(
    corpus: Corpus,
    paths: list[Path],
    *,
    username: str,
    reading: Reading = AS_FOUND,
    author: str = "",
    submit: bool = False,
    names: ImportMap = NO_MAP,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Make the annotations of files a person's review layers, on documents already there.

    A document is found by its id, else by its text. The layers are written as that person's
    decisions; a layer that holds decisions already is left alone and counted as skipped, but one
    that only an import made gets what it lacks. Of what does not fit the schema and the map the
    rest comes in, and the review is not handed in. Of files with the work of several, `author`
    names whose it is; raises `Problem` when it does not. A missing person is created without a
    password. `progress` is told how many layers are dealt with.
    """
    report = Report()
    if not _check_author(paths, reading, author):
        # Nobody is made a reviewer by a file that cannot be read.
        list(articles_of(paths, reading, report))
        return report
    user, _ = accounts.account(username)
    add_member(corpus, user, Role.REVIEWER)
    for article in articles_of(paths, reading, report):
        if author and article.author != author:
            continue
        if article.layer is None and Path(article.file).suffix.lower() in PLAIN:
            report.notes["texts without annotations"] += 1
            continue
        try:
            match = matched(corpus, article, names)
            report.take(match)
            if article.layer and article.layer.spans and match.article.layer is None:
                # Of nothing that fits no review is made.
                raise match.left[0]
            with transaction.atomic():
                whole = match.is_whole
                taken = _import_review(corpus, match.article, user, submit=submit and whole)
            report.imported += taken
            report.skipped += not taken
            if taken and submit and not whole:
                report.notes[LEFT_OPEN] += 1
                report.examples = {LEFT_OPEN: article.id, **report.examples}
        except Problem as problem:
            report.problems.append(problem.at(article.file, article.line))
        if report.dealt_with % STEP == 0:
            progress(report.dealt_with)
    overview.refresh(corpus)
    return report


def _check_author(paths: list[Path], reading: Reading, author: str) -> bool:
    """Return whether the files hold anything.

    Raises `Problem` when it does not say whose work is taken.
    """
    anything = False
    authors = set()
    for row in reader_process.articles(paths, reading):
        if isinstance(row, Article):
            anything = True
            if row.layer is not None:
                authors.add(row.author)
    if (author or len(authors) > 1) and author not in authors:
        raise Problem("authors-many", found=", ".join(sorted(authors)) or "nobody")
    return anything


def _import_review(
    corpus: Corpus, article: Article, user: AbstractBaseUser, *, submit: bool
) -> bool:
    """Make an article's annotations a person's review; tell whether it changed by that."""
    schema = corpus.schema
    if schema is None:
        raise Problem("nothing-to-do", act="import", reason="the corpus has no schema")
    document = _document_of(corpus, article)
    layer = review_layer(document, user)
    view = article.layer or LayerView()
    if layer is not None and layer.version:
        own = layer_view(layer)
        more = Lacking() if same(own, view) else lacking(own, view)
        is_of_file = _is_of_import(layer) and same(more.onto(own), view)
        if not is_of_file or not (more or submit):
            return False
    else:
        layer = layer or _new_review(document, schema, user, counted=submit)
        own = LayerView()
        more = Lacking(view.spans, view.links, view.attributes)
    write(layer, _entries(own, more), at=layer.version, user=user)
    if submit:
        review.hand_in(layer, by=user, at=layer.version)
    return True


def _new_review(
    document: Document, schema: Schema, user: AbstractBaseUser, *, counted: bool
) -> Layer:
    """Return an empty review in a place of its own."""
    rows = Adjudication.objects.filter(document=document)
    waiting = rows.filter(state=AdjudicationState.WAITING).exists()
    # Work that is not handed in must not hold up a document whose reviews are all in.
    assignments.join(document, user, counted=counted or waiting)
    layer = review_for_import(document, schema, owner_id=user.pk)
    assignments.hold_place(layer, by=user)
    return layer


def _is_of_import(layer: Layer) -> bool:
    """Tell an open review that nobody has touched since it was imported."""
    decisions = DecisionRow.objects.filter(layer=layer)
    by_hand = decisions.exclude(verb__in=IMPORTED)
    if layer.state != LayerState.OPEN or by_hand.exists():
        return False
    values = decisions.filter(verb="attribute").values_list("before", "after")
    return not any(_is_cleared(before, after) for before, after in values)


def _is_cleared(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """Tell whether a decision took a value away, which no import does."""
    held, kept = ((value or {}).get("attributes") or {} for value in (before, after))
    return not held.keys() <= kept.keys()


def _entries(own: LayerView, more: Lacking) -> list[Entry]:
    """Return the decisions that add to a layer what it lacks."""
    decisions = []
    for span in sorted(more.spans.values(), key=lambda s: (s.start, -s.end, s.ident)):
        verb = "attribute" if span.ident in own.spans else "add"
        decisions.append(Decision(verb, "span", span.ident, span_value(span)))
    for link in more.links.values():
        verb = "attribute" if link.ident in own.links else "link"
        decisions.append(Decision(verb, "link", link.ident, link_value(link)))
    if more.attributes:
        about = {"attributes": dict(more.attributes)}
        decisions.append(Decision("attribute", "document", DOCUMENT_IDENT, about))
    return [Entry(decision) for decision in decisions]


def _document_of(corpus: Corpus, article: Article) -> Document:
    current = Document.objects.select_related("corpus").filter(
        corpus=corpus, retired_at__isnull=True
    )
    same_text = current.filter(digest=article.body.digest)
    (known,) = under_known_ids(corpus, [article], {})
    document = same_text.filter(external_id=known.id).first() or same_text.first()
    if document is None:
        raise Problem("not-found", what="document with this id and text", name=article.id)
    return document

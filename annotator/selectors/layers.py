"""Reads of layers: suggestions, reviews and gold, whose rows become `LayerView` here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import F, Q, QuerySet

from annotator.core.decisions import DEFERRED, REJECTED
from annotator.models import (
    Adjudication,
    AdjudicationState,
    Assignment,
    AssignmentState,
    Decision,
    Layer,
    LayerKind,
    LayerState,
    Link,
    Run,
    Span,
)
from annotator.selectors import layer_cache, withheld
from corpus import permissions
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.core.span import Link as LinkValue
from corpus.core.span import Span as SpanValue
from corpus.db.paging import keyset_page
from corpus.db.prepared import Prepared
from corpus.models import Corpus, Document
from corpus.selectors import (
    corpus_for,
    document_called,
    earlier_texts,
    schema_rows,
    unfinished_job,
    with_roles,
)

# How the suggester of a run from a file begins.
FROM_FILE = "file:"


def _spans(**lookups: Any) -> QuerySet[Span, Any]:
    return Span.objects.filter(**lookups).values_list(
        "layer_id",
        "ident",
        "label__name",
        "start",
        "end",
        "fragments",
        "attributes",
        "score",
        "evidence",
        "origin__ident",
    )


def _links(**lookups: Any) -> QuerySet[Link, Any]:
    return Link.objects.filter(**lookups).values_list(
        "layer_id", "ident", "kind__name", "source__ident", "target__ident", "attributes"
    )


def of_run(rows: QuerySet[Any, Any], run: int) -> QuerySet[Any, Any]:
    """Return those spans or links, chosen by document, that a run made."""
    # As a sum, so that a database without statistics looks for the document and not through all
    # layers of the run.
    return rows.alias(run_key=F("layer__run") + 0).filter(run_key=run)


def _reviews(owner: int) -> QuerySet[Layer]:
    return Layer.objects.filter(kind=LayerKind.REVIEW, owner=owner).order_by("-schema__version")


SPANS = Prepared(lambda layer: _spans(layer=layer), int)
LINKS = Prepared(lambda layer: _links(layer=layer), int)
RUN_SPANS = Prepared(lambda document, run: of_run(_spans(layer__document=document), run), int, int)
RUN_LINKS = Prepared(lambda document, run: of_run(_links(layer__document=document), run), int, int)
RUN_ATTRIBUTES = Prepared(
    lambda document, run: Layer.objects.filter(document=document, run=run).values_list(
        "attributes"
    ),
    int,
    int,
)
REVIEW = Prepared(lambda document, owner: _reviews(owner).filter(document=document), int, int)
# With all that a decision needs to know.
CALLED = Prepared(
    lambda slug, name, owner: with_roles(
        _reviews(owner)
        .select_related("document__corpus__schema", "document__body")
        .defer("document__body__signature")
        .filter(
            document__corpus__slug=slug,
            document__corpus__deleted_at__isnull=True,
            document__external_id=name,
            document__retired_at__isnull=True,
        ),
        owner,
        of="document__corpus__memberships",
    ),
    str,
    str,
    int,
)
# What the chosen suggester gave comes first. Where it gave nothing, what was shown before stays, or
# what came along in a file is shown.
SHOWN_RUN = Prepared(
    lambda document: (
        Layer.objects.filter(document=document, kind=LayerKind.SUGGESTION)
        .alias(chosen=Q(run__shown_as=F("document__corpus__shown_suggester")))
        .filter(
            Q(chosen=True)
            | Q(run__shown_at__isnull=False)
            | Q(run__suggester__startswith=FROM_FILE)
        )
        .order_by("-chosen", F("run__shown_at").desc(nulls_last=True), "-run")
        .values_list("run_id")[:1]
    ),
    int,
)


def layer_views(layers: Iterable[Layer]) -> dict[int, LayerView]:
    """Return the spans and links of several layers by layer key, in two queries."""
    attributes = {layer.pk: layer.attributes for layer in layers}
    keys = list(attributes)
    if len(keys) == 1:
        return {keys[0]: _view(SPANS.all(*keys), LINKS.all(*keys), attributes[keys[0]])}
    spans: dict[int, list[Any]] = {key: [] for key in keys}
    links: dict[int, list[Any]] = {key: [] for key in keys}
    for row in _spans(layer__in=keys):
        spans[row[0]].append(row)
    for row in _links(layer__in=keys):
        links[row[0]].append(row)
    return {key: _view(spans[key], links[key], attributes[key]) for key in keys}


def _view(
    span_rows: Iterable[Any], link_rows: Iterable[Any], of_document: Mapping[str, Any]
) -> LayerView:
    spans = {}
    for _, ident, label, start, end, fragments, attributes, score, evidence, origin in span_rows:
        pieces = tuple((a, b) for a, b in fragments) if fragments else None
        spans[ident] = SpanValue(
            ident, label, start, end, pieces, attributes, score, evidence, origin
        )
    links = {}
    for _, ident, kind, source, target, of_link in link_rows:
        links[ident] = LinkValue(ident, kind, source, target, of_link)
    return LayerView(spans, links, attributes=of_document)


def layer_view(layer: Layer) -> LayerView:
    """Return one layer as its rows say, with what was rejected or settled as its log says."""
    rows = layer_views([layer])[layer.pk]
    if layer.kind == LayerKind.SUGGESTION:
        return rows
    log = Decision.objects.filter(layer=layer, subject__in=("span", "dispute")).order_by("seq")
    return _with_log(rows, log.values_list("subject", "ident", "after"))


def view_at(
    layer: Layer, version: int, *, decisions: Iterable[Decision] | None = None
) -> LayerView:
    """Return a human layer at the version that it has, without reading what is known of it.

    `decisions` are its whole log in order, when that has been read already.
    """
    known = layer_cache.view_of(layer, version)
    if known is not None:
        return known
    if not version:
        # Only decisions put anything into a human layer.
        return LayerView()
    if decisions is None:
        return layer_view(layer)
    log = ((row.subject, row.ident, row.after) for row in decisions)
    return _with_log(layer_views([layer])[layer.pk], log)


def _with_log(rows: LayerView, log: Iterable[tuple[str, int, Any]]) -> LayerView:
    """Add to spans and links what the log says last of rejected spans and of disputes."""
    spans: dict[int, Any] = {}
    disputes: dict[int, Any] = {}
    for subject, ident, after in log:
        if subject == "span":
            spans[ident] = after
        elif subject == "dispute":
            disputes[ident] = after
    return LayerView(
        rows.spans,
        rows.links,
        rejected=_idents(spans, REJECTED),
        settled={
            ident: after
            for ident, after in disputes.items()
            if after is not None and after != DEFERRED
        },
        deferred=_idents(disputes, DEFERRED),
        attributes=rows.attributes,
    )


def _idents(values: Mapping[int, Any], value: Any) -> frozenset[int]:
    return frozenset(ident for ident, after in values.items() if after == value)


def shown_run(document: Document) -> int | None:
    """Return the key of the run whose suggestions whoever opens a document now is shown.

    That is the run of the suggester that its corpus shows, or else the one that was shown before,
    or of a file; of several the one that was chosen last.
    """
    row: tuple[int] | None = SHOWN_RUN.first(document.pk)
    return row[0] if row else None


def shown_suggestions(document: Document) -> tuple[Run | None, LayerView]:
    """Return the run whose suggestions are shown for a document now, with these."""
    key = shown_run(document)
    layers = Layer.objects.filter(document=document, run=key, kind=LayerKind.SUGGESTION)
    layer = layers.select_related("run", "schema").first() if key is not None else None
    if layer is None or layer.run is None:
        return None, LayerView()
    layer.run.schema = layer.schema
    return layer.run, layer_view(layer)


def are_being_made(corpus: Corpus) -> bool:
    """Tell whether suggestions are made for a corpus now, or are to be."""
    return unfinished_job(corpus, "suggest") is not None


def takes_suggestions(layer: Layer) -> bool:
    """Tell whether a review may still take suggestions: opened without, not blind, untouched."""
    if layer.version or layer.shown_run_id is not None or layer.state != LayerState.OPEN:
        return False
    place = Assignment.objects.filter(document=layer.document_id, user=layer.owner_id)
    return place.filter(blind=False).exists()


def awaited_state(layer: Layer) -> str:
    """Return whether suggestions are "there" for a review opened without, "coming", or "none"."""
    if not takes_suggestions(layer):
        return "none"
    if shown_run(layer.document) is not None:
        return "there"
    return "coming" if are_being_made(layer.document.corpus) else "none"


def suggesters_of(corpus: Corpus) -> list[str]:
    """Return the suggesters that ran in a corpus, by the names that a manager chooses them by."""
    runs = Run.objects.filter(schema__corpus=corpus).exclude(suggester__startswith=FROM_FILE)
    return list(runs.order_by("shown_as").values_list("shown_as", flat=True).distinct())


def suggestions_of(layer: Layer) -> LayerView:
    """Return the suggestions that the owner of a review sees; none when the review is blind."""
    if layer.shown_run_id is None:
        return LayerView()
    keys = (layer.document_id, layer.shown_run_id)
    attributes: Mapping[str, Any] = {}
    if schema_rows(layer.schema).view.attributes:
        (attributes,) = RUN_ATTRIBUTES.first(*keys) or ({},)
    return _view(RUN_SPANS.all(*keys), RUN_LINKS.all(*keys), attributes)


def spans_shown(reviews: Collection[Layer]) -> dict[int, dict[int, SpanValue]]:
    """Return the suggested spans that the owner of each review saw, by layer key and ident."""
    layers = Layer.objects.filter(
        kind=LayerKind.SUGGESTION,
        document__in={review.document_id for review in reviews},
        run__in={review.shown_run_id for review in reviews},
    )
    rows = layers.values_list("pk", "document_id", "run_id")
    key_of = {(document, run or 0): key for key, document, run in rows}
    spans: dict[int, list[Any]] = {key: [] for key in key_of.values()}
    for row in _spans(layer__in=list(spans)):
        spans[row[0]].append(row)
    shown = {}
    for review in reviews:
        key = key_of.get((review.document_id, review.shown_run_id or 0), 0)
        shown[review.pk] = dict(_view(spans.get(key, ()), (), {}).spans)
    return shown


def gold_layer(document: Document) -> Layer | None:
    """Return the gold layer of a document, if there is one."""
    layers = Layer.objects.filter(document=document, kind=LayerKind.GOLD)
    return layers.select_related("document__corpus", "schema").order_by("-schema__version").first()


def review_layer(document: Document, user: permissions.User) -> Layer | None:
    """Return a person's own layer of a document."""
    layer: Layer | None = REVIEW.first(document.pk, user.pk)
    if layer is not None:
        layer.document = document
        share(layer, document.corpus, user)
    return layer


def review_by(document: Document, reviewer: str) -> Layer | None:
    """Return the newest layer that the reviewer of this name made of a document."""
    reviews = Layer.objects.filter(
        document=document, kind=LayerKind.REVIEW, owner__username=reviewer
    )
    newest = reviews.order_by("-schema__version")
    return newest.select_related("document__corpus", "schema", "owner").first()


def review_called(user: permissions.User, slug: str, external_id: str) -> Layer:
    """Return a person's own layer of a document that they may read, or raise `Problem`."""
    rows: list[Any] = CALLED.all(slug, external_id, user.pk)
    if not rows:
        # Corpus and document are looked for first, so that the problem names what is missing.
        document_called(corpus_for(user, slug), external_id)
        raise Problem("not-found", what="review of yours for", name=external_id)
    layer: Layer = rows[0]
    corpus = layer.document.corpus
    permissions.enter(user, "read", corpus, (row.role for row in rows))
    share(layer, corpus, user)
    return layer


def share(layer: Layer, corpus: Corpus, user: permissions.User) -> None:
    """Give a layer what has been read already, so that nobody reads it again."""
    # Nobody who is not signed in has a layer.
    layer.owner = cast(User, user)
    if layer.schema_id == corpus.schema_id and corpus.schema is not None:
        layer.schema = corpus.schema


def decisions_since(layer: Layer, version: int) -> list[Decision]:
    """Return the decisions on a layer after this version, in order."""
    return list(Decision.objects.filter(layer=layer, seq__gt=version).order_by("seq"))


def readable_layers(
    document: Document, user: permissions.User, *, after: int = 0, size: int = 100
) -> tuple[list[Layer], int]:
    """Return a page of the layers of a document that a person may read, oldest first.

    With it comes the key to go on after, 0 at the end.
    """
    rows = _readable(document, user).filter(pk__gt=after)
    return keyset_page(rows.order_by("pk"), size)


def earlier_layers(text: Document, document: Document, user: permissions.User) -> list[Layer]:
    """Return the layers of an earlier text of a document that a person may read, oldest first.

    That is what `readable_layers` gives of the document itself. Gold was settled then, so
    adjudicators read it too.
    """
    return list(_readable(text, user, now=document).order_by("pk"))


def _readable(
    document: Document, user: permissions.User, *, now: Document | None = None
) -> QuerySet[Layer]:
    """Return the layers of a document that a person may read.

    That is their own, and for managers also suggestions, gold and submitted reviews. Who has the
    document in hand to review it sees nothing but their own, or it would not be their own; and no
    work of others who can still get a place on it. Of an earlier text the document is what it is
    `now`.
    """
    rows = Layer.objects.filter(document=document).select_related(
        "owner", "run", "schema", "document__corpus"
    )
    own = Q(kind=LayerKind.REVIEW, owner=user.pk)
    texts = [document.pk] if now is None else [document.pk, now.pk]
    if withheld.in_hand(texts, user):
        return rows.filter(own)
    if permissions.allows(user, "review", document.corpus):
        if now is not None and withheld.is_open_to(now, user):
            return rows.filter(own)
        rows = rows.filter(~withheld.of_colleagues(user, layer=""))
    settled = Q(kind=LayerKind.GOLD)
    if not permissions.allows(user, "manage", document.corpus):
        may_settle = now is not None and permissions.allows(user, "adjudicate", document.corpus)
        return rows.filter(own | settled if may_settle else own)
    if not hidden_suggestions(document.corpus, texts, user):
        settled |= Q(kind=LayerKind.SUGGESTION)
    submitted = Q(kind=LayerKind.REVIEW, state__in=(LayerState.SUBMITTED, LayerState.CLOSED))
    before = Q(kind=LayerKind.REVIEW, state=LayerState.SUPERSEDED, submitted_at__isnull=False)
    return rows.filter(own | settled | submitted | before)


def readable_layer(document: Document, user: permissions.User, pk: int) -> Layer:
    """Return one of the layers that a person may read, or raise `Problem`.

    It may be of an earlier text of the document.
    """
    layer = _readable(document, user).filter(pk=pk).first()
    if layer is None:
        earlier = earlier_texts(document.corpus).filter(external_id=document.external_id)
        text = earlier.filter(layers=pk).select_related("corpus").first()
        if text is not None:
            layer = _readable(text, user, now=document).filter(pk=pk).first()
    if layer is None:
        raise Problem("not-found", what="layer that you may read, number", name=pk)
    return layer


def gold_and_state(document: Document) -> tuple[Layer, str] | None:
    """Return gold of a document and how far its adjudication is, None before all reviews are in."""
    gold = gold_layer(document)
    row = None
    if gold is not None:
        row = Adjudication.objects.filter(document=document, gold=gold).first()
    if gold is None or row is None or row.state == AdjudicationState.WAITING:
        return None
    return gold, row.state


def is_reviewing(document: Document, user: permissions.User) -> bool:
    """Tell whether a document is in a person's own hands: taken, or its review not handed in."""
    return bool(withheld.in_hand([document.pk], user))


def hidden_suggestions(
    corpus: Corpus, documents: Collection[int], user: permissions.User
) -> frozenset[int]:
    """Return those documents, by key, whose suggestions a person is shown in a review alone.

    They have it in hand, or reviewed it blind and may open that again, or can still get a place
    that is blind: a blind review stays blind.
    """
    places = Assignment.objects.filter(document__in=documents)
    own = Q(user=user.pk) & (Q(state=AssignmentState.TAKEN) | Q(blind=True))
    hidden = set(places.filter(own).values_list("document_id", flat=True))
    opened = Layer.objects.filter(document__in=documents, kind=LayerKind.REVIEW, owner=user.pk)
    hidden.update(opened.filter(state=LayerState.OPEN).values_list("document_id", flat=True))
    if not permissions.allows(user, "review", corpus):
        return frozenset(hidden)
    handed_in = set(
        places.filter(user=user.pk, schema=corpus.schema_id).values_list("document_id", flat=True)
    )
    free = places.filter(user__isnull=True)
    if not corpus.blind_percent:
        free = free.filter(blind=True)
    open_to_them = set(free.values_list("document_id", flat=True))
    if corpus.blind_percent:
        # Places that the plan has not given yet may be blind.
        open_to_them |= set(documents) - set(places.values_list("document_id", flat=True))
    return frozenset(hidden | (open_to_them - handed_in))

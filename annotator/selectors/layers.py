"""Reads of layers, queues and disputes; rows become `LayerView` here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F, QuerySet

from annotator.core import dispute
from annotator.core.compare import FACETS, Cluster, Frame, compare, versions
from annotator.core.decisions import DEFERRED, REJECTED
from annotator.models import (
    Adjudication,
    AdjudicationState,
    Decision,
    Layer,
    LayerKind,
    LayerState,
    Link,
    Span,
)
from annotator.selectors import layer_cache, overview
from corpus import permissions
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, with_default
from corpus.core.span import Link as LinkValue
from corpus.core.span import Span as SpanValue
from corpus.db.prepared import Prepared
from corpus.models import Corpus, Document
from corpus.selectors import corpus_for, document_called, schema_rows, text_of, with_roles

HISTORY = 500


def _spans(**of: Any) -> QuerySet[Span, Any]:
    return Span.objects.filter(**of).values_list(
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


def _links(**of: Any) -> QuerySet[Link, Any]:
    return Link.objects.filter(**of).values_list(
        "layer_id", "ident", "kind__name", "source__ident", "target__ident"
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
LOG = Prepared(lambda layer: Decision.objects.filter(layer=layer).order_by("-seq")[:HISTORY], int)
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
NEWEST = Prepared(
    lambda document: (
        Layer.objects.filter(document=document, kind=LayerKind.SUGGESTION)
        .order_by("-run")
        .values_list("run_id")[:1]
    ),
    int,
)


def layer_views(layers: Iterable[Layer]) -> dict[int, LayerView]:
    """Return the spans and links of several layers by layer key, in two queries."""
    keys = [layer.pk for layer in layers]
    if len(keys) == 1:
        return {keys[0]: _view(SPANS.all(*keys), LINKS.all(*keys))}
    spans: dict[int, list[Any]] = {key: [] for key in keys}
    links: dict[int, list[Any]] = {key: [] for key in keys}
    for row in _spans(layer__in=keys):
        spans[row[0]].append(row)
    for row in _links(layer__in=keys):
        links[row[0]].append(row)
    return {key: _view(spans[key], links[key]) for key in keys}


def _view(spans: Iterable[Any], links: Iterable[Any]) -> LayerView:
    found = {}
    for _, ident, label, start, end, fragments, attributes, score, evidence, origin in spans:
        pieces = tuple((a, b) for a, b in fragments) if fragments else None
        found[ident] = SpanValue(
            ident, label, start, end, pieces, attributes, score, evidence, origin
        )
    return LayerView(found, {ident: LinkValue(ident, *ends) for _, ident, *ends in links})


def layer_view(layer: Layer) -> LayerView:
    """Return one layer as its rows say, with what was rejected or settled as its log says."""
    rows = layer_views([layer])[layer.pk]
    if layer.kind == LayerKind.SUGGESTION:
        return rows
    return _with_log(rows, _last_of(layer))


def _last_of(layer: Layer) -> dict[tuple[str, int], Any]:
    """Return what the log of a layer says last of each span and dispute."""
    log = Decision.objects.filter(layer=layer, subject__in=("span", "dispute")).order_by("seq")
    return {
        (subject, ident): after
        for subject, ident, after in log.values_list("subject", "ident", "after")
    }


def _with_log(rows: LayerView, last: dict[tuple[str, int], Any]) -> LayerView:
    return LayerView(
        rows.spans,
        rows.links,
        frozenset(
            ident
            for (subject, ident), after in last.items()
            if subject == "span" and after == REJECTED
        ),
        {
            ident: after
            for (subject, ident), after in last.items()
            if subject == "dispute" and after is not None and after != DEFERRED
        },
        frozenset(
            ident
            for (subject, ident), after in last.items()
            if subject == "dispute" and after == DEFERRED
        ),
    )


def newest_run(document: Document) -> int | None:
    """Return the key of the newest run that has a layer on this document."""
    found: tuple[int] | None = NEWEST.first(document.pk)
    return found[0] if found else None


def suggestions_of(layer: Layer) -> LayerView:
    """Return the suggestions that the owner of a review layer sees; none when the review is blind."""
    asked = (layer.document_id, layer.shown_run_id)
    return (
        LayerView()
        if layer.shown_run_id is None
        else _view(RUN_SPANS.all(*asked), RUN_LINKS.all(*asked))
    )


def gold_layer(document: Document) -> Layer | None:
    """Return the gold layer of a document, if there is one."""
    found = Layer.objects.filter(document=document, kind=LayerKind.GOLD)
    return found.select_related("document__corpus", "schema").order_by("-schema__version").first()


def review_layer(document: Document, user: permissions.User) -> Layer | None:
    """Return a person's own layer of a document."""
    layer: Layer | None = REVIEW.first(document.pk, user.pk)
    if layer is not None:
        layer.document = document
        share(layer, document.corpus, user)
    return layer


def review_called(user: permissions.User, slug: str, external_id: str) -> Layer:
    """Return a person's own layer of a document that they may read, or raise `Problem`."""
    rows: list[Any] = CALLED.all(slug, external_id, user.pk)
    if not rows:
        document_called(corpus_for(user, slug), external_id)
        raise Problem("not-found", what="review of yours for", name=external_id)
    layer: Layer = rows[0]
    corpus = layer.document.corpus
    permissions.enter(user, "read", corpus, (row.role for row in rows))
    share(layer, corpus, user)
    return layer


def share(layer: Layer, corpus: Corpus, user: permissions.User) -> None:
    """Give a layer what has been read already, so that nobody reads it again."""
    layer.owner = user
    if layer.schema_id == corpus.schema_id:
        layer.schema = corpus.schema


def span_json(span: SpanValue) -> dict[str, Any]:
    """Return a span as the browser and the API read it."""
    return {
        "ident": span.ident,
        "label": span.label,
        "start": span.start,
        "end": span.end,
        "fragments": [list(piece) for piece in span.fragments] if span.fragments else None,
        "attributes": dict(span.attributes),
        "score": span.score,
        "evidence": dict(span.evidence) if span.evidence else None,
        "origin": span.origin,
    }


def layer_json(view: LayerView) -> dict[str, Any]:
    """Return spans and links of a layer as the browser and the API read them."""
    return {
        "spans": [span_json(span) for span in view.in_order()],
        "links": [
            {"ident": x.ident, "kind": x.kind, "source": x.source, "target": x.target}
            for x in sorted(view.links.values(), key=lambda x: x.ident)
        ],
    }


def decision_json(decision: Decision) -> dict[str, Any]:
    """Return a decision as the browser and the API read it."""
    return {
        "seq": decision.seq,
        "client_id": str(decision.client_id),
        "group": str(decision.group),
        "verb": decision.verb,
        "subject": decision.subject,
        "ident": decision.ident,
        "before": decision.before,
        "after": decision.after,
        "undoes": str(decision.undoes) if decision.undoes else None,
    }


def document_json(document: Document, text: str) -> dict[str, Any]:
    """Return a document with its text as the browser reads it."""
    targets = list(dict.fromkeys([*document.targets, *document.corpus.targets]))
    return {
        "id": document.external_id,
        "title": document.title,
        "outlet": document.outlet,
        "text": text,
        "sha256": document.digest,
        "words": document.words,
        "direction": "rtl" if document.corpus.language in ("ar", "fa", "he", "ur") else "ltr",
        "targets": targets,
        "default_target": document.targets[0] if document.targets else None,
    }


def workspace(layer: Layer) -> dict[str, Any]:
    """Return all that the review page needs of one layer: text, suggestions, the owner's work and
    its log.
    """
    document = layer.document
    history: list[Decision] = LOG.all(layer.pk) if layer.version else []
    view = layer_cache.view_of(layer, layer.version) or _read(layer, history)
    suggestions = suggestions_of(layer)
    layer_cache.remember(layer, layer.version, view)
    done, total = overview.position(document, layer.owner_id)
    return {
        "document": {
            **document_json(document, text_of(document)),
            "position": done + 1,
            "total": max(done + 1, total),
        },
        "corpus": {"slug": document.corpus.slug, "name": document.corpus.name},
        "schema": schema_rows(layer.schema).view.as_json(),
        "layer": {
            "version": layer.version,
            "state": layer.state,
            "blind": layer.shown_run_id is None,
            "owner": str(layer.owner),
        },
        "suggestions": layer_json(suggestions),
        **layer_json(view),
        "rejected": sorted(view.rejected),
        "history": [decision_json(d) for d in reversed(history)],
    }


def _read(layer: Layer, history: list[Decision]) -> LayerView:
    """Return a layer as its rows and its log say; the newest decisions of the log are known."""
    if not layer.version:
        return LayerView()
    # Most logs are short, and then need not be read twice.
    log = (
        _last_of(layer)
        if len(history) == HISTORY
        else {(d.subject, d.ident): d.after for d in reversed(history)}
    )
    return _with_log(layer_views([layer])[layer.pk], log)


def submitted_layers(adjudication: Adjudication) -> list[Layer]:
    """Return the submitted review layers of a document, in a fixed order that tells neither names
    nor who was first.
    """
    found = Layer.objects.filter(
        document=adjudication.document,
        schema=adjudication.schema,
        kind=LayerKind.REVIEW,
        practice=False,
        state__in=(LayerState.SUBMITTED, LayerState.CLOSED),
    ).select_related("owner")
    return sorted(
        found, key=lambda layer: hashlib.sha256(f"{adjudication.pk} {layer.pk}".encode()).digest()
    )


def comparable_views(document: Document, layers: Iterable[Layer]) -> dict[str, LayerView]:
    """Return layers by their key, with the document's default target filled in where a claim names
    none.
    """
    default = document.targets[0] if document.targets else None
    return {
        str(pk): with_default(view, "CLAIM", "target", default)
        for pk, view in layer_views(layers).items()
    }


def clusters(adjudication: Adjudication) -> list[Cluster]:
    """Compare the submitted layers of a document."""
    views = comparable_views(adjudication.document, submitted_layers(adjudication))
    return compare(views, schema_rows(adjudication.schema).view)


def frame_json(frame: Frame, text: str) -> dict[str, Any]:
    """Return a frame with its words."""
    return {
        "claim": {**span_json(frame.head), "text": frame.head.covered(text)},
        "speakers": [{**span_json(span), "text": span.covered(text)} for span in frame.speakers],
    }


def disputes(adjudication: Adjudication, gold: Layer) -> dict[str, Any]:
    """Return all that the adjudication page needs: layers without names, disputes with versions,
    gold's version.

    Who is behind each letter is told only in a corpus whose manager shows names.
    """
    document = adjudication.document
    text = text_of(document)
    schema = schema_rows(adjudication.schema).view
    layers = submitted_layers(adjudication)
    letters = {str(layer.pk): chr(ord("A") + place) for place, layer in enumerate(layers)}
    views = comparable_views(document, layers)
    found = compare(views, schema)
    view = layer_view(gold)
    names = {letters[str(layer.pk)]: str(layer.owner) for layer in layers}
    return {
        "document": document_json(document, text),
        "corpus": {"slug": document.corpus.slug, "name": document.corpus.name},
        "schema": schema.as_json(),
        "version": gold.version,
        "state": "open" if any(not c.agreed for c in found) else "done",
        "people": names if document.corpus.names_shown else {},
        "layers": [{"name": letters[pk], **layer_json(own)} for pk, own in views.items()],
        "agreed": [frame_json(versions(c, schema)[0][1], text) for c in found if c.agreed],
        "disputes": [_dispute_json(c, letters, view, schema, text) for c in found if not c.agreed],
    }


def _dispute_json(
    cluster: Cluster, letters: Mapping[str, str], gold: LayerView, schema: SchemaView, text: str
) -> dict[str, Any]:
    return {
        "ident": cluster.ident,
        "kind": cluster.kinds[0],
        "kinds": list(cluster.kinds),
        "label": next(iter(cluster.members.values())).head.label,
        "start": cluster.start,
        "end": cluster.end,
        "versions": [
            {
                "number": number,
                "layers": sorted(letters[name] for name in holders),
                **frame_json(frame, text),
            }
            for number, (holders, frame) in enumerate(dispute.shuffled(cluster, schema), start=1)
        ],
        "parts": list(dispute.parts(cluster)),
        "absent": sorted(letters[name] for name in cluster.layers if name not in cluster.members),
        "settled": dict(gold.settled[cluster.ident]) if cluster.ident in gold.settled else None,
        "deferred": cluster.ident in gold.deferred,
    }


def adjudication_of(document: Document) -> Adjudication:
    """Return the queue row of a document, or raise `Problem`."""
    found = (
        Adjudication.objects.select_related("document__corpus", "schema", "gold")
        .filter(document=document)
        .order_by("-schema__version")
        .first()
    )
    if found is None:
        raise Problem("not-found", what="document", name=document.external_id)
    return found


def dispute_queue(
    corpus: Corpus, *, after: int = 0, kind: str = "", size: int = 50
) -> tuple[list[Adjudication], int]:
    """Return a page of documents with open disputes, and the key to continue after (0 at the end)."""
    found = Adjudication.objects.select_related("document").filter(
        corpus=corpus, state=AdjudicationState.READY, pk__gt=after
    )
    if kind:
        found = found.filter(kinds__has_key=kind)
    page = list(found.order_by("pk")[: size + 1])
    return page[:size], page[size - 1].pk if len(page) > size else 0


def dispute_kinds(corpus: Corpus) -> list[str]:
    """Return the kinds of dispute that a corpus's schema can have."""
    return dispute.kinds(schema_rows(corpus.schema).view) if corpus.schema else list(FACETS)


def decisions_since(layer: Layer, version: int) -> list[Decision]:
    """Return the decisions on a layer after this version, in order."""
    return list(Decision.objects.filter(layer=layer, seq__gt=version).order_by("seq"))


def listed_adjudication(document: Document, corpus: Corpus) -> Adjudication | None:
    """Return a listed document's adjudication under the corpus's schema; asks nothing further."""
    for adjudication in document.adjudications.all():
        if adjudication.schema_id == corpus.schema_id:
            return adjudication
    return None

"""Reads of gold: the log of how it came about, and one person's work held against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from annotator.core import score
from annotator.core.compare import Cluster
from annotator.core.decision_words import Context, facet_words, told
from annotator.models import (
    Adjudication,
    AdjudicationState,
    Decision,
    Layer,
    LayerKind,
    LayerState,
    SampleKind,
)
from annotator.selectors import comparison, layers
from corpus import permissions
from corpus.core.schema import BOUNDARY, SchemaView
from corpus.db.paging import keyset_page
from corpus.models import Corpus, Document, Schema
from corpus.selectors import schema_rows, text_of

STEPS = 100
REVIEWS = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One decision on gold in words: who, what they `did`, and why."""

    seq: int
    at: datetime
    who: str
    did: str
    reason: str


def settled_gold(corpus: Corpus) -> QuerySet[Adjudication]:
    """Return the adjudications with settled gold, of what is no removed document."""
    return Adjudication.objects.filter(
        corpus=corpus,
        schema=corpus.schema,
        state=AdjudicationState.DONE,
        gold__isnull=False,
        document__retired_at__isnull=True,
    )


def history(document: Document, *, before: int = 0) -> tuple[Layer | None, list[Step], int]:
    """Return gold of a document and a page of its decisions, newest first.

    The number is where the next page begins (`before`), 0 at the end.
    """
    gold = layers.gold_layer(document)
    if gold is None:
        return None, [], 0
    log = Decision.objects.filter(layer=gold).select_related("user").order_by("-seq")
    if before:
        log = log.filter(seq__lt=before)
    page, following = keyset_page(log, STEPS, key=lambda row: row.seq, end=0)
    within = _context(gold, page)
    return gold, [_step(row, within) for row in page], following


def _context(gold: Layer, page: Sequence[Decision]) -> Context:
    """Return what the decisions of a page are told by.

    Reviews are compared only where a dispute was settled.
    """
    clusters: Sequence[Cluster] = ()
    if any(row.subject == "dispute" for row in page):
        adjudication = Adjudication.objects.filter(gold=gold).first()
        clusters = comparison.clusters(adjudication) if adjudication else ()
    view = layers.layer_view(gold)
    schema = schema_rows(gold.schema).view
    return Context(text_of(gold.document), schema, view.spans, clusters)


def _step(row: Decision, within: Context) -> Step:
    value = row.after or row.before or {}
    reason = ""
    if row.subject == "dispute":
        reason = str(value.get("reason") or "")
    who = str(row.user) if row.user_id else _policy(row.policy)
    did = told(row.verb, row.subject, row.ident, row.before, row.after, within)
    return Step(row.seq, row.at, who, did, reason)


def _policy(name: str) -> str:
    """Return what decided in a person's place."""
    carried, _, version = name.partition(":")
    if carried == "text":
        return "the corrected text"
    if carried == "schema":
        return f"version {version} of the schema"
    return f"policy {name}"


@dataclass(frozen=True, slots=True)
class Difference:
    """One frame that a person and gold see differently.

    `own` and `gold` are the words of both, `values` the facets that differ, with both values, and
    `reason` says why gold is as it is.
    """

    facets: tuple[str, ...]
    own: str
    gold: str
    values: list[tuple[str, str, str]]
    reason: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One document: how many frames are as in gold, and the others."""

    document: Document
    submitted_at: datetime | None
    same: int
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why disputes were settled as they are: by gold's span, and by a reviewer's (layer, span)."""

    by_gold: Mapping[int, str]
    by_own: Mapping[tuple[int, int], str]

    def of(self, pair: score.Pair, layer: Layer) -> str:
        """Return why gold is as it is, "" where nobody said."""
        reason = ""
        if pair.own is not None:
            reason = self.by_own.get((layer.pk, pair.own.head.ident), "")
        if pair.gold is not None:
            reason = reason or self.by_gold.get(pair.gold.head.ident, "")
        return reason


def my_work(
    corpus: Corpus, user: permissions.User, *, before: datetime | None = None
) -> tuple[list[Compared], score.Score, datetime | None]:
    """Return a page of a person's newest reviews that have settled gold, and their score together.

    Checks are left out, so that they stay hidden. The third value is where the next page begins,
    None at the end.
    """
    total = score.Score()
    if corpus.schema is None:
        return [], total, None
    schema = schema_rows(corpus.schema).view
    settled = Adjudication.objects.filter(
        corpus=corpus,
        schema=corpus.schema,
        state=AdjudicationState.DONE,
        gold__isnull=False,
    )
    reviews = _reviews(corpus.schema, settled, user)
    if before is not None:
        reviews = reviews.filter(submitted_at__lt=before)
    page, following = keyset_page(
        reviews.order_by("-submitted_at"), REVIEWS, key=lambda layer: layer.submitted_at, end=None
    )
    documents = [layer.document_id for layer in page]
    adjudications = {
        row.document_id: row
        for row in settled.filter(document__in=documents).select_related("document", "gold")
    }
    compared = []
    for layer in page:
        adjudication = adjudications[layer.document_id]
        pairs = _pairs(layer, adjudication, schema)
        total.add(pairs, schema)
        compared.append(_compared(layer, pairs, _reasons(adjudication), schema))
    return compared, total, following


def _reviews(
    schema: Schema, settled: QuerySet[Adjudication], user: permissions.User
) -> QuerySet[Layer]:
    reviews = Layer.objects.filter(
        schema=schema,
        kind=LayerKind.REVIEW,
        owner_id=user.pk,
        state=LayerState.SUBMITTED,
        document__in=settled.values("document"),
        document__retired_at__isnull=True,
    )
    shown = reviews.exclude(document__sample__kind=SampleKind.CHECK, practice=True)
    return shown.select_related("document")


def _gold_of(adjudication: Adjudication) -> Layer:
    if adjudication.gold is None:
        raise Layer.DoesNotExist(f"{adjudication} has no gold")
    return adjudication.gold


def _pairs(layer: Layer, adjudication: Adjudication, schema: SchemaView) -> list[score.Pair]:
    gold = _gold_of(adjudication)
    views = comparison.comparable_views(layer.document, [layer, gold])
    return score.pairs(views[str(layer.pk)], views[str(gold.pk)], schema)


def _reasons(adjudication: Adjudication) -> Reasons:
    settled = layers.layer_view(_gold_of(adjudication)).settled
    by_gold: dict[int, str] = {}
    by_own: dict[tuple[int, int], str] = {}
    if not settled:
        # Without a settled dispute nothing needs to be compared.
        return Reasons(by_gold, by_own)
    clusters = {cluster.ident: cluster for cluster in comparison.clusters(adjudication)}
    for ident, value in settled.items():
        reason = _reason(value)
        by_gold.update(dict.fromkeys(value.get("spans") or (), reason))
        if ident in clusters:
            for layer, frame in clusters[ident].members.items():
                by_own[int(layer), frame.head.ident] = reason
    return Reasons(by_gold, by_own)


def _reason(settlement: Mapping[str, Any]) -> str:
    if settlement.get("reason"):
        return str(settlement["reason"])
    if settlement.get("policy"):
        probability = settlement.get("probability")
        sure = "" if probability is None else f", {probability:.2f} probable"
        return f"by the policy “{settlement['policy']}”{sure}"
    if settlement.get("choice") == "none":
        return "nobody's version was taken"
    return "another version was taken"


def _compared(
    layer: Layer, pairs: Sequence[score.Pair], reasons: Reasons, schema: SchemaView
) -> Compared:
    text = text_of(layer.document)
    differences = [
        _difference(pair, reasons.of(pair, layer), text, schema) for pair in pairs if pair.wrong
    ]
    same = len(pairs) - len(differences)
    return Compared(layer.document, layer.submitted_at, same, differences)


def _difference(pair: score.Pair, reason: str, text: str, schema: SchemaView) -> Difference:
    own, gold = pair.own, pair.gold
    values = []
    if own is not None and gold is not None:
        # A boundary has no value beside the words themselves.
        for facet in pair.wrong:
            if facet != BOUNDARY:
                mine, golden = (facet_words(frame, facet, text, schema) for frame in (own, gold))
                values.append((facet, mine, golden))
    return Difference(
        pair.wrong,
        own.head.covered(text) if own else "",
        gold.head.covered(text) if gold else "",
        values,
        reason,
    )

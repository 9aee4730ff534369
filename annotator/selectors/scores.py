"""Reads of one person's work against settled gold: where they differ, in which facet, and why gold
is as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from annotator.core import score
from annotator.models import (
    Adjudication,
    AdjudicationState,
    Layer,
    LayerKind,
    LayerState,
    SampleKind,
)
from annotator.selectors import layers as selectors
from corpus import permissions
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView
from corpus.models import Corpus, Document
from corpus.selectors import schema_rows, text_of

PAGE = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """One frame that a person and gold see differently: the words of both, the values that differ,
    the reason.
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
    submitted_at: datetime
    same: int
    differences: list[Difference] = field(default_factory=list)


def my_work(
    corpus: Corpus, user: permissions.User, *, before: datetime | None = None
) -> tuple[list[Compared], score.Score, datetime | None]:
    """Return a page of a person's newest reviews that settled gold can be held against, and their
    score together.

    Checks are left out, so that they stay hidden. The third value is where the next page begins,
    None at the end.
    """
    if corpus.schema is None:
        return [], score.Score(), None
    schema = schema_rows(corpus.schema).view
    settled = Adjudication.objects.filter(
        corpus=corpus, schema=corpus.schema, state=AdjudicationState.DONE
    )
    mine = (
        Layer.objects.filter(
            schema=corpus.schema,
            kind=LayerKind.REVIEW,
            owner_id=user.pk,
            state=LayerState.SUBMITTED,
            document__in=settled.filter(gold__isnull=False).values("document"),
            document__retired_at__isnull=True,
        )
        .exclude(document__sample__kind=SampleKind.CHECK, practice=True)
        .select_related("document")
    )
    mine = mine.order_by("-submitted_at")
    if before is not None:
        mine = mine.filter(submitted_at__lt=before)
    layers = list(mine[: PAGE + 1])
    total = score.Score()
    found = []
    rows = settled.filter(document__in=[x.document_id for x in layers[:PAGE]]).select_related(
        "document", "gold"
    )
    adjudications = {row.document_id: row for row in rows}
    for layer in layers[:PAGE]:
        adjudication = adjudications[layer.document_id]
        pairs = _pairs(layer, adjudication, schema)
        total.add(pairs, schema)
        reasons = _reasons(adjudication)
        text = text_of(layer.document)
        different = [
            _difference(pair, layer, reasons, schema, text) for pair in pairs if pair.wrong
        ]
        found.append(
            Compared(layer.document, layer.submitted_at, len(pairs) - len(different), different)
        )
    return found, total, layers[PAGE - 1].submitted_at if len(layers) > PAGE else None


def _pairs(layer: Layer, adjudication: Adjudication, schema: SchemaView) -> list[score.Pair]:
    gold = adjudication.gold
    views = selectors.comparable_views(layer.document, [layer, gold])
    return score.pairs(views[str(layer.pk)], views[str(gold.pk)], schema)


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why gold is as it is: what was said when a dispute was settled, by gold's span and by a
    reviewer's.
    """

    by_gold: Mapping[int, str]
    by_own: Mapping[tuple[int, int], str]


def _reasons(adjudication: Adjudication) -> Reasons:
    view: LayerView = selectors.layer_view(adjudication.gold)
    by_gold: dict[int, str] = {}
    by_own: dict[tuple[int, int], str] = {}
    clusters = {c.ident: c for c in selectors.clusters(adjudication)} if view.settled else {}
    for ident, value in view.settled.items():
        said = _said(value)
        by_gold.update(dict.fromkeys(value.get("spans") or (), said))
        if ident in clusters:
            for layer, frame in clusters[ident].members.items():
                by_own[int(layer), frame.head.ident] = said
    return Reasons(by_gold, by_own)


def _said(value: Mapping[str, Any]) -> str:
    if value.get("reason"):
        return str(value["reason"])
    if value.get("policy"):
        return f"by the policy “{value['policy']}”"
    return (
        "nobody's version was taken"
        if value.get("choice") == "none"
        else "another version was taken"
    )


def _difference(
    pair: score.Pair, layer: Layer, reasons: Reasons, schema: SchemaView, text: str
) -> Difference:
    own, gold = pair.own, pair.gold
    reason = reasons.by_own.get((layer.pk, own.head.ident), "") if own else ""
    reason = reason or (reasons.by_gold.get(gold.head.ident, "") if gold else "")
    values = []
    if own is not None and gold is not None:
        for facet in pair.wrong:
            if facet == "speaker":
                told = [
                    ", ".join(s.covered(text) for s in frame.speakers) or "nobody"
                    for frame in (own, gold)
                ]
                values.append((facet, told[0], told[1]))
            elif facet == "label":
                values.append((facet, own.head.label, gold.head.label))
            elif facet != "boundary":
                mine, theirs = (str(f.head.attributes.get(facet) or "none") for f in (own, gold))
                values.append((facet, mine, theirs))
    words = [frame.head.covered(text) if frame else "" for frame in (own, gold)]
    return Difference(pair.wrong, words[0], words[1], values, reason)

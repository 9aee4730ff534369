"""Two suggesters against gold, facet by facet, with intervals over articles drawn anew.

Spans are scored by F1, exact word for word and partial from half of their words on. Links and
choices such as the stance are scored by accuracy, over the frames that a suggester and gold share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from annotator.core.agreement import Article, choices
from annotator.core.agreement import count as count_agreement
from annotator.core.bootstrap import Estimate, Floats, Key, Statistic, Sums, Tally, estimate
from annotator.core.score import Pair, judged, pairs
from corpus.core.schema import DOCUMENT, SchemaView
from corpus.core.span import LayerView

SIDES = ("a", "b")
F1 = {"exact": "span_f1_exact", "partial": "span_f1_partial"}
# What facets of spans are called where the label is no name for several of them.
PLURALS = {"CLAIM": "claims"}


@dataclass(frozen=True, slots=True)
class Facet:
    """What is scored: spans of a label by F1 (`measure` exact or partial), or a value by accuracy.

    `name` is what it is called in answers.
    """

    name: str
    label: str
    measure: str


@dataclass(frozen=True, slots=True)
class FacetScore:
    """A facet of both suggesters, and by how much b is better than a.

    A suggester's figure rests on `n` spans or frames of its own and gold's; where it is None,
    `reasons` says why.
    """

    facet: Facet
    a: Estimate
    b: Estimate
    difference: Estimate
    n: Mapping[str, int]
    reasons: Mapping[str, str]


def facets_of(schema: SchemaView) -> list[Facet]:
    """Return the facets of a schema, in its order."""
    facets = []
    for label in schema.labels.values():
        name = PLURALS.get(label.name, label.name)
        for measure in F1:
            facets.append(Facet(f"{name}_{measure}", label.name, measure))
        for kind in schema.links_from(label.name):
            facet = schema.link_facet(kind)
            facets.append(Facet(facet, label.name, facet))
        for attribute in choices(label.name, schema):
            facet = schema.attribute_facet(attribute.name)
            facets.append(Facet(facet, label.name, facet))
    return facets


def count(
    text: str, gold: LayerView, own: Mapping[str, LayerView], schema: SchemaView
) -> dict[Key, float]:
    """Count one article for both suggesters, which are called "a" and "b"."""
    counts: dict[Key, float] = defaultdict(float)
    for side, layer in own.items():
        shared = count_agreement(Article(text, {"gold": gold, "own": layer}), schema).together
        for label in schema.labels:
            for measure, name in F1.items():
                for what in ("matched", "items"):
                    counts[side, label, measure, what] += shared.get((name, label, what), 0)
        for span in layer.spans.values():
            for name in span.attributes:
                counts[side, span.label, schema.attribute_facet(name), "given"] += 1
        for link in layer.links.values():
            facet = schema.link_facet(schema.links[link.kind])
            counts[side, layer.spans[link.source].label, facet, "given"] += 1
        for pair in pairs(layer, gold, schema):
            for label, facet, right in _values(pair, schema):
                counts[side, label, facet, "items"] += 1
                counts[side, label, facet, "matched"] += right
    return counts


def _values(pair: Pair, schema: SchemaView) -> Iterator[tuple[str, str, bool]]:
    """Yield label and facet of what gold knows of a frame that both have, and whether it is so."""
    if pair.gold is None or pair.own is None or "label" in pair.wrong:
        return
    head = pair.gold.head
    if head.label == DOCUMENT:
        return
    linked = {schema.link_facet(kind) for kind in schema.links_from(head.label)}
    chosen = {schema.attribute_facet(a.name): a.name for a in choices(head.label, schema)}
    for facet, right in judged(pair, schema):
        if facet in linked or (facet in chosen and head.attributes.get(chosen[facet])):
            yield head.label, facet, right


def scores(tally: Tally, schema: SchemaView) -> list[FacetScore]:
    """Return every facet over the articles of a tally, both suggesters drawn alike."""
    facets = facets_of(schema)
    statistics: dict[tuple[int, str], Statistic] = {}
    for number, facet in enumerate(facets):
        for side in SIDES:
            statistics[number, side] = _rate(side, facet)
        statistics[number, "difference"] = _difference(facet)
    estimates = estimate(tally, statistics)
    observed = tally.observed()
    rows = []
    for number, facet in enumerate(facets):
        reasons = {side: _reason(observed, side, facet) for side in SIDES}
        figures = {side: estimates[number, side] for side in SIDES}
        figures["difference"] = estimates[number, "difference"]
        for side, reason in reasons.items():
            if reason:
                figures[side] = figures["difference"] = Estimate(None, None, None)
        n = {side: int(observed.at(side, facet.label, facet.measure)["items"][0]) for side in SIDES}
        rows.append(FacetScore(facet=facet, n=n, reasons=reasons, **figures))
    return rows


def _rate(side: str, facet: Facet) -> Statistic:
    """Return the share that is right; of F1 both sides' spans count, so a match counts twice."""
    times = 2 if facet.measure in F1 else 1

    def rate(sums: Sums) -> Floats:
        own = sums.at(side, facet.label, facet.measure)
        return times * own["matched"] / own["items"]

    return rate


def _difference(facet: Facet) -> Statistic:
    a = _rate("a", facet)
    b = _rate("b", facet)
    return lambda sums: b(sums) - a(sums)


def _reason(observed: Sums, side: str, facet: Facet) -> str:
    """Return why a figure says nothing, "" when it does."""
    own = observed.at(side, facet.label, facet.measure)
    if facet.measure not in F1 and not own["given"][0]:
        return "it gives none"
    if not own["items"][0]:
        return "neither it nor gold has any" if facet.measure in F1 else "no frame in common"
    return ""

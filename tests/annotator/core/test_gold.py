"""Nothing that people agree on is lost on the way to gold, whatever the schema."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.core.compare import Cluster, compare
from annotator.core.decisions import span_value
from annotator.core.dispute import shuffled
from annotator.core.gold import build, frame_value, outcomes_of
from annotator.core.merge import Drop, Outcome, policy_called
from corpus.core.layer_check import check
from corpus.core.schema import Label, LinkKind, SchemaView
from corpus.core.schema_file import parse
from corpus.core.span import LayerView, Link, Span, layer_view
from tools.schemas import TEXT, layers, schemas

POLICIES = (
    "unanimous",
    "majority",
    "at-least:1",
    "at-least:2",
    "at-least:3",
    "majority+longest",
    "weighted",
)


def said(layer: LayerView, schema: SchemaView) -> tuple[Counter[str], Counter[str], str]:
    """Return what a layer says, without idents."""
    spans = {ident: _text(span_value(span)) for ident, span in layer.spans.items()}
    links: set[str] = set()
    for link in layer.links.values():
        ends = [spans[link.source], spans[link.target]]
        if schema.links[link.kind].symmetric:
            ends.sort()
        links.add(_text([link.kind, *ends, dict(link.attributes)]))
    return Counter(spans.values()), Counter(links), _text(dict(layer.attributes))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def gold_of(
    clusters: list[Cluster], settled: dict[int, Any], schema: SchemaView, before: LayerView
) -> LayerView:
    """Return gold with these settlements."""

    def numbered(cluster: Cluster, value: Any) -> Outcome:
        raise AssertionError("no settlement here is of before")

    chosen = outcomes_of(clusters, settled, schema, before=before, numbered=numbered)
    return build(clusters, chosen, schema, before=before).view


def settlement(
    cluster: Cluster, clusters: list[Cluster], schema: SchemaView, side: str
) -> dict[str, Any]:
    """Return the settlement that takes what one layer says."""
    for holders, frame in shuffled(cluster, schema):
        if side in holders:
            return {"choice": "version", "frame": frame_value(frame, clusters)}
    return {"choice": "none"}


@st.composite
def cases(draw: st.DrawFn) -> tuple[SchemaView, LayerView, LayerView]:
    schema = draw(schemas())
    return schema, draw(layers(schema)), draw(layers(schema))


@given(cases())
def test_two_identical_layers_are_gold_under_every_policy(case: Any) -> None:
    schema, layer, _ = case
    assert not list(check(layer, schema, TEXT))
    clusters = compare({"a": layer, "b": layer}, schema)
    assert all(cluster.agreed for cluster in clusters)
    for policy in POLICIES:
        settled = {}
        for cluster in clusters:
            if not cluster.agreed:
                outcome = policy_called(policy)(cluster, schema)
                choice = "none" if outcome is Drop else "policy"
                settled[cluster.ident] = {"choice": choice, "policy": policy}
        gold = gold_of(clusters, settled, schema, LayerView())
        assert said(gold, schema) == said(layer, schema)


@given(cases(), st.sampled_from(["a", "b"]), st.randoms(use_true_random=False))
def test_settling_every_dispute_by_one_side_gives_its_layer(
    case: Any, side: str, luck: Any
) -> None:
    schema, one, other = case
    views = {"a": one, "b": other}
    clusters = compare(views, schema)
    disputed = [cluster for cluster in clusters if not cluster.agreed]
    luck.shuffle(disputed)
    settled: dict[int, Any] = {}
    gold = gold_of(clusters, settled, schema, LayerView())
    for cluster in disputed:
        settled[cluster.ident] = settlement(cluster, clusters, schema, side)
        gold = gold_of(clusters, settled, schema, gold)
    assert said(gold, schema) == said(views[side], schema)
    assert not list(check(gold, schema, TEXT))


@given(cases(), st.randoms(use_true_random=False))
def test_taking_a_settlement_back_gives_gold_as_it_was(case: Any, luck: Any) -> None:
    schema, one, other = case
    clusters = compare({"a": one, "b": other}, schema)
    disputed = [cluster for cluster in clusters if not cluster.agreed]
    if not disputed:
        return
    settled = {
        cluster.ident: settlement(cluster, clusters, schema, luck.choice("ab"))
        for cluster in disputed
    }
    again = luck.choice(disputed).ident
    without = {ident: value for ident, value in settled.items() if ident != again}
    before = gold_of(clusters, without, schema, LayerView())
    whole = gold_of(clusters, settled, schema, before)
    assert not list(check(whole, schema, TEXT))
    assert said(gold_of(clusters, without, schema, whole), schema) == said(before, schema)
    assert gold_of(clusters, settled, schema, whole) == whole


ENTITIES = SchemaView(
    {name: Label(name, name) for name in ("PERSON", "ORG", "PLACE")},
    {
        "works_for": LinkKind("works_for", ("PERSON",), ("ORG",)),
        "based_in": LinkKind("based_in", ("ORG",), ("PLACE",)),
        "knows": LinkKind("knows", ("PERSON",), ("PERSON",)),
    },
)
PEOPLE = [
    Span(1, "PERSON", 0, 8),
    Span(2, "ORG", 12, 25),
    Span(3, "PLACE", 27, 31),
    Span(4, "PERSON", 37, 41),
]


@pytest.mark.parametrize(
    "links",
    [
        [Link(5, "works_for", 1, 2), Link(6, "based_in", 2, 3)],
        [Link(5, "knows", 1, 4), Link(6, "knows", 4, 1)],
    ],
    ids=["a chain", "each other"],
)
def test_what_two_people_agree_on_is_gold(links: list[Link]) -> None:
    layer = layer_view(PEOPLE, links)
    clusters = compare({"a": layer, "b": layer}, ENTITIES)
    assert len(clusters) == 4
    gold = gold_of(clusters, {}, ENTITIES, LayerView())
    assert said(gold, ENTITIES) == said(layer, ENTITIES)


def test_an_attribute_of_a_span_that_is_linked_to_is_compared() -> None:
    schema = parse(
        {
            "labels": [
                {"name": "PERSON"},
                {
                    "name": "ORG",
                    "attributes": [
                        {"name": "sort", "kind": "choice", "choices": ["private", "public"]}
                    ],
                },
            ],
            "links": [{"name": "works_for", "sources": ["PERSON"], "targets": ["ORG"]}],
        }
    )
    views = {
        sort: layer_view(
            [PEOPLE[0], Span(2, "ORG", 12, 25, attributes={"sort": sort})],
            [Link(3, "works_for", 1, 2)],
        )
        for sort in ("private", "public")
    }
    assert [cluster.kinds for cluster in compare(views, schema)] == [(), ("sort",)]


def test_a_link_stands_in_gold_once_both_of_its_ends_do() -> None:
    one = layer_view(PEOPLE[:2], [Link(5, "works_for", 1, 2)])
    wider = layer_view([PEOPLE[0], Span(2, "ORG", 12, 18)], [Link(5, "works_for", 1, 2)])
    clusters = compare({"a": one, "b": wider}, ENTITIES)
    assert [cluster.kinds for cluster in clusters] == [(), ("boundary",)]
    gold = gold_of(clusters, {}, ENTITIES, LayerView())
    assert (len(gold.spans), len(gold.links)) == (1, 0)
    chosen = settlement(clusters[1], clusters, ENTITIES, "b")
    settled = gold_of(clusters, {clusters[1].ident: chosen}, ENTITIES, gold)
    assert said(settled, ENTITIES) == said(wider, ENTITIES)


def test_a_settlement_of_before_keeps_what_it_put_into_gold() -> None:
    one = layer_view(PEOPLE[:2], [Link(5, "works_for", 1, 2)])
    other = layer_view([Span(1, "PERSON", 0, 3), PEOPLE[1]], [Link(5, "works_for", 1, 2)])
    clusters = compare({"a": one, "b": other}, ENTITIES)
    (disputed,) = [cluster for cluster in clusters if not cluster.agreed]
    # Then the organisation was part of the person's frame.
    value = {"choice": "version", "number": 1, "reason": "", "spans": [1, 2], "links": [5]}
    gold = gold_of(clusters, {disputed.ident: value}, ENTITIES, one)
    assert gold == one

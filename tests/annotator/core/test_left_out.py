"""What gold leaves out is named, whatever the schema: no link is lost without a word."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from annotator.core.compare import Cluster, compare
from annotator.core.gold import outcomes_of
from annotator.core.left_out import left_out
from annotator.core.merge import Outcome
from corpus.core.schema import SchemaView
from corpus.core.schema_file import parse
from corpus.core.span import LayerView, Link, Span, layer_view
from tests.annotator.core.test_gold import cases, settlement

PLACES = parse(
    {
        "labels": [{"name": name} for name in ("PERSON", "ORG", "PLACE")],
        "links": [{"name": "works_for", "sources": ["PERSON"], "targets": ["ORG"], "many": False}],
    }
)


def outcomes(clusters: list[Cluster], settled: dict[int, Any], schema: SchemaView) -> list[Outcome]:
    def numbered(cluster: Cluster, value: Any) -> Outcome:
        raise AssertionError("no settlement here is of before")

    return outcomes_of(clusters, settled, schema, before=LayerView(), numbered=numbered)


def reasons(clusters: list[Cluster], settled: dict[int, Any]) -> list[str]:
    found = left_out(outcomes(clusters, settled, PLACES), PLACES)
    return [one.reason for links in found.values() for one in links]


def held(label: str, *links: Link) -> LayerView:
    spans = [Span(1, "PERSON", 0, 3), Span(2, label, 10, 14), Span(3, "ORG", 20, 24)]
    return layer_view(spans, links)


def test_a_link_is_left_out_when_its_end_is_nothing_or_another_label_and_waits_before() -> None:
    one, other = held("ORG", Link(1, "works_for", 1, 2)), held("PLACE")
    clusters = compare({"a": one, "b": other}, PLACES)
    person, org = clusters[0].ident, clusters[1].ident
    with_link = {person: settlement(clusters[0], clusters, PLACES, "a")}
    assert reasons(clusters, with_link) == []
    assert reasons(clusters, {**with_link, org: {"choice": "none"}}) == ["nothing"]
    place = settlement(clusters[1], clusters, PLACES, "b")
    assert reasons(clusters, {**with_link, org: place}) == ["label"]
    kept = settlement(clusters[1], clusters, PLACES, "a")
    assert reasons(clusters, {**with_link, org: kept}) == []


def test_of_two_links_of_a_kind_that_allows_one_the_second_is_left_out() -> None:
    one = held("ORG", Link(1, "works_for", 1, 2))
    clusters = compare({"a": one, "b": held("ORG", Link(1, "works_for", 1, 3))}, PLACES)
    value = settlement(clusters[0], clusters, PLACES, "a")
    links = value["frame"]["links"]
    links.append({**links[0], "cluster": clusters[2].ident})
    assert reasons(clusters, {clusters[0].ident: value}) == ["one"]


@given(cases())
def test_what_one_reviewer_holds_is_whole_and_nothing_of_it_is_left_out(case: Any) -> None:
    schema, one, other = case
    clusters = compare({"a": one, "b": other}, schema)
    settled = {}
    for cluster in clusters:
        if not cluster.agreed:
            settled[cluster.ident] = settlement(cluster, clusters, schema, "a")
    assert left_out(outcomes(clusters, settled, schema), schema) == {}

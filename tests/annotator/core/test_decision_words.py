"""Decisions in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from annotator.core.compare import compare
from annotator.core.decision_words import Context, told
from annotator.core.decisions import Value, link_value, span_value
from annotator.core.gold import frame_value
from corpus.core.schema import ATTRIBUTION
from corpus.core.span import LayerView, Link, Span, layer_view

TEXT = "“The wall stands,” said Ann. Bob denied it."


def layer(stance: str, *, end: int = 18) -> LayerView:
    claim = Span(1, "CLAIM", 0, end, attributes={"stance": stance})
    return layer_view([claim, Span(2, "SPEAKER", 24, 27)], [Link(3, "said_by", 1, 2)])


ONE = layer("support")
CLAIM = span_value(ONE.spans[1])
WITHIN = Context(TEXT, ATTRIBUTION, ONE.spans)


@pytest.mark.parametrize(
    ("verb", "subject", "ident", "before", "after", "words"),
    [
        ("accept", "span", 1, None, CLAIM, "accepted claim “The wall stands,”"),
        ("reject", "span", 1, CLAIM, {"rejected": True}, "rejected claim “The wall stands,”"),
        ("agree", "span", 1, None, CLAIM, "put claim “The wall stands,” into gold"),
        ("undo", "span", 1, CLAIM, None, "took claim “The wall stands,” out"),
        ("remove", "span", 7, None, None, "took span 7 out"),
        (
            "link",
            "link",
            3,
            None,
            link_value(ONE.links[3]),
            "linked claim “The wall stands,” to speaker “Ann”",
        ),
        (
            "unlink",
            "link",
            3,
            link_value(ONE.links[3]),
            None,
            "took off the link from claim “The wall stands,” to speaker “Ann”",
        ),
        ("submit", "layer", 0, None, None, "handed the review in"),
        ("settle", "dispute", 5, None, {"choice": "version", "spans": [9]}, "settled: a place"),
        ("settle", "dispute", 5, None, {"frame": {"span": {}}}, "settle dispute 5"),
    ],
)
def test_what_was_done_is_told_with_the_words_that_it_was_done_to(
    verb: str, subject: str, ident: int, before: Value | None, after: Value | None, words: str
) -> None:
    assert told(verb, subject, ident, before, after, WITHIN) == words


def settled(views: list[LayerView], chosen: int, **more: Any) -> str:
    layers = {str(number): view for number, view in enumerate(views)}
    clusters = compare(layers, ATTRIBUTION)
    (cluster,) = [one for one in clusters if one.kinds]
    value = {"choice": "version", **more}
    if value["choice"] == "version":
        value["frame"] = frame_value(cluster.members[str(chosen)], clusters)
    within = Context(TEXT, ATTRIBUTION, {}, clusters)
    return told("settle", "dispute", cluster.ident, None, value, within)


def test_a_settlement_tells_how_many_were_for_it() -> None:
    claim = "claim “The wall stands,”"
    oppose, support = layer("oppose"), layer("support")
    assert settled([oppose, oppose, support], 0) == f"settled 2 : 1 for oppose: {claim}"
    assert settled([oppose, oppose, support], 2) == f"settled 1 : 2 for support: {claim}"
    shorter = settled([oppose, oppose, layer("support", end=17)], 0)
    assert shorter == f"settled 2 : 1 for these edges; 2 : 1 for oppose: {claim}"


def test_a_settlement_of_what_not_all_marked_tells_who_did() -> None:
    marked = layer("oppose")
    assert settled([marked, marked, LayerView()], 0).startswith("settled 2 : 1 for marking it: ")
    nobody = settled([marked, LayerView(), LayerView()], 0, choice="none")
    assert nobody == "settled 2 : 1 for no version: claim “The wall stands,”"


def test_who_did_not_look_is_counted_neither_for_nor_against() -> None:
    marked = layer("oppose")
    layers = {"0": marked, "1": marked, "2": LayerView(), "3": LayerView()}
    clusters = [
        replace(one, abstained=("3",)) if one.kinds else one for one in compare(layers, ATTRIBUTION)
    ]
    (cluster,) = [one for one in clusters if one.kinds]
    value = {"choice": "version", "frame": frame_value(cluster.members["0"], clusters)}
    within = Context(TEXT, ATTRIBUTION, {}, clusters)
    words = told("settle", "dispute", cluster.ident, None, value, within)
    assert words.startswith("settled 2 : 1 for marking it: ")


def test_a_dispute_is_put_off_and_opened_again() -> None:
    value = {"choice": "none", "spans": [1]}
    words = told("undo", "dispute", 5, value, None, WITHIN)
    assert words == "opened the dispute about claim “The wall stands,” again"
    put_off = told("defer", "dispute", 5, None, {"deferred": True}, WITHIN)
    assert put_off == "put off the dispute about a place"

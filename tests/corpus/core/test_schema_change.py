"""A layer under one schema becomes one under another: nothing is lost unsaid."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from corpus.core.layer_check import check
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTION, Attribute, Label, LinkKind, SchemaView
from corpus.core.schema_change import mapped_layer, read_map, touched
from corpus.core.span import LayerView, Link, Span, layer_view
from tools.texts import annotated

TEXT = "Ada and Bo met in Rome, and Bo left."


def view(*labels: Label, links: tuple[LinkKind, ...] = (), attributes: Any = ()) -> SchemaView:
    return SchemaView(
        {label.name: label for label in labels}, {kind.name: kind for kind in links}, attributes
    )


def with_one(attribute: Attribute) -> SchemaView:
    return view(Label("A", "A", attributes=(attribute,)))


ADDED = SchemaView(
    {**ATTRIBUTION.labels, "PLACE": Label("PLACE", "Place")},
    {**ATTRIBUTION.links, "at": LinkKind("at", ("CLAIM",), ("PLACE",))},
    (Attribute("genre", "text"),),
)


@given(annotated())
def test_a_schema_with_additions_leaves_every_layer_as_it_is(case: tuple[str, LayerView]) -> None:
    _, layer = case
    mapped, counts = mapped_layer(layer, read_map(None, ATTRIBUTION, ADDED))
    assert mapped == layer
    assert list(mapped.links) == list(layer.links)
    assert counts == Counter()


def test_additions_touch_nothing() -> None:
    change = read_map(None, ATTRIBUTION, ADDED)
    assert touched(change) == (frozenset(), frozenset(), False)
    assert change.lacking == ()


@given(annotated())
def test_a_mapped_layer_fits_the_new_schema(case: tuple[str, LayerView]) -> None:
    text, layer = case
    claim = ATTRIBUTION.labels["CLAIM"]
    stance = replace(claim.attributes[0], choices=("for", "against"), keys={})
    new = SchemaView(
        {
            "WHO": replace(ATTRIBUTION.labels["SPEAKER"], name="WHO"),
            "CLAIM": replace(claim, attributes=(stance,)),
        },
        {"by": LinkKind("by", ("CLAIM",), ("WHO",), many=False)},
    )
    names = {
        "labels": {"SPEAKER": "WHO", "CUE": None},
        "links": {"said_by": "by"},
        "attributes": {"CLAIM.target": None, "CLAIM.kind": None, "CLAIM.speaker_state": None},
        "values": {
            "CLAIM.stance": {
                "support": "for",
                "oppose": "against",
                **dict.fromkeys(("neutral", "mixed", "unclear")),
            }
        },
    }
    mapped, counts = mapped_layer(layer, read_map(names, ATTRIBUTION, new))
    assert list(check(mapped, new, text)) == []
    lost = sum(n for (place, _, _), n in counts.items() if place.sort == "link" and _lost(place))
    assert lost >= len(layer.links) - len(mapped.links)


def _lost(place: Any) -> bool:
    return not place.attribute


CASES = [
    (Attribute("x", "choice", ("a", "b")), "a", Attribute("x", "choices", ("a", "b")), ["a"]),
    (Attribute("x", "choices", ("a", "b")), ["b"], Attribute("x", "choice", ("a", "b")), "b"),
    (Attribute("x", "choices", ("a", "b")), ["a", "b"], Attribute("x", "choice", ("a", "b")), None),
    (Attribute("x", "choice", ("a",)), "a", Attribute("x", "text"), "a"),
    (Attribute("x", "text"), "a", Attribute("x", "choice", ("a",)), "a"),
    (Attribute("x", "text"), "c", Attribute("x", "choice", ("a",)), None),
    (Attribute("x", "text"), "4.5", Attribute("x", "number"), 4.5),
    (Attribute("x", "text"), "four", Attribute("x", "number"), None),
    (Attribute("x", "number"), 4, Attribute("x", "text"), "4"),
    (Attribute("x", "flag"), True, Attribute("x", "text"), "yes"),
    (Attribute("x", "flag"), True, Attribute("x", "number"), None),
]


@pytest.mark.parametrize(("old", "value", "new", "becomes"), CASES)
def test_values_go_over_to_another_kind_where_they_can(
    old: Attribute, value: Any, new: Attribute, becomes: Any
) -> None:
    change = read_map(None, with_one(old), with_one(new))
    span = Span(1, "A", 0, 3, attributes={"x": value})
    mapped, counts = mapped_layer(layer_view([span]), change)
    assert mapped.spans[1].attributes.get("x") == becomes
    outcomes = [outcome for _, _, outcome in counts]
    assert outcomes == ([] if becomes is not None else ["unfit"])


def test_two_kinds_that_become_one_keep_one_link_between_two_spans() -> None:
    labels = (Label("A", "A"),)
    old = view(*labels, links=(LinkKind("met", ("A",), ("A",)), LinkKind("saw", ("A",), ("A",))))
    new = view(*labels, links=(LinkKind("knows", ("A",), ("A",)),))
    change = read_map({"links": {"met": "knows", "saw": "knows"}}, old, new)
    spans = [Span(1, "A", 0, 3), Span(2, "A", 8, 10)]
    layer = layer_view(spans, [Link(1, "met", 1, 2), Link(2, "saw", 1, 2), Link(3, "saw", 2, 1)])
    mapped, counts = mapped_layer(layer, change)
    assert list(mapped.links) == [1, 3]
    assert sum(counts.values()) == 4


def test_links_that_the_new_kind_does_not_take_are_counted_as_unfit() -> None:
    labels = (Label("A", "A"), Label("B", "B"))
    old = view(*labels, links=(LinkKind("rel", ("A", "B"), ("A", "B")),))
    new = view(*labels, links=(LinkKind("rel", ("A",), ("B",), many=False),))
    change = read_map(None, old, new)
    assert touched(change)[1] == {"rel"}
    spans = [Span(1, "A", 0, 3), Span(2, "B", 8, 10), Span(3, "B", 18, 22)]
    links = [Link(1, "rel", 1, 2), Link(2, "rel", 2, 1), Link(3, "rel", 1, 3)]
    mapped, counts = mapped_layer(layer_view(spans, links), change)
    assert list(mapped.links) == [1]
    assert {(place.name, outcome): n for (place, _, outcome), n in counts.items()} == {
        ("rel", "unfit"): 2
    }


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ([], "it is an object"),
        ({"labels": []}, ""),
        ({"labels": ["A"]}, "labels is an object"),
        ({"attributes": {"A.y": None}}, "attributes: the schema has no 'A.y'"),
        ({"values": {"A.x": ["a"]}}, "'A.x' has an object of old and new values"),
        ({"values": {"A.x": {"c": "a"}}}, "'A.x' has no choice 'c'"),
        ({"values": {"A.x": {"a": "c"}}}, "value A.x=a: the new schema has no 'c'"),
        ({"labels": {"A": 7}}, "label A: the new schema has no 7"),
    ],
)
def test_a_map_that_is_wrong_is_refused_with_the_place(data: Any, named: str) -> None:
    schema = with_one(Attribute("x", "choice", ("a", "b")))
    if not named:
        assert read_map(data, schema, schema).lacking == ()
        return
    with pytest.raises(Problem) as caught:
        read_map(data, schema, schema)
    assert caught.value.code == "schema-map"
    assert named in caught.value.message

"""What a schema does not allow is left out part by part, and told; the rest of a layer stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.core import layer_check
from corpus.core.layer_fit import Unknown, fit, read_as_kind
from corpus.core.schema import Attribute, Label, LinkKind, SchemaView
from corpus.core.span import LayerView, Link, Span, layer_view
from tools.schemas import TEXT, layers, schemas

ATTRIBUTES = (
    Attribute("tone", "choice", ("good", "bad", "3")),
    Attribute("topics", "choices", ("a", "b")),
    Attribute("sure", "flag"),
    Attribute("weight", "number"),
    Attribute("name", "text"),
)
SCHEMA = SchemaView(
    {"A": Label("A", "A", attributes=ATTRIBUTES), "B": Label("B", "B")},
    {
        "one": LinkKind("one", ("A",), ("B",), many=False, attributes=ATTRIBUTES[2:3]),
        "any": LinkKind("any", ("A", "B"), ("B", "A")),
    },
    (Attribute("topic", "text"),),
)


def codes(layer: LayerView) -> list[str]:
    return [problem.code for problem in fit(layer, SCHEMA, TEXT).left]


def test_one_odd_annotation_costs_itself_alone() -> None:
    spans = [
        Span(1, "A", 0, 3, attributes={"tone": "good", "mood": "x", "weight": "heavy"}),
        Span(2, "B", 4, 8),
        Span(3, "C", 9, 11),
        Span(4, "B", 3, 5),
        Span(5, "B", 12, 12),
    ]
    links = [
        Link(1, "one", 1, 2, {"sure": True, "odd": 1}),
        Link(2, "one", 1, 2),
        Link(3, "none", 1, 2),
        Link(4, "any", 1, 3),
        Link(5, "any", 2, 1),
    ]
    layer = replace(layer_view(spans, links), attributes={"topic": "rain", "genre": "news"})
    fitted = fit(layer, SCHEMA, TEXT)
    assert sorted(fitted.layer.spans) == [1, 2]
    assert fitted.layer.spans[1].attributes == {"tone": "good"}
    assert {ident: dict(x.attributes) for ident, x in fitted.layer.links.items()} == {
        1: {"sure": True},
        5: {},
    }
    assert fitted.layer.attributes == {"topic": "rain"}
    assert sorted(problem.code for problem in fitted.left) == [
        "document-attribute",
        "link-attribute",
        "link-ends",
        "link-kind",
        "link-twice",
        "span-attribute",
        "span-attribute",
        "span-label",
        "span-range",
        "span-space",
    ]
    assert not list(layer_check.check(fitted.layer, SCHEMA, TEXT))


def test_all_that_is_unknown_is_counted() -> None:
    spans = [
        Span(1, "A", 0, 3, attributes={"mood": "x", "tone": "so-so", "topics": ["a", "z"]}),
        Span(2, "C", 4, 8, attributes={"name": "n", "tone": "so-so"}),
        Span(3, "C", 9, 11),
    ]
    unknown = Unknown()
    layer = replace(layer_view(spans, [Link(1, "none", 1, 2)]), attributes={"genre": "news"})
    unknown.add(layer, SCHEMA)
    assert unknown.as_json() == {
        "labels": {"C": 2},
        "links": {"none": 1},
        "attributes": {"A.mood": 1, "C.name": 1, "C.tone": 1, "genre": 1},
        "values": {"tone": {"so-so": 2}, "topics": {"z": 1}},
    }


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("weight", "3", 3),
        ("weight", "0.5", 0.5),
        ("weight", "heavy", "heavy"),
        ("weight", True, True),
        ("tone", 3, "3"),
        ("tone", ["bad"], "bad"),
        ("tone", ["bad", "good"], ["bad", "good"]),
        ("topics", "a", ["a"]),
        ("topics", "z", "z"),
        ("sure", "true", True),
        ("sure", 0, False),
        ("sure", 3, 3),
        ("name", 3, "3"),
        ("name", True, True),
    ],
)
def test_a_value_is_read_as_the_kind_of_its_attribute_where_there_is_one_way(
    name: str, value: Any, read: Any
) -> None:
    (attribute,) = [own for own in ATTRIBUTES if own.name == name]
    assert repr(read_as_kind(value, attribute)) == repr(read)


@given(data=st.data())
def test_a_layer_that_fits_stays_as_it_is(data: st.DataObject) -> None:
    schema = data.draw(schemas())
    layer = data.draw(layers(schema))
    fitted = fit(layer, schema, TEXT)
    assert (fitted.layer, fitted.left, dict(fitted.notes)) == (layer, (), {})


@given(data=st.data())
def test_a_layer_of_another_schema_fits_without_what_is_left_out(data: st.DataObject) -> None:
    schema = data.draw(schemas())
    layer = data.draw(layers(data.draw(schemas())))
    fitted = fit(layer, schema, TEXT)
    assert not list(layer_check.check(fitted.layer, schema, TEXT))
    lost = len(layer.spans) + len(layer.links) - len(fitted.layer.spans) - len(fitted.layer.links)
    assert len(fitted.left) >= lost

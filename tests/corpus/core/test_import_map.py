"""Maps give the names of files those of a schema; a map to edit names all that is unknown."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.core import layer_check, schema_file
from corpus.core.import_map import ImportMap, answered, parse, questions, ready
from corpus.core.layer_fit import Unknown, fit
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTE_KINDS, ATTRIBUTION, Attribute, Label, SchemaView
from corpus.core.schema_found import found_in
from corpus.core.span import LayerView, Link, Span, layer_view
from corpus.core.text import freeze
from corpus.importers import Article
from tools.schemas import TEXT, layers, schemas

LAYER: LayerView = replace(
    layer_view(
        [
            Span(1, "Source", 0, 3, attributes={"Name": "Ana", "age": 7}),
            Span(2, "Content", 4, 8, attributes={"stance": "PRO", "Kind": "quoted"}),
            Span(3, "Discard", 9, 11),
        ],
        [Link(1, "source_of", 2, 1), Link(2, "source_of", 2, 3)],
    ),
    attributes={"genre": "news"},
)
DATA = {
    "labels": {"Source": "SPEAKER", "Content": "CLAIM", "Discard": None},
    "links": {"source_of": "said_by"},
    "attributes": {"Source.Name": "name", "age": None, "Kind": "kind", "genre": None},
    "values": {"stance": {"PRO": "support"}, "kind": {"quoted": "direct"}},
}


def test_a_map_gives_names_and_says_what_it_leaves_out() -> None:
    layer, left = parse(DATA, ATTRIBUTION).apply(LAYER)
    assert {s.label: dict(s.attributes) for s in layer.spans.values()} == {
        "SPEAKER": {"name": "Ana"},
        "CLAIM": {"stance": "support", "kind": "direct"},
    }
    assert [(x.kind, x.source, x.target) for x in layer.links.values()] == [("said_by", 2, 1)]
    assert left == {
        "left out by the map: label Discard": 1,
        "left out by the map: links of spans that it leaves out": 1,
        "left out by the map: attribute Source.age": 1,
        "left out by the map: attribute genre": 1,
    }
    assert not list(layer_check.check(layer, ATTRIBUTION, TEXT))


def test_several_choices_are_mapped_one_by_one() -> None:
    spans = [Span(1, "A", 0, 3, attributes={"topics": ["x", "y", "z"]})]
    names = ImportMap(values={"topics": {"x": "a", "y": "a", "z": None}})
    layer, _ = names.apply(layer_view(spans))
    assert layer.spans[1].attributes == {"topics": ["a"]}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "no object"),
        ({"labels": {"A": "B"}, "links": {"x": 3}}, "'B'"),
        ({"labels": {"A": "B"}, "links": {"x": 3}}, "'x' leads to no name"),
        ({"label": {}}, "'label'"),
        ({"values": {"stance": {"PRO": "pro"}}}, "'pro'"),
        ({"values": {"stance": "pro"}}, "no object"),
    ],
)
def test_a_map_is_refused_with_all_its_mistakes(data: object, said: str) -> None:
    with pytest.raises(Problem, match="label-map") as caught:
        parse(data, ATTRIBUTION)
    assert said in caught.value.message


EVENTS = layer_view(
    [
        Span(1, "Source", 0, 3),
        Span(2, "Cue", 4, 8),
        Span(3, "Content", 9, 11),
        Span(4, "Attribution", 4, 8),
        Span(5, "Content", 12, 14),
        Span(6, "Attribution-no-source", 4, 8),
    ],
    [
        Link(1, "Content", 4, 3),
        Link(2, "Cue", 4, 2),
        Link(3, "Source", 4, 1),
        Link(4, "Content", 4, 5),
        Link(5, "Content", 6, 5),
    ],
)


def test_the_map_to_edit_makes_frames_of_events_who_said_what() -> None:
    unknown = Unknown()
    unknown.add(EVENTS, ATTRIBUTION)
    data = ready(unknown.as_json(), ATTRIBUTION, ImportMap())
    assert data["labels"] == {
        "Attribution": None,
        "Attribution-no-source": None,
        "Content": "CLAIM",
        "Cue": "CUE",
        "Source": "SPEAKER",
    }
    assert data["frames"] == {
        "Attribution": {"source": "Content", "target": "Source", "kind": "said_by"}
    }
    mapped, left = parse(data, ATTRIBUTION).apply(EVENTS)
    labels = {ident: span.label for ident, span in mapped.spans.items()}
    assert labels == {1: "SPEAKER", 2: "CUE", 3: "CLAIM", 5: "CLAIM"}
    said = [(link.kind, link.source, link.target) for link in mapped.links.values()]
    assert said == [("said_by", 3, 1), ("said_by", 5, 1)]
    assert not fit(mapped, ATTRIBUTION, TEXT).left
    assert left == {
        "left out by the map: label Attribution-no-source": 1,
        "left out by the map: link Content": 1,
    }


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ("x", "frames is no object"),
        ({"A": {"source": "B"}}, "frame 'A' must have the names source, target, kind"),
        (
            {"A": {"source": "B", "target": "C", "kind": "D"}},
            "leads to 'D'; the schema has said_by",
        ),
    ],
)
def test_a_frame_that_leads_nowhere_is_refused(frames: Any, said: str) -> None:
    with pytest.raises(Problem) as caught:
        parse({"frames": frames}, ATTRIBUTION)
    assert said in caught.value.message


def test_questions_have_one_order_and_a_likely_answer() -> None:
    unknown = {
        "labels": {"Speaker": 2, "Z": 9},
        "attributes": {"CLAIM.Stance": 1},
        "values": {"stance": {"SUPPORT": 1, "pro": 3}},
    }
    asked = questions(unknown, ATTRIBUTION)
    assert [(q.section, q.theirs, q.count, q.guess) for q in asked] == [
        ("labels", "Z", 9, None),
        ("labels", "Speaker", 2, "SPEAKER"),
        ("attributes", "CLAIM.Stance", 1, "stance"),
        ("values", "pro", 3, None),
        ("values", "SUPPORT", 1, "support"),
    ]
    assert answered(asked, [None, "SPEAKER", "stance", "oppose", "support"]) == {
        "labels": {"Z": None, "Speaker": "SPEAKER"},
        "links": {},
        "attributes": {"CLAIM.Stance": "stance"},
        "values": {"stance": {"pro": "oppose", "SUPPORT": "support"}},
    }


@given(data=st.data())
def test_with_the_map_to_edit_nothing_is_unknown_any_more(data: st.DataObject) -> None:
    schema = data.draw(schemas())
    layer = data.draw(layers(data.draw(schemas())))
    names = ImportMap()
    # What an attribute holds is known once its name is.
    for _ in range(2):
        unknown = Unknown()
        unknown.add(names.apply(layer)[0], schema)
        names = parse(ready(unknown.as_json(), schema, names), schema)
    unknown = Unknown()
    mapped, _ = names.apply(layer)
    unknown.add(mapped, schema)
    codes = {problem.code for problem in fit(mapped, schema, TEXT).left}
    assert not unknown.labels and not unknown.links
    assert not codes & {"span-label", "link-kind"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=4,
)


@given(value=anything, kind=st.sampled_from(ATTRIBUTE_KINDS))
def test_a_value_of_any_shape_is_mapped_told_or_kept(value: Any, kind: str) -> None:
    own = Attribute("x", kind, ("a", "b") if kind.startswith("choice") else ())
    schema = SchemaView({"A": Label("A", "A", attributes=(own,))}, {}, (own,))
    layer = layer_view([Span(1, "A", 0, 3, attributes={"x": value}), Span(2, "B", 4, 8)])
    layer = replace(layer, attributes={"x": value, "y": value})
    mapped, _ = ImportMap(values={"x": {"c": "a", "null": None}}).apply(layer)
    unknown = Unknown()
    unknown.add(mapped, schema)
    assert json.dumps(unknown.as_json())
    fitted = fit(mapped, schema, TEXT)
    assert not list(layer_check.check(fitted.layer, schema, TEXT))
    assert all(problem.message for problem in fitted.left)
    schema_file.parse(found_in([Article("a", freeze(TEXT), layer=mapped)]).schema)


def test_german_names_of_who_said_what_are_known() -> None:
    unknown = {
        "labels": {"SPRECHER": 3, "Aussage": 2, "ORT": 1},
        "attributes": {"Aussage.Haltung": 2},
    }
    data = ready(unknown, ATTRIBUTION, ImportMap())
    assert data["labels"] == {"SPRECHER": "SPEAKER", "Aussage": "CLAIM", "ORT": None}
    assert data["attributes"] == {"Aussage.Haltung": "stance"}

"""What other tools say of spans, links and documents comes in as what it is, or is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cassis import Cas, TypeSystem

from corpus import importers
from corpus.core import layer_check, schema_file
from corpus.core.schema_found import found_in
from tests.corpus.importers.files import TEXT, left, links, one, words, write
from tests.corpus.importers.test_labelstudio import region


def test_jsonl_says_attributes_of_links_and_of_the_document(tmp_path: Path) -> None:
    spans = [
        {"id": "a1", "label": "A", "start": 0, "end": 3, "attributes": {"n": 0.5, "no": None}},
        {"id": "b2", "label": "B", "start": 11, "end": 15},
    ]
    link = {"kind": "k", "source": "a1", "target": "b2", "attributes": {"sure": True}}
    row = {"id": "d", "text": TEXT, "attributes": {"topics": ["x", "y"], "none": []}}
    article = one(write(tmp_path / "a.jsonl", {**row, "spans": spans, "links": [link]}))
    assert article.layer is not None
    assert article.layer.attributes == {"topics": ["x", "y"]}
    assert [dict(x.attributes) for x in article.layer.links.values()] == [{"sure": True}]
    assert article.layer.spans[1].attributes == {"n": 0.5}
    bare = one(write(tmp_path / "b.jsonl", row))
    assert bare.layer is not None and (bare.layer.spans, bare.layer.attributes) == (
        {},
        {"topics": ["x", "y"]},
    )


def test_attributes_of_a_document_that_are_none_are_a_field_like_others(tmp_path: Path) -> None:
    article = one(write(tmp_path / "a.jsonl", {"id": "d", "text": TEXT, "attributes": "x"}))
    assert (article.layer, article.notes) == (None, {"fields that are not ours: attributes": 1})


def answer(ident: str, name: str, type_: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"id": ident, "from_name": name, "to_name": "text", "type": type_, "value": value}


def test_label_studio_numbers_are_numbers_and_several_choices_a_list(tmp_path: Path) -> None:
    result = [
        region("x1", "CLAIM", "that it rained"),
        answer("x1", "certainty", "number", {"number": 3}),
        answer("x1", "nothing", "number", {"number": 0}),
        answer("x1", "topics", "choices", {"choices": ["rain", "wind"]}),
        answer("x1", "tone", "choices", {"choices": ["calm"]}),
        answer("x1", "stars", "rating", {"rating": 4}),
        answer("d1", "genre", "choices", {"choices": ["news"]}),
        answer("d2", "note", "textarea", {"text": ["first", "second"]}),
    ]
    task = {"id": 1, "data": {"text": TEXT}, "annotations": [{"result": result}]}
    layer = one(write(tmp_path / "tasks.json", [task])).layer
    assert layer is not None
    (span,) = layer.spans.values()
    assert repr(dict(span.attributes)) == repr(
        {"certainty": 3, "nothing": 0, "topics": ["rain", "wind"], "tone": "calm", "stars": 4}
    )
    assert layer.attributes == {"genre": "news", "note": "first; second"}


def inception(folder: Path) -> Path:
    """A CAS as INCEpTION has it: features of every type, one called `type`, a document layer."""
    types = TypeSystem()
    quote = types.create_type("webanno.custom.Quote", "uima.tcas.Annotation")
    for name, kind in (
        ("type", "String"),
        ("certainty", "Integer"),
        ("weight", "Double"),
        ("topics", "StringArray"),
        ("sizes", "IntegerArray"),
        ("sure", "Boolean"),
    ):
        types.create_feature(quote, name, f"uima.cas.{kind}")
    by = types.create_type("webanno.custom.By", "uima.tcas.Annotation")
    for name in ("Governor", "Dependent"):
        types.create_feature(by, name, "webanno.custom.Quote")
    types.create_feature(by, "distance", "uima.cas.Integer")
    about = types.create_type("webanno.custom.About", "uima.cas.AnnotationBase")
    types.create_feature(about, "genre", "uima.cas.String")
    cas = Cas(types)
    cas.sofa_string = "Ann said that it rained."
    texts = types.get_type("uima.cas.StringArray")
    sizes = types.get_type("uima.cas.IntegerArray")
    first = quote(
        begin=0,
        end=3,
        type_="person",
        certainty=3,
        weight=0.5,
        sure=False,
        topics=texts(elements=["rain and", "wind"]),
        sizes=sizes(elements=[1, 2]),
    )
    second = quote(begin=9, end=13)
    nothing = quote(begin=4, end=4)
    cas.add_all([first, second, nothing, about(genre="news")])
    cas.add(by(begin=0, end=3, Governor=second, Dependent=first, distance=2))
    cas.add(by(begin=0, end=3, Governor=second))
    types.to_xml(folder / "TypeSystem.xml")
    cas.to_xmi(folder / "a.xmi")
    return folder / "a.xmi"


@pytest.mark.filterwarnings("ignore:Trying to add feature")
def test_cas_features_of_every_type_come_in_and_the_rest_is_counted(tmp_path: Path) -> None:
    article = one(inception(tmp_path))
    assert article.layer is not None
    assert words(article) == [("Quote", "Ann"), ("Quote", "that")]
    first = article.layer.in_order()[0]
    assert repr(dict(sorted(first.attributes.items()))) == repr(
        {
            "certainty": 3,
            "sure": False,
            "topics": ["rain and", "wind"],
            "type": "person",
            "weight": 0.5,
        }
    )
    assert links(article) == [("By", "that", "Ann")]
    assert [dict(x.attributes) for x in article.layer.links.values()] == [{"distance": 2}]
    assert article.layer.attributes == {"genre": "news"}
    sizes = "CAS features of a kind that attributes have not: sizes"
    assert article.notes == {sizes: 1}
    assert article.examples == {sizes: "[1, 2]"}
    assert left(article) == [(0, "span-range"), (0, "link-ends")]


def test_brat_keeps_what_is_said_of_relations_and_notes_that_only_look_like_ours(
    tmp_path: Path,
) -> None:
    write(tmp_path / "a.txt", "Ann said that it rained.")
    lines = [
        "T1\tA 0 3\tAnn",
        "T2\tB 9 13\tthat",
        "T3\tB 5 5\t",
        "R1\tby Arg1:T2 Arg2:T1",
        "A1\tSure R1",
        '#1\tAnnotatorNotes R1\t{"attributes": {"n": 2}}',
        "#2\tAnnotatorNotes T1\t{sic} check",
    ]
    article = one(write(tmp_path / "a.ann", "\n".join(lines) + "\n"))
    assert article.layer is not None
    assert [dict(x.attributes) for x in article.layer.links.values()] == [{"Sure": True, "n": 2}]
    assert article.notes == {"brat notes": 1}
    assert left(article) == [(3, "span-range")]


def test_relations_between_many_labels_fit_the_schema_that_is_found(tmp_path: Path) -> None:
    """The layout of brat's relations of TDT and CoNLL: one kind between any of several labels."""
    write(tmp_path / "a.txt", "Ann of Kiel met Bo of Bonn.")
    lines = [
        "T1\tPeop 0 3\tAnn",
        "T2\tLoc 7 11\tKiel",
        "T3\tPeop 16 18\tBo",
        "T4\tOrg 22 26\tBonn",
        "R1\tLive_In Arg1:T1 Arg2:T2",
        "R2\tLive_In Arg1:T3 Arg2:T4",
        "R3\tLive_In Arg1:T4 Arg2:T2",
    ]
    path = write(tmp_path / "a.ann", "\n".join(lines) + "\n")
    schema = schema_file.parse(found_in(importers.read(path)).schema)
    kind = schema.links["Live_In"]
    assert (set(kind.sources), set(kind.targets)) == ({"Peop", "Org"}, {"Loc", "Org"})
    article = one(path)
    assert article.layer is not None
    assert not list(layer_check.check(article.layer, schema, article.body.text))


def test_prodigy_says_attributes_of_links_and_of_the_document(tmp_path: Path) -> None:
    spans = [
        {"label": "A", "start": 0, "end": 3, "id": "a1", "attributes": {"n": 1}},
        {"label": "B", "start": 11, "end": 15, "id": "b2"},
    ]
    relation = {"head": 0, "child": 1, "head_span": spans[0], "child_span": spans[1], "label": "k"}
    row = {"text": TEXT, "spans": spans, "relations": [{**relation, "attributes": {"x": [1]}}]}
    path = write(tmp_path / "p.jsonl", json.dumps({**row, "attributes": {"genre": "news"}}))
    layer = one(path, "prodigy").layer
    assert layer is not None and layer.attributes == {"genre": "news"}
    assert [dict(x.attributes) for x in layer.links.values()] == [{"x": [1]}]


def test_categories_of_doccano_and_choices_of_prodigy_are_the_documents(tmp_path: Path) -> None:
    row = {"id": 1, "text": TEXT, "label": ["calm", [0, 3, "A"]], "cats": ["news"]}
    layer = one(write(tmp_path / "d.jsonl", row), "doccano").layer
    assert layer is not None
    assert ([span.label for span in layer.spans.values()], layer.attributes) == (
        ["A"],
        {"label": ["calm"], "cats": ["news"]},
    )
    chosen = {"text": TEXT, "options": [{"id": "news"}], "accept": ["news"], "answer": "accept"}
    layer = one(write(tmp_path / "p.jsonl", chosen), "prodigy").layer
    assert layer is not None and layer.attributes == {"accept": ["news"]}

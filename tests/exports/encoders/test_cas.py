"""CAS files as INCEpTION needs them, read by dkpro-cassis; its CAS doctor checks the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from cassis import Cas, load_cas_from_xmi, load_typesystem

from corpus import importers
from corpus.core.schema import Attribute, Label, LinkKind, SchemaView
from corpus.core.span import Link, Span, layer_view
from corpus.importers import Article
from corpus.importers.reading import Reading
from exports.core.record import Record
from exports.encoders import Options, encoder
from tests.exports.encoders.sample import RECORDS, export
from tests.exports.encoders.test_round_trips import shape

SEGMENTATION = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type"
SPAN, LINK = "webanno.custom.Span", "webanno.custom.Link"


@pytest.fixture
def cas(tmp_path: Path) -> Cas:
    export("cas", tmp_path / "cas")
    with (tmp_path / "cas" / "TypeSystem.xml").open("rb") as file:
        types = load_typesystem(file)
    with (tmp_path / "cas" / "a%2F1.xmi").open("rb") as file:
        return load_cas_from_xmi(file, typesystem=types)


def test_tokens_and_sentences_are_those_of_dkpro(cas: Cas) -> None:
    sentences = [fs.get_covered_text() for fs in cas.select(f"{SEGMENTATION}.Sentence")]
    assert sentences == [
        "Ann Lee said that Bo said “it 😀 rained” in Bonn.",
        "The Post wrote that it did.",
        "He left.",
    ]
    tokens = [fs.get_covered_text() for fs in cas.select(f"{SEGMENTATION}.Token")]
    assert tokens[6:12] == ["“", "it", "😀", "rained", "”", "in"]


def test_the_cas_doctor_finds_nothing(cas: Cas) -> None:
    sentences = cas.select(f"{SEGMENTATION}.Sentence")
    tokens = cas.select(f"{SEGMENTATION}.Token")
    for units in (sentences, tokens):
        assert all(unit.begin < unit.end for unit in units)
        assert all(before.end <= after.begin for before, after in pairwise(units))
    for fs in (*tokens, *cas.select(SPAN)):
        around = [one for one in sentences if one.begin <= fs.begin and fs.end <= one.end]
        assert len(around) == 1
    spans = {fs.xmiID for fs in cas.select(SPAN)}
    assert len(spans) == 5
    for relation in cas.select(LINK):
        assert {relation.Governor.xmiID, relation.Dependent.xmiID} <= spans
        assert (relation.begin, relation.end) == (relation.Dependent.begin, relation.Dependent.end)


def test_attributes_with_names_of_the_cas_keep_their_values(cas: Cas) -> None:
    (post,) = [fs for fs in cas.select(SPAN) if fs.get_covered_text() == "The Post"]
    assert (post.label, post.score, post.begin < post.end) == ("NEWS ORG", None, True)
    names = [feature.name for feature in post.type.all_features]
    assert {"x_x74_ype", "x_x6C_abel", "x_x73_core", "x_x62_egin", "x_x65_nd"} <= set(names)
    assert post.get("x_x73_core") == "7"


def test_they_come_back_under_their_own_names(tmp_path: Path) -> None:
    export("cas", tmp_path / "cas")
    rows = list(importers.articles([tmp_path / "cas"], Reading(format="cas")))
    back = {row.id: row for row in rows if isinstance(row, Article)}
    assert shape(back["a/1"].layer) == shape(RECORDS[0].layer)


def test_a_text_and_a_flag_of_one_name_are_two_features(tmp_path: Path) -> None:
    labels = {
        "A": Label("A", "A", attributes=(Attribute("sure", "flag"),)),
        "B": Label("B", "B", attributes=(Attribute("sure", "text"),)),
    }
    spans = [
        Span(1, "A", 0, 3, attributes={"sure": True}),
        Span(2, "B", 4, 6, attributes={"sure": "true"}),
    ]
    record = Record("a", "Ann is", {}, layer_view(spans), "gold")
    encoder("cas")([record], tmp_path / "cas", Options(SchemaView(labels, {})))
    (row,) = importers.articles([tmp_path / "cas"], Reading(format="cas"))
    assert isinstance(row, Article)
    assert shape(row.layer) == shape(record.layer)


def test_numbers_lists_and_what_is_said_of_links_and_documents_come_back(tmp_path: Path) -> None:
    own = (Attribute("n", "number"), Attribute("several", "choices", ("a b", "c")))
    labels = {
        "A": Label("A", "A", attributes=own),
        "B": Label("B", "B", attributes=(Attribute("n", "choices", ("x",)),)),
    }
    kinds = {"k": LinkKind("k", ("A",), ("B",), attributes=own)}
    spans = [
        Span(1, "A", 0, 3, attributes={"n": 2**53 + 1, "several": ["a b", "c"]}),
        Span(2, "B", 4, 6, attributes={"n": ["x"]}),
    ]
    links = [Link(1, "k", 1, 2, {"n": 0.5, "several": ["c"]})]
    layer = replace(layer_view(spans, links), attributes={"n": 3, "several": ["a b"]})
    schema = SchemaView(labels, kinds, own)
    record = Record("a", "Ann is", {}, layer, "gold")
    report = encoder("cas")([record], tmp_path / "cas", Options(schema))
    assert report.dropped == {"numbers-rounded": 1}
    (row,) = importers.articles([tmp_path / "cas"], Reading(format="cas"))
    assert isinstance(row, Article) and row.layer is not None
    assert row.layer.attributes == {"n": 3, "several": ["a b"]}
    assert [dict(x.attributes) for x in row.layer.links.values()] == [{"n": 0.5, "several": ["c"]}]
    assert row.layer.spans[1].attributes == {"n": 2**53, "several": ["a b", "c"]}
    assert row.layer.spans[2].attributes == {"n": ["x"]}

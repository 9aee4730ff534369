"""CAS files with chains, slots and relations between tokens, as INCEpTION has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cassis import Cas, TypeSystem

from tests.corpus.importers.files import left, links, one, problems, words

TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
ANNOTATION = "uima.tcas.Annotation"


def written(folder: Path, cas: Cas) -> Path:
    cas.typesystem.to_xml(folder / "TypeSystem.xml")
    cas.to_xmi(folder / "a.xmi")
    return folder / "a.xmi"


def begun() -> tuple[Cas, TypeSystem, Any]:
    types = TypeSystem()
    span = types.create_type("custom.Mention", ANNOTATION)
    types.create_feature(span, "next", "custom.Mention")
    types.create_type(TOKEN, ANNOTATION)
    cas = Cas(types)
    cas.sofa_string = "Ann said she knew."
    cas.sofa_mime = "text/plain"
    return cas, types, span


def test_an_element_of_a_chain_is_linked_to_the_next(tmp_path: Path) -> None:
    cas, types, mention = begun()
    chain = types.create_type("custom.Chain", "uima.cas.AnnotationBase")
    types.create_feature(chain, "first", "custom.Mention")
    second = mention(begin=9, end=12)
    first = mention(begin=0, end=3, next=second)
    cas.add_all([first, second, chain(first=first)])
    article = one(written(tmp_path, cas))
    assert links(article) == [("next", "Ann", "she")]
    assert not article.notes
    assert not article.left


def test_slots_are_links_and_one_that_ends_at_a_token_is_left_out(tmp_path: Path) -> None:
    cas, types, mention = begun()
    role = types.create_type("custom.LinkType", "uima.cas.TOP")
    types.create_feature(role, "role", "uima.cas.String")
    types.create_feature(role, "target", ANNOTATION)
    event = types.create_type("custom.Event", ANNOTATION)
    types.create_feature(event, "arguments", "uima.cas.FSArray")
    ann = mention(begin=0, end=3)
    token = types.get_type(TOKEN)(begin=13, end=17)
    array = types.get_type("uima.cas.FSArray")
    slots = [role(role="who", target=ann), role(role="what", target=token)]
    said = event(begin=4, end=8, arguments=array(elements=slots))
    cas.add_all([ann, token, said])
    article = one(written(tmp_path, cas))
    assert words(article) == [("Mention", "Ann"), ("Event", "said")]
    assert links(article) == [("who", "said", "Ann")]
    assert left(article) == [(0, "link-ends")]
    assert not article.notes


def test_a_relation_between_tokens_is_left_out_by_itself(tmp_path: Path) -> None:
    cas, types, mention = begun()
    relation = types.create_type("custom.Relation", ANNOTATION)
    for end in ("Governor", "Dependent"):
        types.create_feature(relation, end, ANNOTATION)
    tokens = [types.get_type(TOKEN)(begin=a, end=b) for a, b in ((0, 3), (4, 8))]
    by = relation(begin=0, end=3, Governor=tokens[1], Dependent=tokens[0])
    cas.add_all([*tokens, mention(begin=0, end=3), by])
    article = one(written(tmp_path, cas))
    assert words(article) == [("Mention", "Ann")]
    assert left(article) == [(0, "link-ends")]


@pytest.mark.parametrize("ending", [".xmi", ".json"])
@pytest.mark.parametrize("empty", [False, True])
def test_of_several_views_the_initial_one_is_the_document_else_the_first_with_a_text(
    tmp_path: Path, ending: str, empty: bool
) -> None:
    cas, _, mention = begun()
    if empty:
        cas = Cas(cas.typesystem)
    else:
        cas.add(mention(begin=0, end=3))
    names = {"Plain": "Anna sagte, 😀 sie wisse es.", "Html": "<p>Anna"}
    for name, text in names.items():
        view = cas.create_view(name)
        view.sofa_string = text
        view.add_all([mention(begin=0, end=4), mention(begin=14, end=17)][: len(text) // 10 + 1])
    cas.create_view("Nothing")
    path = written(tmp_path, cas)
    if ending == ".json":
        path = path.with_suffix(ending)
        cas.to_json(path)
    article = one(path, "cas")
    html = {"texts of other CAS views: Html": 1, "annotations of other CAS views: Html": 1}
    plain = {"texts of other CAS views: Plain": 1, "annotations of other CAS views: Plain": 2}
    if empty:
        assert article.body.text == names["Plain"]
        assert words(article) == [("Mention", "Anna"), ("Mention", "sie")]
        assert article.notes == html
    else:
        assert article.body.text == "Ann said she knew."
        assert words(article) == [("Mention", "Ann")]
        assert article.notes == {**plain, **html}
    assert article.examples["texts of other CAS views: Html"] == "<p>Anna"
    assert article.examples["annotations of other CAS views: Html"] == "custom.Mention"


def test_a_cas_without_a_text_says_so(tmp_path: Path) -> None:
    assert problems(written(tmp_path, Cas(TypeSystem()))) == [(0, "text-empty")]


def test_what_the_type_system_lacks_costs_itself_alone(tmp_path: Path) -> None:
    cas, types, mention = begun()
    other = types.create_type("custom.Other", ANNOTATION)
    types.create_feature(mention, "note", "uima.cas.String")
    types.create_feature(mention, "tags", "uima.cas.StringArray")
    tags = types.get_type("uima.cas.StringArray")(elements=["a", "b"])
    cas.add_all([mention(begin=0, end=3, note="x", tags=tags), other(begin=4, end=8)])
    path = written(tmp_path, cas)
    begun()[0].typesystem.to_xml(tmp_path / "TypeSystem.xml")
    article = one(path)
    assert words(article) == [("Mention", "Ann")]
    assert article.notes == {
        "CAS annotations of types that the type system lacks": 1,
        "CAS features that the type system lacks: Mention.note": 1,
        "CAS features that the type system lacks: Mention.tags": 2,
    }
    assert article.examples["CAS annotations of types that the type system lacks"] == "custom.Other"


def test_what_leads_nowhere_or_lies_outside_the_text_costs_itself_alone(tmp_path: Path) -> None:
    cas, types, mention = begun()
    relation = types.create_type("custom.Relation", ANNOTATION)
    for end in ("Governor", "Dependent"):
        types.create_feature(relation, end, mention)
    ann, she, lost = (mention(begin=a, end=b) for a, b in ((0, 3), (9, 12), (13, 17)))
    kept = relation(begin=0, end=3, Governor=ann, Dependent=she)
    dangling = relation(begin=9, end=12, Governor=she, Dependent=lost)
    cas.add_all([ann, she, lost, kept, dangling])
    path = written(tmp_path, cas)
    # Something else wrote a place beyond the text, and an id that nothing has.
    xmi = path.read_text().replace('begin="13" end="17"', 'begin="13" end="99"')
    path.write_text(xmi.replace('members="', 'members="4711 '))
    article = one(path)
    assert words(article) == [("Mention", "Ann"), ("Mention", "she")]
    assert len(links(article)) == 1
    assert left(article) == [(0, "span-range"), (0, "link-ends")]
    assert article.notes["CAS references to what is not there: View.members"] == 2

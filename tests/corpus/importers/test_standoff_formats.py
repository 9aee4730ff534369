"""brat, Web Annotation, CAS, DocBin, HTML and zip: what the tools write comes in, small files of
our own making.
"""

from __future__ import annotations

import json
import stat
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import spacy
from cassis import Cas, TypeSystem, load_typesystem
from spacy.tokens import DocBin, Span

from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.reading import Reading
from tests.corpus.importers.files import TEXT, left, links, one, problems, words, write

# --- brat


def test_brat_discontinuous_spans_attributes_relations_and_the_rest(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "“Rain,” Ann said,\n“and wind.”")
    lines = [
        "T1\tCLAIM 0 7;18 29\t“Rain,” “and wind.”",
        "T2\tSPEAKER 8 11\tAnn",
        "T3\tCUE 12 17;18 22\tsaid, “and",
        "R1\tsaid_by Arg1:T1 Arg2:T2",
        "A1\tstance T1 oppose",
        "#1\tAnnotatorNotes T1\tsure?",
        "E1\tSaying:T3 Who:T2",
        "*\tEquiv T1 T2",
        "N1\tReference T2 Wikipedia:7\tAnn",
    ]
    article = one(write(tmp_path / "a.ann", "\n".join(lines) + "\n"))
    assert article.layer is not None
    assert words(article) == [
        ("CLAIM", "“Rain,” … “and wind.”"),
        ("SPEAKER", "Ann"),
        ("CUE", "said,\n“and"),
    ]
    assert links(article) == [
        ("said_by", "“Rain,” Ann said,\n“and wind.”", "Ann"),
        ("Who", "said,\n“and", "Ann"),
    ]
    assert dict(article.layer.spans[1].attributes) == {"stance": "oppose"}
    assert article.notes == {
        "brat notes": 1,
        "brat equivalences": 1,
        "brat normalizations": 1,
    }


def test_brat_words_that_are_not_there_and_lines_that_are_none(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", TEXT)
    for line, code in [
        ("T1\tSPEAKER 0 3\tBob", "span-text"),
        ("T1\tSPEAKER 0 x\tAnn", "row-shape"),
        ("T1\tSPEAKER 0 99999999999999999999\tAnn", "row-shape"),
        ("T1\tSPEAKER 3 3\t", "span-range"),
        ("T9\tCLAIM 0 3\tAnn", "span-ident"),
        ("R1\tsaid_by Arg1:T9 Arg2:T7", "link-ends"),
        ("E1\t", "row-shape"),
        ("E1\tCLAIM:T9 Source:T7", "link-ends"),
        ("what is this", "row-shape"),
    ]:
        annotations = f"T9\tCLAIM 11 25\tthat it rained\n{line}\n"
        article = one(write(tmp_path / "a.ann", annotations))
        assert left(article) == [(2, code)]
        assert words(article) == [("CLAIM", "that it rained")]
    (tmp_path / "a.txt").unlink()
    assert problems(tmp_path / "a.ann") == [(0, "file-missing")]


def test_in_a_folder_the_text_beside_annotations_comes_once(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", TEXT)
    write(tmp_path / "a.ann", "T1\tSPEAKER 0 3\tAnn\n")
    write(tmp_path / "b.txt", "Alone.")
    found = {
        a.id: a.layer is not None for a in importers.articles([tmp_path]) if isinstance(a, Article)
    }
    assert found == {"a": True, "b": False}
    assert [
        a.id
        for a in importers.articles([tmp_path], Reading(format="text"))
        if isinstance(a, Article)
    ] == ["a", "b"]


# --- Web Annotation


def test_web_annotations_by_position_or_by_words(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", TEXT)
    quote = {"type": "TextQuoteSelector", "exact": "that it rained", "prefix": "said "}
    page = {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "type": "AnnotationPage",
        "items": [
            {
                "id": "http://x.example/1",
                "type": "Annotation",
                "bodyValue": "CLAIM",
                "target": {"source": "http://x.example/a", "selector": quote},
            },
            {
                "id": "http://x.example/2",
                "type": "Annotation",
                "body": [
                    {"type": "TextualBody", "purpose": "tagging", "value": "SPEAKER"},
                    {"type": "TextualBody", "purpose": "commenting", "value": "who?"},
                ],
                "target": {"selector": {"type": "TextPositionSelector", "start": 0, "end": 3}},
            },
            {
                "id": "http://x.example/3",
                "motivation": "linking",
                "body": "http://x.example/2",
                "target": "http://x.example/1",
            },
            {"type": "Annotation", "motivation": "highlighting", "target": {"selector": quote}},
        ],
    }
    article = one(write(tmp_path / "a.jsonld", page))
    assert words(article) == [("SPEAKER", "Ann"), ("CLAIM", "that it rained")]
    assert links(article) == [("said_by", "that it rained", "Ann")]
    assert article.notes == {
        "Web Annotation bodies beside the label": 1,
        "Web Annotations without a label": 1,
    }


def test_web_annotations_never_read_another_file(tmp_path: Path) -> None:
    write(tmp_path / "secret.txt", "Secret words.")
    (tmp_path / "in").mkdir()
    target = {
        "source": "../secret.txt",
        "selector": {"type": "TextPositionSelector", "start": 0, "end": 6},
    }
    path = write(tmp_path / "in" / "a.jsonld", {"bodyValue": "CLAIM", "target": target})
    assert problems(path) == [(0, "file-missing")]


# --- CAS


def cas(types: TypeSystem) -> Cas:
    """A document as INCEpTION has it: custom layers, a relation, a slot, tokens and a tag of
    another layer.
    """
    span = types.create_type("webanno.custom.CLAIM", "uima.tcas.Annotation")
    types.create_feature(span, "stance", "uima.cas.String")
    slot = types.create_type("webanno.custom.CLAIMSaidbyLink", "uima.cas.TOP")
    types.create_feature(slot, "role", "uima.cas.String")
    types.create_feature(slot, "target", "uima.tcas.Annotation")
    types.create_feature(span, "said_by", "uima.cas.FSArray", elementType=slot.name)
    entity = types.create_type(importers_entity(), "uima.tcas.Annotation")
    types.create_feature(entity, "value", "uima.cas.String")
    token = types.create_type(
        "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token", "uima.tcas.Annotation"
    )
    pos = types.create_type(
        "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS", "uima.tcas.Annotation"
    )
    relation = types.create_type("webanno.custom.said_by", "uima.tcas.Annotation")
    for name in ("Governor", "Dependent"):
        types.create_feature(relation, name, "uima.tcas.Annotation")
    found = Cas(types, document_language="en")
    found.sofa_string = TEXT
    ann = entity(begin=0, end=3, value="SPEAKER")
    array = types.get_type("uima.cas.FSArray")
    claim = span(
        begin=11, end=25, stance="oppose", said_by=array(elements=[slot(role=None, target=ann)])
    )
    inner = span(begin=16, end=25)
    found.add_all([ann, claim, inner, token(begin=0, end=3), pos(begin=0, end=3)])
    found.add(relation(begin=0, end=3, Governor=inner, Dependent=ann))
    return found


def importers_entity() -> str:
    from corpus.importers.cas import ENTITY

    return ENTITY


@pytest.mark.parametrize("ending", ["xmi", "json"])
def test_cas_layers_relations_and_slots(tmp_path: Path, ending: str) -> None:
    types = TypeSystem()
    found = cas(types)
    if ending == "xmi":
        types.to_xml(tmp_path / "TypeSystem.xml")
        found.to_xmi(tmp_path / "a.xmi")
        assert 'begin="12" end="26"' in (tmp_path / "a.xmi").read_text(
            encoding="utf-8"
        )  # UTF-16 in the file
    else:
        found.to_json(tmp_path / "a.json")
    article = one(tmp_path / f"a.{ending}")
    assert words(article) == [
        ("SPEAKER", "Ann"),
        ("CLAIM", "that it rained"),
        ("CLAIM", "it rained"),
    ]
    assert sorted(links(article)) == [
        ("said_by", "it rained", "Ann"),
        ("said_by", "that it rained", "Ann"),
    ]
    assert article.notes == {"CAS annotations of the type POS": 1}
    assert article.body.text == TEXT


def test_cas_without_types_and_with_a_document_type_is_refused(tmp_path: Path) -> None:
    cas(types := TypeSystem()).to_xmi(tmp_path / "a.xmi")
    assert problems(tmp_path / "a.xmi") == [(0, "file-missing")]
    types.to_xml(tmp_path / "TypeSystem.xml")
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    secret = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{tmp_path}/TypeSystem.xml">]>'
    good = (tmp_path / "a.xmi").read_text(encoding="utf-8")
    for bad in (bomb, secret):
        text = good.replace("?>", f"?>{bad}").replace("it rained", "&a;")
        assert problems(write(tmp_path / "b.xmi", text)) == [(0, "row-shape")]
    assert problems(write(tmp_path / "b.xmi", good[:-20])) == [(0, "row-shape")]


def test_an_annotation_of_a_cas_beyond_its_text_is_left_out_alone(tmp_path: Path) -> None:
    cas(types := TypeSystem()).to_xmi(tmp_path / "a.xmi")
    types.to_xml(tmp_path / "TypeSystem.xml")
    good = (tmp_path / "a.xmi").read_text(encoding="utf-8")
    whole = words(one(tmp_path / "a.xmi"))
    article = one(write(tmp_path / "a.xmi", good.replace('end="26"', 'end="99"', 1)))
    assert [problem.code for problem in article.left] == ["span-range"]
    assert set(words(article)) < set(whole)
    with BytesIO((tmp_path / "TypeSystem.xml").read_bytes()) as file:
        assert load_typesystem(file).contains_type("webanno.custom.CLAIM")


# --- spaCy


def test_docbin_of_somebody_else(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    doc, plain = nlp(TEXT), nlp("Bo left.")
    doc.spans["sc"] = [Span(doc, 0, 1, "SPEAKER"), Span(doc, 3, 6, "CLAIM")]
    plain.ents = [Span(plain, 0, 1, "SPEAKER")]
    DocBin(docs=[doc, plain], store_user_data=True).to_disk(tmp_path / "x.spacy")
    first, second = importers.read(tmp_path / "x.spacy")
    assert isinstance(first, Article) and isinstance(second, Article)
    assert (first.id, words(first)) == ("x-1", [("SPEAKER", "Ann"), ("CLAIM", "that it rained")])
    assert (second.id, words(second)) == ("x-2", [("SPEAKER", "Bo")])


def test_docbin_that_is_none(tmp_path: Path) -> None:
    import zlib

    for raw in (
        b"",
        b"PK",
        zlib.compress(b"\x81"),
        zlib.compress(b"\x80"),
        zlib.compress(b"\0" * 3_000_000),
    ):
        (tmp_path / "x.spacy").write_bytes(raw)
        assert problems(tmp_path / "x.spacy") == [(0, "row-shape")]


# --- HTML


def test_html_gives_the_article_and_leaves_the_menu(tmp_path: Path) -> None:
    paragraphs = "".join(
        f"<p>Ann said that it rained on day {n}, and the town was wet all over.</p>"
        for n in range(5)
    )
    page = (
        "<html><head><meta charset='utf-8'><title>Rain</title><meta "
        "property='og:site_name' content='The Post'></head>"
        f"<body><nav><a href='/'>Home</a></nav><article><h1>Rain</h1>{paragraphs}"
        "<script>alert('no')</script></article></body></html>"
    )
    article = one(write(tmp_path / "rain.html", page))
    assert (article.id, article.meta["title"], article.meta["outlet"]) == (
        "rain",
        "Rain",
        "The Post",
    )
    assert "Ann said that it rained on day 3" in article.body.text
    assert "alert" not in article.body.text and "Home" not in article.body.text
    (tmp_path / "empty.html").write_bytes(b"<html></html>")
    assert problems(tmp_path / "empty.html") == [(0, "text-empty")]


# --- zip


def zipped(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_zip_file_is_a_folder_with_its_name_in_the_report(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "x.zip", {"in/a.txt": TEXT, "in/a.ann": "T1\tSPEAKER 0 3\tAnn\n", "b.jsonl": "{"}
    )
    first, second = importers.articles([path])
    assert isinstance(first, Problem) and isinstance(second, Article)
    assert (first.file, first.line, first.code) == (f"{path}/b.jsonl", 1, "row-json")
    assert (second.file, words(second)) == (f"{path}/in/a.ann", [("SPEAKER", "Ann")])


@pytest.mark.parametrize(
    "name", ["../out.txt", "/out.txt", "in/../../out.txt", "..\\out.txt", "C:\\out.txt"]
)
def test_a_zip_file_writes_nothing_outside(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "x.zip", {name: "Out.", "ok.txt": "Fine."})
    assert [p.code for p in importers.articles([path]) if isinstance(p, Problem)] == ["zip-invalid"]
    assert list(tmp_path.iterdir()) == [path]


def test_zip_bombs_links_and_damage_are_refused(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {"a.txt": "0" * 50_000_000})
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(zipped(tmp_path / "good.zip", {"a.txt": TEXT}).read_bytes()[:-30])
    link = tmp_path / "link.zip"
    with zipfile.ZipFile(link, "w") as archive:
        info = zipfile.ZipInfo("a.txt")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    lying = tmp_path / "lying.zip"
    raw = bytearray(bomb.read_bytes())
    at = raw.rindex(b"PK\x01\x02") + 24
    raw[at : at + 4] = (5).to_bytes(4, "little")
    lying.write_bytes(raw)
    for path in (bomb, damaged, link, lying):
        assert [getattr(p, "code", "article") for p in importers.articles([path])] == [
            "zip-invalid"
        ], path


def test_json_files_are_told_apart_by_their_fields(tmp_path: Path) -> None:
    samples = {
        "labelstudio": [{"data": {"text": TEXT}, "annotations": []}],
        "doccano": [{"text": TEXT, "label": [[0, 3, "SPEAKER"]]}],
        "webannotation": {"@context": "http://www.w3.org/ns/anno.jsonld", "items": []},
        "cas": {"%TYPES": {}, "%FEATURE_STRUCTURES": []},
    }
    for name, data in samples.items():
        assert importers.guess(write(tmp_path / f"{name}.json", json.dumps(data, indent=1))) == name
    (problem,) = importers.read(write(tmp_path / "x.json", "{}"))
    assert isinstance(problem, Problem) and problem.code == "field-text"

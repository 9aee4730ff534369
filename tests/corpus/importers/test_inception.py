"""Projects as INCEpTION exports them: each annotator's work comes in as theirs."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path

from cassis import Cas, TypeSystem

from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article
from tests.corpus.importers.files import words

TEXT = "Ann said that it rained."


def cas(start: int, end: int) -> Cas:
    types = TypeSystem()
    types.create_type("custom.Span", "uima.tcas.Annotation")
    made = Cas(types)
    made.sofa_string = TEXT
    made.sofa_mime = "text/plain"
    made.add(types.get_type("custom.Span")(begin=start, end=end))
    return made


def zipped(made: Cas) -> bytes:
    inside = BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("TypeSystem.xml", made.typesystem.to_xml())
        archive.writestr("doc.xmi", made.to_xmi())
    return inside.getvalue()


def project(folder: Path, files: dict[str, str | bytes]) -> Path:
    path = folder / "project.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("exportedproject123.json", json.dumps({"name": "p"}))
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def read(path: Path) -> tuple[list[Article], list[Problem]]:
    rows = list(importers.articles([path]))
    articles = [row for row in rows if isinstance(row, Article)]
    return articles, [row for row in rows if isinstance(row, Problem)]


def test_each_annotators_work_comes_in_as_theirs_and_the_curators_as_gold(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "source/a.txt": TEXT,
        "source/b.txt": "Nobody was here.",
        "annotation/a.txt/INITIAL_CAS.zip": zipped(cas(0, 0)),
        "annotation/a.txt/ann.zip": zipped(cas(0, 3)),
        "annotation/a.txt/ben.json": cas(4, 8).to_json(),
        "curation/a.txt/CURATION_USER.zip": zipped(cas(9, 23)),
        "annotation_ser/a.txt/ann.ser": b"\xac\xed",
        "log/project.log": "…",
    }
    articles, problems = read(project(tmp_path, files))
    assert not problems
    found = [(a.id, a.author, words(a) if a.layer else []) for a in articles]
    assert found == [
        ("a", "ann", [("Span", "Ann")]),
        ("a", "ben", [("Span", "said")]),
        ("a", "gold", [("Span", "that it rained")]),
        ("b", "", []),
    ]
    assert {article.body.text for article in articles} == {TEXT, "Nobody was here."}
    assert articles[0].file == f"{tmp_path}/project.zip/annotation/a.txt/ann.zip"
    reason = "files of an INCEpTION project about no document"
    assert articles[0].notes == {reason: 2}
    assert articles[0].examples == {reason: "exportedproject123.json"}


def test_a_project_is_known_by_its_folders_alone_and_unpacked(tmp_path: Path) -> None:
    folder = tmp_path / "annotation" / "doc.txt"
    folder.mkdir(parents=True)
    for name, start in (("ann", 0), ("ben", 4)):
        (folder / f"{name}.json").write_text(cas(start, start + 3).to_json(), encoding="utf-8")
    articles, problems = read(tmp_path)
    assert not problems
    assert [(a.id, a.author) for a in articles] == [("doc", "ann"), ("doc", "ben")]


def test_work_that_cannot_be_read_is_named_and_the_text_comes_in(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "source/a.txt": TEXT,
        "source/a.text": "Another text with this name.",
        "annotation/a.txt/ann.conll": "Ann _ _ O\n",
        "annotation_ser/a.txt/ann.ser": b"\xac\xed",
        "annotation_ser/a.txt/ben.ser": b"\xac\xed",
        "annotation_ser/a.txt/INITIAL_CAS.ser": b"\xac\xed",
        "curation/a.txt/CURATION_USER.zip": b"no zip",
    }
    path = project(tmp_path, files)
    articles, problems = read(path)
    assert sorted((a.id, a.author) for a in articles) == [("a.text", ""), ("a.txt", "")]
    assert sorted((p.code, p.file.removeprefix(f"{path}/")) for p in problems) == [
        ("inception-format", "annotation/a.txt/ann.conll"),
        ("inception-format", "annotation_ser/a.txt/ben.ser"),
        ("zip-invalid", "curation/a.txt/CURATION_USER.zip"),
    ]


def test_work_as_webanno_tsv_is_that_of_its_annotator(tmp_path: Path) -> None:
    table = (
        "#FORMAT=WebAnno TSV 3.3\n#T_SP=custom.Span|value\n\n\n"
        "#Text=Ann spoke.\n1-1\t0-3\tAnn\tSPEAKER\t\n1-2\t4-9\tspoke\t_\t\n1-3\t9-10\t.\t_\t\n"
    )
    files: dict[str, str | bytes] = {
        "source/a.txt": "Ann spoke.",
        "annotation/a.txt/ann.tsv": table,
        "curation/a.txt/CURATION_USER.tsv": table,
    }
    articles, problems = read(project(tmp_path, files))
    assert not problems
    found = [(a.id, a.author, words(a)) for a in articles]
    spoke = [("SPEAKER", "Ann")]
    assert found == [("a", "ann", spoke), ("a", "gold", spoke)]


def test_several_projects_in_one_zip_file_come_in_under_their_names(tmp_path: Path) -> None:
    work = zipped(cas(0, 3))
    one = project(tmp_path, {"source/a.txt": TEXT, "annotation/a.txt/ann.zip": work}).read_bytes()
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("2026/first.zip", one)
        archive.writestr("second.ZIP", one)
        archive.writestr("third/annotation/a.txt/ben.zip", work)
        archive.writestr("readme/a.txt", "What these are.")
    articles, problems = read(path)
    assert problems == []
    assert [(article.id, article.bare_id, article.author) for article in articles] == [
        ("first-a", "a", "ann"),
        ("second-a", "a", "ann"),
        ("third-a", "a", "ben"),
        ("a", "", ""),
    ]
    assert all(words(article) == [("Span", "Ann")] for article in articles[:3])
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "one.zip").write_bytes(one)
    articles, problems = read(folder)
    assert ([article.id for article in articles], problems) == (["a"], [])


def test_a_zip_file_that_cannot_be_in_another_is_named_and_the_rest_comes_in(
    tmp_path: Path,
) -> None:
    deep = BytesIO()
    with zipfile.ZipFile(deep, "w") as archive:
        archive.writestr("c.txt", TEXT)
    deeper = BytesIO()
    with zipfile.ZipFile(deeper, "w") as archive:
        archive.writestr("deep.zip", deep.getvalue())
        archive.writestr("b.txt", TEXT)
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", b"0" * 8_000_000)
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bomb.zip", bomb.getvalue())
        archive.writestr("broken.zip", b"no zip")
        archive.writestr("deeper.zip", deeper.getvalue())
        archive.writestr("a.txt", TEXT)
    articles, problems = read(path)
    assert sorted(article.id for article in articles) == ["a", "b"]
    assert [(p.code, p.file.removeprefix(f"{path}/")) for p in problems] == [
        ("zip-invalid", "bomb.zip"),
        ("zip-invalid", "broken.zip"),
        ("zip-invalid", "deeper/deep.zip"),
    ]

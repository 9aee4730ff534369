"""What importers must not lose, and names that a document cannot have."""

from __future__ import annotations

import json
import time
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.models import Layer
from annotator.selectors.layers import layer_views
from annotator.services import imports, review
from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.reading import Reading
from corpus.models import Corpus, Document


def codes(found: list[Article | Problem]) -> list[str]:
    return [x.code if isinstance(x, Problem) else x.id for x in found]


@pytest.mark.parametrize("ident", ["a\nb", "a\rb", "a\u2028b", "..", "a/../b", "./a", "tab\there"])
def test_an_id_that_no_address_can_hold_is_refused(tmp_path: Path, ident: str) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(
        json.dumps({"id": ident, "text": "hello"}) + "\n" + '{"id": "good", "text": "x"}\n'
    )
    assert codes(list(importers.read(path))) == ["row-field", "good"]


def test_an_odd_name_in_a_zip_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a\nb.txt", "hello")
        archive.writestr("good.txt", "hello")
    assert sorted(codes(list(importers.articles([path])))) == ["good", "row-field"]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(".", "hello")
    assert codes(list(importers.articles([path]))) == ["zip-invalid"]


def question(label: str, start: int, end: int) -> str:
    span = {"start": start, "end": end, "label": label}
    return (
        json.dumps(
            {"text": "Ann said it rained.", "_input_hash": 7, "spans": [span], "answer": "accept"}
        )
        + "\n"
    )


def test_one_question_a_row_gives_the_spans_of_all_rows(
    corpus: Corpus, bob: Any, tmp_path: Path
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(question("SPEAKER", 0, 3) + question("CUE", 4, 8) + question("SPEAKER", 0, 3))
    for _ in range(2):
        report = imports.import_documents(corpus, [path], reading=Reading(format="prodigy"))
        assert report.problems == []
        (view,) = layer_views(Layer.objects.filter(kind="suggestion")).values()
        assert [(s.label, s.start, s.end) for s in view.in_order()] == [
            ("SPEAKER", 0, 3),
            ("CUE", 4, 8),
        ]
    # What a reviewer was shown does not change under their hands.
    review.open_layer(Document.objects.select_related("corpus").get(), by=bob)
    path.write_text(path.read_text() + question("CLAIM", 9, 18))
    report = imports.import_documents(corpus, [path], reading=Reading(format="prodigy"))
    assert [(p.code, p.line) for p in report.problems] == [("spans-kept", 4)]
    assert Layer.objects.get(kind="suggestion").spans.count() == 2


def test_a_row_with_a_bad_quote_does_not_end_a_table(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text('id,text\n1,"hello"x\n2,good\n3,also good\n')
    assert codes(list(importers.read(path))) == ["row-shape", "in-2", "in-3"]


def told(found: list[Article | Problem]) -> list[tuple[str, int]]:
    return [(x.code if isinstance(x, Problem) else x.id, x.line) for x in found]


def test_rows_of_a_table_are_at_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text('id,text\n1,one\n2,"two\nlines"\n\n3,three\n4\n')
    assert told(list(importers.read(path))) == [
        ("in-1", 2),
        ("in-2", 3),
        ("in-3", 6),
        ("row-cells", 7),
    ]


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_a_line_of_a_table_in_another_encoding_is_named_and_the_rest_comes_in(
    tmp_path: Path, bom: bytes
) -> None:
    path = tmp_path / "in.csv"
    rows = [f"{n},café number {n}\n".encode() for n in range(5000)]
    rows[4000] = b"4000,caf\xe9\n"
    rows[4500] = b'4500,"two\ncaf\xe9\nlines"\n'
    path.write_bytes(bom + b"id,text\n" + b"".join(rows))
    found = list(importers.read(path))
    bad = [x for x in found if isinstance(x, Problem)]
    assert len(found) == 5000 and [(x.code, x.line) for x in bad] == [
        ("text-encoding", 4002),
        ("text-encoding", 4503),
    ]
    raw = path.read_bytes()
    first, second = (n for n in range(len(raw)) if raw[n : n + 2] == b"\xe9\n")
    assert [x.details["byte"] for x in bad] == [first, second]
    assert told(found)[-1] == ("in-4999", 5003)


def test_a_table_in_utf_16_comes_in_up_to_what_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    text = "id,text\n1,😀 café\n2,half \ud83d\n3,good\n4,cut"
    for encoding, bom in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        path.write_bytes(bom + text.encode(encoding, "surrogatepass")[:-1])
        found = list(importers.read(path))
        assert told(found) == [("in-1", 2), ("text-encoding", 3), ("in-3", 4), ("text-encoding", 5)]
        half, cut = (x.details["byte"] for x in found if isinstance(x, Problem))
        assert (half, cut) == (
            2 + len(text.split("\ud83d")[0].encode(encoding)),
            path.stat().st_size - 1,
        )


@pytest.mark.parametrize("after", ["", '5,"quoted"\n', "5,five\n" * 3000])
def test_a_quote_left_open_costs_its_own_row_alone(tmp_path: Path, after: str) -> None:
    path = tmp_path / "in.csv"
    path.write_text('id,text\n1,"one"\n2,"two\n3,three\n4,four\n' + after)
    found = told(list(importers.read(path)))
    assert found[:4] == [("in-1", 2), ("row-shape", 3), ("in-3", 4), ("in-4", 5)]
    assert found[4:] == [("in-5", 6 + n) for n in range(after.count("\n"))]


def test_a_cell_of_very_many_lines_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text('id,text\n1,"' + "Line.\n" * 20_000 + '"\n2,two\n')
    assert told(list(importers.read(path))) == [("in-1", 2), ("in-2", 20_003)]


def test_quotes_open_on_every_line_are_told_in_bearable_time(
    tmp_path: Path, monkeypatch: Any
) -> None:
    from corpus.importers import table

    monkeypatch.setattr(table, "MAX_AGAIN", 100_000)
    path = tmp_path / "in.csv"
    path.write_text("id,text\n" + 'a","b\n' * 5_000)
    began = time.monotonic()
    assert codes(list(importers.read(path)))[0] == "row-shape"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_the_byte_that_is_no_utf_8_is_counted_from_the_start_of_the_file(
    tmp_path: Path, bom: bytes
) -> None:
    good = b'{"id": "a", "text": "caf\xc3\xa9 \xc3\xa9\xc3\xa9"}'
    bad = good.replace(b"f\xc3\xa9", b"f\xe9")
    long = b" " * 100_000
    for name, raw, kind in [
        ("in.jsonl", good + b"\n\n" + bad + b"\n", "jsonl"),
        ("in.jsonl", bad + b"\n", "prodigy"),
        ("in.json", b"[" + good + b"," + long + b"\n" + bad + b"]", "doccano"),
        ("in.conll", b"\xc3\xa9\xc3\xa9 O\n\ncaf\xe9 O\n", "conll"),
    ]:
        (tmp_path / name).write_bytes(bom + raw)
        (problem,) = (
            x
            for x in importers.read(tmp_path / name, Reading(format=kind))
            if isinstance(x, Problem)
        )
        assert (problem.code, problem.details["byte"]) == (
            "text-encoding",
            (bom + raw).rindex(b"\xe9"),
        ), name


@pytest.mark.parametrize(
    ("name", "missing", "kind"),
    [
        ("a.xmi", "TypeSystem.xml", "cas"),
        ("a.jsonld", "a.txt", "webannotation"),
        ("a.ann", "a.txt", "brat"),
        ("a.txt", "a.ann", "brat"),
    ],
)
def test_the_file_that_is_missing_is_named(
    tmp_path: Path, name: str, missing: str, kind: str
) -> None:
    (tmp_path / name).write_text("Ann.")
    (problem,) = importers.read(tmp_path / name, Reading(format=kind))
    assert isinstance(problem, Problem)
    assert (problem.code, problem.file) == ("file-missing", str(tmp_path / missing))


def test_what_is_too_long_is_told_in_words(tmp_path: Path, monkeypatch: Any) -> None:
    from corpus.importers import stream, table

    for module in (stream, table):
        monkeypatch.setattr(module, "MAX_LINE", 50)
    monkeypatch.setattr(stream, "MAX_VALUE", 50)
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "' + "x" * 100_000 + '"}\n')
    (tmp_path / "in.csv").write_text("id,text\na," + "x" * 50 + "\n")
    (tmp_path / "in.json").write_text('[\n{"data": {"text": "' + "x" * 100_000 + '"}}]\n')
    said = [str(problem).partition(": ")[2] for problem in importers.articles([tmp_path])]
    assert said == [
        "holds a line of more than 50 characters",
        "holds a value of more than 50 characters",
        "holds a value of more than 50 characters",
    ]


def test_columns_of_others_that_are_called_as_ours_are_metadata(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(
        'id,text,links,targets,spans,meta\n1,Ann.,https://x.example,Ann; Bo,3,"see, there"\n'
    )
    (found,) = importers.read(path)
    assert isinstance(found, Article) and found.layer is None
    assert found.meta == {
        "title": "Ann.",
        "links": "https://x.example",
        "targets": "Ann; Bo",
        "spans": "3",
        "meta": "see, there",
    }


def test_columns_of_ours_that_hold_no_json_are_named(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    span = '[{""id"": ""s1"", ""label"": ""SPEAKER"", ""start"": 0, ""end"": 3}'
    path.write_text(f'id,text,spans\n1,Ann.,"{span}]"\n2,Ann.,"{span}"\n')
    good, bad = importers.read(path)
    assert isinstance(good, Article) and good.layer is not None
    assert isinstance(bad, Problem) and (bad.code, bad.line, bad.details["field"]) == (
        "row-field",
        3,
        "spans",
    )
    path.write_text('id,text,links,layer\n1,Ann.,none,"{""kind"": ""gold""}"\n')
    (bad,) = importers.read(path)
    assert isinstance(bad, Problem) and (bad.code, bad.details["field"]) == ("row-field", "links")


def test_names_with_colons_and_what_a_mac_adds_do_not_spoil_a_zip_file(tmp_path: Path) -> None:
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Analysis: what next.txt", "Rain.")
        archive.writestr("in/10:30.txt", "Wind.")
        archive.writestr("__MACOSX/in/._a.txt", b"\0\x05\x16\x07")
        archive.writestr("in/._b.txt", b"\0\x05\x16\x07")
    assert codes(list(importers.articles([path]))) == ["Analysis: what next", "10:30"]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("c:out.txt", "Rain.")
    assert codes(list(importers.articles([path]))) == ["zip-invalid"]


def test_a_large_import_runs_from_a_folder_that_has_packages_called_as_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corpus.importers import reader_process

    monkeypatch.setattr(reader_process, "LARGE", 0)
    for name in ("corpus", "json"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit(3)")
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "Ann."}\n{"id": "b"}\n')
    monkeypatch.chdir(tmp_path)
    found = list(reader_process.articles([Path("in.jsonl")]))
    assert [(x.file, x.line) for x in found] == [("in.jsonl", 1), ("in.jsonl", 2)]


@pytest.mark.parametrize(
    "name",
    [
        "in.jsonl",
        "in.csv",
        "in.conll",
        "in.json",
        "in.txt",
        "in.spacy",
        "in.html",
        "in.xmi",
        "blank.jsonl",
    ],
)
def test_a_file_that_holds_nothing_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("\n\n" if name.startswith("blank") else "")
    (tmp_path / "TypeSystem.xml").write_text("")
    for paths in ([tmp_path / name], [tmp_path]):
        (problem,) = importers.articles(paths)
        assert isinstance(problem, Problem) and problem.file == str(tmp_path / name)


def test_tables_lists_folders_and_zip_files_that_hold_nothing_are_told(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,text\n")
    (tmp_path / "in.json").write_text("[]")
    (tmp_path / "folder" / "below").mkdir(parents=True)
    (tmp_path / "folder" / "below" / "a.txt").write_text("Ann.")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.bin").write_text("Ann.")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.mkdir("in")
    for name in ("in.csv", "folder", "other", "in.zip"):
        (problem,) = importers.articles([tmp_path / name])
        assert isinstance(problem, Problem) and problem.file == str(tmp_path / name)
    assert codes(list(importers.articles([tmp_path / "other", tmp_path / "other" / "a.bin"]))) == [
        "format-unguessed"
    ]
    (problem,) = importers.articles([tmp_path / "in.json"], Reading(format="labelstudio"))
    assert isinstance(problem, Problem) and problem.file == str(tmp_path / "in.json")


@pytest.mark.parametrize("charset", ["undefined", "punycode", "idna", "no-such"])
def test_a_page_that_names_an_odd_encoding_is_read_by_a_guess(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "in.html"
    path.write_bytes(
        f'<meta charset="{charset}"><p>caf\xe9 \u2026 long enough to be a text.</p>'.encode()
    )
    (found,) = importers.read(path)
    assert isinstance(found, Article) and "caf\xe9 \u2026" in found.body.text


@pytest.mark.parametrize(
    "charset", ["iso-8859-1", "latin1", "ISO_8859-1", "us-ascii", "windows-1252"]
)
def test_a_page_in_latin_1_keeps_its_curly_quotes(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "in.html"
    said = "“The wall will not hold,” said Ann – who hadn’t seen it in the café for 20 €."
    head = f'<meta charset="{charset}">'
    body = f"<article><p>{said}</p></article>"
    page = f"<html><head>{head}</head><body>{body}</body></html>"
    path.write_bytes(page.encode("windows-1252"))
    (found,) = importers.read(path)
    assert isinstance(found, Article) and found.body.text == said
    path.write_bytes(page.encode("windows-1252").replace(b"caf\xe9", b"caf\x81"))
    assert codes(list(importers.read(path))) == ["in"]


def test_every_page_of_annotations_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ann said it rained.")

    def page(number: int, start: int, end: int) -> dict[str, Any]:
        selector = {"type": "TextPositionSelector", "start": start, "end": end}
        item = {
            "id": f"n{number}",
            "type": "Annotation",
            "body": [{"value": "SPEAKER", "purpose": "tagging"}],
            "target": {"source": "a", "selector": selector},
        }
        return {
            "type": "AnnotationPage",
            "items": [item],
            **({"next": "elsewhere"} if number == 2 else {}),
        }

    path = tmp_path / "a.jsonld"
    path.write_text(json.dumps([page(1, 0, 3), page(2, 9, 11)]))
    (found,) = importers.read(path, Reading(format="webannotation"))
    assert isinstance(found, Article) and found.layer is not None
    assert [(s.start, s.end) for s in found.layer.in_order()] == [(0, 3), (9, 11)]
    assert found.notes["Web Annotation pages that are elsewhere"] == 1


def test_an_export_deletes_no_file_that_it_did_not_write(
    document: Any, bob: Any, carol: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    to = tmp_path / "mine"
    to.mkdir()
    (to / "manifest.json").write_text("{}")
    (to / "thesis.txt").write_text("years of work")
    err = StringIO()

    def export(*more: str) -> None:
        call_command(
            "export", "harbour", "--layer", "suggestions", *more, stdout=StringIO(), stderr=err
        )

    with pytest.raises(SystemExit):
        export("--format", "spacy", "--to", str(to))
    assert (
        "folder-holds-more" in err.getvalue() and (to / "thesis.txt").read_text() == "years of work"
    )
    fresh = tmp_path / "fresh"
    export("--format", "spacy", "--to", str(fresh))
    export("--format", "spacy", "--to", str(fresh))
    (fresh / "model-best").mkdir()
    (fresh / "model-best" / "weights").write_text("hours of work")
    with pytest.raises(SystemExit):
        export("--format", "spacy", "--to", str(fresh))
    assert (fresh / "model-best" / "weights").is_file()
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    with pytest.raises(SystemExit):
        export("--format", "jsonl", "--to", ".")
    assert "[exists]" in err.getvalue()


def test_cas_keeps_the_kind_of_a_claim(document: Any, tmp_path: Path) -> None:
    call_command(
        "export",
        "harbour",
        "--layer",
        "suggestions",
        "--format",
        "cas",
        "--to",
        str(tmp_path / "cas"),
        stdout=StringIO(),
    )
    found = [
        a
        for a in importers.articles([tmp_path / "cas"], Reading(format="cas"))
        if isinstance(a, Article)
    ]
    assert found and found[0].layer is not None
    assert {s.attributes["kind"] for s in found[0].layer.spans.values() if s.label == "CLAIM"} == {
        "direct",
        "indirect",
    }


def test_spans_that_are_ignored_refuse_no_document(corpus: Corpus, tmp_path: Path) -> None:
    wrong = [
        {"spans": [{"label": "SPEAKER", "start": 0, "end": 3, "text": "Bob"}]},
        {"spans": [{"label": "SPEAKER", "start": 0, "end": 300}]},
        {"spans": "none", "links": 7, "attributes": []},
        {"spans": [], "links": [{"kind": "said_by", "source": "a", "target": "b"}]},
    ]
    rows = [{"id": f"d{n}", "text": "Ann said.", **row} for n, row in enumerate(wrong)]
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    foreign = tmp_path / "doccano.jsonl"
    foreign.write_text('{"id": 7, "text": "Ann said.", "label": [[0, 300, "X"]]}\n')
    report = imports.import_documents(corpus, [path, foreign], spans="ignore")
    assert (report.imported, report.problems, report.left) == (5, [], {})
    assert not Layer.objects.exists()
    read = importers.articles([path, foreign], Reading(spans=False))
    assert [isinstance(one, Article) and one.layer is None for one in read] == [True] * 5

"""Hostile files: whatever a file holds, an importer answers with articles and coded problems and
never stops.
"""

from __future__ import annotations

import json
import tempfile
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import importers
from corpus.core.problems import MESSAGES, Problem
from corpus.importers import ENDINGS, IMPORTERS, Article, docbin
from corpus.importers.fetch import name_of
from corpus.importers.reading import Reading
from corpus.models import Document
from exports.encoders import ENCODERS
from tests.acts import TEXT, suggested
from tests.corpus.importers.office_files import docx, odt, p, xlsx, zipped
from tests.exports.encoders.test_round_trips import EXAMPLES, FOLDERS, Record, export

FORMATS = IMPORTERS.names()
WRITTEN = [name for name in FORMATS if name in ENCODERS.names()]


def answer(path: Path, name: str) -> list[Article | Problem]:
    """What an importer says; every problem is coded, formats and stays on one line."""
    found = list(importers.articles([path], Reading(format=name)))
    for problem in found:
        if isinstance(problem, Problem):
            assert problem.code in MESSAGES
            assert str(problem)
    return found


def placed(folder: str, name: str, raw: bytes) -> Path:
    path = Path(folder) / f"a{ENDINGS[name][0]}"
    path.write_bytes(raw)
    if name in ("brat", "webannotation"):
        path.with_suffix(".txt").write_text(TEXT, encoding="utf-8")
    if name == "cas":
        (Path(folder) / "TypeSystem.xml").write_bytes(CAS_TYPES)
    return path


CAS_TYPES = (
    b'<?xml version="1.0"?><typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier"><types>'
    b"</types></typeSystemDescription>"
)


ANY_BYTES = st.binary(max_size=200) | st.text(max_size=80).map(
    lambda text: text.encode("utf-8", "replace")
)
ODD_BYTES = (
    b"",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"<a>" * 100_000,
    b"\0" * 1000,
    b'{"text": "x", "id": 1' + b"0" * 10_000 + b"}",
    b'{"text": "Ann", "id": "a", "meta": {"x": 1e999}}',
    b'{"text": "Ann", "id": "a", "meta": {"x": NaN}}',
    b'{"text": "Ann", "id": "a\\u0000"}',
    b'{"text": "Ann", "id": "a", "meta": {"\\ud800": 1}}',
)
# Each file of theirs is read in a process of its own: `tests/soak` has the many.
SLOW = ("pdf",)


def not_stopped(name: str, raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        answer(placed(folder, name, raw), name)


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in SLOW])
@given(raw=ANY_BYTES)
@settings(max_examples=2 * EXAMPLES)
def test_no_bytes_stop_an_importer(name: str, raw: bytes) -> None:
    not_stopped(name, raw)


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in SLOW])
def test_no_odd_bytes_stop_an_importer(name: str) -> None:
    for raw in ODD_BYTES:
        not_stopped(name, raw)


@pytest.mark.parametrize("name", SLOW)
@pytest.mark.parametrize("raw", [b"", b"%PDF-1.7\n" + b"\xff" * 100])
def test_no_bytes_stop_a_slow_importer(name: str, raw: bytes) -> None:
    not_stopped(name, raw)


@pytest.mark.usefixtures("one_tokenizer")
@pytest.mark.parametrize("name", WRITTEN)
@given(data=st.data())
@settings(max_examples=2 * EXAMPLES)
def test_a_file_that_was_damaged_on_the_way_is_answered_with_problems(
    name: str, data: st.DataObject
) -> None:
    """Our own file, cut short or with some bytes exchanged: what is taken from it is text that the
    file holds.
    """
    with tempfile.TemporaryDirectory() as folder:
        to, report = export([Record("a", TEXT, {}, suggested(), "gold")], name, Path(folder))
        victim = Path(data.draw(st.sampled_from(report.files)))
        raw = bytearray(victim.read_bytes())
        if data.draw(st.booleans()):
            del raw[data.draw(st.integers(0, len(raw))) :]
        for _ in range(data.draw(st.integers(0, 4)) if raw else 0):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        victim.write_bytes(raw)
        assert name not in FOLDERS or to.is_dir()
        answer(to, name)


shapes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "text",
                    "id",
                    "spans",
                    "label",
                    "start",
                    "end",
                    "data",
                    "annotations",
                    "result",
                    "value",
                    "type",
                    "items",
                    "entities",
                    "relations",
                    "target",
                    "selector",
                    "body",
                    "links",
                    "meta",
                    "fragments",
                    "score",
                    "tokens",
                    "%TYPES",
                    "%FEATURE_STRUCTURES",
                    "%VIEWS",
                    "labels",
                    "predictions",
                    "head",
                    "child",
                    "layer",
                    "first",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "name", ["jsonl", "prodigy", "doccano", "labelstudio", "webannotation", "cas"]
)
@given(rows=st.lists(shapes, min_size=1, max_size=3))
@settings(max_examples=4 * EXAMPLES)
def test_json_of_any_shape_is_answered_with_problems(name: str, rows: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = placed(folder, name, "\n".join(map(json.dumps, rows)).encode())
        if name == "cas":
            path = path.rename(path.with_suffix(".json"))
        answer(path, name)


def nodes(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a JSON value where another could stand: its container and the key in it."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [(value, key) for key in keys] + [pair for key in keys for pair in nodes(value[key])]


@pytest.mark.parametrize(
    "name", ["jsonl", "prodigy", "doccano", "labelstudio", "webannotation", "cas"]
)
@given(data=st.data())
@settings(max_examples=4 * EXAMPLES)
def test_one_wrong_value_in_a_good_file_is_answered_with_problems(
    name: str, data: st.DataObject
) -> None:
    text = TEXT if name != "cas" else f"{TEXT}\x01"  # for which a CAS is written as JSON
    with tempfile.TemporaryDirectory() as folder:
        to, report = export(
            [Record("a", text, {"x": [1]}, suggested(), "gold")], name, Path(folder)
        )
        path = next(Path(file) for file in report.files if "json" in Path(file).suffix)
        value = json.loads(path.read_text(encoding="utf-8"))
        container, key = data.draw(st.sampled_from(nodes([value])))
        container[key] = data.draw(
            shapes | st.sampled_from([-1, 2**63, 10**400, "\0", "../x", [[]], {"": {}}])
        )
        path.write_text(json.dumps(value), encoding="utf-8")
        answer(to, name)


def test_file_names_that_no_database_keeps_are_refused(tmp_path: Path) -> None:
    import os

    (tmp_path / ("long" * 51 + ".txt")).write_text("Text.", encoding="utf-8")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.txt")).write_text("Text.", encoding="utf-8")
    assert sorted(p.code for p in importers.articles([tmp_path]) if isinstance(p, Problem)) == [
        "file-unreadable",
        "row-field",
    ]


@pytest.mark.parametrize(
    "name", ["jsonl", "csv", "prodigy", "doccano", "labelstudio", "conll", "brat", "html"]
)
def test_a_file_without_end_is_refused_in_bounded_memory(name: str, tmp_path: Path) -> None:
    head = {"labelstudio": b'[{"data": {"text": "', "csv": b'id,text\na,"', "conll": b""}.get(
        name, b'{"text": "'
    )
    path = placed(str(tmp_path), name, head)
    with path.open("ab") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    found = answer(path, name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [type(problem) for problem in found] == [Problem]
    assert peak < 300_000_000


def test_markup_and_formulas_in_texts_stay_text(corpus: Any, tmp_path: Path) -> None:
    from annotator.services.imports import import_documents

    text = '<script>alert(1)</script> =HYPERLINK("x") said Ann.'
    path = tmp_path / "a.jsonl"
    path.write_text(
        json.dumps({"id": "a", "text": text, "meta": {"title": "<b>x</b>"}}), encoding="utf-8"
    )
    assert import_documents(corpus, [path]).imported == 1
    assert Document.objects.get().body.text == text


def test_a_refused_archive_leaves_nothing_behind(corpus: Any, tmp_path: Path) -> None:
    from annotator.services.imports import import_documents
    from tests.corpus.importers.test_standoff_formats import zipped as packed

    path = packed(tmp_path / "x.zip", {"a.txt": TEXT, "../b.txt": "Out."})
    before = set(Path(tempfile.gettempdir()).glob("saidby-*"))
    report = import_documents(corpus, [path])
    assert [problem.code for problem in report.problems] == ["zip-invalid"]
    assert not Document.objects.exists()
    assert set(Path(tempfile.gettempdir()).glob("saidby-*")) <= before


def test_a_failure_that_nobody_foresaw_costs_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corpus.importers import plain

    def fails(path: Path, reading: Reading) -> list[Article]:
        if path.name == "a.txt":
            raise ZeroDivisionError
        return list(well(path, reading))  # type: ignore[arg-type]

    well = plain.read
    monkeypatch.setattr(plain, "read", fails)
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    bad, good = importers.articles([tmp_path])
    assert isinstance(bad, Problem) and isinstance(good, Article)
    assert (bad.code, Path(bad.file).name, good.id) == ("file-unreadable", "a.txt", "b")


def test_a_path_in_a_page_is_walked_and_never_run(tmp_path: Path) -> None:
    page = "<html><body><p>Ann said no.</p></body></html>"
    results = []
    for number, path in enumerate(("/p[1]/text()[1]", "//*[count(//*)>0]/text()", "/p[0]/text()")):
        value = {"start": path, "end": path, "startOffset": 0, "endOffset": 3}
        value["hypertextlabels"] = ["SPEAKER"]
        results.append({"id": f"r{number}", "type": "hypertextlabels", "value": value})
    file = tmp_path / "a.json"
    task = {"id": 1, "data": {"text": page}, "annotations": [{"result": results}]}
    file.write_text(json.dumps([task]), encoding="utf-8")
    (found,) = answer(file, "labelstudio")
    assert isinstance(found, Article) and found.layer is not None
    assert len(found.layer.spans) == 1
    assert len(found.left) == 2


def test_numbers_beyond_all_bounds_are_no_dates_and_no_letters(tmp_path: Path) -> None:
    mail = tmp_path / "a.eml"
    mail.write_bytes(b"Subject: x\nDate: 1 Jan 99999999999999999999 00:00:00 +0000\n\nAnn said no.")
    (found,) = answer(mail, "eml")
    assert isinstance(found, Article) and found.body.text == "Ann said no."
    rich = tmp_path / "a.rtf"
    rich.write_bytes(rb"{\rtf1 \u99999999999999? no}")
    (refused,) = answer(rich, "rtf")
    assert isinstance(refused, Problem) and refused.code == "file-unreadable"
    rich.write_bytes(rb"{\rtf1\uc1 Hi \u-10179?\u-8704? Ann}")
    (found,) = answer(rich, "rtf")
    assert isinstance(found, Article) and found.body.text == "Hi \U0001f600 Ann"


def test_one_wrong_line_of_brat_costs_that_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ann said no.", encoding="utf-8")
    lines = b'T1\tSPEAKER 0 3\tAnn\n#1\tNote T1\tcaf\xe9\n#2\tNote T1\t{"attributes":[1]}\n'
    path = tmp_path / "a.ann"
    path.write_bytes(lines)
    (found,) = answer(path, "brat")
    assert isinstance(found, Article) and found.layer is not None
    assert len(found.layer.spans) == 1
    assert [(problem.line, problem.code) for problem in found.left] == [(2, "text-encoding")]
    assert found.notes["brat notes"] == 1


def test_a_tag_of_many_attributes_is_refused_and_a_picture_in_one_is_not(tmp_path: Path) -> None:
    """The parser took minutes for 300,000 of them."""
    begin, end = "<html><body><p ", ">Ann said that it rained.</p></body></html>"
    page = tmp_path / "a.html"
    codes = []
    for between in (" ".join(f"a{n}=1" for n in range(300_000)), f'src="data:{"a" * 100_000}"'):
        page.write_text(begin + between + end, encoding="utf-8")
        (row,) = importers.articles([page])
        codes.append(row.code if isinstance(row, Problem) else "")
    assert codes == ["part-too-large", ""]


def test_the_title_of_markdown_takes_linear_time(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# a" + " #" * 100_000 + " b\n\nAnn said no.\n", encoding="utf-8")
    began = time.monotonic()
    (found,) = answer(path, "markdown")
    assert isinstance(found, Article)
    assert time.monotonic() - began < 10


def test_controls_and_switched_marks_of_word_hide_nothing(tmp_path: Path) -> None:
    cell = f"<w:sdt><w:sdtContent><w:tc>{p('Ann')}</w:tc></w:sdtContent></w:sdt>"
    row = f"<w:sdt><w:sdtContent><w:tr>{cell}</w:tr></w:sdtContent></w:sdt>"
    shown = '<w:p><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>said no.</w:t></w:r></w:p>'
    (found,) = answer(docx(tmp_path / "a.docx", f"<w:tbl>{row}</w:tbl>{shown}"), "docx")
    assert isinstance(found, Article) and found.body.text == "Ann\n\nsaid no."


def test_names_of_addresses_that_are_cut_or_altered_stay_apart() -> None:
    long = "https://example.org/" + "a" * 200
    names = {name_of(url, ".html") for url in (f"{long}1", f"{long}2")}
    names |= {name_of(f"https://example.org/{page}", ".html") for page in ("?a=1", "?a:1", "b")}
    assert len(names) == 5
    assert "example.org-b.html" in names


def test_a_cell_far_out_of_a_spreadsheet_is_refused(tmp_path: Path) -> None:
    near = xlsx(tmp_path / "near.xlsx", [["text"], ["Ann said no."]])
    with zipfile.ZipFile(near) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    last = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts[sheet] = parts[sheet].replace("</sheetData>", last)
    (found,) = answer(zipped(tmp_path / "far.xlsx", parts), "xlsx")
    assert isinstance(found, Problem) and found.code == "file-unreadable"
    assert "far from the others" in str(found)


def test_pieces_of_brat_that_overlap_are_left_out_before_they_are_joined(tmp_path: Path) -> None:
    length = 200_000
    (tmp_path / "a.txt").write_text("x" * length, encoding="utf-8")
    pieces = ";".join(f"{start} {length}" for start in range(20_000))
    (tmp_path / "a.ann").write_text(f"T1\tCLAIM {pieces}\twords\n", encoding="utf-8")
    # Joined they would be four billion letters.
    (article,) = answer(tmp_path / "a.ann", "brat")
    assert isinstance(article, Article) and article.layer is not None
    assert not article.layer.spans
    assert [problem.code for problem in article.left] == ["span-text"]


def test_tables_in_tables_of_opendocument_are_read_once(tmp_path: Path) -> None:
    opened = "<table:table><table:table-row><table:table-cell>"
    closed = "</table:table-cell></table:table-row></table:table>"
    text = f"{opened * 40}<text:p>inside</text:p>{closed * 40}"
    (article,) = answer(odt(tmp_path / "a.odt", text), "odt")
    assert isinstance(article, Article) and article.body.text == "inside"


def test_folders_nested_too_deep_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("d/" * 1500 + "a.txt", "It rained.")
    (problem,) = answer(path, "")
    assert isinstance(problem, Problem) and problem.code == "zip-invalid"
    assert "deeper than 50" in str(problem)


def test_a_docbin_that_unpacks_to_far_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.spacy"
    path.write_bytes(zlib.compress(bytes(docbin.SMALL + 1)))
    (problem,) = answer(path, "docbin")
    assert isinstance(problem, Problem) and "unpacks to more than" in str(problem)


@pytest.mark.parametrize(
    "raw",
    [
        b"X: " + b"y" * 200_000 + b"\n\nIt rained.\n",
        b"Subject: " + b"=?utf-8?q?a?= " * 1_000 + b"\n\nIt rained.\n",
        b"From: " + b'"' * 20_000 + b"\n\nIt rained.\n",
        # A part's headers are read too.
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; "
        + b"a=b; " * 5_000
        + b"\n\nIt rained.\n--b--\n",
    ],
    ids=["together", "subject", "names", "part"],
)
def test_headers_of_an_e_mail_have_a_limit(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(raw)
    (problem,) = answer(path, "eml")
    assert isinstance(problem, Problem) and problem.code == "part-too-large"

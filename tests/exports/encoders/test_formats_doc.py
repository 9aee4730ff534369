"""docs/formats.md says of every format what its encoder says, and the reading copy and Parquet are
what it claims.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from corpus.core.problems import Problem
from corpus.core.schema import Attribute, Label, LinkKind, SchemaView
from corpus.core.span import Link, Span, layer_view
from corpus.importers import ENDINGS as KNOWN
from corpus.importers import IMPORTERS
from corpus.importers.parquet import PYARROW
from exports.core.loss import FEATURES
from exports.core.record import Record
from exports.encoders import ENCODERS, ENDINGS, Options, encoder
from tests.exports.encoders.test_round_trips import export

DOC = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")
TEXT = "Ann said <script>alert(1)</script> “it 😀\nrained.”"


def record() -> Record:
    start = TEXT.index("“")
    spans = [
        Span(1, "SPEAKER", 0, 3, attributes={"name": "<b>Ann</b>"}),
        Span(2, "CLAIM", start, len(TEXT), attributes={"stance": "oppose"}, score=0.5),
        Span(3, "CLAIM", 0, len(TEXT), ((0, 3), (9, start + 3))),
    ]
    return Record("a", TEXT, {"title": "<i>T</i>"}, layer_view(spans), "gold")


def test_the_table_agrees_with_the_encoders() -> None:
    table = DOC.split("\n## What each holds\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|([^\n]*)\|$", table, re.MULTILINE)
    assert {name for name, _ in rows} == set(ENCODERS.names()) - {"spacy"}
    for name, cells in rows:
        said = [cell.strip() for cell in cells.split("|")][1:]
        holds = {
            feature
            for feature, cell in zip(FEATURES, said, strict=True)
            if cell in ("exact", "part_of")
        }
        assert holds == sys.modules[encoder(name).__module__].HOLDS, name


def test_the_ways_in_and_out_list_every_format_and_no_other() -> None:
    for way, names in (("in", IMPORTERS.names()), ("out", ENCODERS.names())):
        (cell,) = re.findall(rf"^\| {way} \|([^|]*)\|", DOC, re.MULTILINE)
        assert sorted(re.findall(r"`(\w+)`", cell)) == sorted(names)


def test_every_format_has_a_note_but_those_that_have_a_chapter() -> None:
    notes = DOC.split("\n## Notes on each\n")[1].split("\n## ")[0]
    titles = set(re.findall(r"^### (\w+)$", notes, re.MULTILINE))
    assert titles == {*IMPORTERS.names(), *ENCODERS.names()} - {"spacy", "text"}


def test_a_download_is_called_what_its_importer_knows() -> None:
    for name, ending in ENDINGS.items():
        assert ending in KNOWN.get(name, (ending,))
        assert f"| `{name}` | file" in DOC


def test_every_format_and_the_version_of_pyarrow_are_named() -> None:
    assert all(f"`{name}`" in DOC for name in (*IMPORTERS.names(), *ENCODERS.names()))
    assert PYARROW in DOC
    assert PYARROW in (Path(__file__).parents[3] / ".ci" / "requirements.in").read_text(
        encoding="utf-8"
    )


def test_the_reading_copy_holds_the_text_and_no_markup_of_it(tmp_path: Path) -> None:
    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.tags: set[str] = set()
            self.inside = self.shown = ""

        def handle_starttag(self, tag: str, attrs: list) -> None:
            self.tags.add(tag)
            self.inside = (
                tag if tag in ("style", "sup", "dl", "title", "h1", "h2", "p") else self.inside
            )
            if dict(attrs).get("class") == "text":
                self.inside = "text"

        def handle_endtag(self, tag: str) -> None:
            self.inside = "text" if tag == "sup" else "" if tag == "div" else self.inside

        def handle_data(self, data: str) -> None:
            self.shown += data if self.inside == "text" else ""

    to, _ = export([record()], "html", tmp_path)
    reader = Reader()
    reader.feed(to.read_text(encoding="utf-8"))
    assert reader.shown == TEXT
    assert not reader.tags & {"script", "b", "i"}


def test_parquet_has_the_same_rows_as_the_lossless_form(tmp_path: Path) -> None:
    from pyarrow import parquet

    to, _ = export([record()], "parquet", tmp_path)
    line, _ = export([record()], "jsonl", tmp_path)
    (row,) = parquet.read_table(to).to_pylist()
    wanted = json.loads(line.read_text(encoding="utf-8"))
    spans = [{k: v for k, v in span.items() if v is not None} for span in row["spans"]]
    for span in spans:
        span["attributes"] = {k: v for k, v in span["attributes"].items() if v is not None}
    assert (spans, row["links"], json.loads(row["meta"])) == (
        wanted["spans"],
        wanted["links"],
        wanted["meta"],
    )


def test_parquet_has_a_column_for_each_attribute_and_json_where_labels_differ(
    tmp_path: Path,
) -> None:
    from pyarrow import parquet

    own = (Attribute("n", "number"), Attribute("s", "choices", ("x", "y")), Attribute("f", "flag"))
    labels = {
        "A": Label("A", "A", attributes=own),
        "B": Label("B", "B", attributes=(Attribute("f", "number"),)),
    }
    kinds = {"k": LinkKind("k", ("A",), ("B",), attributes=own[:1])}
    spans = [
        Span(1, "A", 0, 3, attributes={"n": 2**53 + 1, "s": ["x"], "f": True}),
        Span(2, "B", 4, 8, attributes={"f": 3}),
    ]
    layer = replace(layer_view(spans, [Link(1, "k", 1, 2, {"n": 1})]), attributes={"s": ["y"]})
    options = Options(SchemaView(labels, kinds, own[1:2]))
    to = tmp_path / "out.parquet"
    report = encoder("parquet")([Record("a", TEXT, {}, layer, "gold")], to, options)
    assert report.dropped == {"numbers-rounded": 1}
    (row,) = parquet.read_table(to).to_pylist()
    assert row["attributes"] == {"s": ["y"]}
    assert [link["attributes"] for link in row["links"]] == [{"n": 1.0}]
    assert [span["attributes"] for span in row["spans"]] == [
        {"n": float(2**53), "s": ["x"], "f": "true"},
        {"n": None, "s": None, "f": "3"},
    ]


def test_without_pyarrow_the_export_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(Problem, match="extra-missing") as caught:
        export([record()], "parquet", tmp_path)
    assert PYARROW in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["brat", "cas", "webannotation"])
def test_a_folder_that_holds_something_is_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine.txt").write_text("Mine.", encoding="utf-8")
    with pytest.raises(Problem, match="exists"):
        export([record()], name, tmp_path)
    assert [p.name for p in tmp_path.rglob("*")] == [name, "mine.txt"]

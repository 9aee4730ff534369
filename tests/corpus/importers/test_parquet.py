"""Parquet and Arrow files as the library `datasets` writes them."""

from __future__ import annotations

import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import datasets
import pyarrow
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, Sequence, Value
from pyarrow import parquet

from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers import parquet as importer
from corpus.importers.reading import Reading
from tests.corpus.importers.files import links, one, words
from tests.exports.encoders.sample import RECORDS, SPANS, export

# A text that is said by thousands of rows, and the rows that name it by its number.
SAID = "Ann said it rained. " * 50
REPEATED = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 3000), [SAID])
NAMES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
TOKENS = Features(
    {"tokens": Sequence(Value("string")), "ner_tags": Sequence(ClassLabel(names=NAMES))}
)


@pytest.fixture(autouse=True)
def quiet() -> None:
    datasets.disable_progress_bars()


def tagged() -> Dataset:
    rows = {
        "tokens": [["Ann", "Lee", "left", "Bonn"], ["It", "rained"]],
        "ner_tags": [[1, 2, 0, 3], [0, 0]],
    }
    return Dataset.from_dict(rows, features=TOKENS)


def found(path: Path, reading: Reading | None = None) -> list[Article]:
    rows = list(importers.articles([path], reading or Reading()))
    assert all(isinstance(row, Article) for row in rows), rows
    return [row for row in rows if isinstance(row, Article)]


def test_tokens_with_numbered_tags_are_spans_by_their_names(tmp_path: Path) -> None:
    tagged().to_parquet(tmp_path / "conll.parquet")
    first, second = found(tmp_path / "conll.parquet")
    assert (first.id, first.body.text) == ("conll-1", "Ann Lee left Bonn")
    assert words(first) == [("PER", "Ann Lee"), ("LOC", "Bonn")]
    assert (second.id, second.body.text) == ("conll-2", "It rained")


def test_a_folder_of_splits_comes_in_whole(tmp_path: Path) -> None:
    splits = DatasetDict({"train": tagged(), "test": tagged().select([0])})
    splits.save_to_disk(tmp_path / "news")
    assert [row.id for row in found(tmp_path / "news")] == [
        *("news-test-1", "news-train-1", "news-train-2"),
    ]
    assert [row.id for row in found(tmp_path / "news" / "test")] == ["news-test-1"]


def test_text_with_spans_under_other_names(tmp_path: Path) -> None:
    rows = {
        "body": ["Ann 😀 said no."],
        "headline": ["No"],
        "entities": [[{"start_char": 0, "end_char": 3, "type": "PER", "sure": True}]],
    }
    Dataset.from_dict(rows).to_parquet(tmp_path / "x.parquet")
    reading = Reading(fields={"text": "body", "title": "headline"})
    (article,) = found(tmp_path / "x.parquet", reading)
    assert article.meta["title"] == "No"
    assert words(article) == [("PER", "Ann")]
    assert article.layer is not None
    (span,) = article.layer.spans.values()
    assert span.attributes == {"sure": True}


def test_our_own_export_comes_back(tmp_path: Path) -> None:
    export("parquet", tmp_path / "out.parquet")
    first, second = found(tmp_path / "out.parquet")
    assert [first.id, second.id] == [record.id for record in RECORDS]
    assert first.layer is not None
    back = {(span.label, span.ranges) for span in first.layer.spans.values()}
    assert back == {(span.label, span.ranges) for span in SPANS}
    assert len(links(first)) == len(RECORDS[0].layer.links)


def test_tags_that_are_none_cost_themselves_alone(tmp_path: Path) -> None:
    rows = {"tokens": [["Ann", "left"]], "tags": [["B-PER", "VERB"]]}
    Dataset.from_dict(rows).to_parquet(tmp_path / "x.parquet")
    article = one(tmp_path / "x.parquet")
    assert words(article) == [("PER", "Ann")]
    assert [problem.code for problem in article.left] == ["row-shape"]


def test_what_is_no_parquet_and_a_missing_library_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 and nothing else")
    (problem,) = importers.read(tmp_path / "x.parquet")
    assert isinstance(problem, Problem) and problem.code == "row-shape"
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (problem,) = importers.read(tmp_path / "x.parquet")
    assert isinstance(problem, Problem) and problem.code == "extra-missing"


def test_days_amounts_and_bytes_come_in_as_json_has_them(tmp_path: Path) -> None:
    span = {"label": "PER", "start": 0, "end": 3, "seen": date(2026, 5, 3)}
    row = {
        "text": "Ann left.",
        "date": datetime(2026, 5, 3, 8),
        "url": Decimal("1.50"),
        "author": b"\xff\xfe",
        "spans": [span],
    }
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.Table.from_pylist([row]), path)
    (article,) = found(path)
    wanted = {"published": "2026-05-03T08:00:00", "url": "1.50", "author": "2 bytes"}
    assert {key: article.meta[key] for key in wanted} == wanted
    assert article.layer is not None
    assert [x.attributes["seen"] for x in article.layer.in_order()] == ["2026-05-03"]


@pytest.mark.parametrize("column", [[SAID] * 3000, REPEATED])
def test_rows_that_a_small_file_says_again_and_again_come_to_an_end(
    column: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "SMALL", 1 << 18)
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"text": column}), path)
    *rows, last = importers.articles([path])
    assert 0 < len(rows) < 3000 and all(isinstance(row, Article) for row in rows)
    assert isinstance(last, Problem) and last.code == "zip-invalid"


def test_ids_that_count_the_rows_of_a_split_carry_its_name(tmp_path: Path) -> None:
    whole = tagged().add_column("id", ["0", "1"])  # type: ignore[arg-type, call-arg]
    DatasetDict({"train": whole, "test": whole.select([1, 0]).remove_columns("id")}).save_to_disk(
        tmp_path / "news"
    )
    for split in ("train", "test"):
        folder = tmp_path / "hub" / "default" / split
        folder.mkdir(parents=True)
        whole.to_parquet(folder / "0000.parquet")
    assert [article.id for article in found(tmp_path / "news")] == [
        "news-test-1",
        "news-test-2",
        "news-train-0",
        "news-train-1",
    ]
    assert [article.id for article in found(tmp_path / "hub")] == [
        "test-0000-0",
        "test-0000-1",
        "train-0000-0",
        "train-0000-1",
    ]


def test_columns_of_other_names_are_guessed_and_categories_kept(tmp_path: Path) -> None:
    features = Features(
        {
            "headline": Value("string"),
            "article": Value("string"),
            "label": ClassLabel(names=["neg", "pos"]),
        }
    )
    rows = {"headline": ["Rain"], "article": ["Ann said that it rained in Bonn."], "label": [1]}
    Dataset.from_dict(rows, features=features).to_parquet(tmp_path / "a.parquet")
    (article,) = found(tmp_path / "a.parquet")
    assert (article.body.text, article.meta["title"]) == (rows["article"][0], "Rain")
    assert article.layer is not None and article.layer.attributes == {"label": "pos"}
    assert article.notes == {}
    (bare,) = found(tmp_path / "a.parquet", Reading(spans=False))
    assert bare.layer is None
    (headline,) = found(tmp_path / "a.parquet", Reading(fields={"text": "headline"}))
    assert headline.body.text == "Rain"

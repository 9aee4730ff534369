"""JSON in the shapes that programs write it in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus import importers
from corpus.importers import Article

RAIN = "Rain fell in the hills."
SNOW = "Snow fell in the valley."
TITLED = [{"text": RAIN, "title": "A"}, {"text": SNOW, "title": "B"}]


def read(path: Path, data: str) -> list[tuple[str, str]]:
    path.write_text(data)
    rows = list(importers.read(path))
    assert all(isinstance(row, Article) for row in rows), rows
    return [(row.id, row.body.text) for row in rows if isinstance(row, Article)]


def texts(path: Path, data: Any) -> list[str]:
    return [text for _, text in read(path, data if isinstance(data, str) else json.dumps(data))]


@pytest.mark.parametrize(
    "data",
    [
        {"text": {"0": RAIN, "1": SNOW}, "title": {"0": "A", "1": "B"}},
        {"columns": ["title", "text"], "index": [0, 1], "data": [["A", RAIN], ["B", SNOW]]},
        {"schema": {"fields": []}, "data": TITLED},
        {"0": TITLED[0], "1": TITLED[1]},
        [RAIN, SNOW],
        f"{json.dumps(TITLED[0], indent=1)}\n{json.dumps(TITLED[1], indent=1)}",
        f"{json.dumps(TITLED[0], indent=1)},\n{json.dumps(TITLED[1], indent=1)}\n",
    ],
)
def test_no_row_of_a_table_or_list_is_lost(tmp_path: Path, data: Any) -> None:
    assert texts(tmp_path / "a.json", data) == [RAIN, SNOW]


def test_lines_may_be_texts_or_end_with_commas(tmp_path: Path) -> None:
    strings = f"{json.dumps(RAIN)}\n{json.dumps(SNOW)}\n"
    assert texts(tmp_path / "a.jsonl", strings) == [RAIN, SNOW]
    commas = "".join(f"{json.dumps(row)},\n" for row in TITLED)
    assert texts(tmp_path / "b.jsonl", commas) == [RAIN, SNOW]


def test_texts_and_rows_by_their_ids_keep_them(tmp_path: Path) -> None:
    wanted = [("d1", RAIN), ("d2", SNOW)]
    assert read(tmp_path / "a.json", json.dumps({"d1": RAIN, "d2": SNOW})) == wanted
    rows = {"d1": {"body": RAIN}, "d2": {"body": SNOW}}
    assert read(tmp_path / "b.json", json.dumps(rows)) == wanted


def test_parts_of_one_row_stay_one_row(tmp_path: Path) -> None:
    row = {"data": {"text": RAIN}, "meta": {"url": "https://example.org"}}
    assert texts(tmp_path / "a.json", row) == [RAIN]
    assert texts(tmp_path / "b.json", {"headline": "A and B", "content": RAIN}) == [RAIN]


def test_what_tables_make_of_ids_is_read_as_they_were(tmp_path: Path) -> None:
    lines = [{"id": 7.0, "text": RAIN}, {"id": "", "text": SNOW}]
    first, second = read(tmp_path / "a.jsonl", "".join(json.dumps(row) + "\n" for row in lines))
    assert first[0] == "a-7" and second[0].startswith("text-")


def test_spans_of_tokens_as_gliner_is_trained_on(tmp_path: Path) -> None:
    row = {"tokenized_text": ["Ann", "Lee", "left"], "ner": [[0, 1, "PER"], [2, 9, "X"]]}
    path = tmp_path / "a.json"
    path.write_text(json.dumps([row]))
    (article,) = importers.read(path)
    assert isinstance(article, Article) and article.layer is not None
    assert [(s.label, s.start, s.end) for s in article.layer.in_order()] == [("PER", 0, 7)]
    assert [problem.code for problem in article.left] == ["row-field"]

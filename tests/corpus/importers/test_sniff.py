"""Files tell their format by their ending and by the fields of their first rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.importers import guess
from tests.corpus.importers.files import OWN, TEXT, one, problems, words, write


@pytest.mark.parametrize(
    "meta",
    [
        {"entities": ["Ann"]},
        {"labels": ["rain"]},
        {"label": ["rain"]},
        {"answer": "accept"},
        {"Comments": ["sure?"]},
        {"start_offset": 3},
        {"deep": [{"_input_hash": 7, "token_start": 1}]},
    ],
)
def test_what_metadata_are_called_does_not_decide_the_format(
    tmp_path: Path, meta: dict[str, Any]
) -> None:
    path = write(tmp_path / "a.jsonl", {**OWN, "meta": meta})
    assert guess(path) == "jsonl"
    assert words(one(path)) == [("SPEAKER", "Ann")]
    assert {**one(path).meta, **meta} == one(path).meta


@pytest.mark.parametrize(
    "more",
    [
        {"labels": ["rain"]},
        {"links": [], "entities": []},
        {"layer": {"kind": "gold"}, "label": ["rain"]},
        {"links": [], "answer": "accept"},
        {"spans": [{**OWN["spans"][0], "attributes": {}}], "Comments": []},
    ],
)
def test_a_row_with_spans_of_ours_is_ours_whatever_else_it_holds(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    path = write(tmp_path / "a.jsonl", {**OWN, **more})
    assert guess(path) == "jsonl"
    assert words(one(path)) == [("SPEAKER", "Ann")]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("doccano", {"label": [[0, 3, "SPEAKER"]]}),
        (
            "doccano",
            {"entities": [{"id": 1, "label": "SPEAKER", "start_offset": 0, "end_offset": 3}]},
        ),
        ("prodigy", {"spans": OWN["spans"], "_input_hash": 7, "answer": "accept"}),
    ],
)
def test_a_long_text_does_not_hide_the_format(
    tmp_path: Path, name: str, more: dict[str, Any]
) -> None:
    path = write(tmp_path / "a.jsonl", {"id": "a", "text": TEXT + " It rained." * 20_000, **more})
    assert guess(path) == name
    assert words(one(path)) == [("SPEAKER", "Ann")]


def test_a_later_row_tells_the_format_when_the_first_is_broken_or_bare(tmp_path: Path) -> None:
    rows = [
        '{"id": 1, "text": 5x}',
        '{"id": 2, "text": "Bare."}',
        json.dumps({"text": TEXT, "label": []}),
    ]
    assert guess(write(tmp_path / "a.jsonl", "\n".join(rows))) == "doccano"


def test_json_that_is_broken_is_said_to_be_so(tmp_path: Path) -> None:
    assert problems(write(tmp_path / "a.json", '[\n{"data": {"text": 5x}}]')) == [(2, "row-json")]

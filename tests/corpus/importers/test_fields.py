"""Tables and JSON come in whatever they call the text and what is said of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article, fields
from corpus.importers.columns import columns
from corpus.importers.reading import Reading
from tests.corpus.importers.files import one, write

LONG = "The mayor said no to the harbour on Monday."


def rows(path: Path, **said: str) -> list[Article]:
    found = list(importers.read(path, Reading(fields=said)))
    assert all(isinstance(row, Article) for row in found), found
    return [row for row in found if isinstance(row, Article)]


def test_a_text_alone_comes_in_under_an_id_that_quotes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "plain.jsonl", '{"text":"Anna said no."}\n{"text":"Anna said yes."}')
    first, second = rows(path)
    assert first.body.text == "Anna said no."
    assert all(re.fullmatch("text-[0-9a-f]{12}", row.id) for row in (first, second))
    assert first.id != second.id
    assert [row.id for row in rows(path)] == [first.id, second.id]


@pytest.mark.parametrize(
    "row",
    [
        {"content": LONG},
        {"body": LONG, "headline": "No harbour"},
        {"article": LONG, "n": 3},
        {"Full_Text": LONG, "summary": "No."},
        {"texte": LONG},
        {"正文": LONG},
        {"data": {"body": LONG, "title": "No harbour"}},
        {"title": "No harbour", "description": LONG},
        {"title": LONG},
        {"xyz": LONG, "url": "https://example.org/a-b"},
    ],
)
def test_the_running_text_is_found_whatever_it_is_called(
    tmp_path: Path, row: dict[str, Any]
) -> None:
    assert one(write(tmp_path / "a.jsonl", json.dumps(row))).body.text == LONG
    assert one(write(tmp_path / "a.json", [row])).body.text == LONG


def test_a_table_with_other_names_brings_what_is_said_of_the_text(tmp_path: Path) -> None:
    table = (
        "Artikel-Nr;Überschrift;Datum;Zeitung;Inhalt;Link\n"
        f"a1;Kein Hafen;2026-05-01;Die Post;{LONG};https://example.org/1\n"
        f"a2;Regen;2026-05-02;Die Post;{LONG} Again.;https://example.org/2\n"
        f"a3;Wind;2026-05-03;Die Post;{LONG} Thrice.;https://example.org/3\n"
    )
    first, *_ = rows(write(tmp_path / "zeitung.csv", table))
    assert (first.bare_id or first.id, first.body.text) == ("a1", LONG)
    assert first.meta == {
        "title": "Kein Hafen",
        "published": "2026-05-01",
        "outlet": "Die Post",
        "url": "https://example.org/1",
    }


def test_what_somebody_says_goes_before_the_guess(tmp_path: Path) -> None:
    row = {"content": LONG, "data": {"lead": "Rain came."}, "where": "The Post"}
    path = write(tmp_path / "a.jsonl", json.dumps(row))
    (found,) = rows(path, text="data.lead", outlet="where")
    assert (found.body.text, found.meta["outlet"]) == ("Rain came.", "The Post")
    (upper,) = rows(write(tmp_path / "a.csv", f"n,Body,Teaser\n1,{LONG},Rain\n"), text="Teaser")
    assert upper.body.text == "Rain"


def test_a_field_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    for name, data in (("a.csv", f"body,n\n{LONG},1\n"), ("a.jsonl", '{"body": "x", "n": 1}')):
        path = write(tmp_path / name, data)
        (problem,) = importers.read(path, Reading(fields={"text": "fulltext"}))
        assert isinstance(problem, Problem)
        assert problem.code == "field-missing" and "body, n" in problem.message
    (problem,) = importers.read(write(tmp_path / "b.jsonl", '{"n": 1, "m": 2}'))
    assert isinstance(problem, Problem) and problem.code == "field-text"
    assert "n, m" in problem.message and "--field text=" in problem.message


def test_a_field_that_we_do_not_have_is_refused_with_those_that_we_have() -> None:
    assert fields.parse(["text=body", "title=data.head"]) == {"text": "body", "title": "data.head"}
    for option in ("txt=body", "text=", "body"):
        with pytest.raises(Problem) as caught:
            fields.parse([option])
        assert caught.value.code == "field-option" and "text, title" in caught.value.message


def test_columns_are_asked_for_where_the_text_is_not_called_so(tmp_path: Path) -> None:
    named = write(tmp_path / "a.csv", f"text\n{LONG}\n")
    other = write(tmp_path / "b.csv", f"n,body\n1,{LONG}\n2,Short.\n")
    assert columns([named], Reading()) == []
    found = columns([named, other], Reading())
    assert [(c.name, c.samples, c.guess) for c in found] == [
        ("n", ("1", "2"), ""),
        ("body", (LONG, "Short."), "text"),
    ]


def test_a_row_without_the_text_costs_itself_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", f'{{"body": "{LONG}"}}\n{{"n": 1}}\nx\n{{"body": "Own."}}')
    found = list(importers.read(path))
    assert [getattr(row, "line", 0) for row in found] == [1, 2, 3, 4]
    assert [isinstance(row, Article) for row in found] == [True, False, False, True]


def test_our_own_rows_keep_what_their_metadata_are_called(tmp_path: Path) -> None:
    row = {"id": "a", "text": LONG, "meta": {"headline": "x", "source": "y"}, "source": "z"}
    article = one(write(tmp_path / "a.jsonl", json.dumps(row)))
    assert article.meta["headline"] == "x" and "outlet" not in article.meta


def test_a_bad_row_of_an_array_costs_itself_alone(tmp_path: Path) -> None:
    two = '{\n  "text": "Two.",\n  "n": NaN\n }'
    array = f'[\n {{"text": "One."}},\n {two},\n 7,\n {{"text": "{LONG}"}}\n]'
    found = list(importers.read(write(tmp_path / "a.json", array)))
    assert [(getattr(row, "line", 0), isinstance(row, Article)) for row in found] == [
        (2, True),
        (3, False),
        (7, False),
        (8, True),
    ]

"""Articles as others keep them in JSONL, and rows of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus import importers
from corpus.importers import Article
from tests.corpus.importers.files import OWN, TEXT, left, links, one, words, write


def test_articles_as_others_keep_them_come_in_with_what_they_say_of_themselves(
    tmp_path: Path,
) -> None:
    row = {
        "id": "a",
        "text": TEXT,
        "title": "Rain",
        "outlet": "The Post",
        "date": "2026-05-01",
        "author": "Eve",
        "url": "https://example.org/a",
        "language": "en",
        "targets": ["Ann"],
    }
    more = {"meta": {"outlet": "The Herald"}, "words": 5, "paid": False}
    article = one(write(tmp_path / "a.jsonl", {**row, **more}))
    assert article.meta == {
        "title": "Rain",
        "outlet": "The Herald",
        "published": "2026-05-01",
        "author": "Eve",
        "url": "https://example.org/a",
        "language": "en",
        "targets": ["Ann"],
    }
    assert article.notes == {
        "fields that are not ours: words": 1,
        "fields that are not ours: paid": 1,
    }


def test_rows_of_ours_bring_nothing_but_what_they_say(tmp_path: Path) -> None:
    row = {
        **OWN,
        "meta": {"title": "Rain", "date": "today"},
        "links": [],
        "layer": {"kind": "gold"},
    }
    article = one(write(tmp_path / "a.jsonl", row))
    assert (dict(article.meta), dict(article.notes)) == ({"title": "Rain", "date": "today"}, {})


GOOD = [
    {"id": "s1", "label": "SPEAKER", "start": 0, "end": 3, "text": "Ann"},
    {"id": "c2", "label": "CLAIM", "start": 11, "end": 25, "text": "that it rained"},
]
SAID_BY = {"kind": "said_by", "source": "c2", "target": "s1"}


@pytest.mark.parametrize(
    ("span", "code", "named"),
    [
        ({"start": 0, "end": 3, "text": "Bob"}, "span-text", "x9"),
        ({"start": 3, "end": 3}, "span-range", "x9"),
        ({"start": 9, "end": 900}, "span-range", "x9"),
        ({"start": "0", "end": 3}, "row-field", "x9"),
        ({"start": 0}, "row-field", "x9"),
        ({"start": 0, "end": 3, "label": 5}, "row-field", "x9"),
        ({"start": 0, "end": 3, "attributes": ["a"]}, "row-field", "x9"),
        ({"start": 0, "end": 3, "attributes": {"name": "a\0"}}, "row-field", "x9"),
        ({"start": 0, "end": 3, "fragments": [[0]]}, "span-fragments", "x9"),
        ({"id": "s1", "start": 0, "end": 3}, "span-ident", "s1"),
        ("Ann", "row-field", "spans"),
    ],
)
def test_a_bad_span_is_left_out_by_name_and_the_rest_comes_in(
    tmp_path: Path, span: Any, code: str, named: str
) -> None:
    if isinstance(span, dict):
        span = {"id": "x9", "label": "CLAIM", **span}
    row = {"id": "a", "text": TEXT, "spans": [GOOD[0], span, GOOD[1]], "links": [SAID_BY]}
    path = write(tmp_path / "a.jsonl", json.dumps({"text": "One"}) + "\n" + json.dumps(row))
    (_, article) = importers.read(path)
    assert isinstance(article, Article)
    assert words(article) == [("SPEAKER", "Ann"), ("CLAIM", "that it rained")]
    assert links(article) == [("said_by", "that it rained", "Ann")]
    assert left(article) == [(2, code)]
    assert named in str(article.left[0])


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ({"kind": "said_by", "source": "c2", "target": "s7"}, "link-ends"),
        ({"kind": "said_by", "source": "c2"}, "link-ends"),
        ({**SAID_BY, "attributes": "none"}, "row-field"),
        ({**SAID_BY, "attributes": {"a": "\ud800"}}, "row-field"),
        (["said_by", "c2", "s1"], "row-field"),
    ],
)
def test_a_bad_link_is_left_out_by_itself(tmp_path: Path, link: Any, code: str) -> None:
    row = {"id": "a", "text": TEXT, "spans": GOOD, "links": [link, SAID_BY]}
    article = one(write(tmp_path / "a.jsonl", row))
    assert links(article) == [("said_by", "that it rained", "Ann")]
    assert left(article) == [(1, code)]


@pytest.mark.parametrize("field", ["spans", "links"])
def test_annotations_that_are_no_list_cost_the_document_nothing(tmp_path: Path, field: str) -> None:
    row = {"id": "a", "text": TEXT, "spans": GOOD, "links": [SAID_BY], field: {"s1": 1}}
    article = one(write(tmp_path / "a.jsonl", row))
    assert article.body.text == TEXT
    assert (1, "row-field") in left(article)


def test_links_without_spans_are_named(tmp_path: Path) -> None:
    article = one(write(tmp_path / "a.jsonl", {"id": "a", "text": TEXT, "links": [SAID_BY]}))
    assert left(article) == [(1, "link-ends")]


def test_line_ends_of_windows_move_the_offsets_along(tmp_path: Path) -> None:
    span = {"id": "c1", "label": "CLAIM", "start": 5, "end": 15, "text": "Two\r\nThree"}
    row = {"id": "a", "text": "One\r\nTwo\r\nThree", "spans": [span]}
    article = one(write(tmp_path / "a.jsonl", row))
    assert words(article) == [("CLAIM", "Two\nThree")]
    assert left(article) == []


def test_rows_of_tokens_with_tags_are_documents(tmp_path: Path) -> None:
    first = {"id": 0, "tokens": ["Ann", "Lee", "left"], "ner_tags": ["B-PER", "I-PER", "O"]}
    second = {"id": 1, "tokens": ["Bonn"], "ner_tags": ["B-LOC", "O"]}
    third = {"id": 2, "tokens": ["It", "rained"], "ner_tags": [0, 0], "topic": "rain"}
    path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, (first, second, third))))
    rows = [row for row in importers.read(path) if isinstance(row, Article)]
    assert [(row.id, row.body.text) for row in rows] == [
        ("a-0", "Ann Lee left"),
        ("a-1", "Bonn"),
        ("a-2", "It rained"),
    ]
    assert words(rows[0]) == [("PER", "Ann Lee")]
    assert left(rows[1]) == [(2, "row-cells")]
    assert rows[2].notes == {
        "tags that are numbers without names: ner_tags": 2,
        "fields that are not ours: topic": 1,
    }
    assert rows[2].examples["fields that are not ours: topic"] == "rain"


def test_an_object_around_a_list_of_articles_is_its_list(tmp_path: Path) -> None:
    rows = [{"title": "Rain", "body": "Ann said that it rained."}, {"title": "Sun", "body": "No."}]
    path = write(tmp_path / "news.json", {"status": "ok", "total": 2, "articles": rows})
    found = [row for row in importers.read(path) if isinstance(row, Article)]
    assert [(row.meta["title"], row.body.text) for row in found] == [
        ("Rain", "Ann said that it rained."),
        ("Sun", "No."),
    ]
    one_of_them = write(tmp_path / "one.json", {"body": "Ann said it. " * 20, "comments": rows})
    assert one(one_of_them).body.text.startswith("Ann said it.")

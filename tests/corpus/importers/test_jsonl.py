"""Articles as others keep them in JSONL, and rows of our own."""

from __future__ import annotations

from pathlib import Path

from tests.corpus.importers.files import OWN, TEXT, one, write


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

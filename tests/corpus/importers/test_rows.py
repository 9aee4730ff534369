"""The offsets of a row count characters in one of four ways, and its numbers are numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from corpus import importers
from corpus.importers import Article
from tests.corpus.importers.files import TEXT, left, one, words, write


@pytest.mark.parametrize(
    ("start", "end", "note"),
    [(11, 25, None), (12, 26, "offsets counted in UTF-16"), (14, 28, "offsets counted in bytes")],
)
def test_the_words_tell_how_a_file_counts(
    tmp_path: Path, start: int, end: int, note: str | None
) -> None:
    span = {"id": "c1", "label": "CLAIM", "start": start, "end": end, "text": "that it rained"}
    article = one(write(tmp_path / "a.jsonl", {"id": "a", "text": TEXT, "spans": [span]}))
    assert words(article) == [("CLAIM", "that it rained")]
    assert article.notes == ({note: 1} if note else {})


FAMILY = "👩‍👩‍👦"


@pytest.mark.parametrize(
    ("text", "start", "end", "unit"),
    [
        (f"{FAMILY} said 🇩🇪🇫🇷 won", 10, 13, "graphemes"),
        (f"{FAMILY} said 🇩🇪🇫🇷 won", 23, 26, "UTF-16"),
        (f"{FAMILY}\r\nsaid 🇩🇪 won", 9, 12, "graphemes"),
        (f"{FAMILY}\r\n\r\nsaid won", 15, 18, "UTF-16, line ends as one sign"),
        ("éé\r\nsaid won", 10, 13, "bytes, line ends as one sign"),
    ],
)
def test_a_way_of_counting_is_noted_with_an_example(
    tmp_path: Path, text: str, start: int, end: int, unit: str
) -> None:
    span = {"id": "c1", "label": "CLAIM", "start": start, "end": end, "text": "won"}
    article = one(write(tmp_path / "a.jsonl", {"id": "a", "text": text, "spans": [span]}))
    assert words(article) == [("CLAIM", "won")]
    reason = f"offsets counted in {unit}"
    assert article.notes == {reason: 1}
    assert article.examples == {reason: f"{start} to {end} is won"}


def test_graphemes_are_counted_at_the_edges_of_every_span_and_fragment(tmp_path: Path) -> None:
    text = f"{FAMILY} no{FAMILY}u e\u0301t"
    spans = [
        {"id": "s1", "label": "A", "start": 0, "end": 1, "text": FAMILY},
        {"id": "s2", "label": "B", "start": 2, "end": 6, "fragments": [[2, 4], [5, 6]]},
        {"id": "s3", "label": "C", "start": 7, "end": 9, "text": "e\u0301t"},
        {"id": "s4", "label": "D", "start": 8, "end": 10, "text": "?"},
    ]
    article = one(write(tmp_path / "a.jsonl", {"id": "a", "text": text, "spans": spans}))
    assert words(article) == [("A", FAMILY), ("B", "no … u"), ("C", "e\u0301t")]
    assert left(article) == [(1, "span-range")]


def test_words_that_fit_no_way_of_counting_are_left_out_by_name(tmp_path: Path) -> None:
    span = {"id": "c1", "label": "CLAIM", "start": 13, "end": 27, "text": "that it rained"}
    row = {"id": "a", "text": TEXT, "spans": [span, {**span, "id": "c2", "start": 0, "end": 3}]}
    article = one(write(tmp_path / "a.jsonl", row))
    assert left(article) == [(1, "span-range"), (1, "span-text")]
    assert "c1" in str(article.left[0]) and "c2" in str(article.left[1])


def test_offsets_that_count_carriage_returns_are_converted(tmp_path: Path) -> None:
    row = {
        "text": "One\r\nTwo\r\nThree",
        "spans": [{"start": 5, "end": 15, "label": "CLAIM"}],
        "answer": "accept",
    }
    assert words(one(write(tmp_path / "a.jsonl", row))) == [("CLAIM", "Two\nThree")]


def test_spans_without_ids_are_numbered_by_their_place(tmp_path: Path) -> None:
    spans = [{"label": "SPEAKER", "start": 0, "end": 3}, {"label": "CLAIM", "start": 11, "end": 25}]
    article = one(write(tmp_path / "a.jsonl", {"id": "a", "text": TEXT, "spans": spans}))
    assert article.layer is not None and sorted(article.layer.spans) == [1, 2]


@pytest.mark.parametrize("wrong", [11.0, 11.5, "11", True, None, [11]])
def test_numbers_of_fragments_are_numbers_as_those_of_spans_are(tmp_path: Path, wrong: Any) -> None:
    span = {"id": "c1", "label": "CLAIM", "start": 0, "end": 25, "text": "Ann … that it rained"}
    good = {**span, "fragments": [[0, 3], [11, 25]]}
    (article,) = importers.read(
        write(
            tmp_path / "a.jsonl", {"id": "a", "text": TEXT, "spans": [{**good, "text": TEXT[:25]}]}
        )
    )
    assert isinstance(article, Article) and article.layer is not None
    assert article.layer.spans[1].fragments == ((0, 3), (11, 25))
    for pieces in ([[0, 3], [wrong, 25]], [[0, 3], [11, wrong]], wrong):
        if pieces is not None:
            row = {
                "id": "a",
                "text": TEXT,
                "spans": [{**good, "text": TEXT[:25], "fragments": pieces}],
            }
            found = one(write(tmp_path / "a.jsonl", row))
            assert left(found) == [(1, "span-fragments")], pieces


@pytest.mark.parametrize("score", [True, False, "0.5", 1.5, -1, [0.5]])
def test_a_score_is_a_number_from_0_to_1(tmp_path: Path, score: Any) -> None:
    row = {
        "id": "a",
        "text": TEXT,
        "spans": [{"id": "c1", "label": "CLAIM", "start": 0, "end": 3, "score": score}],
    }
    assert left(one(write(tmp_path / "a.jsonl", row))) == [(1, "row-field")]


@pytest.mark.parametrize(
    "evidence", ["said", ["said"], 1, {"rule": 1}, {"why": []}, {"cue": ["said"]}]
)
def test_evidence_is_an_object_that_speaks_in_words(tmp_path: Path, evidence: Any) -> None:
    row = {
        "id": "a",
        "text": TEXT,
        "spans": [{"id": "c1", "label": "CLAIM", "start": 0, "end": 3, "evidence": evidence}],
    }
    assert left(one(write(tmp_path / "a.jsonl", row))) == [(1, "row-field")]

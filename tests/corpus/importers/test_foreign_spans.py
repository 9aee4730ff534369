"""Spans in JSON by whatever names their tool has for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus import importers
from corpus.importers import Article

TEXT = "Anna Novak said the wall will hold."


def read(path: Path, row: Any) -> Article:
    path.write_text(json.dumps(row) + "\n")
    (article,) = importers.read(path)
    assert isinstance(article, Article)
    return article


def spans(article: Article) -> list[tuple[str, str]]:
    layer = article.layer
    return [(s.label, s.covered(article.body.text)) for s in layer.in_order()] if layer else []


@pytest.mark.parametrize(
    ("field", "span"),
    [
        ("entities", {"entity_group": "PER", "word": "Anna Novak", "start": 0, "end": 10}),
        ("entities", {"start_char": 0, "end_char": 10, "label_": "PER"}),
        ("entities", {"offset": 0, "length": 10, "category": "PER"}),
        ("entities", {"offsets": [[0, 10]], "type": "PER", "text": ["Anna Novak"], "id": "T1"}),
        ("annotations", {"begin": 0, "end": 10, "type": "PER"}),
        ("annotations", {"startOffset": "0", "endOffset": "10", "entityType": "PER"}),
        ("spans", {"start": 0.0, "end": 10.0, "labels": ["PER"]}),
        ("spans", {"span": [0, 10], "label": "PER"}),
        ("spans", [0, 10, "PER"]),
        ("ents", {"start": 0, "end": 10, "label": "PER"}),
        ("mentions", {"from": 0, "to": 10, "tag": "PER"}),
        (
            "annotation",
            {"label": ["PER"], "points": [{"start": 0, "end": 9, "text": "Anna Novak"}]},
        ),
    ],
)
def test_a_span_is_read_by_any_of_the_usual_names(tmp_path: Path, field: str, span: Any) -> None:
    article = read(tmp_path / "a.jsonl", {"content": TEXT, field: [span]})
    assert (article.body.text, spans(article), article.left) == (TEXT, [("PER", "Anna Novak")], ())


def test_each_of_several_labels_is_a_span_and_pieces_are_fragments(tmp_path: Path) -> None:
    given = [
        {"labels": ["PER", "MAYOR"], "start": 0, "end": 4},
        {"type": "CLAIM", "offsets": [[30, 34], [16, 24]]},
    ]
    article = read(tmp_path / "a.jsonl", {"text": TEXT, "entities": given})
    wanted = [("PER", "Anna"), ("MAYOR", "Anna"), ("CLAIM", "the wall … hold")]
    assert spans(article) == wanted


def test_words_that_a_span_says_are_held_against_the_text(tmp_path: Path) -> None:
    wrong = {"entity": "PER", "word": "Ben", "start": 0, "end": 3}
    article = read(tmp_path / "a.jsonl", {"text": TEXT, "entities": [wrong]})
    assert [problem.code for problem in article.left] == ["span-text"]


def test_tokens_with_places_are_no_spans(tmp_path: Path) -> None:
    tokens = [{"id": 0, "start": 0, "end": 4, "tag": "NNP"}]
    article = read(tmp_path / "a.jsonl", {"text": TEXT, "tokens": tokens, "sents": tokens})
    assert spans(article) == []
    assert article.notes == {
        "fields that are not ours: tokens": 1,
        "fields that are not ours: sents": 1,
    }

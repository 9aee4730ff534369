"""spaCy's JSON of before version 3."""

from __future__ import annotations

import json
from pathlib import Path

from corpus.importers import guess
from tests.corpus.importers.files import one, words, write


def paragraph(raw: str | None, tokens: list[tuple[str, str]]) -> dict[str, object]:
    rows = [{"orth": word, "ner": tag, "tag": "X"} for word, tag in tokens]
    return {"raw": raw, "sentences": [{"tokens": rows, "brackets": []}], "cats": []}


def test_paragraphs_are_one_text_with_their_entities(tmp_path: Path) -> None:
    first = paragraph("Ann Lee said no.", [("Ann", "B-PER"), ("Lee", "L-PER"), ("said", "O")])
    second = paragraph(None, [("In", "O"), ("Bonn", "U-LOC")])
    path = write(tmp_path / "old.json", json.dumps([{"id": 0, "paragraphs": [first, second]}]))
    assert guess(path) == "spacyjson"
    article = one(path)
    assert (article.id, article.body.text) == ("old-1", "Ann Lee said no.\n\nIn Bonn")
    assert words(article) == [("PER", "Ann Lee"), ("LOC", "Bonn")]
    assert article.notes["spaCy parts of speech"] == 5


def test_an_unknown_tag_costs_itself_alone(tmp_path: Path) -> None:
    path = write(
        tmp_path / "old.json",
        json.dumps(
            [{"id": 0, "paragraphs": [paragraph("Ann left", [("Ann", "PER"), ("left", "O")])]}]
        ),
    )
    article = one(path)
    assert article.body.text == "Ann left"
    assert [problem.code for problem in article.left] == ["row-shape"]


def test_quotes_and_brackets_of_the_treebank_are_found_in_the_text(tmp_path: Path) -> None:
    tokens = [("``", "O"), ("Ann", "U-PER"), ("''", "O"), ("-LRB-", "O"), ("Bo", "U-PER")]
    first = paragraph('"Ann" (Bo)', [*tokens, ("-RRB-", "O")])
    article = one(write(tmp_path / "old.json", json.dumps([{"id": 0, "paragraphs": [first]}])))
    assert words(article) == [("PER", "Ann"), ("PER", "Bo")]


def test_tokens_of_another_text_cost_their_paragraph_its_spans(tmp_path: Path) -> None:
    other = paragraph("Cy came.", [("Ann", "U-PER"), ("came", "O")])
    right = paragraph("Bo left.", [("Bo", "U-PER"), ("left", "O")])
    path = write(tmp_path / "old.json", json.dumps([{"id": 0, "paragraphs": [other, right]}]))
    article = one(path)
    assert article.body.text == "Cy came.\n\nBo left."
    assert words(article) == [("PER", "Bo")]
    assert [problem.code for problem in article.left] == ["span-text"]

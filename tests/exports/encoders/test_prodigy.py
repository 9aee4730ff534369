"""Prodigy rows against its documented form (prodi.gy/docs/api-interfaces) and spaCy's tokens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import Doc

from corpus.core.span import Span, layer_view
from exports.core.record import Record
from tests.exports.encoders.sample import RECORDS, TEXT, export


def rows(folder: Path, records: list[Record] = RECORDS) -> list[dict[str, Any]]:
    export("prodigy", folder / "out.jsonl", records)
    lines = (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def doc_of(row: dict[str, Any]) -> Doc:
    """A document of the tokens of a row, as Prodigy makes one: words and the spaces after them."""
    words = [token["text"] for token in row["tokens"]]
    spaces = [token["ws"] for token in row["tokens"]]
    return Doc(spacy.blank("en").vocab, words, spaces)


def check(row: dict[str, Any]) -> None:
    """Check tokens, spans and relations against one another."""
    doc = doc_of(row)
    assert doc.text == row["text"]
    for number, (token, made) in enumerate(zip(row["tokens"], doc, strict=True)):
        assert (token["id"], token["start"]) == (number, made.idx)
        assert token["end"] == token["start"] + len(token["text"])
    for span in row["spans"]:
        whole = doc.char_span(span["start"], span["end"], label=span["label"])
        assert whole is not None
        assert (whole.start, whole.end - 1) == (span["token_start"], span["token_end"])
    places = {(span["token_start"], span["token_end"], span["label"]) for span in row["spans"]}
    for relation in row["relations"]:
        for end in ("head", "child"):
            at = relation[f"{end}_span"]
            assert relation[end] == at["token_end"]
            assert (at["token_start"], at["token_end"], at["label"]) in places
    for key in ("_input_hash", "_task_hash"):
        assert -(2**31) <= row[key] < 2**31
    assert row["_view_id"] == "relations"


def test_rows_have_the_documented_form(tmp_path: Path) -> None:
    for row in rows(tmp_path):
        check(row)


def test_tokens_are_those_of_spacy(tmp_path: Path) -> None:
    first, _ = rows(tmp_path)
    assert [token["text"] for token in first["tokens"]] == [
        token.text for token in spacy.blank("en").make_doc(TEXT)
    ]


@pytest.mark.parametrize(
    ("language", "tokenizer"), [("de", "de"), ("en-GB", "en"), ("klingon", "en"), (7, "en")]
)
def test_tokens_are_of_the_language_of_the_document(
    language: object, tokenizer: str, tmp_path: Path
) -> None:
    text = "z.B. so, usw. don't"
    record = Record("a", text, {"language": language}, layer_view([]), "gold")
    (row,) = rows(tmp_path, [record])
    wanted = [token.text for token in spacy.blank(tokenizer).make_doc(text)]
    assert [token["text"] for token in row["tokens"]] == wanted
    assert ("z.B." in wanted) == (tokenizer == "de")


def test_a_token_is_cut_where_a_span_ends_within_it(tmp_path: Path) -> None:
    record = Record("a", "unlikely so", {}, layer_view([Span(1, "CLAIM", 2, 11)]), "gold")
    (row,) = rows(tmp_path, [record])
    check(row)
    assert [token["text"] for token in row["tokens"]] == ["un", "likely", "so"]
    assert (row["spans"][0]["start"], row["spans"][0]["end"]) == (2, 11)


def test_hashes_tell_texts_and_tasks_apart(tmp_path: Path) -> None:
    same = Record("c", TEXT, {}, layer_view([Span(1, "CLAIM", 0, 3)]), "review", "bob")
    first, second, third = rows(tmp_path, [*RECORDS, same])
    assert first["_input_hash"] == third["_input_hash"] != second["_input_hash"]
    assert len({row["_task_hash"] for row in (first, second, third)}) == 3
    assert [row["_annotator_id"] for row in (first, second, third)] == ["gold", "eve", "bob"]
    assert [row["_session_id"] for row in (first, second)] == ["Odd-gold", "Odd-eve"]

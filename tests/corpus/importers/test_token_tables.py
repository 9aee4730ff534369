"""Tokens with tags as tables and other tools lay them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import importers
from corpus.importers import Article

ONTONOTES = """#begin document (bc/x); part 000
bc/x 0 0 Ben NNP (TOP* - - - Ben (PERSON) * (0)
bc/x 0 1 ran VBD * run - 1 Ben * (V*) -
bc/x 0 2 New NNP * - - - Ben (GPE* * -
bc/x 0 3 York NNP *) - - - Ben *) * -

bc/x 0 0 He PRP (TOP*) - - - Ben * (0)

#end document
#begin document (bc/x); part 001
bc/x 1 0 Ann NNP (TOP* - - - - (PERSON* -
bc/x 1 1 Lee NNP *) - - - - *) -

#end document
"""
Found = list[tuple[str, str, list[tuple[str, str]]]]


def read(path: Path, text: str) -> Found:
    path.write_text(text)
    found: Found = []
    for row in importers.read(path):
        assert isinstance(row, Article) and row.left == ()
        spans = row.layer.in_order() if row.layer else []
        words = [(span.label, span.covered(row.body.text)) for span in spans]
        found.append((row.id, row.body.text, words))
    return found


@pytest.mark.parametrize("name", ["a.v4_gold_conll", "a.conll"])
def test_names_of_ontonotes_are_read_by_document_and_part(tmp_path: Path, name: str) -> None:
    assert read(tmp_path / name, ONTONOTES) == [
        ("bc/x", "Ben ran New York\nHe", [("PERSON", "Ben"), ("GPE", "New York")]),
        ("bc/x-1", "Ann Lee", [("PERSON", "Ann Lee")]),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "ner.csv",
            "Sentence #,Word,POS,Tag\nSentence: 1,EU,NNP,B-org\n,rejects,VBZ,O\n"
            "Sentence: 2,Ben,NNP,B-per\n",
        ),
        ("ner.tsv", "sentence_id\tword\ttag\n0\tEU\tB-org\n0\trejects\tO\n1\tBen\tB-per\n"),
        (
            "ner.conll",
            "# id 7 domain=x\nEU _ _ B-org\nrejects _ _ O\n\n# id 8 domain=x\nBen _ _ B-per\n",
        ),
        ("ner.bio", "B-org EU\nO rejects\n\nB-per Ben\n"),
        ("ner.iob", "token\ttag\nEU\tB-org\nrejects\tO\n\nBen\tB-per\n"),
    ],
)
def test_tokens_with_tags_are_told_from_what_stands_around_them(
    tmp_path: Path, name: str, text: str
) -> None:
    wanted = [("ner", "EU rejects\nBen", [("org", "EU"), ("per", "Ben")])]
    assert read(tmp_path / name, text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "id|text\nx|Rain fell in the hills.\n",
        "sep=;\nid;text\nx;Rain fell in the hills.\n",
        "sep=,\r\nid,text\r\nx,Rain fell in the hills.\r\n",
    ],
)
def test_a_table_says_how_its_cells_are_separated(tmp_path: Path, text: str) -> None:
    assert read(tmp_path / "a.csv", text) == [("x", "Rain fell in the hills.", [])]


def test_a_table_without_a_header_loses_no_row(tmp_path: Path) -> None:
    rows = "1,Rain fell in the hills.\n2,Snow fell in the valley.\n"
    found = read(tmp_path / "a.csv", rows)
    assert [text for _, text, _ in found] == ["Rain fell in the hills.", "Snow fell in the valley."]

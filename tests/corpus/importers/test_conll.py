"""CoNLL columns in every scheme of tags."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import importers
from corpus.importers import Article
from tests.corpus.importers.files import one, words, write


@pytest.mark.parametrize(
    "tags",
    [
        ("B-SPEAKER", "I-SPEAKER", "O", "B-CLAIM", "B-CLAIM"),
        ("B-SPEAKER", "L-SPEAKER", "O", "U-CLAIM", "U-CLAIM"),
        ("B-SPEAKER", "E-SPEAKER", "O", "S-CLAIM", "S-CLAIM"),
        ("I-SPEAKER", "I-SPEAKER", "O", "I-CLAIM", "B-CLAIM"),
    ],
)
def test_conll_in_every_scheme(tmp_path: Path, tags: tuple[str, ...]) -> None:
    tokens = ["#1", "Ann", "said", "rain", "falls"]
    rows = "\n".join(f"{token} NN {tag}" for token, tag in zip(tokens, tags, strict=True))
    article = one(
        write(tmp_path / "x.conll", f"-DOCSTART- -X- O\n\n{rows}\n\nThe NN O\nend NN O\n")
    )
    assert article.body.text == "#1 Ann said rain falls\nThe end"
    assert words(article) == [("SPEAKER", "#1 Ann"), ("CLAIM", "rain"), ("CLAIM", "falls")]


def test_conll_documents_and_broken_tags(tmp_path: Path) -> None:
    text = (
        "# newdoc id = a\nAnn\tB-SPEAKER\n\n# newdoc id = b\nBo\tB-\n\n# newdoc id = c\nCy\tO\nDi\n"
    )
    found = list(importers.read(write(tmp_path / "x.iob2", text)))
    assert [f.id if isinstance(f, Article) else (f.line, f.code) for f in found] == [
        "a",
        (4, "row-shape"),
        (7, "row-cells"),
    ]

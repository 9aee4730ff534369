"""Datasets of BigBio: passages with places, entities, events and relations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from corpus import importers
from corpus.importers import Article

WORDS = "Anna Novak said the wall will hold."
PASSAGES = [
    {"id": "p1", "type": "title", "text": ["Sea wall vote"], "offsets": [[0, 13]]},
    {"id": "p2", "type": "abstract", "text": [WORDS], "offsets": [[14, 14 + len(WORDS)]]},
]
ROW: dict[str, Any] = {
    "id": "0",
    "document_id": "d1",
    "passages": PASSAGES,
    "entities": [
        {
            "id": "T1",
            "type": "PER",
            "text": ["Anna Novak"],
            "offsets": [[14, 24]],
            "normalized": [],
        },
        {"id": "T2", "type": "CLAIM", "text": ["the", "hold"], "offsets": [[30, 33], [44, 48]]},
        {"id": "T3", "type": "CLAIM", "text": ["wrong"], "offsets": [[0, 5]]},
    ],
    "events": [
        {
            "id": "E1",
            "type": "Say",
            "trigger": {"text": ["said"], "offsets": [[25, 29]]},
            "arguments": [{"role": "Source", "ref_id": "T1"}],
        }
    ],
    "coreferences": [{"id": "c", "entity_ids": ["T1", "T2"]}],
    "relations": [{"id": "R1", "type": "said_by", "arg1_id": "T2", "arg2_id": "T1"}],
}
STRUCT = {name: [passage[name] for passage in PASSAGES] for name in ("id", "text", "offsets")}


@pytest.mark.parametrize("passages", [PASSAGES, STRUCT])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "train.parquet"])
def test_passages_are_one_text_with_spans_and_links(
    tmp_path: Path, name: str, passages: Any
) -> None:
    path = tmp_path / name
    row = {**ROW, "passages": passages}
    if path.suffix == ".parquet":
        parquet.write_table(pyarrow.Table.from_pylist([row]), path)
    else:
        path.write_text(json.dumps([row] if name == "a.json" else row) + "\n")
    (article,) = importers.read(path)
    assert isinstance(article, Article) and article.layer is not None
    text = article.body.text
    assert (article.id, text) == ("d1", f"Sea wall vote\n{WORDS}")
    spans = {ident: span.covered(text) for ident, span in article.layer.spans.items()}
    assert sorted(spans.values()) == ["Anna Novak", "said", "the … hold"]
    links = article.layer.links.values()
    assert {(link.kind, spans[link.source], spans[link.target]) for link in links} == {
        ("said_by", "the … hold", "Anna Novak"),
        ("Source", "said", "Anna Novak"),
    }
    assert [problem.code for problem in article.left] == ["span-text"]
    assert article.notes["fields that are not ours: coreferences"] == 1

"""What Prodigy writes comes in."""

from __future__ import annotations

import json
from pathlib import Path

from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article
from tests.corpus.importers.files import TEXT, left, links, write


def test_prodigy_spans_relations_and_answers(tmp_path: Path) -> None:
    head = {"start": 11, "end": 25, "token_start": 3, "token_end": 5, "label": "CLAIM"}
    child = {"start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "SPEAKER"}
    row = {
        "text": TEXT,
        "_input_hash": 17,
        "_task_hash": 18,
        "spans": [child, head],
        "relations": [
            {"head": 5, "child": 0, "head_span": head, "child_span": child, "label": "said_by"}
        ],
        "_annotator_id": "news-eve",
        "answer": "accept",
    }
    rows = [
        row,
        {**row, "_input_hash": 19, "answer": "reject"},
        {**row, "spans": [child]},
        {"spans": []},
    ]
    path = write(tmp_path / "prodigy.jsonl", "\n".join(map(json.dumps, rows)))
    first, second, third, *rest = importers.read(path)
    assert isinstance(first, Article) and isinstance(second, Article)
    assert (first.id, first.author) == ("17", "news-eve")
    assert links(first) == [("said_by", "that it rained", "Ann")]
    assert (second.layer, second.notes) == (None, {"Prodigy rows answered reject": 1})
    assert isinstance(third, Article)
    assert (links(third), left(third)) == ([], [(3, "link-ends")])
    assert [(p.line, p.code) for p in rest if isinstance(p, Problem)] == [(4, "row-field")]

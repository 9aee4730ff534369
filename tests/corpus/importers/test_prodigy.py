"""What Prodigy writes comes in."""

from __future__ import annotations

import json
from pathlib import Path

from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article
from tests.corpus.importers.files import TEXT, left, links, one, words, write


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


def test_a_relation_that_stands_there_twice_is_one_link(tmp_path: Path) -> None:
    head = {"start": 11, "end": 25, "label": "CLAIM"}
    child = {"start": 0, "end": 3, "label": "SPEAKER"}
    relation = {"head": 5, "child": 0, "head_span": head, "child_span": child, "label": "said_by"}
    row = {"text": TEXT, "_task_hash": 1, "spans": [child, head], "relations": [relation] * 2}
    found = one(write(tmp_path / "a.jsonl", row))
    assert links(found) == [("said_by", "that it rained", "Ann")]
    assert found.notes == {"Prodigy relations that stand there twice": 1}


def test_spans_of_tokens_and_a_label_of_the_whole_text_come_in(tmp_path: Path) -> None:
    row = {
        "text": "Ann said no.",
        "_task_hash": 1,
        "meta": "from the desk",
        "label": "NEWS",
        "answer": "accept",
        "tokens": [{"start": 0, "end": 3, "id": 0}, {"start": 4, "end": 8, "id": 1}],
        "spans": [
            {"token_start": 0, "token_end": 1, "label": "CLAIM"},
            {"token_start": 0, "token_end": 9, "label": "CLAIM"},
            {"start": 0, "end": 3},
        ],
    }
    found = one(write(tmp_path / "a.jsonl", row))
    assert found.layer is not None
    assert words(found) == [("CLAIM", "Ann said")]
    assert found.layer.attributes == {"label": "NEWS"}
    assert found.meta["meta"] == "from the desk"
    assert [(left.code, left.line) for left in found.left] == [("row-field", 1)] * 2

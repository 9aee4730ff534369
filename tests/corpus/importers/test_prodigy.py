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


def test_fields_beside_prodigys_own_are_metadata_or_counted(tmp_path: Path) -> None:
    row = {
        "text": TEXT,
        "_input_hash": 1,
        "answer": "accept",
        "url": "https://example.org/a",
        "options": [{"id": 1, "text": "yes"}],
        "accept": [1],
        "user_input": "Well.",
    }
    article = one(write(tmp_path / "a.jsonl", row))
    assert article.meta["url"] == "https://example.org/a"
    assert article.layer is not None and article.layer.attributes == {"accept": ["1"]}
    reason = "fields that are not ours: user_input"
    assert (article.notes, article.examples) == ({reason: 1}, {reason: "Well."})


def test_a_relation_of_tokens_is_one_of_the_smallest_spans_around_them(tmp_path: Path) -> None:
    words_of = ["Ann", "Lee", "said", "no"]
    tokens = []
    for number, word in enumerate(words_of):
        start = len(" ".join(words_of[:number])) + bool(number)
        tokens.append({"text": word, "start": start, "end": start + len(word), "id": number})
    spans = [
        {"label": "ALL", "start": 0, "end": 15},
        {"label": "NAME", "start": 0, "end": 7},
        {"label": "LAST", "start": 4, "end": 7},
    ]
    relations = [
        {"head": 0, "child": 1, "label": "a"},
        {"head": 2, "child": 0, "label": "b"},
        {"head": 9, "child": 0, "label": "c"},
    ]
    row = {"text": "Ann Lee said no", "_input_hash": 1, "tokens": tokens, "answer": "accept"}
    path = write(tmp_path / "a.jsonl", {**row, "spans": spans, "relations": relations})
    article = one(path)
    assert sorted(links(article)) == [
        ("a", "Ann Lee", "Lee"),
        ("b", "Ann Lee said no", "Ann Lee"),
    ]
    assert left(article) == [(1, "row-field")]

"""What doccano writes comes in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from corpus import importers
from corpus.core.problems import Problem
from corpus.core.span import layer_view
from corpus.importers import Article, guess
from tests.acts import suggested
from tests.corpus.importers.files import TEXT, left, links, one, words, write
from tests.exports.encoders.test_round_trips import shape


def test_doccano_relations_and_triples(tmp_path: Path) -> None:
    rows = [
        {
            "id": 3,
            "text": TEXT,
            "outlet": "The Post",
            "entities": [
                {"id": 41, "label": "SPEAKER", "start_offset": 0, "end_offset": 3},
                {"id": 42, "label": "CLAIM", "start_offset": 11, "end_offset": 25},
            ],
            "relations": [{"id": 5, "from_id": 42, "to_id": 41, "type": "said_by"}],
            "Comments": ["sure?"],
        },
        {"id": 4, "text": TEXT, "label": [[0, 3, "SPEAKER"]]},
        {"id": 5, "text": TEXT, "label": [[0, 99, "SPEAKER"]]},
        {"id": 6, "text": TEXT, "entities": [{"id": 1, "label": "CLAIM", "start_offset": 1}]},
    ]
    path = write(tmp_path / "all.jsonl", "\n".join(map(json.dumps, rows)))
    assert guess(path) == "doccano"
    first, second, third, fourth = importers.read(path)
    assert isinstance(first, Article) and isinstance(second, Article)
    assert isinstance(third, Article) and third.layer is not None
    assert words(first) == [("SPEAKER", "Ann"), ("CLAIM", "that it rained")]
    assert links(first) == [("said_by", "that it rained", "Ann")]
    assert (first.meta["outlet"], first.notes) == ("The Post", {"doccano comments": 1})
    assert words(second) == [("SPEAKER", "Ann")]
    assert not third.layer.spans
    assert left(third) == [(3, "span-range")]
    assert isinstance(fourth, Article) and fourth.layer is None
    assert [(p.line, p.code) for p in fourth.left] == [(4, "row-field")]
    assert "'entities' must hold [start, end, label] or objects" in fourth.left[0].message


def test_what_doccano_itself_exports_of_our_export() -> None:
    """The file is doccano 1.8.4's own, of a project into which it had imported our file."""
    path = Path(__file__).parents[2] / "fixtures" / "doccano-1.8.4.jsonl"
    first, second = importers.read(path)
    assert isinstance(first, Article) and isinstance(second, Article)
    bare = [replace(span, attributes={}, score=None) for span in suggested().spans.values()]
    assert shape(first.layer) == shape(layer_view(bare, suggested().links.values()))
    assert (first.id, first.meta["title"]) == ("a", "T")
    claim = "“The wall will not hold,”"
    assert words(second) == [("CLAIM", f"Sea wall vote … {claim}"), ("CLAIM", claim[:13])]


def test_all_that_doccano_and_spacy_call_a_span_is_one(tmp_path: Path) -> None:
    rows = [
        {"doc_id": 3, "text": "label1 😄 label2", "entities": [[7, 8, "l1"], [9, 15, "l2"]]},
        {"text": "Anna said no.", "entities": [[0, 4, "SPEAKER"]]},
        {"text": "Anna said no.", "entities": [{"start": 0, "end": 4, "label": "SPEAKER"}]},
        {"text": "Anna said no.", "labels": [[0, 4, "SPEAKER"]], "metadata": {"outlet": "Post"}},
        {
            "text": "Anna said no.",
            "annotations": [{"label": 1, "start_offset": 0, "end_offset": 4}],
        },
        {"text": "Anna said no.", "annotations": [{"label": 2}], "username": "admin"},
    ]
    for name in ("a.jsonl", "a.json"):
        data = "\n".join(map(json.dumps, rows)) if name == "a.jsonl" else json.dumps(rows)
        path = write(tmp_path / name, data)
        found = [row for row in importers.read(path) if isinstance(row, Article)]
        spans = [words(row) if row.layer else [] for row in found]
        anna = [("SPEAKER", "Anna")]
        expected = [[("l1", "😄"), ("l2", "label2")], anna, anna, anna, [("1", "Anna")], []]
        assert spans == expected
        assert (found[0].bare_id or found[0].id, found[5].author) == ("3", "admin")
        assert found[3].meta["outlet"] == "Post"
        assert found[5].layer is not None
        assert found[5].layer.attributes == {"annotations": ["2"]}


def test_intents_and_categories_are_about_the_text(tmp_path: Path) -> None:
    rows = [
        {"text": "Fly to Rome.", "entities": [[7, 11, "City"]], "cats": ["Flight"]},
        {"text": "Fly to Rome.", "cats": {"Flight": 1.0, "Hotel": 0.0, "Car": 0.4}},
        {"text": "Fly to Rome.", "label": ["a summary", [0, 3]]},
    ]
    path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    first, second, third = [row for row in importers.read(path) if isinstance(row, Article)]
    assert first.layer and second.layer and third.layer
    assert (words(first), first.layer.attributes) == ([("City", "Rome")], {"cats": ["Flight"]})
    assert second.layer.attributes == {"cats": ["Flight"]}
    assert second.notes == {"doccano categories that are no names": 1}
    assert second.examples == {"doccano categories that are no names": '{"Car": 0.4}'}
    assert third.layer.attributes == {"label": ["a summary"]}
    assert [(left.line, left.code) for left in third.left] == [(3, "row-field")]


def test_one_bad_span_or_relation_leaves_the_others(tmp_path: Path) -> None:
    row = {
        "text": "Anna said no.",
        "entities": [
            {"id": 1, "label": "SPEAKER", "start_offset": 0, "end_offset": 4},
            {"id": 2, "label": "CLAIM", "start_offset": 10, "end_offset": 12},
            {"id": 3, "label": "CLAIM", "start_offset": "ten", "end_offset": 12},
            "x y",
            7,
        ],
        "relations": [{"from_id": 2, "to_id": 1, "type": "said_by"}, {"from_id": 2}, None],
    }
    (found,) = importers.read(write(tmp_path / "a.jsonl", json.dumps(row)))
    assert isinstance(found, Article)
    assert words(found) == [("SPEAKER", "Anna"), ("CLAIM", "no")]
    assert links(found) == [("said_by", "no", "Anna")]
    assert [left.details["field"] for left in found.left] == [
        *("entities", "entities", "relations", "relations"),
    ]


def test_texts_paired_with_their_annotations_are_rows(tmp_path: Path) -> None:
    pairs = [
        ["Anna said no.", {"entities": [[0, 4, "SPEAKER"]]}],
        ["Bob said no.", {"entities": [], "cats": {"NO": True, "YES": False}}],
        [1, 2],
        ["Carl said no.", {"entities": [[0, 4, "SPEAKER"]]}],
    ]
    first, second, third, fourth = importers.read(write(tmp_path / "a.json", pairs))
    assert isinstance(first, Article) and isinstance(second, Article)
    assert isinstance(fourth, Article) and isinstance(third, Problem)
    assert (words(first), words(fourth)) == ([("SPEAKER", "Anna")], [("SPEAKER", "Carl")])
    assert second.layer is not None and second.layer.attributes == {"cats": ["NO"]}
    assert third.code == "row-json"


def test_a_class_that_is_a_number_stays_one(tmp_path: Path) -> None:
    row = {"text": "Ann left.", "entities": [[0, 3, "PER"]], "label": 0}
    article = one(write(tmp_path / "a.jsonl", row))
    assert words(article) == [("PER", "Ann")]
    assert article.layer is not None and article.layer.attributes == {"label": 0}


def test_spans_are_told_by_their_shape_whatever_their_field_is_called(tmp_path: Path) -> None:
    row = {"text": "Ann left.", "column_label": [[0, 3, "PER"], [4, 8]], "scores": [[1, 2], [3]]}
    bare = {"text": "Bo left.", "column_label": []}
    path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, (bare, row))))
    assert guess(path) == "doccano"
    _, article = importers.read(path)
    assert isinstance(article, Article)
    assert words(article) == [("PER", "Ann")]
    assert left(article) == [(2, "row-field")]
    assert article.meta["scores"] == [[1, 2], [3]]
    other = {"column_data": "Ann left.", "column_label": [[0, 3, "PER"]]}
    assert words(one(write(tmp_path / "b.jsonl", other))) == [("PER", "Ann")]

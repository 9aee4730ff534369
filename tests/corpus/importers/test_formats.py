"""What other tools write comes in: small files of our own that follow each tool's documentation."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.models import Layer, LayerKind
from annotator.selectors.layers import layer_views
from corpus import importers
from corpus.core.problems import Problem
from corpus.core.span import layer_view
from corpus.importers import Article, guess
from corpus.models import Document
from tests.acts import suggested
from tests.exports.encoders.test_round_trips import shape

TEXT = "Ann 😀 said that it rained."


def one(path: Path, format: str = "") -> Article:
    (found,) = importers.read(path, format=format)
    assert isinstance(found, Article), found
    return found


def problems(path: Path, format: str = "") -> list[tuple[int, str]]:
    return [(p.line, p.code) for p in importers.read(path, format=format) if isinstance(p, Problem)]


def words(article: Article) -> list[tuple[str, str]]:
    assert article.layer is not None
    return [(span.label, span.covered(article.body.text)) for span in article.layer.in_order()]


def links(article: Article) -> list[tuple[str, str, str]]:
    assert article.layer is not None
    spans, text = article.layer.spans, article.body.text
    return [
        (x.kind, spans[x.source].text(text), spans[x.target].text(text))
        for x in article.layer.links.values()
    ]


def write(path: Path, data: Any) -> Path:
    path.write_text(
        data if isinstance(data, str) else json.dumps(data), encoding="utf-8", newline=""
    )
    return path


# --- which format it is


OWN = {
    "id": "a",
    "text": TEXT,
    "spans": [{"id": "s1", "label": "SPEAKER", "start": 0, "end": 3, "text": "Ann"}],
}


@pytest.mark.parametrize(
    "meta",
    [
        {"entities": ["Ann"]},
        {"labels": ["rain"]},
        {"label": ["rain"]},
        {"answer": "accept"},
        {"Comments": ["sure?"]},
        {"start_offset": 3},
        {"deep": [{"_input_hash": 7, "token_start": 1}]},
    ],
)
def test_what_metadata_are_called_does_not_decide_the_format(
    tmp_path: Path, meta: dict[str, Any]
) -> None:
    path = write(tmp_path / "a.jsonl", {**OWN, "meta": meta})
    assert guess(path) == "jsonl"
    assert words(one(path)) == [("SPEAKER", "Ann")]
    assert {**one(path).meta, **meta} == one(path).meta


@pytest.mark.parametrize(
    "more",
    [
        {"labels": ["rain"]},
        {"links": [], "entities": []},
        {"layer": {"kind": "gold"}, "label": ["rain"]},
        {"links": [], "answer": "accept"},
        {"spans": [{**OWN["spans"][0], "attributes": {}}], "Comments": []},
    ],
)
def test_a_row_with_spans_of_ours_is_ours_whatever_else_it_holds(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    path = write(tmp_path / "a.jsonl", {**OWN, **more})
    assert guess(path) == "jsonl"
    assert words(one(path)) == [("SPEAKER", "Ann")]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("doccano", {"label": [[0, 3, "SPEAKER"]]}),
        (
            "doccano",
            {"entities": [{"id": 1, "label": "SPEAKER", "start_offset": 0, "end_offset": 3}]},
        ),
        ("prodigy", {"spans": OWN["spans"], "_input_hash": 7, "answer": "accept"}),
    ],
)
def test_a_long_text_does_not_hide_the_format(
    tmp_path: Path, name: str, more: dict[str, Any]
) -> None:
    path = write(tmp_path / "a.jsonl", {"id": "a", "text": TEXT + " It rained." * 20_000, **more})
    assert guess(path) == name
    assert words(one(path)) == [("SPEAKER", "Ann")]


def test_a_later_row_tells_the_format_when_the_first_is_broken_or_bare(tmp_path: Path) -> None:
    rows = [
        '{"id": 1, "text": 5x}',
        '{"id": 2, "text": "Bare."}',
        json.dumps({"text": TEXT, "label": []}),
    ]
    assert guess(write(tmp_path / "a.jsonl", "\n".join(rows))) == "doccano"


def test_json_that_is_broken_is_said_to_be_so(tmp_path: Path) -> None:
    assert problems(write(tmp_path / "a.json", '[\n{"data": {"text": 5x}}]')) == [(2, "row-json")]


def test_the_short_form_of_label_studio_is_refused_in_words(tmp_path: Path) -> None:
    region = {"start": 0, "end": 3, "text": "Ann", "labels": ["SPEAKER"]}
    row = {
        "id": 1,
        "text": TEXT,
        "label": [region],
        "annotator": 1,
        "annotation_id": 1,
        "lead_time": 2.5,
    }
    path = write(tmp_path / "min.json", [row])
    for name in ("", "labelstudio", "doccano"):
        (problem,) = importers.read(path, format=name)
        assert isinstance(problem, Problem) and problem.code == "row-shape"
        assert "unpack" not in problem.message and "lacks" not in problem.message
    (problem,) = importers.read(path)
    assert isinstance(problem, Problem) and "JSON-MIN" in problem.message


# --- offsets


@pytest.mark.parametrize(
    ("start", "end", "note"),
    [(11, 25, None), (12, 26, "offsets counted in UTF-16"), (14, 28, "offsets counted in bytes")],
)
def test_the_words_tell_how_a_file_counts(
    tmp_path: Path, start: int, end: int, note: str | None
) -> None:
    span = {"id": "c1", "label": "CLAIM", "start": start, "end": end, "text": "that it rained"}
    article = one(write(tmp_path / "a.jsonl", {"id": "a", "text": TEXT, "spans": [span]}))
    assert words(article) == [("CLAIM", "that it rained")]
    assert article.notes == ({note: 1} if note else {})


def test_words_that_fit_no_way_of_counting_are_refused(tmp_path: Path) -> None:
    span = {"id": "c1", "label": "CLAIM", "start": 13, "end": 27, "text": "that it rained"}
    assert problems(write(tmp_path / "a.jsonl", {"id": "a", "text": TEXT, "spans": [span]})) == [
        (1, "span-range")
    ]


def test_offsets_that_count_carriage_returns_are_converted(tmp_path: Path) -> None:
    row = {
        "text": "One\r\nTwo\r\nThree",
        "spans": [{"start": 5, "end": 15, "label": "CLAIM"}],
        "answer": "accept",
    }
    assert words(one(write(tmp_path / "a.jsonl", row))) == [("CLAIM", "Two\nThree")]


def test_spans_without_ids_are_numbered_by_their_place(tmp_path: Path) -> None:
    spans = [{"label": "SPEAKER", "start": 0, "end": 3}, {"label": "CLAIM", "start": 11, "end": 25}]
    article = one(write(tmp_path / "a.jsonl", {"id": "a", "text": TEXT, "spans": spans}))
    assert article.layer is not None and sorted(article.layer.spans) == [1, 2]


@pytest.mark.parametrize("wrong", [11.0, 11.5, "11", True, None, [11]])
def test_numbers_of_fragments_are_numbers_as_those_of_spans_are(tmp_path: Path, wrong: Any) -> None:
    span = {"id": "c1", "label": "CLAIM", "start": 0, "end": 25, "text": "Ann … that it rained"}
    good = {**span, "fragments": [[0, 3], [11, 25]]}
    (article,) = importers.read(
        write(
            tmp_path / "a.jsonl", {"id": "a", "text": TEXT, "spans": [{**good, "text": TEXT[:25]}]}
        )
    )
    assert isinstance(article, Article) and article.layer is not None
    assert article.layer.spans[1].fragments == ((0, 3), (11, 25))
    for pieces in ([[0, 3], [wrong, 25]], [[0, 3], [11, wrong]], wrong):
        if pieces is not None:
            row = {
                "id": "a",
                "text": TEXT,
                "spans": [{**good, "text": TEXT[:25], "fragments": pieces}],
            }
            assert problems(write(tmp_path / "a.jsonl", row)) == [(1, "span-fragments")], pieces


@pytest.mark.parametrize("score", [True, False, "0.5", 1.5, -1, [0.5]])
def test_a_score_is_a_number_from_0_to_1(tmp_path: Path, score: Any) -> None:
    row = {
        "id": "a",
        "text": TEXT,
        "spans": [{"id": "c1", "label": "CLAIM", "start": 0, "end": 3, "score": score}],
    }
    assert problems(write(tmp_path / "a.jsonl", row)) == [(1, "row-field")]


# --- JSONL


def test_articles_as_others_keep_them_come_in_with_what_they_say_of_themselves(
    tmp_path: Path,
) -> None:
    row = {
        "id": "a",
        "text": TEXT,
        "title": "Rain",
        "outlet": "The Post",
        "date": "2026-05-01",
        "author": "Eve",
        "url": "https://example.org/a",
        "language": "en",
        "targets": ["Ann"],
    }
    more = {"meta": {"outlet": "The Herald"}, "words": 5, "paid": False}
    article = one(write(tmp_path / "a.jsonl", {**row, **more}))
    assert article.meta == {
        "title": "Rain",
        "outlet": "The Herald",
        "published": "2026-05-01",
        "author": "Eve",
        "url": "https://example.org/a",
        "language": "en",
        "targets": ["Ann"],
    }
    assert article.notes == {
        "fields that are not ours: words": 1,
        "fields that are not ours: paid": 1,
    }


def test_rows_of_ours_bring_nothing_but_what_they_say(tmp_path: Path) -> None:
    row = {
        **OWN,
        "meta": {"title": "Rain", "date": "today"},
        "links": [],
        "layer": {"kind": "gold"},
    }
    article = one(write(tmp_path / "a.jsonl", row))
    assert (dict(article.meta), dict(article.notes)) == ({"title": "Rain", "date": "today"}, {})


# --- CSV and TSV


def test_csv_takes_columns_for_metadata(tmp_path: Path) -> None:
    path = write(
        tmp_path / "news.csv", 'ID;Text;outlet\r\n7;"Rain, said ""Ann"";\r\nwet.";The Post\r\n'
    )
    article = one(path)
    assert (article.id, article.body.text) == ("7", 'Rain, said "Ann";\nwet.')
    assert article.meta["outlet"] == "The Post"


def test_csv_rows_that_do_not_fit_the_header_are_named(tmp_path: Path) -> None:
    rows = ["id\ttext", "a\tGood", "b", 'c\t"over\ntwo lines"', "d\tx\ty", "", "e\t", '"f\tend']
    path = write(tmp_path / "t.tsv", "\n".join(rows))
    assert problems(path) == [
        (3, "row-cells"),
        (6, "row-cells"),
        (8, "text-empty"),
        (9, "row-shape"),
    ]


def test_formula_cells_stay_text_on_the_way_in(tmp_path: Path) -> None:
    assert (
        one(write(tmp_path / "f.csv", 'id,text\n=A1,"=HYPERLINK(1)"\n')).body.text
        == "=HYPERLINK(1)"
    )
    assert one(write(tmp_path / "f.csv", "id,text\na,'=quoted\n")).body.text == "'=quoted"


# --- CoNLL


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


# --- Label Studio


def region(ident: str, label: str, words: str, **more: Any) -> dict[str, Any]:
    start = TEXT.index(words)
    value = {"start": start, "end": start + len(words), "text": words, "labels": [label]}
    return {
        "id": ident,
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": value,
        **more,
    }


TASK = {
    "id": 12,
    "data": {"text": TEXT, "outlet": "The Post"},
    "annotations": [
        {
            "completed_by": {"id": 1, "email": "eve@example.org"},
            "result": [
                region("x1", "CLAIM", "that it rained"),
                region("x2", "SPEAKER", "Ann "),
                {
                    "id": "x1",
                    "type": "choices",
                    "from_name": "stance",
                    "value": {"choices": ["oppose"]},
                },
                {
                    "type": "relation",
                    "from_id": "x2",
                    "to_id": "x1",
                    "direction": "left",
                    "labels": ["said_by"],
                },
                {
                    "type": "choices",
                    "id": "zz",
                    "from_name": "genre",
                    "value": {"choices": ["news"]},
                },
            ],
        },
        {"completed_by": 2, "result": [region("y1", "CLAIM", "it rained")]},
        {"completed_by": 3, "was_cancelled": True, "result": []},
    ],
    "predictions": [{"model_version": "v7", "result": [region("m1", "SPEAKER", "Ann", score=0.7)]}],
}


def test_label_studio_annotations_and_predictions_stay_apart(tmp_path: Path) -> None:
    found = list(importers.read(write(tmp_path / "tasks.json", [TASK])))
    assert [f.author for f in found if isinstance(f, Article)] == [
        "eve@example.org",
        "2",
        "model:v7",
    ]
    eve = found[0]
    assert isinstance(eve, Article) and eve.layer is not None
    assert words(eve) == [("SPEAKER", "Ann"), ("CLAIM", "that it rained")]
    assert links(eve) == [("said_by", "that it rained", "Ann")]
    assert {"stance": "oppose"} in [dict(span.attributes) for span in eve.layer.spans.values()]
    assert eve.notes == {
        "Label Studio answers about the whole text": 1,
        "spans trimmed of white space": 1,
    }
    assert (eve.id, eve.meta["outlet"]) == ("12", "The Post")


def test_tasks_that_label_studio_has_not_numbered_yet_come_in_under_their_text(
    tmp_path: Path,
) -> None:
    path = tmp_path / "tasks.json"
    region = {
        "id": "r",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {"start": 0, "end": 3, "text": "Ann", "labels": ["SPEAKER"]},
    }
    task = {"data": {"text": TEXT}, "predictions": [{"model_version": "m", "result": [region]}]}
    path.write_text(json.dumps([task, {"data": {"text": "Another."}}]), encoding="utf-8")
    first, second = importers.read(path)
    assert isinstance(first, Article) and isinstance(second, Article)
    assert words(first) == [("SPEAKER", "Ann")]
    assert first.id.startswith("text-") and first.id != second.id
    assert [article.id for article in importers.read(path)] == [first.id, second.id]  # type: ignore[union-attr]


def test_csv_without_a_column_of_ids_comes_in_under_its_texts(tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    path.write_text("text,outlet\nIt rained.,Herald\nIt snowed.,Herald\n", encoding="utf-8")
    ids = [article.id for article in importers.read(path)]  # type: ignore[union-attr]
    assert len(set(ids)) == 2 and all(name.startswith("text-") for name in ids)


def test_what_label_studio_itself_exports_of_our_export() -> None:
    """The file is Label Studio 1.23.2's own, of a project made with our tasks and configuration."""
    path = Path(__file__).parents[2] / "fixtures" / "labelstudio-1.23.2.json"
    first, second, third = importers.read(path)
    assert isinstance(first, Article) and isinstance(second, Article) and isinstance(third, Article)
    assert shape(first.layer) == shape(suggested())
    assert (first.id, first.meta["title"], first.author) == ("a", "T", "1")
    assert words(second) == [("SPEAKER", "She")]
    assert (third.id, third.layer) == ("b", None)
    assert third.notes == {"Label Studio predictions that the file only names": 1}


def test_the_work_of_several_is_nobodys_until_somebody_says_whose(
    corpus: Any, tmp_path: Path
) -> None:
    path = write(tmp_path / "tasks.json", [TASK])
    call_command("import_documents", "harbour", str(path), stdout=StringIO())
    runs = set(
        Layer.objects.filter(kind=LayerKind.SUGGESTION).values_list("run__suggester", flat=True)
    )
    assert runs == {
        "file:tasks.json eve@example.org",
        "file:tasks.json 2",
        "file:tasks.json model:v7",
    }
    assert Document.objects.count() == 1
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command(
            "import_layer", "harbour", str(path), "--as", "eve", stdout=StringIO(), stderr=err
        )
    assert err.getvalue().startswith("[authors-many]")
    assert not Layer.objects.filter(kind=LayerKind.REVIEW).exists()
    call_command(
        "import_layer", "harbour", str(path), "--as", "eve", "--author", "2", stdout=StringIO()
    )
    (view,) = layer_views(
        Layer.objects.filter(kind=LayerKind.REVIEW, owner__username="eve")
    ).values()
    assert [span.text(TEXT) for span in view.in_order()] == ["it rained"]


# --- doccano


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
    first, second, *rest = importers.read(path)
    assert isinstance(first, Article) and isinstance(second, Article)
    assert words(first) == [("SPEAKER", "Ann"), ("CLAIM", "that it rained")]
    assert links(first) == [("said_by", "that it rained", "Ann")]
    assert (first.meta["outlet"], first.notes) == ("The Post", {"doccano comments": 1})
    assert words(second) == [("SPEAKER", "Ann")]
    assert [(p.line, p.code) for p in rest if isinstance(p, Problem)] == [
        (3, "span-range"),
        (4, "row-shape"),
    ]


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


# --- Prodigy


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
    first, second, *rest = importers.read(path)
    assert isinstance(first, Article) and isinstance(second, Article)
    assert (first.id, first.author) == ("17", "news-eve")
    assert links(first) == [("said_by", "that it rained", "Ann")]
    assert (second.layer, second.notes) == (None, {"Prodigy rows answered reject": 1})
    assert [(p.line, p.code) for p in rest if isinstance(p, Problem)] == [
        (3, "link-ends"),
        (4, "row-field"),
    ]

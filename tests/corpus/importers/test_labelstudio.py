"""What Label Studio writes comes in, each annotation as a layer of its own."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.models import Layer, LayerKind
from annotator.selectors.layers import layer_views
from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.models import Document
from tests.acts import suggested
from tests.corpus.importers.files import TEXT, left, links, one, words, write
from tests.exports.encoders.test_round_trips import shape


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
    assert eve.layer.attributes == {"genre": "news"}
    assert eve.notes == {
        "spans trimmed of white space": 1,
        "Label Studio annotations that were cancelled": 1,
    }
    assert (eve.id, eve.meta["outlet"]) == ("tasks-12", "The Post")


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


def labelled(
    value: dict[str, Any], label: str = "SPEAKER", kind: str = "labels", ident: str = "r"
) -> dict[str, Any]:
    value = {**value, kind: [label]}
    return {"id": ident, "type": kind, "from_name": "label", "to_name": "text", "value": value}


def task(data: dict[str, Any], *result: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"id": 1, "data": data, "annotations": [{"id": 2, "result": list(result)}], **more}]


MAYOR = {"start": 4, "end": 9, "text": "mayor"}


def test_pages_come_in_as_they_were_shown(tmp_path: Path) -> None:
    page = (
        "<html><head><title>T</title></head><body><p>The <b>mayor</b> said no.</p>"
        "<script>x = 1</script><p>Anna 😀 agreed.</p></body></html>"
    )
    whole = "The mayor said no.x = 1Anna 😀 agreed."
    at = whole.index("agreed")
    mayor = {
        "start": "/p[1]/b[1]/text()[1]",
        "end": "/p[1]/b[1]/text()[1]",
        "startOffset": 0,
        "endOffset": 5,
    }
    kind = "hypertextlabels"
    path = write(
        tmp_path / "a.json",
        task(
            {"text": page},
            labelled(
                {**mayor, "globalOffsets": {"start": 4, "end": 9}, "text": "mayor"}, kind=kind
            ),
            labelled({**mayor, "text": "mayor"}, "CUE", kind, "r2"),
            # A browser counts the emoji as two.
            labelled(
                {**mayor, "globalOffsets": {"start": at + 1, "end": at + 7}, "text": "agreed"},
                *("CLAIM", kind, "r3"),
            ),
            labelled({**mayor, "start": "/p[9]/text()[1]", "text": "mayor"}, "CUE", kind, "r4"),
        ),
    )
    found = one(path)
    assert found.body.text == "The mayor said no.\nAnna 😀 agreed.\n"
    assert words(found) == [("SPEAKER", "mayor"), ("CUE", "mayor"), ("CLAIM", "agreed")]
    assert [(left.code, left.details["field"]) for left in found.left] == [("row-field", "result")]


def test_dialogues_are_lines_with_their_speakers(tmp_path: Path) -> None:
    lines = [{"author": "Mayor", "text": "No 😀 way."}, {"author": "Anna", "text": "Yes."}]
    at = {"start": "0", "end": "0", "startOffset": 0, "endOffset": 2, "text": "No"}
    utf16 = {"start": "0", "end": "1", "startOffset": 6, "endOffset": 3, "text": "way.\nAnna: Yes"}
    kind = "paragraphlabels"
    path = write(
        tmp_path / "a.json",
        task(
            {"dialogue": lines},
            labelled(at, "CLAIM", kind),
            labelled(utf16, "CLAIM", kind, "r2"),
        ),
    )
    found = one(path)
    assert found.body.text == "Mayor: No 😀 way.\nAnna: Yes."
    assert words(found) == [("CLAIM", "No"), ("CLAIM", "way.\nAnna: Yes")]


def test_line_ends_of_windows_may_be_counted_as_one(tmp_path: Path) -> None:
    anna = {"start": 19, "end": 23, "text": "Anna"}
    data = {"text": "The mayor\r\nsaid no.\r\nAnna agreed."}
    found = one(write(tmp_path / "a.json", task(data, labelled(anna))))
    assert words(found) == [("SPEAKER", "Anna")]
    assert found.notes == {"offsets counted in line ends as one sign": 1}


def test_drafts_groups_and_what_has_no_place_are_counted_with_an_example(tmp_path: Path) -> None:
    data = {"text": "The mayor said no."}
    path = write(
        tmp_path / "a.json",
        task(
            data,
            {**labelled(MAYOR), "parentID": "g1", "meta": {"text": ["sure?"]}},
            {"id": "v", "type": "videorectangle", "value": {"x": 1}},
            {"id": "u", "type": "choices", "from_name": "c", "value": {**MAYOR, "choices": ["x"]}},
            drafts=[{"id": 4, "user": "ann", "result": []}],
        ),
    )
    found = one(path)
    assert found.layer is not None
    assert (words(found), dict(found.layer.attributes)) == ([("SPEAKER", "mayor")], {})
    assert found.examples == {
        "Label Studio drafts, which are unfinished": "of ann",
        "Label Studio notes about regions": '["sure?"]',
        "Label Studio regions within a group": "g1",
        "Label Studio results of type videorectangle": '{"x": 1}',
        "Label Studio answers about regions without a label": '{"c": "x"}',
    }
    assert set(found.notes) == set(found.examples)


def test_what_is_answered_keeps_its_kind(tmp_path: Path) -> None:
    values: dict[str, tuple[str, dict[str, Any], Any]] = {
        "certainty": ("number", {"number": 3}, 3),
        "none": ("number", {"number": 0}, 0),
        "stars": ("rating", {"rating": 4}, 4),
        "when": ("datetime", {"datetime": "2026-05-01"}, "2026-05-01"),
        "why": ("textarea", {"text": ["a", "b"]}, "a; b"),
        "topics": ("taxonomy", {"taxonomy": [["News", "City"], ["Rain"]]}, ["News / City", "Rain"]),
        "better": ("pairwise", {"selected": "left"}, "left"),
    }
    answers = [
        {"id": "r", "type": kind, "from_name": name, "value": {**MAYOR, **value}}
        for name, (kind, value, _) in values.items()
    ]
    data = {"text": "The mayor said no."}
    found = one(write(tmp_path / "a.json", task(data, labelled(MAYOR), *answers)))
    assert found.layer is not None
    (span,) = found.layer.spans.values()
    assert dict(span.attributes) == {name: value for name, (_, _, value) in values.items()}
    assert [type(value) for value in span.attributes.values()][:2] == [int, int]


def test_a_region_of_two_labels_is_two_spans_and_a_loose_relation_goes_alone(
    tmp_path: Path,
) -> None:
    both = labelled(MAYOR)
    both["value"]["labels"] = ["SPEAKER", "CUE"]
    no = labelled({"start": 15, "end": 17, "text": "no"}, "CLAIM", ident="r2")
    relation = {"type": "relation", "from_id": "r2", "to_id": "r", "labels": ["said_by"]}
    result = [both, no, relation, {**relation, "to_id": "gone"}, {"type": "relation"}, 7]
    found = one(write(tmp_path / "a.json", task({"text": "The mayor said no."}, *result)))  # type: ignore[arg-type]
    assert words(found) == [("SPEAKER", "mayor"), ("CUE", "mayor"), ("CLAIM", "no")]
    assert links(found) == [("said_by", "no", "mayor")]
    assert sorted(left.code for left in found.left) == ["link-ends", "row-field", "row-field"]


def test_the_short_forms_of_label_studio_come_in(tmp_path: Path) -> None:
    region = {**MAYOR, "labels": ["SPEAKER"]}
    row = {
        "id": 1,
        "text": "The mayor said no.",
        "outlet": "The Post",
        "label": [region],
        "genre": {"choices": ["news", "city"]},
        "annotator": 5,
        "annotation_id": 1,
        "lead_time": 2.5,
    }
    table = StringIO()
    writer = csv.DictWriter(table, list(row))
    writer.writeheader()
    writer.writerow({k: json.dumps(v) if isinstance(v, list | dict) else v for k, v in row.items()})
    for name, data in (("min.json", [row]), ("min.csv", table.getvalue())):
        found = one(write(tmp_path / name, data))
        assert found.layer is not None
        assert words(found) == [("SPEAKER", "mayor")]
        assert found.layer.attributes == {"genre": ["news", "city"]}
        assert (found.author, found.meta["outlet"]) == ("5", "The Post")


def test_what_several_people_say_is_without_their_names(tmp_path: Path) -> None:
    talk = [
        {"speaker": "Ann 😀", "utterance": "No 😀 way, I said."},
        {"speaker": "Bo", "utterance": "Yes."},
        {"speaker": "Ann 😀", "utterance": "Well\nthen."},
    ]
    value = {"start": "0", "end": "2", "startOffset": 11, "endOffset": 4}
    region = {"text": "I said.\n\nYes.\n\nWell", "paragraphlabels": ["CLAIM"], **value}
    result = [{"id": "r", "type": "paragraphlabels", "value": region}]
    task = {"id": 1, "data": {"talk": talk}, "annotations": [{"id": 2, "result": result}]}
    article = one(write(tmp_path / "a.json", [task]))
    assert words(article) == [("CLAIM", "I said. … Yes. … Well")]
    assert left(article) == []


def test_a_path_in_a_page_counts_in_its_own_node(tmp_path: Path) -> None:
    items = "<ul><li>One</li><li>Two</li></ul>"
    page = f"<html><body><p>😀 The <b>mayor</b> 😀<br/>said no.</p>{items}</body></html>"
    regions = [
        ("/p[1]/text()[2]", 1, "/p[1]/text()[3]", 4, "😀\nsaid"),
        ("/ul[1]/li[1]/text()[1]", 0, "/ul[1]/li[2]/text()[1]", 3, "OneTwo"),
        ("/p[1]/text()[1]", 3, "/p[1]/b[1]/text()[1]", 5, "The mayor"),
    ]
    result = []
    for number, (first, start, last, end, said) in enumerate(regions):
        place = {"start": first, "startOffset": start, "end": last, "endOffset": end}
        value = {**place, "text": said, "hypertextlabels": ["X"]}
        result.append({"id": f"r{number}", "type": "hypertextlabels", "value": value})
    task = {"id": 1, "data": {"html": page}, "annotations": [{"id": 2, "result": result}]}
    article = one(write(tmp_path / "a.json", [task]))
    assert words(article) == [("X", "The mayor"), ("X", "😀\nsaid"), ("X", "One\nTwo")]
    assert left(article) == []


def test_a_task_a_line_is_read_as_the_list_of_them(tmp_path: Path) -> None:
    whole = list(importers.read(write(tmp_path / "tasks.json", [TASK, TASK])))
    lines = tmp_path / "tasks.jsonl"
    lines.write_text(f"{json.dumps(TASK)}\n" * 2)
    assert importers.guess(lines) == "labelstudio"
    found = list(importers.read(lines))
    assert [(a.id, a.body, a.layer) for a in found if isinstance(a, importers.Article)] == [
        (a.id, a.body, a.layer) for a in whole if isinstance(a, importers.Article)
    ]
    assert found


def test_rows_with_data_or_annotations_beside_their_text_are_no_tasks(tmp_path: Path) -> None:
    for number, more in enumerate(({"data": {"a": 1}}, {"annotations": [{"note": "x"}]})):
        path = tmp_path / f"{number}.jsonl"
        path.write_text(json.dumps({"id": "a", "text": "Rain.", **more}) + "\n")
        assert importers.guess(path) != "labelstudio"
    path = tmp_path / "other.jsonl"
    path.write_text(json.dumps({"id": "a", "body": "Rain.", "annotations": [{"note": "x"}]}) + "\n")
    assert importers.guess(path) != "labelstudio"


@pytest.mark.parametrize(
    "data",
    [{"text": "https://example.org/a.txt"}, {"image": "/data/upload/1/a.png"}, {"audio": "a.wav"}],
)
def test_where_a_text_lies_is_no_text(tmp_path: Path, data: dict[str, str]) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(task(data)))
    (problem,) = importers.read(path)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.details["field"]) == ("row-field", "data")

"""What Label Studio writes comes in, each annotation as a layer of its own."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.models import Layer, LayerKind
from annotator.selectors.layers import layer_views
from corpus import importers
from corpus.importers import Article
from corpus.models import Document
from tests.acts import suggested
from tests.corpus.importers.files import TEXT, links, words, write
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
    assert eve.notes == {"spans trimmed of white space": 1}
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
    assert first.id.startswith("ann-") and first.id != second.id
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

"""Label Studio files as its converter reads them (label-studio-sdk 2.1.2, `converter`).

The converter itself pins libraries of images and versions that the server's do not fit, so that its
reading is done again here: the tags of the configuration, and what it takes of each task.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from lxml import etree

from corpus import importers
from corpus.core.schema import Attribute, Label, SchemaView
from corpus.core.span import Span, layer_view
from corpus.importers import Article
from corpus.importers.reading import Reading
from exports.core.record import Record
from exports.encoders import Options, encoder
from tests.exports.encoders.sample import RECORDS, export
from tests.exports.encoders.test_round_trips import shape


def controls(path: Path) -> dict[str, str]:
    """The type of each control by its name, as `parse_config` finds them; names are unique."""
    found = {}
    for tag in etree.fromstring(path.read_bytes()).iter():
        if tag.get("name"):
            assert tag.get("name") not in found
            found[tag.get("name")] = tag.tag
    return found


def rows(tasks: list[dict[str, Any]], types: dict[str, str]) -> list[dict[str, Any]]:
    """The rows that `annotation_result_from_task` and `get_data` make of tasks."""
    made = []
    for task in tasks:
        for annotation in task["annotations"]:
            output: dict[str, list[dict[str, Any]]] = {}
            for item in annotation["result"]:
                if item.get("from_name") in types:
                    value = {**item["value"], "type": types[item["from_name"]]}
                    output.setdefault(item["from_name"], []).append(value)
            made.append({"id": task["id"], "annotation_id": annotation["id"], "output": output})
    return made


def test_its_converter_finds_ids_and_every_answer(tmp_path: Path) -> None:
    export("labelstudio", tmp_path / "out.json")
    types = controls(tmp_path / "out.config.xml")
    tasks = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    first, second = rows(tasks, types)
    assert [(row["id"], row["annotation_id"]) for row in (first, second)] == [(1, 1), (2, 2)]
    assert {name: values[0]["type"] for name, values in first["output"].items()} == {
        "label": "Labels",
        "type": "TextArea",
        "_x6C_abel": "Choices",
        "score": "TextArea",
        "begin (flag)": "Choices",
        "end": "TextArea",
        "end (flag)": "Choices",
        "_x1F600_ (flag)": "Choices",
    }
    assert len(first["output"]["label"]) == 5


def test_a_suggestion_is_a_prediction_of_a_numbered_task(tmp_path: Path) -> None:
    record = RECORDS[1]
    made = Record(record.id, record.text, record.meta, record.layer, "suggestion")
    export("labelstudio", tmp_path / "out.json", [made])
    (task,) = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert task["id"] == 1
    assert task["annotations"] == []
    assert task["predictions"][0]["model_version"] == "saidby"


def test_a_link_kind_called_part_of_is_no_fragment(tmp_path: Path) -> None:
    for name in ("labelstudio", "prodigy", "doccano"):
        to = tmp_path / f"{name}.json"
        export(name, to)
        rows = [
            row
            for row in importers.articles([to], Reading(format=name))
            if isinstance(row, Article)
        ]
        assert shape(rows[0].layer)[1].total() == 2
        kinds = {link.kind for link in rows[0].layer.links.values()} if rows[0].layer else set()
        assert kinds == {"part_of", "said by"}


def test_each_kind_of_attribute_has_a_control_of_its_own(tmp_path: Path) -> None:
    own = tuple(
        Attribute("x", kind, ("a", "b") if kind.startswith("choice") else ())
        for kind in ("text", "choices", "flag", "number")
    )
    labels = {f"L{n}": Label(f"L{n}", "", attributes=(a,)) for n, a in enumerate(own)}
    schema = SchemaView(labels, {}, own[1:2])
    values = ["text", ["a"], False, 3]
    spans = [Span(n, f"L{n}", n, n + 1, attributes={"x": v}) for n, v in enumerate(values)]
    layer = replace(layer_view(spans), attributes={"x": ["a", "b"]})
    record = Record("d", "abcd", {}, layer, "gold")
    encoder("labelstudio")([record], tmp_path / "out.json", Options(schema))
    found = controls(tmp_path / "out.config.xml")
    assert found == {
        "label": "Labels",
        "text": "Text",
        "x": "TextArea",
        "x (several)": "Choices",
        "x (flag)": "Choices",
        "x (number)": "Number",
        "x (several) (document)": "Choices",
    }
    about = etree.fromstring((tmp_path / "out.config.xml").read_bytes()).findall("Choices")
    assert [tag.get("perRegion") for tag in about] == ["true", "true", None]
    (row,) = importers.articles([tmp_path / "out.json"], Reading(format="labelstudio"))
    assert isinstance(row, Article)
    assert shape(row.layer) == shape(layer)

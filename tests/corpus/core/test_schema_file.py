"""What people write wrong in a schema is named, all at once, by label and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.core import schema_file
from corpus.core.problems import Problem
from corpus.core.schema_templates import TEMPLATES

TWO = [{"name": "A"}, {"name": "B"}]


def refused(data: Any) -> str:
    with pytest.raises(Problem) as caught:
        schema_file.parse(data)
    assert caught.value.code == "schema-invalid"
    return caught.value.message


def with_attribute(**fields: Any) -> dict[str, Any]:
    return {"labels": [{"name": "A", "attributes": [{"name": "x", "kind": "text", **fields}]}]}


def with_link(**fields: Any) -> dict[str, Any]:
    link = {"name": "rel", "sources": ["A"], "targets": ["B"], **fields}
    return {"labels": TWO, "links": [link]}


CASES = [
    ({"labels": [{"name": "A"}, {"name": "A"}]}, "label 'A': is there twice"),
    ({"labels": [{"name": ""}, {"name": "  "}]}, "label 1, name: is a text that is not empty"),
    ({"labels": [{"name": ""}, {"name": "  "}]}, "label 2, name: is a text that is not empty"),
    ({"labels": [{"name": 7}]}, "label 1, name: is a text that is not empty"),
    ({"labels": [{"name": None}]}, "label 1, name: is a text that is not empty"),
    ({"labels": [{"name": " A"}]}, "label ' A', name: has no white space at its edges"),
    ({"labels": [{"name": "A" * 61}]}, "name: is longer than 60 characters"),
    ({"labels": [None]}, "label 1: is an object with a name"),
    ({"labels": None}, "schema, labels: is a list"),
    ({"labels": []}, "schema: has no labels"),
    ({"labels": [{"name": str(n)} for n in range(501)]}, "schema, labels: has more than 500 rows"),
    (None, "schema: is an object with labels and links"),
    ([], "schema: is an object with labels and links"),
    ({"labels": [{"name": "A", "color": "red"}]}, "label 'A': has an unknown field 'color'; did"),
    ({"labels": [{"name": "A", "atributes": []}]}, "did you mean 'attributes'?"),
    (
        {"labels": [{"name": "A", "key": "1"}, {"name": "B", "key": "1"}]},
        "label 'B', key: '1' is also that of label 'A'",
    ),
    ({"labels": [{"name": "A", "key": "Enter"}]}, "label 'A', key: is one sign, or empty"),
    ({"labels": [{"name": "A", "title": None}]}, "label 'A', title: is a text"),
    ({"labels": [{"name": "A", "fold": "yes"}]}, "label 'A', fold: is true or false"),
    (
        {"labels": [{"name": "A", "attributes": [{"name": "x", "kind": "text"}] * 2}]},
        "label 'A', attribute 'x': is there twice",
    ),
    (with_attribute(kind="bool"), "attribute 'x', kind: is one of choice, choices, flag"),
    (with_attribute(kind=["choice"]), "attribute 'x', kind: is one of choice"),
    (with_attribute(kind="choice", choices=[1, 2]), "choices: holds 1, which is no text; write"),
    (with_attribute(kind="choice", choices=["a", "a"]), "choices: holds 'a' twice"),
    (with_attribute(kind="choice", choices="abc"), "choices: is a list of values"),
    (with_attribute(kind="choice"), "choices: is a list of values"),
    (with_attribute(choices=["a"]), "choices: is for choice and choices; this is text"),
    (with_attribute(default=3), "default: is not among what is allowed"),
    (
        with_attribute(kind="choice", choices=["a"], keys={"b": "1"}),
        "keys: names 'b', which is no choice",
    ),
    (
        with_attribute(kind="choice", choices=["a", "b"], keys={"a": "1", "b": "1"}),
        "attribute 'x', keys, 'b': '1' is also that of",
    ),
    (with_link(sources=["A", "C"]), "link 'rel', sources: names the label 'C', which is not there"),
    (with_link(sources=[["A"]]), "link 'rel', sources: names the label ['A']"),
    (with_link(targets=[]), "link 'rel', targets: names the labels it may have, as a list"),
    (with_link(targets=["B", "B"]), "link 'rel', targets: names the label 'B' twice"),
    (with_link(symmetric=True), "link 'rel': is symmetric, so its sources and targets must be"),
    (with_link(many=1), "link 'rel', many: is true or false"),
    (with_link(unless={"x": ["a"]}), "link 'rel', unless: names 'x', which no source has"),
    (with_link(facet="label"), "link 'rel', facet: cannot be 'label'"),
    (
        {
            "labels": TWO,
            "links": [
                {"name": "rel", "source": "A", "target": "B"},
                {"name": "rel", "source": "B", "target": "A"},
            ],
        },
        "link 'rel': is there twice",
    ),
]


@pytest.mark.parametrize(("data", "named"), CASES)
def test_a_mistake_is_named_with_its_place(data: Any, named: str) -> None:
    assert named in refused(data)


def test_all_mistakes_are_named_at_once() -> None:
    data = {
        "labels": [{"name": "A", "color": "red"}, {"name": "B", "key": "12"}, {"name": "A"}],
        "links": [{"name": "rel", "source": "A", "target": "C"}],
    }
    message = refused(data)
    for part in ("'color'", "label 'B', key", "'A': is there twice", "link 'rel', targets"):
        assert part in message


def test_ends_may_be_several_labels() -> None:
    view = schema_file.parse(with_link(sources=["A", "B"]))
    assert view.links["rel"].sources == ("A", "B")
    old = {"labels": TWO, "links": [{"name": "rel", "source": ["A", "B"], "target": "B"}]}
    assert schema_file.parse(old).links["rel"].sources == ("A", "B")


def test_a_message_stays_short_whatever_a_file_holds() -> None:
    long = "x" * 1_000_000
    data = {"labels": [{"name": long, long: 1, "attributes": [{"name": "a", "kind": long}]}]}
    assert len(refused(data)) < 2000


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("[" * 100_000, "row-json", "nested too deeply"),
        ('{"labels": ', "row-json", ""),
        ("", "row-json", ""),
        ('{"labels": [], "labels": [{"name": "A"}]}', "row-json", "'labels' is there twice"),
        ("x" * 5_000_001, "schema-invalid", "larger than"),
    ],
)
def test_a_file_that_is_none_is_refused_by_name(
    tmp_path: Path, text: str, code: str, named: str
) -> None:
    path = tmp_path / "schema.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        schema_file.read_file(path)
    assert (caught.value.code, caught.value.file) == (code, str(path))
    assert named in caught.value.message


def test_a_file_may_begin_with_a_mark_of_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps({"labels": TWO}), encoding="utf-8-sig")
    assert list(schema_file.read_file(path).labels) == ["A", "B"]


@pytest.mark.parametrize("name", list(TEMPLATES))
def test_a_template_is_a_schema_that_reads_back_with_words_for_people(name: str) -> None:
    template = TEMPLATES[name]
    assert schema_file.parse(template.schema.as_json()) == schema_file.parse(
        json.loads(json.dumps(template.schema.as_json()))
    )
    for label in template.schema.labels.values():
        assert label.title
        assert label.description
        assert label.key
        assert f"{label.title.lower()}" in template.guideline.lower()
    assert template.guideline.startswith("# ")

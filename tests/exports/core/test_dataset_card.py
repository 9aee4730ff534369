"""The front matter of a dataset card is YAML whatever people write; columns fit any schema."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings

from corpus.core.schema import ATTRIBUTION, SchemaView
from corpus.core.schema_file import parse
from exports.core import dataset_card
from exports.core.dataset_features import Names, card_features, columns, fitted
from tools.texts import texts

SHEET: dict[str, Any] = {
    "corpus": "Harbour",
    "documents": 3,
    "words": 10,
    "spans": {"CLAIM": 1},
    "reviewers": {"person-1": 3},
    "decided": {"policy unanimous": 4},
    "suggesters": {},
    "agreement": [],
    "licences": {"CC BY 4.0": 3},
    "gaps": {},
    "changes": None,
    "schema_version": 1,
    "guideline": "0" * 64,
}
CARD: dict[str, Any] = {
    "language": "zh-hans",
    "guideline": "",
    "about": {},
    "outlets": {},
    "published": [],
    "annotated": [],
    "reviews": 6,
    "blind": 0,
    "practice": 0,
    "split": "80/10/10",
    "rows": {"gold": {"train": 2, "test": 1}, "all_annotators": {"train": 2}, "provenance": {}},
}


def front_matter(schema: SchemaView = ATTRIBUTION, **sheet: Any) -> dict[str, Any]:
    page = dataset_card.page(
        name="1",
        digest="0" * 64,
        sheet={**SHEET, **sheet},
        card=CARD,
        schema=schema,
        form="parquet",
    )
    data: dict[str, Any] = yaml.safe_load(page.split("\n---\n")[0])
    return data


@given(texts, texts)
@example("\x7f a\u0085b\u2028c", "\ufeff 😀: - # \uffff")
@hypothesis_settings(max_examples=20)
def test_the_front_matter_holds_what_was_written(corpus: str, licence: str) -> None:
    data = front_matter(corpus=corpus, licences={licence: 2, "other": 1})
    assert data["pretty_name"] == corpus
    assert data["license"] == "other"
    assert set(data["license_name"].split("; ")) == {*licence.split("; "), "other"}


def test_the_front_matter_names_what_there_is() -> None:
    data = front_matter()
    assert (data["language"], data["license"]) == (["zh"], "cc-by-4.0")
    gold, layers = data["configs"]
    assert gold["default"] and gold["config_name"] == "gold"
    assert layers["data_files"] == [{"split": "train", "path": "data/all_annotators/train.parquet"}]
    described = {info["config_name"]: info["features"] for info in data["dataset_info"]}
    assert described["gold"] == card_features(columns(ATTRIBUTION)["gold"])
    assert front_matter(licences={"not stated": 3})["license"] == "unknown"


def attribute(name: str, kind: str, choices: list[str]) -> dict[str, Any]:
    return {"name": name, "kind": kind, "choices": choices, "required": False}


def label(name: str, *attributes: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "title": name, "attributes": list(attributes)}


def test_labels_that_share_an_attribute_share_its_column() -> None:
    schema = parse(
        {
            "labels": [
                label("A", attribute("x", "choice", ["b", "a"]), attribute("y", "flag", [])),
                label("B", attribute("x", "choice", ["a", "c"]), attribute("y", "text", [])),
            ]
        }
    )
    [span] = columns(schema)["gold"]["spans"]
    assert span["attributes"] == {"x": Names(("b", "a", "c")), "y": "string"}
    row = {"label": "B", "attributes": {"x": "c", "y": True}}
    held = fitted(row, {"label": span["label"], "attributes": span["attributes"]}, numbers=True)
    assert held == {"label": 1, "attributes": {"x": 2, "y": "true"}}
    assert columns(schema)["gold"]["links"][0]["kind"] == "string"


def test_what_is_missing_stays_missing() -> None:
    held = fitted({"a": None}, {"a": Names(("none",)), "b": "string"}, numbers=True)
    assert held == {"a": None, "b": None}


def test_links_and_documents_have_columns_of_their_attributes_and_numbers_stay_numbers() -> None:
    own = [attribute("n", "number", []), attribute("several", "choices", ["a", "b"])]
    link = {"name": "k", "sources": ["A"], "targets": ["A"], "attributes": own}
    schema = parse({"labels": [label("A")], "links": [link], "attributes": own[1:]})
    gold = columns(schema)["gold"]
    [held] = gold["links"]
    assert held["attributes"] == {"n": "float64", "several": [Names(("a", "b"))]}
    assert gold["attributes"] == {"several": [Names(("a", "b"))]}
    assert "attributes" not in gold["spans"][0]
    said = {"n": 3, "several": ["b"]}
    assert fitted(said, held["attributes"], numbers=True) == {"n": 3.0, "several": [1]}
    assert fitted({}, held["attributes"], numbers=False) == {"n": None, "several": None}

"""Files say what schema they need: labels, kinds of links with their ends, and attributes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from corpus import importers
from corpus.core import layer_check, schema_file
from corpus.core.schema_found import Found, found_in
from corpus.importers import Article
from corpus.importers.reading import Reading
from tests.corpus.importers.files import write

TEXT = "Ann said that Bo said that it rained."


def found(path: Path, format: str = "") -> Found:
    """What a file holds; the schema is one, and takes the file's own layers."""
    answer = found_in(importers.read(path, Reading(format=format)))
    schema = schema_file.parse(answer.schema)
    for row in importers.read(path, Reading(format=format)):
        assert isinstance(row, Article)
        if row.layer is not None:
            assert not list(layer_check.check(row.layer, schema, row.body.text))
    return answer


def row(number: int, **attributes: Any) -> dict[str, Any]:
    first = {"id": "a1", "label": "NEWS ORG", "start": 0, "end": 3, "attributes": attributes}
    second = {"id": "b2", "label": "PERSON", "start": 14, "end": 16}
    link = {"kind": "part_of", "source": "b2", "target": "a1", "attributes": {"sure": number}}
    return {
        "id": f"d{number}",
        "text": TEXT,
        "spans": [first, second],
        "links": [link],
        "attributes": {"topics": ["rain", "news"][: number % 2 + 1]},
    }


def test_a_file_says_labels_links_and_attributes(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [row(n, tone=["good", "bad"][n % 2], name=f"N{n}", seen=True) for n in range(6)]
    write(path, "".join(json.dumps(line) + "\n" for line in lines))
    answer = found(path)
    org, person = answer.schema["labels"]
    assert (org["name"], person["name"]) == ("NEWS ORG", "PERSON")
    assert {a["name"]: a["kind"] for a in org["attributes"]} == {
        "name": "text",
        "seen": "flag",
        "tone": "choice",
    }
    (link,) = answer.schema["links"]
    assert (link["name"], link["sources"], link["targets"]) == ("part_of", ["PERSON"], ["NEWS ORG"])
    assert link["attributes"] == [{"name": "sure", "kind": "number"}]
    assert answer.schema["attributes"] == [
        {"name": "topics", "kind": "choices", "choices": ["rain", "news"]}
    ]
    assert answer.counts["documents"] == {"all": 6}
    assert answer.counts["labels"] == {"NEWS ORG": 6, "PERSON": 6}
    assert answer.counts["attributes"]["NEWS ORG.tone"] == 6


def test_a_name_that_no_schema_can_have_is_left_out_and_counted(tmp_path: Path) -> None:
    span = {"id": "a1", "label": "x" * 61, "start": 0, "end": 3}
    kept = {"id": "a2", "label": "OK", "start": 0, "end": 3}
    path = write(tmp_path / "a.jsonl", {"id": "a", "text": TEXT, "spans": [span, kept]})
    answer = found_in(importers.read(path))
    assert [label["name"] for label in answer.schema["labels"]] == ["OK"]
    assert list(answer.counts["left_out"].values()) == [1]

"""The description of the API: every answer typed, every operation named, nothing to guess."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_it_is_made_without_a_warning() -> None:
    GENERATOR_STATS.reset()
    SchemaGenerator().get_schema(request=None, public=True)
    assert not GENERATOR_STATS


def test_every_answer_has_a_type(described: dict[str, Any]) -> None:
    components = described["components"]["schemas"]
    for name, operation in operations(described):
        for status, answer in operation["responses"].items():
            if status == "204":
                assert "content" not in answer, name
                continue
            for media, content in answer["content"].items():
                schema = content["schema"]
                if media != "application/json":
                    assert schema == {"type": "string", "format": "binary"}, name
                    continue
                component = components[schema["$ref"].rpartition("/")[2]]
                assert component["properties"], (name, status)


def test_every_body_is_json_but_files(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        if "requestBody" in operation:
            upload = name == "POST /api/corpora/{slug}/uploads/"
            media = "multipart/form-data" if upload else "application/json"
            assert set(operation["requestBody"]["content"]) == {media}, name


def test_every_operation_has_a_name_of_its_own_and_one_group(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(described)]
    assert len(set(names)) == len(names) == 71
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)
    assert all(len(operation["tags"]) == 1 for _, operation in operations(described))


def test_no_set_of_values_has_a_made_up_name(described: dict[str, Any]) -> None:
    enums = {name for name, c in described["components"]["schemas"].items() if "enum" in c}
    assert {"JobState", "LayerKind", "Role", "Verb"} <= enums
    assert [name for name in enums if name.endswith("Enum")] == ["NullEnum"]


def test_lists_that_have_pages_go_on_by_after(described: dict[str, Any]) -> None:
    components = described["components"]["schemas"]
    paged = 0
    for name, operation in operations(described):
        if "200" not in operation["responses"] or not name.startswith("GET"):
            continue
        content = operation["responses"]["200"]["content"].get("application/json", {})
        reference = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        properties = components.get(reference, {}).get("properties", {})
        following = properties.get("next")
        # What comes next alone is no list.
        if following is not None and len(properties) > 1:
            paged += 1
            assert following["nullable"], name
            assert "after" in {p["name"] for p in operation["parameters"]}, name
    assert paged == 13

"""A release says who made it, how sure it is, and what changed since the one before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exports.services.pseudonyms import Pseudonyms
from tests.acts import submit_as
from tests.exports.services.acts import command, correct

pytestmark = pytest.mark.postgresql


def test_the_data_sheet_says_who_what_and_how_sure(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    sheet = json.loads(command("release", "harbour", "1", "--to", tmp_path / "r1", "--json"))
    assert sheet["documents"] == 1
    pseudonyms = Pseudonyms(document.corpus)
    assert sheet["reviewers"] == {pseudonyms.of(bob.pk): 1, pseudonyms.of(carol.pk): 1}
    assert set(sheet["decided"]) == {"policy unanimous"}
    assert list(sheet["suggesters"].values()) == [1]
    assert sheet["licences"] == {"not stated": 1}
    assert sheet["changes"] is None
    [exact] = [
        measure
        for measure in sheet["agreement"]
        if measure["measure"] == "span_f1_exact" and measure["label"] == "CLAIM"
    ]
    assert exact["value"] == 1.0
    page = (tmp_path / "r1" / "DATASHEET.md").read_text(encoding="utf-8")
    for words in (
        "# Harbour, release 1",
        f"| {pseudonyms.of(bob.pk)} | 1 |",
        "policy unanimous",
        "This is the first release.",
    ):
        assert words in page


def test_the_next_release_says_what_changed_and_by_whom(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    correct(document, "set")
    line = command("release", "harbour", "2", "--to", tmp_path / "r2")
    assert "Since 1: 1 CLAIM changed in stance." in line
    correct(document, "remove")
    sheet = json.loads(command("release", "harbour", "3", "--to", tmp_path / "r3", "--json"))
    changes = sheet["changes"]
    assert changes["since"] == "2"
    assert changes["frames"]["CLAIM removed"] == 1
    assert changes["frames"]["links removed"] == 1
    assert "1 CLAIM removed" in changes["sentence"]
    assert changes["by"]["policy correction"]
    for folder in ("r1", "r2", "r3"):
        assert "verifies" in command("verify_release", tmp_path / folder)

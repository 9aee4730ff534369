"""A release of an origin holds only what people found themselves, or saw no suggestions for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotator.services import review
from tests.acts import add_document, submit_as
from tests.exports.services.acts import command, own_claim, refused

pytestmark = pytest.mark.postgresql


def test_a_release_of_what_people_found_leaves_out_what_a_model_proposed(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob, change=own_claim)
    submit_as(document, carol, change=own_claim)
    sheet = json.loads(
        command("release", "harbour", "1", "--to", tmp_path / "r1", "--origin", "people", "--json")
    )
    row = json.loads((tmp_path / "r1" / "gold.jsonl").read_text(encoding="utf-8"))
    assert [span["text"] for span in row["spans"]] == ["Sea wall vote"]
    assert (
        sheet["gaps"][
            "spans left out because a suggester had proposed them or what they are part of"
        ]
        == 5
    )
    assert "verifies" in command("verify_release", tmp_path / "r1")
    everything = json.loads(command("release", "harbour", "2", "--to", tmp_path / "r2", "--json"))
    assert everything["changes"] is None and sum(everything["spans"].values()) == 6
    assert "nothing-to-do" in refused(
        "release", "harbour", "3", "--to", tmp_path / "r3", "--origin", "blind"
    )
    command("release", "harbour", "1", "--to", tmp_path / "again", "--again")
    for name in ("gold.jsonl", "DATASHEET.md", "release.json"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "r1" / name).read_bytes()


def test_a_blind_release_holds_what_no_model_touched(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    blind = add_document(document.corpus, tmp_path, "unseen")
    submit_as(document, bob)
    submit_as(document, carol)
    for user in (bob, carol):
        review.submit(review.open_layer(blind, by=user), by=user, at=0)
    sheet = json.loads(
        command("release", "harbour", "1", "--to", tmp_path / "r1", "--origin", "blind", "--json")
    )
    assert (sheet["documents"], sheet["origin"]) == (1, "blind")
    assert sheet["gaps"]["documents left out because a reviewer saw suggestions"] == 1

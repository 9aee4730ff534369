"""A release pins gold and verifies against the log; a changed file or a changed name does not."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.models import Layer
from tests.annotator.test_adjudicate import submit_as


def command(*args: Any) -> str:
    out = StringIO()
    call_command(*map(str, args), stdout=out)
    return out.getvalue()


def refused(*args: Any) -> str:
    err = StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command(*map(str, args), stderr=err)
    assert caught.value.code == 1
    return err.getvalue()


def test_a_release_verifies_until_a_file_changes(document: Any, bob: Any, carol: Any, tmp_path: Path) -> None:
    assert "nothing-to-do" in refused("release", "harbour", "1", "--to", tmp_path / "r1")
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    assert "1 documents" in command("verify_release", tmp_path / "r1")
    assert "exists" in refused("release", "harbour", "1", "--to", tmp_path / "r2")
    path = tmp_path / "r1" / "gold.jsonl"
    path.write_text(path.read_text().replace("oppose", "support"))
    assert "release-invalid" in refused("verify_release", tmp_path / "r1")
    assert "file-unreadable" in refused("verify_release", tmp_path / "nowhere")


def test_later_gold_does_not_change_a_release(document: Any, bob: Any, carol: Any, tmp_path: Path) -> None:
    from annotator.core.decisions import Decision
    from annotator.services.log import Entry, write

    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    gold = Layer.objects.get(kind="gold")
    write(gold, [Entry(Decision("remove", "span", next(iter(gold.spans.values_list("ident", flat=True))), None))],
          at=gold.version, policy="test")  # fmt: skip
    assert "verifies" in command("verify_release", tmp_path / "r1")

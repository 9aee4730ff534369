"""Long commands show how far they are: a bar on a terminal, plain lines elsewhere.

Nothing of it goes to stdout.
"""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from corpus.management.base import SaidbyCommand
from corpus.models import Corpus
from tests.acts import TEXT

pytestmark = pytest.mark.postgresql

# Two reports of each: imports report every 250 documents, layers and exports every 100.
COUNT = 260


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    span = {"id": "s1", "label": "SPEAKER", "start": 0, "end": 3, "text": TEXT[:3]}
    path.write_text(
        "".join(
            json.dumps({"id": f"d{n}", "text": f"{TEXT}{n}", "spans": [span]}) + "\n"
            for n in range(COUNT)
        ),
        encoding="utf-8",
    )
    return path


def run(err: StringIO, *command: Any) -> tuple[str, str]:
    out = StringIO()
    call_command(*command, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize("act", ["import_documents", "import_layer", "export"])
def test_a_long_command_tells_how_far_it_is(
    act: str, corpus: Corpus, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SaidbyCommand, "seconds", 0)
    commands = {
        "import_documents": ["import_documents", corpus.slug, str(rows)],
        "import_layer": ["import_layer", corpus.slug, str(rows), "--as", "ann"],
        "export": ["export", corpus.slug, "--format", "jsonl", "--layer", "suggestions", "--to"],
    }
    if act != "import_documents":
        run(StringIO(), *commands["import_documents"])
    where = (
        [[str(tmp_path / "a.jsonl")], [str(tmp_path / "b.jsonl")]] if act == "export" else [[], []]
    )
    out, err = run(StringIO(), *commands[act], *where[0], "--json")
    json.loads(out)
    assert all(re.fullmatch(rf"\d+ so far|\d+/{COUNT}", line) for line in err.splitlines())
    assert len(err.splitlines()) > 1
    _, err = run(Terminal(), *commands[act], *where[1])
    assert err.startswith("\r") and err.endswith("\n")
    assert err.count("\n") == 1


def test_what_takes_no_time_tells_nothing(corpus: Corpus, rows: Path) -> None:
    assert run(StringIO(), "import_documents", corpus.slug, str(rows), "--spans", "ignore")[1] == ""

"""An export that runs out of disk says so and leaves nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def port(manage: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """A corpus with suggestions for forty documents."""
    said = "“We will not close the harbour,” said Mayor Ada Lund. Critics denied that it was safe. "
    lines = tmp_path / "documents.jsonl"
    lines.write_text(
        "".join(
            json.dumps({"id": f"d{n}", "text": f"Harbour {n}\n\n{said * 5}"}) + "\n"
            for n in range(40)
        ),
        encoding="utf-8",
    )
    manage("create_corpus", "port")
    manage("import_documents", "port", str(lines))
    manage("suggest", "port")
    return manage


@pytest.mark.parametrize("format", ["jsonl", "spacy"])
def test_an_export_that_cannot_be_written_is_no_export(
    format: str, port: Callable[..., Any], tmp_path: Path
) -> None:
    to = tmp_path / "out" / "gold"
    to.parent.mkdir()
    arguments = ["export", "port", "--format", format, "--layer", "suggestions", "--to", str(to)]
    failed = port(*arguments, disk=40_000)
    assert failed.returncode == 1
    assert failed.stderr.count("\n") == 1, failed.stderr
    assert "[file-unreadable]" in failed.stderr
    assert list(to.parent.iterdir()) == []
    port(*arguments)
    assert to.exists()

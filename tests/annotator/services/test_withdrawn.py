"""An article whose text was withdrawn is gone for good, and nothing else breaks by it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from annotator.services import imports
from corpus import importers
from corpus.models import Corpus, Document
from exports.services.withdrawal import withdraw
from tests.acts import TEXT, submit_as


def test_checks_and_policies_go_on_after_a_withdrawal(document: Any, bob: Any, carol: Any) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    withdraw(document)
    out = StringIO()
    call_command("check_layers", stdout=out)
    assert "0 differences" in out.getvalue()


def test_a_withdrawn_text_that_is_imported_again_is_refused_and_named(
    document: Any, tmp_path: Path
) -> None:
    withdraw(document)
    path = tmp_path / "again.jsonl"
    rows = [
        {"id": document.external_id, "text": TEXT},
        {"id": "another", "text": "Another article."},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    report = imports.import_documents(document.corpus, [path])
    assert [(p.code, p.line) for p in report.problems] == [("text-withdrawn", 1)]
    assert report.imported == 1
    current = Document.objects.filter(corpus=document.corpus, retired_at=None)
    assert [d.external_id for d in current] == ["another"]


def test_numbers_of_any_size_in_metadata_leave_in_a_docbin_and_come_back(
    corpus: Corpus, tmp_path: Path
) -> None:
    path, out = tmp_path / "big.jsonl", tmp_path / "big.spacy"
    row = {
        "id": "a",
        "text": "Ann said no.",
        "meta": {"n": 10**30},
        "spans": [{"id": "s1", "label": "SPEAKER", "start": 0, "end": 3, "text": "Ann"}],
    }
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    imports.import_documents(corpus, [path])
    call_command(
        "export",
        corpus.slug,
        "--format",
        "docbin",
        "--layer",
        "suggestions",
        "--to",
        str(out),
        stdout=StringIO(),
    )
    (found,) = importers.read(out)
    assert found.meta["n"] == 10**30  # type: ignore[union-attr]

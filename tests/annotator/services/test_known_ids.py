"""Documents that come again alone, or beside other files than before, are known."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from annotator.services import incoming
from annotator.services.imports import Report, import_documents
from annotator.services.incoming import Incoming
from corpus.models import Corpus, Document, Job

pytestmark = pytest.mark.django_db(transaction=True)


def rows(path: Path, **texts: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    said = [
        {"id": int(ident) if ident.isdigit() else ident, "text": texts[ident]} for ident in texts
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in said))
    return path


def current() -> dict[str, str]:
    documents = Document.objects.filter(retired_at__isnull=True)
    return dict(documents.values_list("external_id", "body__text"))


def told(report: Report) -> tuple[int, int, int, list[str]]:
    codes = [problem.code for problem in report.problems]
    return report.imported, report.skipped, report.replaced, codes


@pytest.mark.parametrize("name", ["train.jsonl", "001.jsonl"])
def test_a_file_that_came_with_its_namesakes_is_there_when_it_comes_alone(
    corpus: Corpus, tmp_path: Path, name: str
) -> None:
    paths = [
        rows(tmp_path / folder / name, **{"7": f"Rain in {folder}.", "x": f"Snow in {folder}."})
        for folder in ("2023/data", "2024/data", "b")
    ]
    assert told(import_documents(corpus, paths)) == (6, 0, 0, [])
    before = current()
    for path in paths:
        assert told(import_documents(corpus, [path])) == (0, 2, 0, [])
    for some in permutations(paths, 2):
        assert told(import_documents(corpus, list(some))) == (0, 4, 0, [])
    assert current() == before


def test_files_that_gave_one_id_to_two_texts_are_there_when_each_comes_alone(
    corpus: Corpus, tmp_path: Path
) -> None:
    paths = [rows(tmp_path / f"{name}.jsonl", x=f"Rain {name}.") for name in "ab"]
    assert told(import_documents(corpus, paths)) == (2, 0, 0, [])
    for some in ([paths[1]], [paths[0]], paths[::-1]):
        assert import_documents(corpus, some).skipped == len(some)
    assert set(current()) == {"a-x", "b-x"}


def test_a_text_that_was_corrected_is_known_by_the_folder_that_it_lies_in(
    corpus: Corpus, tmp_path: Path
) -> None:
    paths = [rows(tmp_path / folder / "t.jsonl", **{"7": f"Rain in {folder}."}) for folder in "ab"]
    import_documents(corpus, paths)
    rows(paths[1], **{"7": "Rain in b, at last."})
    assert told(import_documents(corpus, [paths[1]])) == (0, 0, 0, ["would-replace"])
    assert told(import_documents(corpus, [paths[1]], update=True)) == (0, 0, 1, [])
    assert current() == {"a-t-7": "Rain in a.", "b-t-7": "Rain in b, at last."}


def test_no_two_documents_of_one_import_become_one(corpus: Corpus, tmp_path: Path) -> None:
    texts = {"a-x": "Rain.", "x": "Rain.", "b-x": "Snow."}
    assert told(import_documents(corpus, [rows(tmp_path / "in.jsonl", **texts)]))[0] == 3
    assert told(import_documents(corpus, [rows(tmp_path / "in.jsonl", **texts)]))[1] == 3
    assert current() == texts


def test_a_withdrawn_or_removed_text_is_known_too(
    corpus: Corpus, alice: Any, tmp_path: Path
) -> None:
    paths = [rows(tmp_path / folder / "t.jsonl", **{"7": f"Rain in {folder}."}) for folder in "ab"]
    import_documents(corpus, paths)
    Document.objects.filter(external_id="a-t-7").update(
        retired_at="2026-01-01T00:00Z", removed_because="a mistake"
    )
    assert told(import_documents(corpus, [paths[0]])) == (0, 0, 0, ["document-removed"])


def sent(corpus: Corpus, by: Any, **texts: str) -> Job:
    """Bring files in on a page, and let the worker look through and import them."""
    files = []
    for path, text in texts.items():
        data = json.dumps({"id": 7, "text": text}).encode()
        files.append(SimpleUploadedFile(path.rpartition("/")[2], data))
    job = incoming.receive(corpus, Incoming(files=files, paths=list(texts)), by=by)
    for _ in range(2):
        call_command("run_jobs", "--once", verbosity=0)
    job.refresh_from_db()
    return job


def test_a_file_of_a_folder_that_was_dropped_is_there_when_it_is_chosen_alone(
    corpus: Corpus, alice: Any
) -> None:
    both = {"in/a/t.jsonl": "Rain.", "in/b/t.jsonl": "Snow."}
    assert sent(corpus, alice, **both).result["documents"] == 2
    alone: dict[str, str]
    for alone in ({"t.jsonl": "Snow."}, {"b/t.jsonl": "Snow."}, {"t.jsonl": "Rain."}):
        result = sent(corpus, alice, **alone).result
        assert (result["documents"], result["present"]) == (0, 1)
    assert current() == {"a-t-7": "Rain.", "b-t-7": "Snow."}

"""What an id is: unique in its file or folder alone, it carries the name of that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus import importers
from corpus.core.filenames import file_name, ident_of, is_generic
from corpus.importers import Article


def ids(*paths: Path) -> list[str]:
    return [row.id for row in importers.articles(list(paths)) if isinstance(row, Article)]


def test_numbers_of_two_projects_stay_apart(tmp_path: Path) -> None:
    for name in ("projA", "projB"):
        tasks = [{"id": n, "data": {"text": f"{name} {n}."}} for n in (1, 2)]
        (tmp_path / f"{name}.json").write_text(json.dumps(tasks))
    found = ids(tmp_path / "projA.json", tmp_path / "projB.json")
    assert found == ["projA-1", "projA-2", "projB-1", "projB-2"]


@pytest.mark.parametrize("stem", ["1", "001", "20417"])
def test_a_file_with_a_name_that_says_nothing_carries_its_folder(tmp_path: Path, stem: str) -> None:
    paths = []
    for folder in ("A", "B"):
        path = tmp_path / folder / f"{stem}.txt"
        path.parent.mkdir()
        path.write_text(folder)
        paths.append(path)
    assert ids(*paths) == [f"A-{stem}", f"B-{stem}"]


@pytest.mark.parametrize("stem", ["sea-wall", "article", "doc1", "2024-11-26", "1234567890"])
def test_a_file_with_a_name_of_its_own_keeps_it(tmp_path: Path, stem: str) -> None:
    (tmp_path / f"{stem}.txt").write_text("Rain.")
    assert ids(tmp_path / f"{stem}.txt") == [stem]


def test_documents_of_a_file_of_tokens_carry_its_name(tmp_path: Path) -> None:
    for name in ("rain.conll", "1.conll"):
        (tmp_path / name).write_text("-DOCSTART-\n\nRain O\n\n-DOCSTART-\n\nSnow O\n")
    assert ids(tmp_path / "rain.conll") == ["rain-1", "rain-2"]
    folder = tmp_path.name
    assert ids(tmp_path / "1.conll") == [f"{folder}-1-1", f"{folder}-1-2"]


def test_names_in_rows_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": "7", "text": "Rain."}\n{"id": 7, "text": "Snow."}\n')
    assert ids(path) == ["7", "rows-7"]


@pytest.mark.parametrize("ident", ["001", "doc1", "article", "sea-wall"])
def test_the_name_of_an_exported_file_is_read_as_its_id(ident: str) -> None:
    name = file_name(ident)
    assert not is_generic(name)
    assert ident_of(name) == ident

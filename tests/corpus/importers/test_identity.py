"""What an id is: unique in its file or folder alone, it carries the name of that."""

from __future__ import annotations

import io
import json
import zipfile
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


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _texts(*paths: Path) -> dict[str, str]:
    rows = importers.articles(list(paths))
    return {row.id: row.body.text for row in rows if isinstance(row, Article)}


def test_files_of_one_name_with_other_texts_carry_their_folders_in_any_order(
    tmp_path: Path,
) -> None:
    first = _written(tmp_path / "A" / "report.txt", "Rain.")
    second = _written(tmp_path / "B" / "report.txt", "Snow.")
    alone = _written(tmp_path / "B" / "other.txt", "Hail.")
    wanted = {"A-report": "Rain.", "B-report": "Snow.", "other": "Hail."}
    assert _texts(first, second, alone) == wanted
    assert _texts(alone, second, first) == wanted


def test_files_of_one_name_and_one_text_are_one_document(tmp_path: Path) -> None:
    paths = [_written(tmp_path / folder / "report.txt", "Rain.") for folder in "AB"]
    assert ids(*paths) == ["report", "report"]


def test_folders_of_one_name_carry_the_folders_above_them(tmp_path: Path) -> None:
    paths = []
    for year in ("2023", "2024"):
        paths.append(_written(tmp_path / year / "data" / "report.txt", f"Rain of {year}."))
        paths.append(_written(tmp_path / year / "data" / "001.txt", f"Snow of {year}."))
    wanted = ["2023-data-report", "2023-data-001", "2024-data-report", "2024-data-001"]
    assert ids(*paths) == wanted


def test_rows_of_files_of_one_name_carry_their_folders(tmp_path: Path) -> None:
    for project in ("A", "B"):
        rows = [{"id": 1, "text": f"Rain of {project}."}, {"id": "x", "text": f"Snow {project}."}]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        _written(tmp_path / project / "export.jsonl", lines)
    found = ids(tmp_path / "A" / "export.jsonl", tmp_path / "B" / "export.jsonl")
    assert found == ["A-export-1", "A-x", "B-export-1", "B-x"]


@pytest.mark.parametrize("layout", ["folders", "zips"])
def test_files_of_one_name_in_zip_files_carry_their_folders(tmp_path: Path, layout: str) -> None:
    outer = tmp_path / "all.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        for folder, text in (("A", "Rain."), ("B", "Snow.")):
            if layout == "folders":
                archive.writestr(f"{folder}/report.txt", text)
            else:
                inner = io.BytesIO()
                with zipfile.ZipFile(inner, "w") as packed:
                    packed.writestr("report.txt", text)
                archive.writestr(f"{folder}.zip", inner.getvalue())
    assert _texts(outer) == {"A-report": "Rain.", "B-report": "Snow."}


def test_files_of_one_name_in_two_zip_files_carry_their_names(tmp_path: Path) -> None:
    for name, text in (("A", "Rain."), ("B", "Snow.")):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr("report.txt", text)
    assert _texts(tmp_path) == {"A-report": "Rain.", "B-report": "Snow."}


def test_one_name_in_one_folder_is_left_to_whoever_writes_them(tmp_path: Path) -> None:
    _written(tmp_path / "A" / "report.txt", "Rain.")
    _written(tmp_path / "A" / "report.md", "Snow.")
    assert ids(tmp_path / "A") == ["report", "report"]


def _rows(path: Path, **texts: str) -> Path:
    rows = [{"id": ident, "text": text} for ident, text in texts.items()]
    return _written(path, "".join(json.dumps(row) + "\n" for row in rows))


def test_an_id_that_files_of_other_names_give_to_other_texts_carries_their_names(
    tmp_path: Path,
) -> None:
    first = _rows(tmp_path / "a.jsonl", x="Rain.", y="Hail.")
    second = _rows(tmp_path / "b.jsonl", x="Snow.", z="Sleet.")
    wanted = {"a-x": "Rain.", "y": "Hail.", "b-x": "Snow.", "z": "Sleet."}
    assert _texts(first, second) == wanted
    assert _texts(second, first) == wanted
    assert _texts(tmp_path) == wanted


def test_files_of_several_names_in_several_folders_carry_both(tmp_path: Path) -> None:
    for folder in "AB":
        for part in ("train", "test"):
            _rows(tmp_path / folder / f"{part}.jsonl", x=f"{part} of {folder}.")
    paths = [tmp_path / folder for folder in "BA"]
    assert sorted(ids(*paths)) == ["A-test-x", "A-train-x", "B-test-x", "B-train-x"]


def test_an_id_that_carries_its_source_is_counted_with_an_example(tmp_path: Path) -> None:
    paths = [_rows(tmp_path / f"{name}.jsonl", x=f"Rain {name}.") for name in "ab"]
    first = next(importers.articles(paths))
    assert isinstance(first, Article)
    assert [*first.notes.values()] == [1] and [*first.examples.values()] == ["a-x"]

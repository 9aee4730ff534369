"""Large files are read by a process of their own: the same comes out of it, and its end is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from annotator.services import imports
from corpus import importers
from corpus.core.near_duplicates import shingles, signature
from corpus.core.problems import Problem
from corpus.importers import Article, reader_process
from corpus.models import Document, DocumentText
from tests.sites import below


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reader_process, "LARGE", 0)
    path = tmp_path / "with a space.jsonl"
    rows = [
        json.dumps({"id": f"d{n}", "text": f"Ann said it rained {n} times 😀."}) for n in range(450)
    ]
    rows[7], rows[449] = "{", '{"id": "x"}'
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def as_told(found: Article | Problem) -> Any:
    return (
        str(found)
        if isinstance(found, Problem)
        else (found.id, found.body, found.meta, found.layer, found.line)
    )


def signed(found: Article | Problem) -> bool:
    """Tell an article that came with its signature, as the process alone gives it."""
    return isinstance(found, Article) and bool(found.signature)


def test_the_same_comes_out(lines: Path) -> None:
    here, there = list(importers.articles([lines])), list(reader_process.articles([lines]))
    assert list(map(as_told, there)) == list(map(as_told, here))
    assert len(there) == 450
    first = there[0]
    assert isinstance(first, Article)
    assert first.signature == signature(shingles(first.body.text)).tobytes()


def readers(parent: int) -> list[int]:
    """Return the processes below another that read."""
    found = []
    for pid in below(parent):
        if b"reader_process" in Path(f"/proc/{pid}/cmdline").read_bytes():
            found.append(pid)
    return found


def test_what_cannot_be_read_is_told(tmp_path: Path, lines: Path) -> None:
    (problem,) = reader_process.articles([tmp_path / "none.jsonl"])
    assert isinstance(problem, Problem) and problem.code == "file-missing"


def test_an_import_whose_reader_is_killed_says_so_and_goes_on(corpus: Any, lines: Path) -> None:
    def kill(done: int) -> None:
        for pid in readers(os.getpid()):
            os.kill(pid, signal.SIGKILL)

    # What was in the pipe still comes; a file that is read at once leaves nothing to kill.
    lines.write_text(
        lines.read_text(encoding="utf-8")
        + "\n".join(json.dumps({"id": f"long{n}", "text": f"Word {n} " * 900}) for n in range(900)),
        encoding="utf-8",
    )
    with pytest.raises(Problem) as caught:
        imports.import_documents(corpus, [lines], progress=kill)
    assert caught.value.code == "reader-ended"
    assert 0 < Document.objects.count() < 1348
    report = imports.import_documents(corpus, [lines])
    assert (Document.objects.count(), len(report.problems)) == (1348, 2)
    assert not DocumentText.objects.filter(signature=b"").exists()


def test_who_takes_no_more_leaves_no_process_behind(lines: Path) -> None:
    found = reader_process.articles([lines])
    next(found)
    found.close()
    assert not readers(os.getpid())


def packed(folder: Path) -> Path:
    """Write a zip file of more than goes into the pipe at once."""
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(2000):
            archive.writestr(f"{number}.txt", f"Ann said that {number} rained. " * 300)
    return path


@pytest.mark.parametrize("killed", [False, True])
def test_what_it_unpacked_goes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    found = reader_process.articles([packed(tmp_path)])
    next(found)
    assert len(list(folder.rglob("*.txt"))) == 2000
    if killed:
        (reader,) = readers(os.getpid())
        os.kill(reader, signal.SIGKILL)
        with pytest.raises(Problem):
            list(found)
    found.close()
    assert not list(folder.iterdir())


def test_it_ends_with_whoever_began_it(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from corpus.importers import reader_process;"
        "rows = reader_process.articles([Path(sys.argv[1])]); next(rows);"
        "print(flush=True); time.sleep(60)"
    )
    folder = tmp_path / "temporary"
    folder.mkdir()
    environment = {**os.environ, "TMPDIR": str(folder)}
    line = [sys.executable, "-c", code, str(packed(tmp_path))]
    with subprocess.Popen(line, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (reader,) = readers(process.pid)
        process.kill()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{reader}").exists() or list(folder.rglob("*.txt")):
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.05)


def test_what_is_packed_is_read_by_it_however_small_and_deep_in_a_folder(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "project", tmp_path / "project" / "source"):
        place.mkdir(exist_ok=True)
        with zipfile.ZipFile(place / "a.zip", "w") as archive:
            archive.writestr("a.txt", "Ann said it rained.")
    (tmp_path / "b.txt").write_text("Ann said it rained.", encoding="utf-8")
    assert not any(signed(row) for row in reader_process.articles([tmp_path / "b.txt"]))
    for path in (tmp_path / "a.zip", tmp_path / "project"):
        assert all(signed(row) for row in reader_process.articles([path]))

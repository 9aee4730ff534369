"""A file that wants too much memory or time is a problem, and the files after it come in."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article, limits
from corpus.importers.reading import Reading

# An importer of texts that goes on after each exception, in a process that is held to limits.
READ = """
import json, sys
from contextlib import contextmanager
from pathlib import Path
from corpus import importers
from corpus.importers import limits, plain
read, unpacked = plain.read, importers.unpacked
@contextmanager
def greedy_unpacked(path):
    for _ in greedy(path, None):
        break
    with unpacked(path) as folder:
        yield folder
importers.unpacked = greedy_unpacked
def greedy(path, reading):
    if path.stem == "slow":
        while True:
            try:
                sum(range(10**6))
            except Exception:
                pass
    if path.stem == "large":
        yield bytes(limits.MEMORY)
    if reading:
        yield from read(path, reading)
plain.read = greedy
limits.SECONDS, limits.MEMORY = 1, 1 << 30
limits.hold()
for row in importers.articles([Path(name) for name in sys.argv[1:]]):
    limits.restart()
    print(json.dumps([Path(row.file).name, getattr(row, "message", "")]))
"""


@pytest.mark.parametrize("ending", ["txt", "zip"])
def test_files_that_take_too_much_are_named_and_the_others_come_in(
    tmp_path: Path, ending: str
) -> None:
    names = [f"large.{ending}", f"slow.{ending}", f"last.{ending}"]
    for name in names:
        if ending == "zip":
            with zipfile.ZipFile(tmp_path / name, "w") as archive:
                archive.writestr("a.txt", "Ann said so.")
        else:
            (tmp_path / name).write_text("Ann said so.", encoding="utf-8")
    line = [sys.executable, "-c", READ, *(str(tmp_path / name) for name in names)]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    large, slow, last = map(json.loads, done.stdout.splitlines())
    assert large[0] == names[0] and "more memory" in large[1]
    assert slow[0] == names[1] and "seconds of a processor" in slow[1]
    assert last == ["last.txt" if ending == "txt" else "a.txt", ""]


def test_a_document_of_too_many_spans_is_refused_and_its_text_alone_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_SPANS", 1)
    rows: list[dict[str, Any]] = []
    for count in (1, 2):
        spans = [{"id": f"s{n}", "label": "CLAIM", "start": n, "end": 9} for n in range(count)]
        rows.append({"id": f"d{count}", "text": "Ann said it rained.", "spans": spans})
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    first, second = importers.articles([path])
    assert isinstance(first, Article) and isinstance(second, Problem)
    assert (second.code, second.line) == ("part-too-large", 2)
    plain = Reading(spans=False)
    assert all(isinstance(row, Article) for row in importers.articles([path], plain))


def test_a_system_that_limits_no_memory_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(limits.resource, "setrlimit", refuse)
    limits.limit_memory(1 << 30)

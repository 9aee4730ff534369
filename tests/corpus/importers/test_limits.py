"""A file that wants too much memory or time is a problem, and the files after it come in."""

from __future__ import annotations

import json
import subprocess
import sys
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
from pathlib import Path
from corpus import importers
from corpus.importers import limits, plain
read = plain.read
def greedy(path, reading):
    if path.stem == "slow":
        while True:
            try:
                sum(range(10**6))
            except Exception:
                pass
    if path.stem == "large":
        yield bytes(limits.MEMORY)
    yield from read(path, reading)
plain.read = greedy
limits.SECONDS, limits.MEMORY = 1, 1 << 30
limits.hold()
for row in importers.articles([Path(name) for name in sys.argv[1:]]):
    limits.restart()
    print(json.dumps([Path(row.file).name, getattr(row, "message", "")]))
"""


def test_files_that_take_too_much_are_named_and_the_others_come_in(tmp_path: Path) -> None:
    names = ["large.txt", "slow.txt", "last.txt"]
    for name in names:
        (tmp_path / name).write_text("Ann said so.", encoding="utf-8")
    line = [sys.executable, "-c", READ, *(str(tmp_path / name) for name in names)]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    large, slow, last = map(json.loads, done.stdout.splitlines())
    assert large[0] == "large.txt" and "more memory" in large[1]
    assert slow[0] == "slow.txt" and "seconds of a processor" in slow[1]
    assert last == ["last.txt", ""]


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

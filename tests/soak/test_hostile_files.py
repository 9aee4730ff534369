"""Files made to want long work: what it takes grows as the file does, in bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.corpus.importers.test_hostile_files import ANY_BYTES, ODD_BYTES, SLOW, not_stopped
from tests.soak.hostile import CASES

# Four times the size takes a linear reader four times as long, a quadratic one sixteen times. A
# busy machine makes either figure half as much again.
MOST_TIMES = 9
# Below this many seconds of a processor nothing is told by a ratio.
SHORT = 1.0
MEMORY = 2 << 30
SECONDS = 60
READ = """
import logging, json, resource, sys
from pathlib import Path
from corpus import importers
logging.disable()
memory, seconds, *paths = sys.argv[1:]
for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
    # The softer limit alone: a process that an importer starts sets limits of its own.
    resource.setrlimit(kind, (int(most), resource.getrlimit(kind)[1]))
# What a process of its own reads counts as well.
def used():
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(sum(each[:2]) for each in both)
took = []
for path in paths:
    before = used()
    rows = sum(1 for row in importers.articles([Path(path)]))
    took.append(used() - before)
    assert rows
print(json.dumps(took))
"""


def _grows(line: list[str]) -> bool:
    """Tell whether the larger file took more than fits the size; a child of its own measures."""
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    _, small, large = json.loads(done.stdout)
    return bool(large > SHORT and large > MOST_TIMES * small)


@pytest.mark.parametrize("name", CASES)
def test_four_times_the_size_takes_about_four_times_the_time(name: str, tmp_path: Path) -> None:
    make, size = CASES[name]
    paths = []
    # The first loads what the importer needs.
    for number, times in enumerate((0.01, 0.5, 2)):
        folder = tmp_path / str(number)
        folder.mkdir()
        paths.append(str(make(folder, max(2, int(times * size)))))
    line = [sys.executable, "-c", READ, str(MEMORY), str(SECONDS), *paths]
    assert not _grows(line) or not _grows(line)


@pytest.mark.parametrize("name", SLOW)
@given(raw=ANY_BYTES)
@settings(max_examples=30)
def test_no_bytes_stop_a_slow_importer(name: str, raw: bytes) -> None:
    not_stopped(name, raw)


@pytest.mark.parametrize("name", SLOW)
@pytest.mark.parametrize("raw", ODD_BYTES)
def test_no_odd_bytes_stop_a_slow_importer(name: str, raw: bytes) -> None:
    not_stopped(name, raw)

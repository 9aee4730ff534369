"""Files made to want long work: twice the size takes about twice the time, in bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak.hostile import CASES

# A reader that is quadratic takes four times as long; a linear one twice, give or take.
MOST_TIMES = 3.2
# Below this many seconds of a processor nothing is told by a ratio.
SHORT = 0.5
MEMORY = 2 << 30
SECONDS = 60
READ = """
import logging, json, resource, sys
from pathlib import Path
from corpus import importers
logging.disable()
memory, seconds, *paths = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
took = []
for path in paths:
    before = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    rows = sum(1 for row in importers.articles([Path(path)]))
    took.append(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - before)
    assert rows
print(json.dumps(took))
"""


@pytest.mark.parametrize("name", CASES)
def test_twice_the_size_takes_about_twice_the_time(name: str, tmp_path: Path) -> None:
    make, size = CASES[name]
    paths = []
    # The first loads what the importer needs.
    for number, times in enumerate((0.01, 1, 2)):
        folder = tmp_path / str(number)
        folder.mkdir()
        paths.append(str(make(folder, max(2, int(times * size)))))
    line = [sys.executable, "-c", READ, str(MEMORY), str(SECONDS), *paths]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    _, once, twice = json.loads(done.stdout)
    assert twice < SHORT or twice < MOST_TIMES * once, (once, twice)

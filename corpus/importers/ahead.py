"""Read large files in a process of its own, ahead of whoever writes what they hold.

Reading and writing take about the same time, so on two processors an import takes little more than half of it. The
process is this module: it gets the format and the paths and writes pickled batches, which its pipe holds up when nobody
takes them.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, cast

from corpus.core.problems import Problem
from corpus.core.similar import shingles, signature
from corpus.importers import Article
from corpus.importers import articles as read_here

# Below this many bytes a process costs more than it saves.
LARGE = 4_000_000
BATCH = 100
ROOT = Path(__file__).parents[2]


def articles(paths: list[Path], *, format: str = "") -> Iterator[Article | Problem]:
    """Yield what `corpus.importers.articles` yields; articles of large files come with their signature.

    Raises `Problem` when the reading process was ended from outside.
    """
    if sum(_size(path) for path in paths) < LARGE:
        yield from read_here(paths, format=format)
        return
    command = [sys.executable, "-m", __name__, format, *map(os.fsdecode, paths)]
    known = os.environ.get("PYTHONPATH", "")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), known]))}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as reader:  # noqa: S603 - it is this module
        try:
            while batch := _batch(reader):
                yield from batch
        except (EOFError, pickle.UnpicklingError):
            raise Problem("reader-ended", status=reader.wait()) from None
        finally:
            reader.kill()


def _batch(reader: subprocess.Popen[bytes]) -> list[Article | Problem]:
    # What is read is what our own code wrote.
    batch: list[Article | Problem] = pickle.load(cast(IO[bytes], reader.stdout))  # noqa: S301
    return batch


def _size(path: Path) -> int:
    try:
        return sum(p.stat().st_size for p in path.iterdir()) if path.is_dir() else path.stat().st_size
    except OSError:
        return 0


def _main() -> None:
    # Ctrl-C reaches every process; the one that writes decides what becomes of this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked, *paths = sys.argv[1:]
    batch: list[Article | Problem] = []
    for found in read_here([Path(path) for path in paths], format=asked):
        if isinstance(found, Article):
            found = replace(found, signature=signature(shingles(found.body.text)).tobytes())
        batch.append(found)
        if len(batch) == BATCH:
            _send(batch)
            batch = []
    if batch:
        _send(batch)
    _send([])


def _send(batch: list[Article | Problem]) -> None:
    pickle.dump(batch, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()

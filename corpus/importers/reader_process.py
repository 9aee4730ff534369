"""Read large files in a process of its own, within limits, ahead of whoever writes what they hold.

What is small is read where it is wanted: its size bounds the work. Reading and writing take about
the same time, so on two processors an import takes little more than half of it. The process is this
module: it gets the options and the paths and writes pickled batches. A thread fetches some of them
before they are wanted, so that neither side waits while the other works; then the pipe holds the
reader up.
"""

from __future__ import annotations

import gc
import json
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from types import FrameType
from typing import IO, cast

from corpus.core.near_duplicates import shingles, signature
from corpus.core.problems import Problem
from corpus.importers import ENDINGS, Article, limits, own_process, packing
from corpus.importers import articles as read_here
from corpus.importers.reading import AS_FOUND, Reading

# Batches that wait to be taken.
WAITING = 8
# Below this many bytes a process costs more than it saves.
LARGE = 500_000
# Of what is not read line by line a byte counts as so many, and of what unpacks to any size all.
HEAVY = 10
LINES = frozenset(
    ending for name in ("text", "jsonl", "csv", "brat", "conll") for ending in ENDINGS[name]
)
UNPACKED = (".zip", *ENDINGS["parquet"])
BATCH = 100
# Bytes that say how long a batch is.
SIZE = 8
OBJECTS_UNTIL_COLLECTED = 100_000


def articles(paths: list[Path], reading: Reading = AS_FOUND) -> Iterator[Article | Problem]:
    """Yield what `corpus.importers.articles` yields.

    Articles of large files come with their signature. Raises `Problem` when the reading process was
    ended from outside.
    """
    if sum(_weight(path) for path in paths) < LARGE:
        yield from read_here(paths, reading)
        return
    # What it unpacks lies where it goes with it, however it ends.
    with tempfile.TemporaryDirectory(prefix="saidby-") as folder:
        yield from _read_beside(paths, reading, folder)


def _read_beside(paths: list[Path], reading: Reading, folder: str) -> Iterator[Article | Problem]:
    options = json.dumps(reading.as_json())
    command, environment = own_process.command(__name__, options, *paths)
    environment["TMPDIR"] = folder
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as reader:  # noqa: S603 - it is this module
        waiting: Queue[bytes] = Queue(WAITING)
        fetcher = Thread(target=_fetch, args=(cast(IO[bytes], reader.stdout), waiting), daemon=True)
        fetcher.start()
        try:
            while batch := waiting.get():
                rows = _unpacked(batch)
                if not rows:
                    return
                yield from rows
            raise Problem("reader-ended", status=reader.wait())
        finally:
            reader.kill()
            while fetcher.is_alive():
                with suppress(Empty):
                    waiting.get(timeout=0.1)


def _unpacked(batch: bytes) -> list[Article | Problem]:
    """Return what a batch holds; nothing of it can be garbage yet, so none is looked for."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        # What is read is what our own code wrote.
        rows: list[Article | Problem] = pickle.loads(batch)  # noqa: S301
    finally:
        if collecting:
            gc.enable()
    return rows


def _fetch(pipe: IO[bytes], waiting: Queue[bytes]) -> None:
    """Take whole batches out of a pipe; an empty one stands for its end."""
    while len(head := pipe.read(SIZE)) == SIZE:
        size = int.from_bytes(head, "big")
        batch = pipe.read(size)
        if len(batch) < size:
            break
        waiting.put(batch)
    waiting.put(b"")


def _weight(path: Path) -> int:
    """Return what a file, or those in a folder, are to read: bytes, of which some count more.

    It is counted no further than to `LARGE`.
    """
    weight = 0
    try:
        for file in path.rglob("*") if path.is_dir() else [path]:
            ending = file.suffix.lower()
            if ending in UNPACKED:
                return LARGE
            if file.is_file():
                weight += file.stat().st_size * (1 if ending in LINES else HEAVY)
            if weight >= LARGE:
                break
    except OSError:
        return 0
    return weight


def _main() -> None:
    signal.signal(signal.SIGTERM, _end)
    own_process.end_with_parent()
    # Ctrl-C reaches every process; the one that writes decides what becomes of this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    packing.prepare()
    limits.hold()
    # Rows are many objects without cycles: to look for those each few hundred takes a fifth longer.
    gc.set_threshold(OBJECTS_UNTIL_COLLECTED)
    options, *paths = sys.argv[1:]
    reading = Reading(**json.loads(options))
    batch: list[Article | Problem] = []
    for row in read_here([Path(path) for path in paths], reading):
        limits.restart()
        if isinstance(row, Article):
            row = replace(row, signature=signature(shingles(row.body.text)).tobytes())
        batch.append(row)
        if len(batch) == BATCH:
            _send(batch)
            batch = []
    if batch:
        _send(batch)
    _send([])


def _end(number: int, frame: FrameType | None) -> None:
    """End as a program does that is done: what it unpacked goes."""
    sys.exit(1)


def _send(batch: list[Article | Problem]) -> None:
    data = pickle.dumps(batch, protocol=pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.write(len(data).to_bytes(SIZE, "big") + data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()

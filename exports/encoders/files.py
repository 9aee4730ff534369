"""Files and folders that appear under their name only when they are whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from corpus.core.problems import Problem


@contextmanager
def whole_file(to: Path) -> Iterator[Path]:
    """Yield a path to write to; it becomes `to` at the end, and is removed when writing fails."""
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(to.name + ".part")
    try:
        yield part
        os.replace(part, to)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def text_file(to: Path) -> Iterator[TextIO]:
    """Yield a UTF-8 text file that appears whole; line ends stay as they are written."""
    with whole_file(to) as part, part.open("w", encoding="utf-8", newline="") as out:
        yield out


@contextmanager
def whole_folder(to: Path, *, replaces: str = "") -> Iterator[Path]:
    """Yield an empty folder to write to; it becomes `to` at the end, or is removed.

    Raises `Problem` when `to` holds something, unless it is an earlier export, known by the file `replaces`: an
    export deletes nothing that it may not know.
    """
    known = bool(replaces) and (to / replaces).is_file()
    if to.exists() and not known and not (to.is_dir() and not any(to.iterdir())):
        raise Problem("exists", what="folder", name=str(to))
    part = to.with_name(to.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    if known:
        shutil.rmtree(to)
    part.replace(to)

"""Files and folders that appear under their name only when they are whole."""

from __future__ import annotations

import json
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
    to = _named(to)
    if to.is_dir():
        raise Problem("exists", what="folder", name=str(to))
    if to.exists() and not to.is_file():
        raise Problem("exists", what="device or pipe", name=str(to))
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(f"{to.name}.{os.getpid()}.part")
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

    Raises `Problem` when `to` holds something, unless that is an earlier export and nothing else,
    as its manifest `replaces` tells: an export deletes nothing that it did not write.
    """
    to = _named(to)
    known = bool(replaces) and (to / replaces).is_file()
    more = _unknown(to, replaces) if known else ""
    if more:
        raise Problem("folder-holds-more", name=str(to), entry=more)
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


def _named(path: Path) -> Path:
    """Return a path with a name of its own, which `.` has not."""
    return path if path.name else path.resolve()


def _unknown(folder: Path, manifest: str) -> str:
    """Return a file below a folder that an export with this manifest did not write, if any."""
    written = _written(folder, manifest)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_dir() and name not in written:
            return name
    return ""


def _written(folder: Path, manifest: str) -> set[str]:
    """Return the files that a manifest names, itself among them; none when it is no export's."""
    try:
        data = json.loads((folder / manifest).read_text(encoding="utf-8"))
        if {"schema", "split", "spacy"} <= data.keys():
            return {manifest, *data["files"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()
    return set()

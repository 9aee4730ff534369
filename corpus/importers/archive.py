"""Zip files as containers: unpacked into a temporary folder, or refused whole."""

from __future__ import annotations

import lzma
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from corpus.core.problems import Problem

MAX_FILES = 100_000
MAX_BYTES = 4 << 30
MAX_RATIO = 200
# Folders in folders.
MAX_DEPTH = 50
CHUNK = 1 << 20
SMALL = 1 << 16
# Where a project of INCEpTION has a folder for each document, with a zip file for each person.
WORK = ("annotation", "curation")
DRIVE = re.compile("[A-Za-z]:")
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    UnicodeDecodeError,
)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Unpack a zip file and yield the folder.

    A zip file in it is unpacked too, into a folder of its name, but for one person's work in a
    project of INCEpTION. One that cannot be, or lies in a zip file in it, stays what it is.

    Raises `Problem` for a damaged or encrypted file, for names that lead out of the folder, for
    links, for folders more than `MAX_DEPTH` deep, and for more than `MAX_FILES` files, `MAX_BYTES`
    bytes or `MAX_RATIO` times the packed size, whatever its directory says.
    """
    with tempfile.TemporaryDirectory(prefix="saidby-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                size = path.stat().st_size
                allowed = _Allowed(min(MAX_BYTES, MAX_RATIO * size + CHUNK))
                for inner in _unpack(archive, Path(folder), allowed):
                    _unpack_inner(inner, allowed)
        except DAMAGED as error:
            raise Problem("zip-invalid", reason=str(error) or "it is damaged") from None
        yield Path(folder)


@dataclass(slots=True)
class _Allowed:
    """How many bytes and files may yet come out of a file and all zip files in it."""

    size: int
    files: int = MAX_FILES

    def take(self, data: bytes) -> None:
        self.size -= len(data)
        if self.size < 0:
            raise Problem("zip-invalid", reason="it unpacks to far more than its size allows")


def _unpack(archive: zipfile.ZipFile, folder: Path, allowed: _Allowed) -> list[Path]:
    """Unpack into a folder, and return what zip files are in it then."""
    members = []
    for member in archive.infolist():
        if not member.is_dir() and not _of_a_mac(member):
            members.append(member)
    allowed.files -= len(members)
    if allowed.files < 0:
        raise Problem("zip-invalid", reason=f"it holds more than {MAX_FILES} files")
    inner = []
    for member in members:
        target = _inside(folder, member)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            raise Problem("zip-invalid", reason=f"it holds {member.filename!r} twice")
        with archive.open(member) as packed, target.open("wb") as out:
            # The sizes in the directory may lie, so what comes out is counted.
            while data := packed.read(CHUNK):
                allowed.take(data)
                out.write(data)
        if target.suffix.lower() == ".zip" and target.parent.parent.name not in WORK:
            inner.append(target)
    return inner


def _unpack_inner(path: Path, allowed: _Allowed) -> None:
    """Put the folder of what a zip file holds in its place; leave it where that cannot be."""
    folder = path.with_suffix("")
    if folder.exists():
        return
    folder.mkdir()
    most = min(allowed.size, MAX_RATIO * path.stat().st_size + SMALL)
    own = _Allowed(most, allowed.files)
    try:
        with zipfile.ZipFile(path) as archive:
            _unpack(archive, folder, own)
    except (Problem, *DAMAGED):
        shutil.rmtree(folder)
    else:
        path.unlink()
        allowed.files = own.files
    # What came to nothing was work as well.
    allowed.size -= most - max(own.size, 0)


def _of_a_mac(member: zipfile.ZipInfo) -> bool:
    """Tell what macOS adds to a zip file beside the files: their icons and colours."""
    name = PurePosixPath(member.filename)
    return "__MACOSX" in name.parts or name.name.startswith("._")


def _inside(folder: Path, member: zipfile.ZipInfo) -> Path:
    """Return where a member goes; refuse what would lie outside, or is not a plain file."""
    name = PurePosixPath(member.filename.replace("\\", "/"))
    kind = stat.S_IFMT(member.external_attr >> 16)
    if member.flag_bits & 1:
        raise Problem("zip-invalid", reason="it is encrypted")
    outside = not name.parts or name.is_absolute() or ".." in name.parts
    if outside or DRIVE.match(name.parts[0]) or kind not in (0, stat.S_IFREG):
        raise Problem("zip-invalid", reason=f"{member.filename!r} leads out of the archive")
    if any(len(part.encode()) > 255 for part in name.parts):
        raise Problem("zip-invalid", reason="it holds a name of more than 255 bytes")
    if len(name.parts) > MAX_DEPTH:
        raise Problem("zip-invalid", reason=f"its folders are nested deeper than {MAX_DEPTH}")
    return folder / name

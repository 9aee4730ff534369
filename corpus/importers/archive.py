"""Zip files as containers: unpacked into a temporary folder, or refused whole."""

from __future__ import annotations

import lzma
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from corpus.core.problems import Problem

MAX_FILES = 100_000
MAX_BYTES = 4 << 30
MAX_RATIO = 200
# Folders in folders.
MAX_DEPTH = 50
CHUNK = 1 << 20
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

    Raises `Problem` for a damaged or encrypted file, for names that lead out of the folder, for
    links, for folders more than `MAX_DEPTH` deep, and for more than `MAX_FILES` files, `MAX_BYTES`
    bytes or `MAX_RATIO` times the packed size, whatever its directory says.
    """
    with tempfile.TemporaryDirectory(prefix="saidby-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, Path(folder), path.stat().st_size)
        except DAMAGED as error:
            raise Problem("zip-invalid", reason=str(error) or "it is damaged") from None
        yield Path(folder)


def _unpack(archive: zipfile.ZipFile, folder: Path, size: int) -> None:
    members = []
    for member in archive.infolist():
        if not member.is_dir() and not _of_a_mac(member):
            members.append(member)
    if len(members) > MAX_FILES:
        raise Problem("zip-invalid", reason=f"it holds more than {MAX_FILES} files")
    allowed = min(MAX_BYTES, MAX_RATIO * size + CHUNK)
    for member in members:
        target = _inside(folder, member)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            raise Problem("zip-invalid", reason=f"it holds {member.filename!r} twice")
        with archive.open(member) as packed, target.open("wb") as out:
            # The sizes in the directory may lie, so what comes out is counted.
            while data := packed.read(CHUNK):
                allowed -= len(data)
                if allowed < 0:
                    reason = "it unpacks to far more than its size allows"
                    raise Problem("zip-invalid", reason=reason)
                out.write(data)


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

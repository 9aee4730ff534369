"""What the importers of written documents share: paragraphs become a text, parts of zips are read
within limits.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from corpus.core.problems import Problem
from corpus.core.text import freeze
from corpus.importers import Article
from corpus.importers.archive import DAMAGED
from corpus.importers.plain import title

MAX_BYTES = 100_000_000
# What one part of a zip may unpack to, and how many times its packed size.
MAX_PART = 100_000_000
MAX_RATIO = 300
# Below this nothing is a bomb.
SMALL = 1 << 20
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
DEEP = 200


def article(
    path: Path,
    blocks: Iterable[str],
    meta: Mapping[str, Any],
    notes: Mapping[str, int],
) -> Article:
    """Return a document of blocks (paragraphs, lists, tables), with a blank line between them."""
    stripped = (block.strip() for block in blocks)
    body = freeze("\n\n".join(block for block in stripped if block))
    said = {key: value.strip() for key, value in meta.items() if value and value.strip()}
    said.setdefault("title", title(body.text).removeprefix("- "))
    counted = {reason: count for reason, count in notes.items() if count}
    return Article(path.stem, body, said, file=str(path), notes=counted)


def check_size(path: Path, limit: int = MAX_BYTES) -> None:
    """Raise `Problem` for a file that is larger than the limit."""
    size = path.stat().st_size
    if size > limit:
        raise Problem("file-too-large", size=size, limit=f"{limit} bytes")


class Parts:
    """The XML parts of a zipped document, each read within limits and without entities."""

    def __init__(self, path: Path, ending: str) -> None:
        check_size(path)
        self._ending = ending
        try:
            self._archive = zipfile.ZipFile(path)
        except (*DAMAGED, ValueError):
            raise self.damaged(path) from None

    def damaged(self, path: Path | None = None) -> Problem:
        """Return the problem of a file that is no document of its kind."""
        if path is not None:
            with path.open("rb") as file:
                if file.read(4) == OLD_OFFICE:
                    reason = (
                        "it has a password, or is of an old version of Office. Open it and save "
                        f"it as {self._ending} without a password"
                    )
                    return Problem("file-unreadable", reason=reason)
        reason = f"it is damaged, or no {self._ending} file. Open it and save it again"
        return Problem("file-unreadable", reason=reason)

    def __enter__(self) -> Parts:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def names(self) -> list[str]:
        """Return the names of all parts."""
        return self._archive.namelist()

    def tree(self, name: str) -> Any:
        """Return the root of a part; None when there is no such part.

        Raises `Problem` when it is damaged, encrypted, or unpacks to far too much.
        """
        try:
            info = self._archive.getinfo(name)
        except KeyError:
            return None
        if info.flag_bits & 1:
            raise Problem("file-unreadable", reason="it has a password. Save it without one")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            root = etree.fromstring(self._data(info), parser)
        except (*DAMAGED, etree.XMLSyntaxError, ValueError, OSError):
            raise self.damaged() from None
        if root.getroottree().docinfo.doctype:
            raise self.damaged()
        return root

    def _data(self, info: zipfile.ZipInfo) -> bytes:
        """Return what a part unpacks to; the sizes in the directory may lie, so it is counted."""
        allowed = min(MAX_PART, max(SMALL, MAX_RATIO * info.compress_size))
        with self._archive.open(info) as packed:
            data = packed.read(allowed + 1)
        if len(data) > allowed:
            reason = "it unpacks to far more than its size allows"
            raise Problem("zip-invalid", reason=reason)
        return data


def check_depth(depth: int) -> None:
    """Raise `Problem` for what is nested deeper than anybody writes."""
    if depth > DEEP:
        raise Problem("file-unreadable", reason="it is nested too deep")


def leave(name: str, reasons: Mapping[str, str], notes: Counter[str]) -> None:
    """Count an element that is left out, where a reader may miss it."""
    if reasons[name]:
        notes[reasons[name]] += 1


def local(element: Any) -> str:
    """Return the name of an element without its namespace; "" for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """Return an attribute by its name without namespace, "" where there is none."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


def told(root: Any, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return what a part with metadata says, by our names of its elements."""
    found: dict[str, str] = {}
    for element in root.iter() if root is not None else ():
        ours = wanted.get(local(element))
        if ours and element.text:
            found.setdefault(ours, element.text)
    if "published" in found:
        found["published"] = found["published"][:10]
    return found

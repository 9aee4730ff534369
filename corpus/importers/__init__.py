"""Seam: what reads documents out of files.

An importer is a function `read(path)` that yields one `Article` or `Problem` per row, streaming. A bad row is
yielded as a problem with its line and never aborts the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from corpus.core.plugins import Plugins
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.core.text import FrozenText


@dataclass(frozen=True, slots=True)
class Article:
    """One document out of a file, its text frozen. `layer` holds the spans that came along, if any did."""

    id: str
    body: FrozenText
    meta: Mapping[str, Any] = field(default_factory=dict)
    layer: LayerView | None = None
    file: str = ""
    line: int = 0


class Importer(Protocol):
    """The contract of an importer."""

    def __call__(self, path: Path) -> Iterator[Article | Problem]:
        """Yield what the file holds, row by row."""


IMPORTERS = Plugins(
    "format",
    {
        "text": "corpus.importers.plain:read",
        "jsonl": "corpus.importers.jsonl:read",
    },
)
ENDINGS = {".txt": "text", ".text": "text", ".jsonl": "jsonl", ".ndjson": "jsonl"}
LATER = ("csv", "docbin", "prodigy", "doccano", "labelstudio", "brat", "cas", "conll", "webannotation", "html")


def guess(path: Path) -> str:
    """Return the format that the file's ending tells; raise `Problem` when it does not."""
    found = ENDINGS.get(path.suffix.lower())
    if found is None:
        raise Problem("format-unguessed", name=path.name, known=", ".join(IMPORTERS.names())).at(str(path))
    return found


def importer(name: str) -> Importer:
    """Return the importer of a format; one that is not there yet says so."""
    if name in LATER:
        raise Problem("format-later", name=name, act="imported", known=", ".join(IMPORTERS.names()))
    found: Importer = IMPORTERS.get(name)
    return found


def files(paths: list[Path]) -> Iterator[Path | Problem]:
    """Yield the files to read: a folder gives what lies in it and has a known ending, by name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in ENDINGS)
        elif path.is_file():
            yield path
        else:
            yield Problem("file-missing").at(str(path))


def read(path: Path, *, format: str = "") -> Iterator[Article | Problem]:
    """Yield the articles of one file; what cannot be opened or guessed is one problem."""
    try:
        yield from importer(format or guess(path))(path)
    except Problem as problem:
        yield problem if problem.file else problem.at(str(path))
    except OSError as error:
        yield Problem("file-unreadable", reason=error.strerror or str(error)).at(str(path))

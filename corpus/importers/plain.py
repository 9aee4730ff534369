"""A text file as one article: its first line is the title, its name without the ending the id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corpus.core.encodings import decoded
from corpus.core.problems import Problem
from corpus.core.text import MAX_CHARACTERS, freeze
from corpus.importers import Article
from corpus.importers.reading import Reading

MAX_BYTES = 4 * MAX_CHARACTERS


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the one article of a text file."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        yield Problem("file-too-large", size=size, limit=f"{MAX_BYTES} bytes").at(str(path))
        return
    try:
        found = decoded(path.read_bytes(), said=reading.encoding)
        body = freeze(found.text)
    except Problem as problem:
        yield problem.at(str(path))
        return
    named = {"title": title(body.text)}
    yield Article(path.stem, body, named, file=str(path), notes=found.notes)


def title(text: str) -> str:
    """Return the first line that is not blank, at most 300 characters of it."""
    return next(line.strip() for line in text.split("\n") if line.strip())[:300]

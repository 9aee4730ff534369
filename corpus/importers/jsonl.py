"""JSONL: one article a line, lossless, with or without spans and links. The export writes the same form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.rows import article_of
from corpus.importers.stream import lines, loads


def read(path: Path) -> Iterator[Article | Problem]:
    """Yield an article or a problem for each line that is not blank."""
    for number, raw in lines(path):
        if isinstance(raw, Problem):
            yield raw.at(str(path), number)
            continue
        try:
            yield article(raw, str(path), number)
        except Problem as problem:
            yield problem.at(str(path), number)


def article(raw: bytes, file: str, line: int) -> Article:
    """Read one line; raise `Problem` when it is not an article or a span does not hold its words."""
    row = loads(raw)
    if not isinstance(row, dict):
        raise Problem("row-json", reason=f"it is a {type(row).__name__}")
    return article_of(row, file, line)

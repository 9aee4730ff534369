"""HTML pages: the running text of an article, without menus and advertisements, by trafilatura."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import trafilatura

from corpus.core.encodings import decoded
from corpus.core.problems import Problem
from corpus.core.text import FrozenText, freeze
from corpus.importers import Article
from corpus.importers.plain import title
from corpus.importers.reading import Reading

MAX_BYTES = 10_000_000
# The parser holds each attribute of a tag against all before it.
MOST_ATTRIBUTES = 10_000
TAG = re.compile(r"<[a-zA-Z][^<>]*")
CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{1,40})""", re.IGNORECASE)


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the article of a page, with title, outlet, date and address where it says them."""
    try:
        yield _article(path, reading.encoding)
    except Problem as problem:
        yield problem.at(str(path))


def _article(path: Path, encoding: str) -> Article:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise Problem("file-too-large", size=size, limit=f"{MAX_BYTES} bytes")
    raw = path.read_bytes()
    said = CHARSET.search(raw[:4096])
    found = decoded(raw, said=encoding, told=said[1].decode() if said else "")
    body, meta = running_text(found.text)
    # What a page says itself is no guess.
    notes = {} if said else found.notes
    return Article(path.stem, body, meta, file=str(path), notes=notes)


def running_text(source: str) -> tuple[FrozenText, dict[str, str]]:
    """Return the running text of a page and what it says of itself.

    Raises `Problem` for a page without any, and for one with a tag of too many attributes.
    """
    if any(_holds_too_many(tag[0]) for tag in TAG.finditer(source)):
        raise Problem("part-too-large", what="a tag", limit=f"{MOST_ATTRIBUTES} attributes")
    page = trafilatura.bare_extraction(source, include_comments=False, with_metadata=True)
    if page is None or isinstance(page, dict):
        raise Problem("text-empty")
    body = freeze(page.text or "")
    named = {
        "title": page.title or title(body.text),
        "outlet": page.sitename,
        "published": page.date,
        "url": page.url,
        "author": page.author,
    }
    return body, {key: value for key, value in named.items() if value}


def _holds_too_many(tag: str) -> bool:
    """Tell whether a tag may hold more than `MOST_ATTRIBUTES`."""
    if len(tag) <= MOST_ATTRIBUTES:
        return False
    return max(len(tag.split()), tag.count("=")) > MOST_ATTRIBUTES

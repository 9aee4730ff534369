"""HTML pages: the running text of an article, without menus and advertisements, by trafilatura."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import trafilatura

from corpus.core.problems import Problem
from corpus.core.text import freeze
from corpus.importers import Article
from corpus.importers.plain import title
from corpus.importers.reading import Reading

MAX_BYTES = 10_000_000
CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{1,40})""", re.IGNORECASE)

# What the HTML standard decodes as windows-1252, by Python's names; its five free bytes are control
# characters there.
WESTERN = ("ascii", "cp1252", "iso8859-1")
FREE = {0xDC00 + byte: byte for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the article of a page, with title, outlet, date and address where it says them."""
    try:
        yield _article(path)
    except Problem as problem:
        yield problem.at(str(path))


def _article(path: Path) -> Article:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise Problem("file-too-large", size=size, limit=f"{MAX_BYTES} bytes")
    page = trafilatura.bare_extraction(
        _decoded(path.read_bytes()), include_comments=False, with_metadata=True
    )
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
    meta = {key: value for key, value in named.items() if value}
    return Article(path.stem, body, meta, file=str(path))


def _decoded(raw: bytes) -> str:
    """Decode by BOM, by what the page says, else as UTF-8."""
    said = CHARSET.search(raw[:4096])
    encoding = said[1].decode() if said else "utf-8"
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    try:
        if codecs.lookup(encoding).name in WESTERN:
            return raw.decode("cp1252", "surrogateescape").translate(FREE)
        return raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Problem("text-encoding", encoding=encoding.upper(), byte=error.start) from None
    except (LookupError, UnicodeError):
        raise Problem("text-encoding", encoding=encoding.upper(), byte=0) from None

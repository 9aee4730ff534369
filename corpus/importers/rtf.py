"""Rich text: its words by striprtf, with a blank line between paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from striprtf.striprtf import rtf_to_text

from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.document import article, check_size
from corpus.importers.notes import STUMBLES
from corpus.importers.reading import Reading

MAX_BYTES = 50_000_000
HEAD = 20_000
INFO = re.compile(r"\{\\(title|author)\s+([^{}\\]{1,500})\}")
PICTURE = re.compile(r"\{\\(?:\*\\shppict|pict)\b")
NOTE = re.compile(r"\{\\footnote\b")


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the one article of an RTF file."""
    try:
        check_size(path, MAX_BYTES)
        raw = path.read_bytes()
        if not raw.lstrip()[:6].startswith(b"{\\rtf"):
            reason = "it is damaged, or no .rtf file. Open it and save it again"
            raise Problem("file-unreadable", reason=reason)
        # RTF is ASCII; bytes beyond it are in the code page that it names.
        source = raw.decode("latin-1")
        try:
            # The last code page is for files that name none.
            encoding = reading.encoding or "cp1252"
            text = rtf_to_text(source, encoding=encoding, errors="replace")  # type: ignore[no-untyped-call]
        except STUMBLES as error:
            reason = f"it is damaged ({error}). Open it and save it again"
            raise Problem("file-unreadable", reason=reason) from None
        # Word writes a sign beyond the first plane as the halves of UTF-16.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        notes = Counter({"pictures left out": len(PICTURE.findall(source))})
        notes["footnotes left out"] = len(NOTE.findall(source))
        meta = dict(INFO.findall(source[:HEAD]))
        yield article(path, _paragraphs(text), meta, notes)
    except Problem as problem:
        yield problem.at(str(path))


def _paragraphs(text: str) -> Iterator[str]:
    """Yield each paragraph; rows of a table, whose cells end with a bar, stay together."""
    rows: list[str] = []
    for line in text.replace("\0", "").split("\n"):
        if line.rstrip().endswith("|"):
            rows.append(" | ".join(cell.strip() for cell in line.rstrip().rstrip("|").split("|")))
            continue
        if rows:
            yield "\n".join(rows)
            rows = []
        yield line
    yield "\n".join(rows)

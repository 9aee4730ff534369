"""OpenDocument texts: paragraphs, headings, lists and tables, as they read with all changes
accepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.document import Parts, article, attribute, check_depth, leave, local, told
from corpus.importers.reading import Reading

TOLD = {"title": "title", "initial-creator": "author", "creation-date": "published"}
LEFT = {
    "tracked-changes": "",
    "note": "footnotes left out",
    "annotation": "comments left out",
    "annotation-end": "",
    "sequence-decls": "",
    "table-of-content": "tables of contents left out",
    "page-number": "",
}
# What holds rows of a table.
ROWS = ("table-header-rows", "table-row-group", "table-rows")
# As many spaces as anybody sets in a row.
MAX_SPACES = 100


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the one article of an OpenDocument text."""
    try:
        with Parts(path, ".odt") as parts:
            manifest = parts.tree("META-INF/manifest.xml")
            if manifest is not None and manifest.find(".//{*}encryption-data") is not None:
                raise Problem("file-unreadable", reason="it has a password. Save it without one")
            root = parts.tree("content.xml")
            text = root.find("{*}body/{*}text") if root is not None else None
            if text is None:
                raise parts.damaged()
            notes: Counter[str] = Counter()
            notes["deleted passages left out"] = len(text.findall(".//{*}deletion"))
            blocks = list(_blocks(text, notes))
            meta = told(parts.tree("meta.xml"), TOLD)
            yield article(path, blocks, meta, notes)
    except Problem as problem:
        yield problem.at(str(path))


def _blocks(parent: Any, notes: Counter[str], depth: int = 0) -> Iterator[str]:
    """Yield paragraphs, whole lists and whole tables."""
    check_depth(depth)
    for child in parent:
        name = local(child)
        if name in ("p", "h"):
            yield "".join(_pieces(child, notes))
        elif name == "list":
            yield "\n".join(_items(child, notes, depth))
        elif name == "table":
            yield "\n".join(_rows(child, notes, depth))
        elif name in LEFT:
            leave(name, LEFT, notes)
        else:
            yield from _blocks(child, notes, depth + 1)


def _items(parent: Any, notes: Counter[str], depth: int) -> Iterator[str]:
    """Yield a line for each item of a list, a list in it included."""
    for item in parent:
        for block in _blocks(item, notes, depth + 1):
            for line in block.split("\n"):
                if line.strip():
                    yield line if line.startswith("- ") else f"- {line}"


def _rows(table: Any, notes: Counter[str], depth: int) -> Iterator[str]:
    """Yield a line for each row of a table."""
    for row in _held(table):
        cells = []
        for cell in row.iterfind("{*}table-cell"):
            cells.append(" ".join(" ".join(_blocks(cell, notes, depth + 1)).split()))
        yield " | ".join(cells)


def _held(table: Any) -> Iterator[Any]:
    """Yield the rows of a table, those in groups too, but not those of tables in its cells."""
    waiting = [table]
    while waiting:
        element = waiting.pop()
        if local(element) == "table-row":
            yield element
        elif element is table or local(element) in ROWS:
            waiting.extend(reversed(element))


def _pieces(parent: Any, notes: Counter[str], depth: int = 0) -> Iterator[str]:
    """Yield the pieces of a paragraph's text, in which line ends and rows of spaces mean nothing.

    What stands in boxes follows on lines of its own.
    """
    check_depth(depth)
    yield _spaced(parent.text)
    for child in parent:
        name = local(child)
        if name == "s":
            count = attribute(child, "c")
            yield " " * min(int(count) if count.isdecimal() else 1, MAX_SPACES)
        elif name == "tab":
            yield "\t"
        elif name == "line-break":
            yield "\n"
        elif name == "text-box":
            yield "\n" + "\n".join(_blocks(child, notes, depth + 1)) + "\n"
        elif name in LEFT:
            leave(name, LEFT, notes)
        else:
            yield from _pieces(child, notes, depth + 1)
        yield _spaced(child.tail)


def _spaced(text: str | None) -> str:
    """Return text as it is set: any white space between words is one space."""
    if not text:
        return ""
    words = " ".join(text.split())
    before = " " if text[0].isspace() else ""
    after = " " if words and text[-1].isspace() else ""
    return f"{before}{words}{after}"

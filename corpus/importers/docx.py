"""Word documents: paragraphs, headings, lists and tables of the body, as they read with all changes
accepted.

What stands beside the text is left out, and counted: deleted passages, notes, comments, running
heads and feet, hidden words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.document import Parts, article, attribute, check_depth, leave, local, told
from corpus.importers.reading import Reading

TOLD = {"title": "title", "creator": "author", "created": "published"}
SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
# What is left out with all that is in it, and how that is counted; "" goes without saying.
LEFT = {
    "del": "deleted passages left out",
    "moveFrom": "",
    "footnoteReference": "footnotes left out",
    "endnoteReference": "footnotes left out",
    "pict": "",
    "instrText": "",
    "delText": "",
    "pPr": "",
    "sectPr": "",
    "Fallback": "",
}
HEADS = re.compile(r"word/(?:header|footer)\d*\.xml")


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the one article of a Word document."""
    try:
        with Parts(path, ".docx") as parts:
            root = parts.tree("word/document.xml")
            if root is None:
                raise parts.damaged()
            notes: Counter[str] = Counter()
            body = next((child for child in root if local(child) == "body"), root)
            blocks = list(_blocks(body, notes))
            comments = parts.tree("word/comments.xml")
            if comments is not None:
                notes["comments left out"] += len(comments)
            for name in parts.names():
                if HEADS.fullmatch(name) and _says(parts.tree(name)):
                    notes["running heads and feet left out"] += 1
            meta = told(parts.tree("docProps/core.xml"), TOLD)
            yield article(path, blocks, meta, notes)
    except Problem as problem:
        yield problem.at(str(path))


def _says(part: Any) -> bool:
    return any(local(element) == "t" and element.text for element in part.iter())


def _blocks(parent: Any, notes: Counter[str], depth: int = 0) -> Iterator[str]:
    """Yield paragraphs, whole lists and whole tables."""
    check_depth(depth)
    items: list[str] = []
    for child in parent:
        name = local(child)
        is_item = name == "p" and _is_item(child)
        if items and not is_item:
            yield "\n".join(items)
            items = []
        if is_item:
            items.append(f"- {_paragraph(child, notes)}")
        elif name == "p":
            yield _paragraph(child, notes)
        elif name == "tbl":
            yield _table(child, notes, depth)
        elif name in LEFT:
            leave(name, LEFT, notes)
        else:
            yield from _blocks(child, notes, depth + 1)
    if items:
        yield "\n".join(items)


def _is_item(paragraph: Any) -> bool:
    """Tell an item of a list."""
    marks = paragraph.find("{*}pPr/{*}numPr")
    return marks is not None


def _table(table: Any, notes: Counter[str], depth: int) -> str:
    """Return a table with a line for each row."""
    rows = []
    for row in _held(table, "tr"):
        cells = []
        for cell in _held(row, "tc"):
            cells.append(" ".join(" ".join(_blocks(cell, notes, depth + 1)).split()))
        rows.append(" | ".join(cells))
    return "\n".join(rows)


def _held(parent: Any, name: str) -> Iterator[Any]:
    """Yield the rows of a table or the cells of a row, those in content controls too."""
    waiting = [parent]
    while waiting:
        element = waiting.pop()
        if local(element) == name:
            yield element
        elif element is parent or local(element) in ("sdt", "sdtContent"):
            waiting.extend(reversed(element))


def _is_hidden(run: Any) -> bool:
    """Tell hidden words; a style's hiding may be switched off."""
    mark = run.find("{*}rPr/{*}vanish")
    return mark is not None and attribute(mark, "val") not in ("0", "false", "off")


def _paragraph(paragraph: Any, notes: Counter[str]) -> str:
    return "".join(_pieces(paragraph, notes))


def _pieces(parent: Any, notes: Counter[str], depth: int = 0) -> Iterator[str]:
    """Yield the pieces of a paragraph's text; what stands in boxes follows on lines of its own."""
    check_depth(depth)
    for child in parent:
        name = local(child)
        if name == "t":
            yield child.text or ""
        elif name in SIGNS:
            yield "" if attribute(child, "type") == "page" else SIGNS[name]
        elif name in LEFT:
            leave(name, LEFT, notes)
        elif name == "r" and _is_hidden(child):
            notes["hidden passages left out"] += 1
        elif name == "txbxContent":
            yield "\n" + "\n".join(_blocks(child, notes, depth + 1)) + "\n"
        else:
            yield from _pieces(child, notes, depth + 1)

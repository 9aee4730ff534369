"""The text of a Label Studio task as people saw it: plain, HTML as it is rendered, or a dialogue.

Where the file counts in what it holds, not in that text, a `Shown` says where a region lies.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lxml import html
from lxml.etree import LxmlError

from corpus.core.text import Utf16
from corpus.importers.rows import Row, ink

# What stands on lines of its own; a browser shows nothing of the others.
BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption"),
        *("figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"),
    )
)
HIDDEN = frozenset(("script", "style", "head", "title", "template", "noscript"))
# Where a browser says that a text lies: all that its paths are made of.
STEP = re.compile(r"/([\w-]+)(?:\[(\d{1,9})\])?")
PATH = re.compile(r"((?:/[\w-]+(?:\[\d{1,9}\])?)*)/text\(\)(?:\[(\d{1,9})\])?")
NAMES = ("author", "speaker", "name", "user", "role", "from")
# A region over more lines of a dialogue is one piece, whoever speaks in it.
MOST_PIECES = 100
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """A text, and what finds the pieces of it that a region's value covers."""

    text: str
    pieces: Callable[[Row], list[Place]]


def plain(text: str) -> Shown:
    """Return a text that the file counts in itself."""
    return Shown(text, _own_pieces)


def _own_pieces(value: Row) -> list[Place]:
    place = value.get("globalOffsets") or value
    start, end = place["start"], place["end"]
    if type(start) is not int or type(end) is not int:
        raise TypeError
    return [(start, end)]


def dialogue(lines: list[Row]) -> Shown:
    """Return a dialogue as lines of `author: text`."""
    shown: list[str] = []
    starts: list[int] = []
    texts: list[str] = []
    at = 0
    for line in lines:
        text = _said(line)
        author = next((str(line[name]) for name in NAMES if line.get(name)), "")
        head = f"{author}: " if author else ""
        starts.append(at + len(head))
        texts.append(text)
        shown.append(head + text)
        at += len(head) + len(text) + 1

    whole = "\n".join(shown)

    def pieces(value: Row) -> list[Place]:
        first, last = int(value["start"]), int(value["end"])
        start = starts[first] + _points(texts[first], value["startOffset"], value)
        end = starts[last] + _points(texts[last], value["endOffset"], value)
        with_names = ink(str(value.get("text") or "")) == ink(whole[start:end])
        if with_names or not first < last < first + MOST_PIECES:
            return [(start, end)]
        # Who speaks is no part of what is said.
        found = [(start, starts[first] + len(texts[first]))]
        for number in range(first + 1, last):
            found.append((starts[number], starts[number] + len(texts[number])))
        return [(a, b) for a, b in (*found, (starts[last], end)) if a < b]

    return Shown(whole, pieces)


def _said(line: Row) -> str:
    """Return what a line of a dialogue says: its text, else the longest of its texts."""
    if isinstance(line.get("text"), str):
        return str(line["text"])
    others = [value for name, value in line.items() if isinstance(value, str) and name not in NAMES]
    return max(others, key=len)


def _points(text: str, offset: int, value: Row) -> int:
    """Return an offset in code points: as it is where the words say so, else from UTF-16."""
    start, end, said = value.get("startOffset"), value.get("endOffset"), value.get("text")
    counted = isinstance(said, str) and text[start:end].split() == said.split()
    return offset if counted else Utf16(text).to_points(offset)


@dataclass(slots=True)
class _Page:
    """What is read of a page: the pieces of its text, and where they come to stand.

    `starts` are the offsets of the pieces among all text of the page, `shown` those in what is
    shown; `of_node` names the piece before the first child of an element, or behind it.
    """

    pieces: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    of_node: dict[tuple[Any, bool], int] = field(default_factory=dict)
    out: list[str] = field(default_factory=list)
    at: int = 0
    length: int = 0
    # What a node holds, as far as it was asked for: many regions may lie in one of many children.
    children: dict[Any, dict[str, list[Any]]] = field(default_factory=dict)
    texts: dict[Any, list[int]] = field(default_factory=dict)
    units: dict[int, Utf16] = field(default_factory=dict)

    def add(self, node: Any, text: str | None, *, tail: bool, hidden: bool) -> None:
        """Add the text in front of the children of a node, or behind it."""
        if not text:
            return
        self.of_node[node, tail] = len(self.pieces)
        self.pieces.append(text)
        self.starts.append(self.at)
        self.shown.append(self.length)
        self.at += len(text)
        if not hidden:
            self.write(text)

    def write(self, text: str) -> None:
        """Show a text."""
        self.out.append(text)
        self.length += len(text)

    def new_line(self) -> None:
        """Begin a line where none begins."""
        if self.out and not self.out[-1].endswith("\n"):
            self.write("\n")

    def children_of(self, node: Any) -> dict[str, list[Any]]:
        """Return the elements in a node, by their names."""
        if node not in self.children:
            named: dict[str, list[Any]] = {}
            for child in node:
                named.setdefault(str(child.tag), []).append(child)
            self.children[node] = named
        return self.children[node]

    def texts_of(self, node: Any) -> list[int]:
        """Return the pieces of text that lie in a node itself."""
        if node not in self.texts:
            places = [(node, False), *((child, True) for child in node)]
            self.texts[node] = [self.of_node[place] for place in places if place in self.of_node]
        return self.texts[node]

    def points(self, piece: int, offset: int) -> int:
        """Return an offset in UTF-16 of a piece in code points."""
        if piece not in self.units:
            self.units[piece] = Utf16(self.pieces[piece])
        return self.units[piece].to_points(offset)

    def shown_at(self, offset: int) -> int:
        """Return where an offset among all text comes to stand."""
        piece = max(bisect_right(self.starts, offset) - 1, 0)
        return self.shown[piece] + offset - self.starts[piece]


def rendered(source: str) -> Shown | None:
    """Return the text of HTML, blocks on lines of their own; None of what is no HTML."""
    try:
        root = html.document_fromstring(source)
    except (LxmlError, ValueError):
        return None
    body = root.find("body")
    if body is None:
        return None
    page = _Page()
    _read(body, page)
    whole = "".join(page.pieces)
    units = Utf16(whole)

    def place(value: Row, *, utf_16: bool) -> Place:
        offsets = value.get("globalOffsets")
        if offsets:
            start, end = offsets["start"], offsets["end"]
            return (units.to_points(start), units.to_points(end)) if utf_16 else (start, end)
        start = _by_path(body, page, value["start"], value["startOffset"], utf_16=utf_16)
        end = _by_path(body, page, value["end"], value["endOffset"], utf_16=utf_16)
        return start, end

    def pieces(value: Row) -> list[Place]:
        start, end = place(value, utf_16=False)
        said = value.get("text")
        # Lines begin where no sign of the page tells it.
        if isinstance(said, str) and ink(whole[start:end]) != ink(said):
            start, end = place(value, utf_16=True)
        # The end belongs to the piece of the sign before it.
        return [(page.shown_at(start), page.shown_at(end - 1) + 1)]

    return Shown("".join(page.out), pieces)


def _read(body: Any, page: _Page) -> None:
    """Read all text in the order of the page, however deep it is nested."""
    waiting: list[tuple[Any, bool, bool]] = [(body, False, False)]
    while waiting:
        node, behind, hidden = waiting.pop()
        tag = node.tag if isinstance(node.tag, str) else ""
        if tag in BLOCKS and not hidden:
            page.new_line()
        if behind:
            if node is not body:
                page.add(node, node.tail, tail=True, hidden=hidden)
            continue
        waiting.append((node, True, hidden))
        if tag:
            within = hidden or tag in HIDDEN
            page.add(node, node.text, tail=False, hidden=within)
            waiting.extend((child, False, within) for child in reversed(node))


def _by_path(body: Any, page: _Page, path: str, offset: int, *, utf_16: bool) -> int:
    """Return the offset among all text of one in the text that a path of the browser names."""
    match = PATH.fullmatch(path)
    if match is None:
        raise ValueError
    node = body
    for name, number in STEP.findall(match[1]):
        node = _numbered(page.children_of(node)[name], number)
    piece: int = _numbered(page.texts_of(node), match[2])
    return page.starts[piece] + (page.points(piece, offset) if utf_16 else offset)


def _numbered(found: list[Any], number: str | None) -> Any:
    """Return the one of a number, which are counted from 1; without a number the first."""
    at = int(number or 1)
    if at < 1:
        raise LookupError
    return found[at - 1]

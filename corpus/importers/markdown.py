"""Markdown: the words without the marks, and what stands before the text as metadata."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.core.encodings import decoded
from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.document import article, check_size
from corpus.importers.reading import Reading

MAX_BYTES = 20_000_000
FRONT = re.compile(r"---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
FIELD = re.compile(r"^(title|author|date|url|outlet|language)[ \t]*:[ \t]*(.+)$", re.MULTILINE)


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the one article of a Markdown file."""
    try:
        check_size(path, MAX_BYTES)
        found = decoded(path.read_bytes(), said=reading.encoding)
        text = found.text.replace("\r\n", "\n").replace("\r", "\n")
        meta: dict[str, str] = {}
        front = FRONT.match(text)
        if front:
            text = text[front.end() :]
            for name, value in FIELD.findall(front[1]):
                meta["published" if name == "date" else name] = value.strip().strip("\"'")
        notes = Counter(found.notes)
        parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        tokens = parser.parse(text)
        blocks = list(_blocks(tokens, notes))
        heading = next((at for at, token in enumerate(tokens) if token.tag == "h1"), None)
        if heading is not None:
            meta.setdefault("title", _words(tokens[heading + 1], Counter()))
        yield article(path, blocks, meta, notes)
    except Problem as problem:
        yield problem.at(str(path))


def _blocks(tokens: list[Token], notes: Counter[str]) -> Iterator[str]:
    """Yield paragraphs, headings and code, whole lists and whole tables."""
    lines: list[str] = []
    lists = 0
    row: list[str] | None = None
    for token in tokens:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            lists += 1
        elif kind in ("bullet_list_close", "ordered_list_close"):
            lists -= 1
        elif kind == "tr_open":
            row = []
        elif kind == "tr_close":
            lines.append(" | ".join(row or []))
            row = None
        elif kind == "inline":
            said = _words(token, notes)
            if row is not None:
                row.append(said)
            else:
                lines.append(f"- {said}" if lists else said)
        elif kind in ("fence", "code_block"):
            lines.append(token.content.rstrip("\n"))
        elif kind == "html_block":
            notes["passages in HTML left out"] += 1
        ends = kind == "table_close" or (row is None and not lists and not kind.startswith("t"))
        if lines and ends:
            yield "\n".join(lines)
            lines = []
    yield "\n".join(lines)


def _words(inline: Token, notes: Counter[str]) -> str:
    """Return the words of a paragraph."""
    said = []
    for token in inline.children or []:
        if token.type in ("text", "code_inline"):
            said.append(token.content)
        elif token.type == "softbreak":
            said.append(" ")
        elif token.type == "hardbreak":
            said.append("\n")
        elif token.type == "image":
            notes["pictures left out"] += 1
    return "".join(said)

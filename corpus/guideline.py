"""A corpus's guideline: Markdown that becomes HTML and a list of sections."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

import markdown
from django.utils.safestring import SafeString, mark_safe
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE

SCHEME = re.compile(r"([^/?#:]*):")
SCHEMES = ("http", "https", "mailto")
# What means something in Markdown, and what would begin an entity or a cell.
SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!&|])")
HEADING = re.compile(r"#{1,6}(?!#).*[^#\s]")
UNDERLINE = re.compile(r"(?:=+|-+)[ ]*")
ESCAPED = re.compile(r"\\([\\`*_{}\[\]()<>#+\-.!&|])")
QUOTATION = re.compile(r"[“„«\"]([^“”„«»\"]+)")
TELLING = 3
# Characters of a guideline.
LONGEST = 200_000
# Where examples go that belong under no section.
EXAMPLES = "Settled examples"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading: its words, the slug that addresses and flags name, and its level from 1 to 6."""

    slug: str
    title: str
    level: int


class Harmless(Treeprocessor):
    """Takes away links that could run something.

    Pictures go too: they would be fetched from elsewhere.
    """

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        for element in root.iter():
            if element.tag == "img":
                element.tag = "span"
                element.text = element.get("alt", "")
                element.attrib.clear()
            elif not _leads_somewhere(element.get("href", "")):
                del element.attrib["href"]


@lru_cache(maxsize=32)
def read(source: str) -> tuple[SafeString, tuple[Section, ...]]:
    """Return a guideline as HTML and its headings in order.

    It is Markdown, never HTML: markup in it stays text.
    """
    reader = markdown.Markdown(extensions=["tables", "toc"])
    reader.preprocessors.deregister("html_block")
    reader.inlinePatterns.deregister("html")
    # The very last, when links are spelled out.
    reader.treeprocessors.register(Harmless(reader), "harmless", -10)
    html = mark_safe(reader.convert(source))  # noqa: S308
    return html, tuple(_flat(getattr(reader, "toc_tokens", [])))


def _leads_somewhere(address: str) -> bool:
    """Tell whether a link is relative or of a scheme that only leads somewhere.

    It is read as leniently as browsers do.
    """
    plain = re.sub(r"[\x00-\x20]", "", unescape(address.replace(AMP_SUBSTITUTE, "&")))
    scheme = SCHEME.match(plain)
    return scheme is None or scheme[1].lower() in SCHEMES


def _flat(tokens: list[dict[str, Any]]) -> Iterator[Section]:
    for token in tokens:
        yield Section(token["id"], unescape(token["name"]), token["level"])
        yield from _flat(token["children"])


def plain(words: str) -> str:
    """Return words as Markdown that shows just them, in one line."""
    return SIGNS.sub(_sign, " ".join(words.split()))


def _sign(match: re.Match[str]) -> str:
    named = {"&": "&amp;", "<": "&lt;", "|": "&#124;"}
    return named.get(match[1], f"\\{match[1]}")


def section_called(source: str, names: Sequence[str]) -> Section | None:
    """Return the section with one of these names as its title, else one whose title holds one."""
    sections = read(source)[1]
    wanted = [name.casefold() for name in names]
    for name in wanted:
        for section in sections:
            if section.title.casefold().strip() == name:
                return section
    for name in wanted:
        for section in sections:
            if name in section.title.casefold():
                return section
    return None


def with_example(source: str, section: Section | None, example: str) -> tuple[str, Section]:
    """Return a guideline with an example at the end of a section, and the section that holds it.

    Without a section, or where its heading cannot be told in the Markdown, that is one of its own
    at the end.
    """
    if section is not None:
        inserted = _inserted(source, section, example)
        if inserted is not None:
            return inserted, section
    own = section_called(source, [EXAMPLES])
    if own is not None and own.title == EXAMPLES:
        inserted = _inserted(source, own, example)
        if inserted is not None:
            return inserted, own
    text = f"{source.rstrip()}\n\n## {EXAMPLES}\n\n{example}\n".lstrip()
    return text, read(text)[1][-1]


def _inserted(source: str, section: Section, example: str) -> str | None:
    """Return a guideline with an example before the heading that follows a section.

    None when that would change what the sections are.
    """
    sections = read(source)[1]
    lines = source.split("\n")
    headings = _headings(lines)
    if len(headings) != len(sections):
        return None
    following = sections.index(section) + 1
    end = headings[following] if following < len(headings) else len(lines)
    own = lines[:end]
    while own and not own[-1].strip():
        own.pop()
    # Below another item no line is needed between; a list after a paragraph needs one.
    gap = [] if own[-1].startswith("- ") else [""]
    text = "\n".join([*own, *gap, example, "", *lines[end:]])
    return text if read(text)[1] == sections else None


def _headings(lines: Sequence[str]) -> list[int]:
    """Return the lines at which headings begin."""
    found = []
    for number, line in enumerate(lines):
        above = lines[number - 1] if number else ""
        if HEADING.match(line):
            found.append(number)
        elif UNDERLINE.fullmatch(line) and above.strip() and not HEADING.match(above):
            found.append(number - 1)
    return found


def without_quotes(source: str, texts: Sequence[str]) -> str:
    """Return a guideline without the lines that quote one of these texts.

    A quotation counts from `TELLING` words on: what is shorter stands in many a text.
    """
    flat = [" ".join(text.split()) for text in texts]
    lines = source.split("\n")
    return "\n".join(line for line in lines if not _quotes(line, flat))


def _quotes(line: str, texts: Sequence[str]) -> bool:
    plainly = unescape(ESCAPED.sub(r"\1", line))
    for quotation in QUOTATION.findall(plainly):
        said = " ".join(quotation.strip(" …").split())
        if len(said.split()) >= TELLING and any(said in text for text in texts):
            return True
    return False

"""A corpus's guideline: Markdown that becomes HTML and a list of sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
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

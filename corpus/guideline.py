"""A corpus's guideline: Markdown that becomes HTML and a list of sections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import markdown
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True, slots=True)
class Section:
    """A heading: the slug that addresses and flags name, its words, and how deep it stands (1 to 6)."""

    slug: str
    title: str
    level: int


def read(source: str) -> tuple[SafeString, list[Section]]:
    """Return a guideline as HTML and its headings in order. It is Markdown, never HTML: markup is escaped first."""
    reader = markdown.Markdown(extensions=["tables", "toc"])
    html = mark_safe(reader.convert(escape(source)))  # noqa: S308
    return html, list(_flat(getattr(reader, "toc_tokens", [])))


def _flat(tokens: list[dict[str, Any]]) -> Iterator[Section]:
    for token in tokens:
        yield Section(token["id"], unescape(token["name"]), token["level"])
        yield from _flat(token["children"])

"""Seam: what proposes spans and links.

A suggester is a class with `name` and `config`, and a method `suggest(texts)` that yields one `LayerView` for
each text, in order. It is pure: the same text and config give the same layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from corpus.core.plugins import Plugins
from corpus.core.span import LayerView


class Suggester(Protocol):
    """The contract of a suggester."""

    name: str
    config: Mapping[str, Any]

    def suggest(self, texts: Iterable[str]) -> Iterator[LayerView]:
        """Yield the suggested layer of each text."""


SUGGESTERS = Plugins(
    "suggester",
    {
        "rules.v1": "annotator.suggesters.rules:Rules",
    },
)

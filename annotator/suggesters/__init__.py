"""Seam: what proposes spans and links.

A suggester is a class with `name`, `config` and `capabilities`, and a method `suggest(texts,
targets)` that yields one `LayerView` for each text, in order. `shown_as` is what a manager chooses
it by: its name, with the model where several go by one name. `targets` lists, for each text, what
stances may be toward, the document's default first; it may be left out. A suggester is pure: the
same text, targets and config give the same layer. It is made with the model to use (`rules.v1`
takes the name of a spaCy pipeline, `trained` the folder of a trained one) and with the schema that
its layers must fit; one that has no label in common with the schema raises `Problem`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from annotator.suggesters.capabilities import Capabilities
from corpus.core.plugins import Plugins
from corpus.core.span import LayerView


class Suggester(Protocol):
    """The contract of a suggester."""

    name: str
    shown_as: str
    config: Mapping[str, Any]
    capabilities: Capabilities

    def suggest(
        self, texts: Iterable[str], targets: Iterable[Sequence[str]] | None = None
    ) -> Iterator[LayerView]:
        """Yield the suggested layer of each text."""


SUGGESTERS = Plugins(
    "suggester",
    {
        "rules.v1": "annotator.suggesters.rules:Rules",
        "trained": "annotator.suggesters.trained:Trained",
    },
)

"""Seam: what proposes spans and links.

A suggester is a class with `name`, `config` and `capabilities`, and a method `suggest(texts,
targets)` that yields one `LayerView` for each text, in order; None where nothing can be said of a
text now, so that it is tried again. `shown_as` is what a manager chooses it by: its name, with the
model where several go by one name. `targets` lists, for each text, what stances may be toward, the
document's default first; it may be left out. A suggester is pure: the same text, targets and config
give the same layer. It is made with the model to use (`rules.v1` takes the name of a spaCy
pipeline, `trained` the folder of a trained one) and with the schema that its layers must fit; one
that has no label in common with the schema raises `Problem`. What it tells beside the layers, such
as what it had to leave out, is in its `report`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from annotator.suggesters.capabilities import Capabilities
from annotator.suggesters.report import Report
from corpus.core.plugins import Plugins
from corpus.core.span import LayerView


class Suggester(Protocol):
    """The contract of a suggester."""

    name: str
    shown_as: str
    config: Mapping[str, Any]
    capabilities: Capabilities
    report: Report

    def suggest(
        self, texts: Iterable[str], targets: Iterable[Sequence[str]] | None = None
    ) -> Iterator[LayerView | None]:
        """Yield the suggested layer of each text."""


@runtime_checkable
class Filler(Suggester, Protocol):
    """A suggester that can answer for spans that others found, and does where `fills` is true."""

    fills: bool

    def fill(
        self,
        texts: Sequence[str],
        layers: Sequence[LayerView],
        targets: Sequence[Sequence[str]],
    ) -> Iterator[LayerView | None]:
        """Yield what it says of each layer, and nothing else.

        A span of it has the label and ranges of the one it speaks of, and the attributes that it
        gives.
        """


def as_filler(suggester: Suggester) -> Filler | None:
    """Return a suggester if it answers for spans that others found."""
    return suggester if isinstance(suggester, Filler) and suggester.fills else None


SUGGESTERS = Plugins(
    "suggester",
    {
        "rules.v1": "annotator.suggesters.rules:Rules",
        "patterns": "annotator.suggesters.patterns:Patterns",
        "llm": "annotator.suggesters.llm.suggester:LanguageModel",
        "trained": "annotator.suggesters.trained:Trained",
    },
)

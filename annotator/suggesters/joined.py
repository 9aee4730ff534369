"""Several suggesters in order as one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotator.suggesters import Suggester, as_filler
from annotator.suggesters.capabilities import Capabilities, fitted
from annotator.suggesters.merging import Voice, merged
from annotator.suggesters.report import Report
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView

# Characters of what a run is shown as.
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Part:
    """One of the joined: a suggester, and whether it overrules what those before it said.

    `name` is what it was chosen by, which each span that it proposes tells.
    """

    suggester: Suggester
    overrules: bool = False
    name: str = ""

    @property
    def voice(self) -> Voice:
        """Return it as what speaks in a layer."""
        return Voice(
            self.name or self.suggester.shown_as,
            self.suggester.capabilities.labels,
            overrules=self.overrules,
            fills=as_filler(self.suggester) is not None,
        )


class Joined:
    """Suggesters of one schema in order: a later one adds what those before it lack.

    One that is marked so overrules what it contradicts. `config` holds the configurations of all
    in order, so that they are one run. One alone is as it is by itself, but for the name that its
    spans tell. Raises `Problem` when one that fills in for others comes first.
    """

    name: str
    shown_as: str

    def __init__(self, parts: Sequence[Part], schema: SchemaView) -> None:
        self._parts = tuple(parts)
        self._schema = schema
        first = self._parts[0]
        if first.voice.fills:
            raise Problem("suggester-first", suggester=first.voice.name)
        self.report = Report()
        capabilities = Capabilities()
        for part in self._parts:
            part.suggester.report = self.report
            gives = part.suggester.capabilities
            capabilities = Capabilities(
                capabilities.labels | gives.labels,
                capabilities.links | gives.links,
                capabilities.attributes | gives.attributes,
            )
        self.capabilities = capabilities.within(schema)
        if len(self._parts) == 1:
            self.name = first.suggester.name
            self.shown_as = first.suggester.shown_as
            self.config: Mapping[str, Any] = first.suggester.config
        else:
            self.name = "joined"
            self.shown_as = _shown_as(self._parts)
            self.config = {"parts": [_config(part) for part in self._parts]}

    def suggest(
        self, texts: Iterable[str], targets: Iterable[Sequence[str]] | None = None
    ) -> Iterator[LayerView | None]:
        """Yield the joined layer of each text; None where one of them could say nothing now."""
        texts = list(texts)
        listed = [()] * len(texts) if targets is None else list(targets)
        layers: list[LayerView | None] = [LayerView()] * len(texts)
        for part in self._parts:
            said = _said(part.suggester, texts, layers, listed)
            voice = part.voice
            layers = [
                self._with(text, layer, more, voice)
                for text, layer, more in zip(texts, layers, said, strict=True)
            ]
        yield from layers

    def _with(
        self, text: str, layer: LayerView | None, more: LayerView | None, voice: Voice
    ) -> LayerView | None:
        if layer is None or more is None:
            return None
        return fitted(merged(text, layer, more, self._schema, by=voice), self._schema)


def _said(
    suggester: Suggester,
    texts: Sequence[str],
    layers: Sequence[LayerView | None],
    targets: Sequence[Sequence[str]],
) -> Iterator[LayerView | None]:
    """Yield what one of the joined says of each text."""
    filler = as_filler(suggester)
    if filler is None:
        return suggester.suggest(texts, targets)
    return filler.fill(texts, [layer or LayerView() for layer in layers], targets)


def _shown_as(parts: Sequence[Part]) -> str:
    """Return the names of parts in order, cut where they are long."""
    names = []
    for part in parts:
        mark = " (overrules)" if part.overrules else ""
        names.append(f"{part.suggester.shown_as}{mark}")
    joined = " + ".join(names)
    if len(joined) <= LONGEST:
        return joined
    digest = hashlib.sha256(joined.encode()).hexdigest()[:8]
    return f"{joined[: LONGEST - 12]}… {digest}"


def _config(part: Part) -> dict[str, Any]:
    return {
        "suggester": part.suggester.name,
        "name": part.voice.name,
        "overrules": part.overrules,
        "config": dict(part.suggester.config),
    }

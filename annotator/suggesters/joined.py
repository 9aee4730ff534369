"""Several suggesters in order as one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotator.suggesters import Suggester, as_filler
from annotator.suggesters.capabilities import Capabilities, above, fitted
from annotator.suggesters.merging import Voice, merged
from annotator.suggesters.report import Report
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView

# Characters of what a run is shown as.
LONGEST = 100
# What suggestions are made from unless another score is asked for.
THRESHOLD = 0.5


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
    spans tell. Spans of a score below the `threshold` are left out, of suggesters that have none of
    their own. Raises `Problem` when one that fills in for others comes first.
    """

    name: str
    shown_as: str

    def __init__(
        self, parts: Sequence[Part], schema: SchemaView, *, threshold: float | None = None
    ) -> None:
        self._parts = tuple(parts)
        self._schema = schema
        self._threshold = threshold
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
            self.shown_as = _cut(self._shown_as(first))
            self.config: Mapping[str, Any] = self._config(first.suggester)
        else:
            self.name = "joined"
            self.shown_as = _cut(" + ".join(self._shown_as(part) for part in self._parts))
            self.config = {"parts": [self._part(part) for part in self._parts]}

    def suggest(
        self, texts: Iterable[str], targets: Iterable[Sequence[str]] | None = None
    ) -> Iterator[LayerView | None]:
        """Yield the joined layer of each text; None where one of them could say nothing now."""
        texts = list(texts)
        listed = [()] * len(texts) if targets is None else list(targets)
        layers: list[LayerView | None] = [LayerView()] * len(texts)
        for part in self._parts:
            said = self._said(part.suggester, texts, layers, listed)
            voice = part.voice
            layers = [
                self._with(text, layer, more, voice)
                for text, layer, more in zip(texts, layers, said, strict=True)
            ]
        yield from layers

    def _said(
        self,
        suggester: Suggester,
        texts: Sequence[str],
        layers: Sequence[LayerView | None],
        targets: Sequence[Sequence[str]],
    ) -> Iterator[LayerView | None]:
        """Yield what one of the joined says of each text."""
        filler = as_filler(suggester)
        if filler is not None:
            yield from filler.fill(texts, [layer or LayerView() for layer in layers], targets)
            return
        threshold = self._threshold_for(suggester)
        for layer in suggester.suggest(texts, targets):
            yield layer if layer is None or threshold is None else above(layer, threshold)

    def _threshold_for(self, suggester: Suggester) -> float | None:
        """Return the threshold that is held for a part; None where it holds one itself."""
        if "threshold" in suggester.config or as_filler(suggester) is not None:
            return None
        return self._threshold

    def _config(self, suggester: Suggester) -> dict[str, Any]:
        threshold = self._threshold_for(suggester)
        config = dict(suggester.config)
        return config if threshold is None else {**config, "threshold": threshold}

    def _shown_as(self, part: Part) -> str:
        """Return what a part is shown as: other thresholds and marks are other suggestions."""
        threshold = self._threshold_for(part.suggester)
        at = "" if threshold in (None, THRESHOLD) else f"@{threshold:g}"
        return f"{part.suggester.shown_as}{at}{' (overrules)' if part.overrules else ''}"

    def _part(self, part: Part) -> dict[str, Any]:
        return {
            "suggester": part.suggester.name,
            "name": part.voice.name,
            "overrules": part.overrules,
            "config": self._config(part.suggester),
        }

    def _with(
        self, text: str, layer: LayerView | None, more: LayerView | None, voice: Voice
    ) -> LayerView | None:
        if layer is None or more is None:
            return None
        return fitted(merged(text, layer, more, self._schema, by=voice), self._schema)


def _cut(name: str) -> str:
    """Return what a run is shown as, cut where it is long."""
    if len(name) <= LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST - 12]}… {digest}"


def configurations(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the configuration of a suggester, and those of its parts where it joins some."""
    return [config, *(part["config"] for part in config.get("parts", ()))]

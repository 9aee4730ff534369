"""How often a suggester is right, by kind: what its suggestions of a kind are worth.

A kind is a label, or an attribute of spans that others found. No figure is made of fewer than
`FEWEST` judged suggestions; what there is is drawn to the half by one right and one wrong (Laplace)
and told in steps, so that a little more gold changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from corpus.core.span import LayerView, Span

FEWEST = 20
STEP = 0.05


class Tally:
    """Suggestions that gold judged, by kind: how many, and how many were right."""

    def __init__(self) -> None:
        self._judged: Counter[str] = Counter()
        self._right: Counter[str] = Counter()

    def add_spans(self, own: Iterable[Span], gold: LayerView) -> None:
        """Count spans by label; one is right where gold has the same label at the same place."""
        there = {(span.label, span.ranges) for span in gold.spans.values()}
        for span in own:
            self._judged[span.label] += 1
            self._right[span.label] += (span.label, span.ranges) in there

    def add_values(self, own: Iterable[Span], gold: LayerView, attribute: str) -> None:
        """Count values of an attribute, of spans that stand in gold with one."""
        there = {(span.label, span.ranges): span for span in gold.spans.values()}
        for span in own:
            known = there.get((span.label, span.ranges))
            if known is not None and known.attributes.get(attribute) not in (None, ""):
                self._judged[attribute] += 1
                value = span.attributes.get(attribute)
                self._right[attribute] += value == known.attributes[attribute]

    def shares(self) -> Mapping[str, float]:
        """Return how often each kind is right, from 0.05 to 0.95, where enough was judged."""
        shares = {}
        for kind, judged in self._judged.items():
            if judged >= FEWEST:
                share = (self._right[kind] + 1) / (judged + 2)
                steps = min(max(round(share / STEP), 1), round(1 / STEP) - 1)
                shares[kind] = round(steps * STEP, 2)
        return shares

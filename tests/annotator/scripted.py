"""A suggester for tests that says of the first quotation of a text what a script says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from annotator.services.chosen_suggesters import MAKERS, Maker, Making, Offer
from annotator.suggesters import SUGGESTERS
from annotator.suggesters.capabilities import all_of
from annotator.suggesters.report import Report
from corpus.core.schema import ATTRIBUTION, SchemaView
from corpus.core.span import LayerView, Span, layer_view
from corpus.models import Corpus

LATER_NAME = "scripted"
# What changes of a claim of the rules when this one is joined to them.
LATER = ("stance: – → oppose",)


class Scripted:
    """It gives the stance of the first quotation; asked twice, it says the same."""

    name = LATER_NAME
    shown_as = LATER_NAME

    def __init__(
        self, schema: SchemaView = ATTRIBUTION, config: Mapping[str, Any] | None = None
    ) -> None:
        self.config = {"script": 1, **(config or {})}
        self.capabilities = all_of(schema)
        self.report = Report()

    def suggest(
        self, texts: Iterable[str], targets: Iterable[Sequence[str]] | None = None
    ) -> Iterator[LayerView | None]:
        """Yield the quotation of each text, and count a request for it."""
        for number, text in enumerate(texts):
            self.report.use(requests=1, tokens_in=len(text.split()), cost=0.25)
            start, end = text.find("“"), text.find("”") + 1
            if not end:
                self.report.note(number, "no quotation")
                yield LayerView()
                continue
            yield layer_view([Span(1, "CLAIM", start, end, attributes={"stance": "oppose"})])


def _offers(corpus: Corpus, schema: SchemaView) -> Iterator[Offer]:
    yield Offer(LATER_NAME, ("CLAIM",))


@contextmanager
def scripted(config: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Have the scripted suggester for the length of a `with` block."""

    def make(making: Making) -> Scripted:
        return Scripted(making.schema, config)

    MAKERS[LATER_NAME] = Maker(make, _offers)
    try:
        with SUGGESTERS.added(LATER_NAME, Scripted):
            yield
    finally:
        del MAKERS[LATER_NAME]

"""How often what a language model suggested is right, by the gold of a corpus."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from annotator.core.calibration import Tally
from annotator.models import Layer, LayerKind, Run
from annotator.selectors.gold import settled_gold
from annotator.selectors.layers import layer_views
from annotator.suggesters.joined import configurations
from corpus.core.span import LayerView, Span
from corpus.models import Corpus

BATCH = 200


def calibration(
    corpus: Corpus,
    config: Mapping[str, Any],
    *,
    name: str,
    attribute: str,
    without: Collection[str],
) -> Mapping[str, float]:
    """Return how often each kind is right of what was suggested with this model and prompt.

    `name` is what its spans are told by, `attribute` what it gave alone, if anything. Documents in
    `without` do not count, as the model was shown their gold.
    """
    runs = [run.pk for run in Run.objects.filter(schema=corpus.schema) if _is_of(run, config)]
    settled = settled_gold(corpus).exclude(document__external_id__in=sorted(without))
    gold_of = dict(settled.values_list("document", "gold")) if runs else {}
    # The newest layer of each document stays.
    suggested: dict[int, Layer] = {}
    rows = Layer.objects.filter(kind=LayerKind.SUGGESTION, run__in=runs, document__in=gold_of)
    for layer in rows.order_by("run"):
        suggested[layer.document_id] = layer
    tally = Tally()
    documents = list(suggested)
    for first in range(0, len(documents), BATCH):
        part = documents[first : first + BATCH]
        golds = Layer.objects.filter(pk__in=[gold_of[document] for document in part])
        views = layer_views([*golds, *(suggested[document] for document in part)])
        for document in part:
            own, gold = views[suggested[document].pk], views[gold_of[document]]
            if attribute:
                tally.add_values(_given(own, name, attribute), gold, attribute)
            else:
                tally.add_spans(_proposed(own, name), gold)
    return tally.shares()


def _is_of(run: Run, config: Mapping[str, Any]) -> bool:
    """Tell whether a run asked this model with this prompt."""
    pins = ("model", "prompt")
    own = configurations(run.config)
    return any(all(part.get(pin) == config[pin] for pin in pins) for part in own)


def _proposed(layer: LayerView, name: str) -> Iterator[Span]:
    for span in layer.spans.values():
        if (span.evidence or {}).get("rule") == name:
            yield span


def _given(layer: LayerView, name: str, attribute: str) -> Iterator[Span]:
    for span in layer.spans.values():
        if (span.evidence or {}).get("given_by", {}).get(attribute) == name:
            yield span

"""Reads of the logs of reviews: what they say that spans and links do not show."""

from __future__ import annotations

from collections.abc import Iterable

from annotator.core.acceptance import LogFacts, Logged, facts_of
from annotator.core.decisions import REVIEWED
from annotator.models import Decision, Layer, LayerState
from corpus.core.span import LayerView


def logs_of(reviews: Iterable[Layer]) -> dict[int, list[Logged]]:
    """Return the decisions on spans, links and documents of several reviews, by layer key."""
    begun = [review.pk for review in reviews if review.version]
    rows = Decision.objects.filter(layer__in=begun, subject__in=REVIEWED).order_by("layer", "seq")
    logs: dict[int, list[Logged]] = {key: [] for key in begun}
    for layer, *row in rows.values_list("layer", *Logged._fields):
        logs[layer].append(Logged(*row))
    return logs


def facts(log: Iterable[Logged], suggested: LayerView) -> LogFacts:
    """Return what a log says of the suggestions that its author was shown."""
    idents = {*suggested.spans, *([0] if suggested.attributes else [])}
    return facts_of(log, idents)


def was_given_back(layer: Layer) -> bool:
    """Tell whether an open review is open because somebody else opened it again."""
    if layer.state != LayerState.OPEN or not layer.version:
        return False
    log = Decision.objects.filter(layer=layer, subject="layer", verb__in=("submit", "reopen"))
    last = log.order_by("-seq").values_list("verb", "user").first()
    # A review that a corrected text opened was opened by nobody.
    return last is not None and last[0] == "reopen" and last[1] not in (None, layer.owner_id)


def unaccepted(layer: Layer, suggested: LayerView, *, log: Iterable[Decision] | None) -> list[int]:
    """Return the suggestions that were changed and not accepted, 0 for those of the document.

    `log` are all decisions of the layer in order, when they have been read already.
    """
    if log is None:
        steps = logs_of([layer]).get(layer.pk, [])
    else:
        steps = [Logged(*(getattr(row, name) for name in Logged._fields)) for row in log]
    return sorted(facts(steps, suggested).unaccepted)

"""How scores are shown."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def percent(score: float | None) -> str:
    """Return a score of 0 to 1, or a coefficient, in whole percent; a dash when there is none."""
    return "–" if score is None else f"{round(100 * score)} %"


@register.filter
def interval(measure: Mapping[str, float | None]) -> str:
    """Return the interval of a measure in whole percent; nothing when it has none."""
    low, high = measure.get("low"), measure.get("high")
    return "" if low is None else f"{percent(low)} – {percent(high)}"

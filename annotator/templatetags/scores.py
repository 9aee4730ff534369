"""How scores are shown."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def percent(score: float | None) -> str:
    """Return a score of 0 to 1, or a coefficient, in whole percent; a dash when there is none."""
    return "–" if score is None else f"{round(100 * score)} %"

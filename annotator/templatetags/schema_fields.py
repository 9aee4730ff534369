"""What the form of a schema needs in its templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def item(row: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field, "" where there is none."""
    return row.get(name, "")

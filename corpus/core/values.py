"""Values from outside, on their way into JSON columns: what no database keeps is refused."""

from __future__ import annotations

import math
import re
from typing import Any

from .problems import Problem

MAX_DEPTH = 32
UNSTORABLE = re.compile("[\\0\\ud800-\\udfff]")


def check_storable(value: Any, field: str = "row", depth: int = 0) -> None:
    """Raise `Problem` for NUL, lone surrogates, numbers that are none, and nesting deeper than `MAX_DEPTH`."""
    if depth > MAX_DEPTH:
        raise Problem("row-field", field=field, reason=f"is nested more than {MAX_DEPTH} deep")
    if isinstance(value, str):
        if UNSTORABLE.search(value):
            raise Problem("row-field", field=field, reason="holds a NUL or half of a surrogate pair")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise Problem("row-field", field=field, reason="holds a number that is not finite")
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_storable(key, field, depth + 1)
            check_storable(inner, str(key)[:80], depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            check_storable(inner, field, depth + 1)

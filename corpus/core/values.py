"""Values from outside, on their way into JSON columns: what no database keeps is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from .problems import Problem

MAX_DEPTH = 32
# What JSON is read as.
KINDS = frozenset((dict, list, str, float, int, bool, type(None)))
UNSTORABLE = re.compile("[\\0\\ud800-\\udfff]")


def check_storable(value: Any, field: str = "row") -> None:
    """Raise `Problem` for what JSON columns cannot keep.

    That is NUL, lone surrogates, numbers that are none, and nesting deeper than `MAX_DEPTH`.
    """
    # Every value of every imported row comes by here, so a fast walk comes first; the slow one
    # below names what is wrong.
    if _is_storable(value):
        return
    waiting: list[tuple[Any, str, int]] = [([value], field, 0)]
    while waiting:
        holder, field, depth = waiting.pop()
        if depth > MAX_DEPTH + 1:
            raise Problem("row-field", field=field, reason=f"is nested more than {MAX_DEPTH} deep")
        if isinstance(holder, dict):
            _check_text("".join(map(str, holder)), field)
            inner: Iterable[tuple[Any, Any]] = holder.items()
        else:
            inner = ((field, item) for item in holder)
        for name, item in inner:
            if isinstance(item, str):
                _check_text(item, name)
            elif isinstance(item, float):
                if not math.isfinite(item):
                    reason = "holds a number that is not finite"
                    raise Problem("row-field", field=str(name)[:80], reason=reason)
            elif isinstance(item, dict | list | tuple):
                waiting.append((item, str(name)[:80], depth + 1))


def _is_storable(value: Any) -> bool:
    """Tell at once that a value is well; false says only that it may not be."""
    level = [value]
    texts: list[Any] = []
    for _ in range(MAX_DEPTH + 1):
        kinds = set(map(type, level))
        if not kinds <= KINDS:
            return False
        if float in kinds and not all(math.isfinite(x) for x in level if type(x) is float):
            return False
        texts += [item for item in level if type(item) is str]
        below: list[Any] = []
        for holder in [item for item in level if type(item) in (dict, list)]:
            if type(holder) is dict:
                texts += holder
                below += holder.values()
            else:
                below += holder
        if not below:
            # Keys are among the texts, and may be anything.
            return set(map(type, texts)) <= {str} and _is_text("".join(texts))
        level = below
    return False


def _is_text(text: str) -> bool:
    """Tell a text that holds neither NUL nor half of a surrogate pair."""
    if text.isascii():
        return "\0" not in text
    return not UNSTORABLE.search(text)


def no_formula(cell: str) -> str:
    """Return a cell of a CSV file that no spreadsheet computes."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _check_text(text: str, field: Any) -> None:
    if UNSTORABLE.search(text):
        reason = "holds a NUL or half of a surrogate pair"
        raise Problem("row-field", field=str(field)[:80], reason=reason)

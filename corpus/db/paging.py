"""Keyset paging: a page of rows in order, and the key that the next page goes on from."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar, overload

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
K = TypeVar("K")


@overload
def keyset_page(rows: QuerySet[M, M], size: int) -> tuple[list[M], int]: ...


@overload
def keyset_page(
    rows: QuerySet[M, M], size: int, *, key: Callable[[M], K], end: K
) -> tuple[list[M], K]: ...


def keyset_page(
    rows: QuerySet[Any, Any],
    size: int,
    *,
    key: Callable[[Any], Any] = attrgetter("pk"),
    end: Any = 0,
) -> tuple[list[Any], Any]:
    """Return the first `size` rows and the key of the last of them, or `end` if none follow.

    The rows must be ordered by that key, and begin after (or before) the key of the page before.
    """
    # One more than is shown says whether there is a further page, without counting.
    page = list(rows[: size + 1])
    if len(page) <= size:
        return page, end
    return page[:size], key(page[size - 1])

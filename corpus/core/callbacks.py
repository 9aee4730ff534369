"""What long work is given: a way to report how far it is, and a way to learn that it should stop."""

from __future__ import annotations

from collections.abc import Callable

# Called with how much is done and how much there is in all.
Progress = Callable[[int, int], None]
# True once somebody has asked for the work to stop.
Cancelled = Callable[[], bool]


def unreported(done: int, total: int) -> None:
    """Report nothing: the progress of work that nobody watches."""


def never_cancelled() -> bool:
    """Return False: the work runs to its end."""
    return False

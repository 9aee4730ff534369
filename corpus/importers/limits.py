"""What reading a stranger's file may take: memory of its process, and a processor's time a row.

Only a process that does nothing else is held to them. Whatever is read then ends with a row or with
a coded problem.
"""

from __future__ import annotations

import resource
import signal
from contextlib import suppress
from types import FrameType

MEMORY = 4 << 30
# Of a processor, from one row to the next.
SECONDS = 120
# Spans of one document: so many take some 300 MB wherever they pass by.
MAX_SPANS = 250_000
TOO_MUCH = "it takes more memory than one file may. Split it into smaller files"
TOO_LONG = f"it takes longer than {SECONDS} seconds of a processor. Split it into smaller files"


class TooLong(BaseException):
    """A row takes too long; parsers that go on after any `Exception` do not go on after this."""


def limit_memory(wanted: int) -> None:
    """Hold this process to so many bytes of memory, where the system can; macOS cannot."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    # The softer limit alone: a process that it starts has limits of its own.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_within(wanted, most), most))


def hold() -> None:
    """Hold this process to the limits from now on."""
    limit_memory(MEMORY)
    signal.signal(signal.SIGPROF, _stop)
    restart()


def restart() -> None:
    """Give the next row the whole time, in a process that is held to it."""
    if signal.getsignal(signal.SIGPROF) is not _stop:
        return
    # Once a second from then on, lest somebody catches it and goes on.
    signal.setitimer(signal.ITIMER_PROF, SECONDS, 1)
    # Code in C may never come back to be told: that ends the process.
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (_within(int(used) + 2 * SECONDS, most), most))


def _within(wanted: int, most: int) -> int:
    """Return what is wanted, or the most that whoever started the process allows."""
    return wanted if most == resource.RLIM_INFINITY else min(wanted, most)


def _stop(number: int, frame: FrameType | None) -> None:
    raise TooLong

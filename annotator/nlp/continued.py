"""Make one frame of a quotation that goes on: over several paragraphs, or behind the clause that
interrupts it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from .frames import Frame
from .passages import Passage

LONGEST_CLAUSE = 12


def continued(passages: list[Passage], frames: Iterable[Frame]) -> list[Frame]:
    """Return the frames, those that hold the parts of one quotation joined from its first mark to
    its last.

    The first part with a cue of its own tells who speaks.
    """
    found = list(frames)
    starting = {f.start: f for f in found}
    ending = {f.end: f for f in found}
    gone: set[int] = set()
    for before, after in pairwise(passages):
        quote = before.quotes[-1] if before.quotes else None
        goes_on = after.quotes[0] if after.quotes and after.quotes[0].start == after.start else None
        if quote is None or not quote.continues or goes_on is None:
            continue
        first, second = ending.get(quote.end), starting.get(goes_on.start)
        if first is None or second is None or first is second:
            continue
        whole = _joined(first, second)
        gone |= {id(first), id(second)}
        found.append(whole)
        starting[whole.start] = ending[whole.end] = whole
    return [f for f in found if id(f) not in gone]


def _joined(first: Frame, second: Frame) -> Frame:
    lead = second if second.cue is not None and first.cue is None else first
    across = (first.ranges[-1][0], second.ranges[0][1])
    ranges = (*first.ranges[:-1], across, *second.ranges[1:])
    return replace(lead, ranges=ranges, why=f"{lead.why}, over several paragraphs")


def interrupted(passages: list[Passage], frames: Iterable[Frame]) -> list[Frame]:
    """Return the frames, the two parts of a quoted sentence around its reporting clause as
    fragments of one claim.
    """
    found: list[Frame] = []
    for frame in sorted(frames, key=lambda f: (f.start, f.end)):
        last = found[-1] if found else None
        if (
            last is not None
            and last.passage == frame.passage
            and _runs_on(passages[frame.passage], last, frame)
        ):
            lead = last if last.cue is not None else frame
            found[-1] = replace(lead, ranges=(*last.ranges, *frame.ranges))
        else:
            found.append(frame)
    return found


def _runs_on(passage: Passage, first: Frame, second: Frame) -> bool:
    """Tell whether two quotations are one sentence: a comma before the clause between them, no
    capital behind it.
    """
    text = passage.text
    quotes = passage.quotes_in(first.ranges[-1][0], second.ranges[0][1])
    if len(quotes) != 2 or (quotes[0].end, quotes[1].start) != (first.end, second.start):
        return False
    between = text[first.end : second.start]
    comma = text[quotes[0].inner[1] - 1] == "," or between.startswith(",")
    lower = text[quotes[1].inner[0]].islower()
    return (
        comma
        and lower
        and len(between.split()) <= LONGEST_CLAUSE
        and not any(c in between for c in ".?!;\n")
    )

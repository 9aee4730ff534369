"""Make one frame of a quotation that goes on: over several paragraphs, or behind the clause that
interrupts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from .frames import Frame
from .passages import Passage

LONGEST_CLAUSE = 12
SENTENCE_END = re.compile(r"[.?!;\n]")


def continued(passages: list[Passage], frames: Iterable[Frame]) -> list[Frame]:
    """Return the frames, those that hold the parts of one quotation joined from its first mark to
    its last.

    The first part with a cue of its own tells who speaks.
    """
    every = list(frames)
    starting = {frame.start: frame for frame in every}
    ending = {frame.end: frame for frame in every}
    joined: set[int] = set()
    for before, after in pairwise(passages):
        if not _goes_on(before, after):
            continue
        first = ending.get(before.quotes[-1].end)
        second = starting.get(after.quotes[0].start)
        if first is None or second is None or first is second:
            continue
        whole = _joined(first, second)
        joined |= {id(first), id(second)}
        every.append(whole)
        starting[whole.start] = whole
        ending[whole.end] = whole
    return [frame for frame in every if id(frame) not in joined]


def _goes_on(before: Passage, after: Passage) -> bool:
    """Tell whether the quotation at the end of a paragraph goes on in the next one."""
    if not before.quotes or not after.quotes:
        return False
    return before.quotes[-1].continues and after.quotes[0].start == after.start


def _joined(first: Frame, second: Frame) -> Frame:
    lead = second if second.cue is not None and first.cue is None else first
    across = (first.ranges[-1][0], second.ranges[0][1])
    ranges = (*first.ranges[:-1], across, *second.ranges[1:])
    return replace(lead, ranges=ranges, why=f"{lead.why}, over several paragraphs")


def interrupted(passages: list[Passage], frames: Iterable[Frame]) -> list[Frame]:
    """Return the frames, the two parts of a quoted sentence around its reporting clause as
    fragments of one claim.
    """
    whole: list[Frame] = []
    for frame in sorted(frames, key=lambda frame: (frame.start, frame.end)):
        last = whole[-1] if whole else None
        if last is not None and _runs_on(passages[frame.passage], last, frame):
            lead = last if last.cue is not None else frame
            whole[-1] = replace(lead, ranges=(*last.ranges, *frame.ranges))
        else:
            whole.append(frame)
    return whole


def _runs_on(passage: Passage, first: Frame, second: Frame) -> bool:
    """Tell whether two quotations are one sentence: a comma before the clause between them, no
    capital behind it.
    """
    if first.passage != second.passage:
        return False
    if first.cue is not None and second.cue is not None and first.cue.head != second.cue.head:
        # `“Yes,” she said, and “no,” he replied.`
        return False
    text = passage.text
    quotes = passage.quotes_in(first.ranges[-1][0], second.ranges[0][1])
    if len(quotes) != 2 or (quotes[0].end, quotes[1].start) != (first.end, second.start):
        return False
    between = text[first.end : second.start]
    comma = text[quotes[0].inner[1] - 1] == "," or between.startswith(",")
    if not comma or not text[quotes[1].inner[0]].islower():
        return False
    return len(between.split()) <= LONGEST_CLAUSE and not SENTENCE_END.search(between)

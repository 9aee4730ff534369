"""Add to a claim what its sentence says before an inserted reporting clause, `If it rains, Lopez
said, the bridge stays closed`, and part one that quotes twice: `that “…” and that “…”`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from corpus.core.span import overlaps

from .claims import Boundaries, bounded
from .frames import Frame
from .passages import Passage

THAT = re.compile(r"that\b")
AND_THAT = re.compile(r",?\s+and\s+(that)\s+")
FINITE = ("VBD", "VBZ", "VBP", "MD")
SUBJECTS = ("nsubj", "nsubjpass", "expl")


def with_front(frame: Frame, passage: Passage, policy: Boundaries) -> Frame:
    """Return a frame whose claim has its fronted part as a fragment, where there is one."""
    front = _front(frame, passage)
    if front is None:
        return frame
    ranges = bounded(passage, [front], policy)
    if not ranges:
        return frame
    return replace(frame, ranges=(*ranges, *frame.ranges))


def parted(frame: Frame, passage: Passage) -> Iterator[Frame]:
    """Yield a frame, or one for each clause of its own that a claim quotes."""
    text = passage.text
    start, end = frame.ranges[0]
    if len(frame.ranges) > 1 or not THAT.match(text, start, end):
        yield frame
        return
    for first, second in pairwise(passage.quotes_in(start, end)):
        joint = AND_THAT.fullmatch(text, first.end, second.start)
        if joint is not None:
            yield replace(frame, ranges=((start, first.end),))
            start = joint.start(1)
    yield replace(frame, ranges=((start, end),))


def _front(frame: Frame, passage: Passage) -> tuple[int, int] | None:
    """Return what stands before a reporting clause that commas part from it and from its claim."""
    if frame.cue is None or frame.cue_range is None or frame.speaker is None:
        return None
    clause = min(frame.speaker.start, frame.cue_range[0])
    clause_end = max(frame.speaker.end, frame.cue_range[1])
    text = passage.text
    if frame.start < clause_end or text[clause_end : frame.start].strip() != ",":
        return None
    start = passage.starts[frame.cue.head.sent.start]
    before = text[start:clause].rstrip()
    if not before.endswith(",") or overlaps((start, clause), _quoted(passage, start, clause)):
        return None
    quotes = passage.quotes_in(frame.start, frame.start + 1)
    # `On Monday, Lopez said, “The bridge is safe”` quotes a whole sentence, and tells when.
    if quotes and not (_goes_on(text, quotes[0].inner[0]) and _is_clause(passage, start, clause)):
        return None
    return start, start + len(before)


def _quoted(passage: Passage, start: int, end: int) -> list[tuple[int, int]]:
    return [(quote.start, quote.end) for quote in passage.quotes_in(start, end)]


def _goes_on(text: str, place: int) -> bool:
    """Tell whether words go on with a sentence."""
    return not text[place].isupper()


def _is_clause(passage: Passage, start: int, end: int) -> bool:
    """Tell whether a range holds a subject and a finite verb."""
    tokens = [passage.doc[n] for n in passage.tokens_in(start, end)]
    finite = any(token.tag_ in FINITE for token in tokens)
    return finite and any(token.dep_ in SUBJECTS for token in tokens)

"""Which spans of two layers of a text are the same to who suggests them.

Spans of a label are the same where they have the same ranges, or share at least half of their
words (Jaccard).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from annotator.core.agreement import PARTIAL, WordIndex
from annotator.core.align import overlapping
from corpus.core.span import Span


def same_spans(text: str, here: Iterable[Span], there: Iterable[Span]) -> dict[int, int]:
    """Return for spans there which span here each is, by idents; one is one other at most.

    Those of the same ranges go together first, then those that share most. Time follows the spans
    and how many of them overlap.
    """
    here, there = list(here), list(there)
    at = {(span.label, span.ranges): span.ident for span in here}
    same: dict[int, int] = {}
    for span in there:
        ident = at.pop((span.label, span.ranges), None)
        if ident is not None:
            same[span.ident] = ident
    taken = set(same.values())
    here = [span for span in here if span.ident not in taken]
    there = [span for span in there if span.ident not in same]
    for theirs, ours in _alike(text, here, there):
        if theirs not in same and ours not in taken:
            same[theirs] = ours
            taken.add(ours)
    return same


def _alike(text: str, here: Sequence[Span], there: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Yield the idents, there and here, of spans that share half of their words, best first."""
    if not here or not there:
        return
    words = WordIndex(text)
    ours = {span.ident: span for span in here}
    theirs = {span.ident: span for span in there}
    found = []
    for label in {span.label for span in here} & {span.label for span in there}:
        nodes = [((0, ident), span) for ident, span in ours.items() if span.label == label]
        nodes += [((1, ident), span) for ident, span in theirs.items() if span.label == label]
        for pair in overlapping(nodes):
            (side, own), (other_side, other) = sorted(pair)
            if side == other_side:
                continue
            share = _share(words, ours[own], theirs[other])
            if share >= PARTIAL:
                found.append((-share, own, other))
    for _, own, other in sorted(found):
        yield other, own


def _share(words: WordIndex, left: Span, right: Span) -> float:
    """Return the words of both divided by the words of either, from 0 to 1."""
    ours, theirs = words.of(left), words.of(right)
    return len(ours & theirs) / max(len(ours | theirs), 1)

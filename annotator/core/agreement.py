"""How far two layers agree on spans and frames.

All figures are F1 in the sense of Hripcsak & Rothschild (2005), "Agreement, the F-measure, and reliability in
information retrieval": with no true negatives to count, F1 between two annotators is symmetric and chance can be
left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from annotator.core.compare import Frame, facets, frames
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Span

PARTIAL = 0.5
# A word keeps one inner apostrophe; marks and white space never count, so edges differ by words alone.
WORD = re.compile(r"\w+(?:['’]\w+)?")


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure between 0 and 1, or None with the `reason`; `n` counts the items it rests on."""

    measure: str
    label: str
    a: str | None
    b: str | None
    value: float | None
    n: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One document as two people annotated it."""

    text: str
    left: LayerView
    right: LayerView


def agreement(pairs: Sequence[Pair], schema: SchemaView, *, a: str | None, b: str | None) -> list[Measure]:
    """Return the measures for each label, and of whole frames, over the documents that both annotated."""
    found: list[Measure] = []
    for label in schema.labels:
        counts = {"span_f1_exact": [0, 0], "span_f1_partial": [0, 0], "span_f1_word": [0, 0]}
        for pair in pairs:
            words = WordIndex(pair.text)
            left, right = (
                [covered for s in view.spans.values() if s.label == label and (covered := words.of(s))]
                for view in (pair.left, pair.right)
            )
            spans = len(left) + len(right)
            _count(counts["span_f1_exact"], _matches(left, right, at_least=1), spans)
            _count(counts["span_f1_partial"], _matches(left, right, at_least=PARTIAL), spans)
            all_left, all_right = (set().union(*covered) for covered in (left, right))
            _count(counts["span_f1_word"], len(all_left & all_right), len(all_left) + len(all_right))
        found.extend(_measure(name, label, a, b, *value) for name, value in counts.items())
    matched, total = 0, 0
    for pair in pairs:
        left_frames, right_frames = frames(pair.left), frames(pair.right)
        matched += sum(any(_same(x, y, schema) for y in right_frames) for x in left_frames)
        total += len(left_frames) + len(right_frames)
    return [*found, _measure("frame_f1", "", a, b, matched, total)]


class WordIndex:
    """The words of a text, so that spans compare by word and not by the stops and spaces at their edges."""

    def __init__(self, text: str) -> None:
        places = [match.span() for match in WORD.finditer(text)]
        self._starts = [start for start, _ in places]
        self._ends = [end for _, end in places]

    def of(self, span: Span) -> set[int]:
        """Return the places, among all words of the text, of the words that the span touches."""
        found: set[int] = set()
        for start, end in span.ranges:
            found.update(range(bisect_right(self._ends, start), bisect_left(self._starts, end)))
        return found


def _same(left: Frame, right: Frame, schema: SchemaView) -> bool:
    return not facets(left, right, schema)


def _matches(left: list[set[int]], right: list[set[int]], *, at_least: float) -> int:
    """Count one-to-one matches of at least this word Jaccard, best first."""
    scored = sorted(
        ((len(x & y) / len(x | y), -i, -j) for i, x in enumerate(left) for j, y in enumerate(right) if x & y),
        reverse=True,
    )
    used_left: set[int] = set()
    used_right: set[int] = set()
    for score, i, j in scored:
        if score >= at_least and i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
    return len(used_left)


def _count(tally: list[int], matched: int, total: int) -> None:
    tally[0] += matched
    tally[1] += total


def _measure(name: str, label: str, a: str | None, b: str | None, matched: int, total: int) -> Measure:
    if not total:
        return Measure(name, label, a, b, None, 0, "neither marked anything")
    return Measure(name, label, a, b, 2 * matched / total, total)

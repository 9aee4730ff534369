"""The span algebra agrees with sets of characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.core.span import (
    Span,
    contains,
    crosses,
    intersection,
    jaccard,
    overlap,
    size,
    trim,
    with_fragments,
)

ranges = st.sets(st.integers(0, 40), min_size=2, max_size=8).map(
    lambda cuts: tuple(zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False))
)
spans = ranges.map(lambda found: with_fragments(Span(1, "CLAIM", 0, 1), found))


def characters(found: tuple[tuple[int, int], ...]) -> set[int]:
    return {i for start, end in found for i in range(start, end)}


@given(spans, spans)
def test_it_counts_as_sets_of_characters_do(left: Span, right: Span) -> None:
    a, b = characters(left.ranges), characters(right.ranges)
    assert characters(intersection(left.ranges, right.ranges)) == a & b
    assert overlap(left, right) == len(a & b)
    assert jaccard(left, right) == len(a & b) / len(a | b)
    assert contains(left, right) == (b <= a)
    assert crosses(left, right) == bool(a & b and not a <= b and not b <= a)


@given(spans)
def test_fragments_are_joined_where_they_touch(span: Span) -> None:
    assert size(span.ranges) == len(characters(span.ranges))
    assert (span.start, span.end) == (span.ranges[0][0], span.ranges[-1][1])
    assert span.fragments is None or len(span.fragments) > 1


def test_trim_leaves_no_white_space_at_the_edges() -> None:
    assert trim(" \u00a0ab \n", 0, 6) == (2, 4)
    assert trim("   ", 0, 3) == (3, 3)

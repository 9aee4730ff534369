"""Texts and layers for property tests: emoji, combining marks, right-to-left, no-break spaces,
fragments.
"""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from corpus.core.span import LayerView, Link, Span, layer_view

AWKWARD = [
    "a",
    "é",
    "e\u0301",
    "😀",
    "👩‍👩‍👧",
    "🇫🇷",
    "שלום",
    "مرحبا",
    "\u00a0",
    " ",
    "\n",
    "“",
    "”",
    "’",
    "𝒳",
    "한",
    "।",
]

texts = st.lists(st.sampled_from(AWKWARD) | st.text(max_size=3), min_size=3, max_size=60).map(
    lambda parts: (
        "".join(parts).replace("\0", "").replace("\r", "").encode("utf-8", "ignore").decode()
    )
)


@st.composite
def spans(draw: st.DrawFn, text: str, ident: int, label: str) -> Span | None:
    """A span over a text, whole or in fragments, that neither starts nor ends in white space."""
    ink = [i for i, char in enumerate(text) if not char.isspace()]
    if len(ink) < 2:
        return None
    pieces = draw(st.sampled_from([1, 1, 1, 2, 3]))
    cuts = sorted(
        draw(st.sets(st.sampled_from(range(len(ink))), min_size=min(2 * pieces, len(ink))))
    )
    cuts = cuts[: len(cuts) // 2 * 2]
    ranges: list[tuple[int, int]] = []
    for first, last in zip(cuts[::2], cuts[1::2], strict=True):
        if len(ranges) == pieces:
            break
        ranges.append((ink[first], ink[last] + 1))
    if any(left[1] >= right[0] for left, right in pairwise(ranges)):
        ranges = ranges[:1]
    fragments = tuple(ranges) if len(ranges) > 1 else None
    attributes = (
        {"stance": draw(st.sampled_from(["support", "oppose", "unclear"]))}
        if label == "CLAIM"
        else {}
    )
    return Span(ident, label, ranges[0][0], ranges[-1][1], fragments, attributes)


@st.composite
def annotated(draw: st.DrawFn) -> tuple[str, LayerView]:
    """A text with a layer that the attribution schema allows."""
    text = draw(texts)
    found = []
    for ident in range(1, draw(st.integers(1, 7))):
        span = draw(spans(text, ident, draw(st.sampled_from(["CLAIM", "SPEAKER"]))))
        if span is not None:
            found.append(span)
    claims = [s.ident for s in found if s.label == "CLAIM"]
    speakers = [s.ident for s in found if s.label == "SPEAKER"]
    pairs = (
        sorted(
            draw(st.sets(st.tuples(st.sampled_from(claims), st.sampled_from(speakers)), max_size=4))
        )
        if (claims and speakers)
        else []
    )
    return text, layer_view(
        found, [Link(100 + n, "said_by", c, s) for n, (c, s) in enumerate(pairs)]
    )

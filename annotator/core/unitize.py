"""Do people mark the same stretches of a text? The unitized alpha family.

Krippendorff, Mathet, Bouvry & Widlöcher (2016), "On the reliability of unitizing textual continua:
Further developments", Quality & Quantity 50(6), with a text as the continuum and its characters as
the measure of length. Texts are put end to end: the lengths of one coincidence matrix add up over
them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np

from annotator.core.bootstrap import Floats, Key, Sums
from corpus.core.span import Span

# The value of what lies between units.
GAP = ""
Unit = tuple[int, int, str]


def units(spans: Iterable[Span], value: Callable[[Span], str]) -> list[Unit]:
    """Return what spans cover as units that do not overlap, each (start, end, value), in text
    order.

    A continuum has one layer: what is nested goes, of two that cross the later begins where the
    earlier ends, and each fragment is a unit of its own.
    """
    pieces: list[Unit] = []
    for span in spans:
        pieces.extend((start, end, value(span)) for start, end in span.ranges)
    apart: list[Unit] = []
    covered = 0
    for start, end, name in sorted(pieces, key=lambda piece: (piece[0], -piece[1], piece[2])):
        if end > covered:
            apart.append((max(start, covered), end, name))
            covered = end
    return apart


def count(people: Sequence[Sequence[Unit]], length: int) -> dict[Key, float]:
    """Count the lengths, in characters, that the alphas need of one text as two or more people
    unitized it.
    """
    counts: dict[Key, float] = defaultdict(float)
    others = len(people) - 1
    together: list[Counter[int]] = [Counter() for _ in people]
    places = [0] * len(people)
    edges = {0, length}
    for marked in people:
        for start, end, _ in marked:
            edges |= {start, end}
    for start, end in pairwise(sorted(edges)):
        values = []
        for person, marked in enumerate(people):
            while places[person] < len(marked) and marked[places[person]][1] <= start:
                places[person] += 1
            inside = places[person] < len(marked) and marked[places[person]][0] <= start
            values.append(marked[places[person]][2] if inside else GAP)
        _coincide(counts, values, end - start)
        # How much of each unit meets each other person's units, for the pairs of a unit with
        # itself.
        for person, value in enumerate(values):
            for other, theirs in enumerate(values):
                if value != GAP and theirs != GAP and person != other:
                    together[person][places[person] * (others + 1) + other] += end - start
    for person, marked in enumerate(people):
        at = 0
        for start, end, value in marked:
            counts["itself", GAP] += start - at
            counts["itself", value] += (end - start) ** 2
            at = end
        counts["itself", GAP] += length - at
        for key, shared in together[person].items():
            counts["itself-coded", marked[key // (others + 1)][2]] += shared**2 / others
    return counts


def _coincide(counts: dict[Key, float], values: Sequence[str], size: int) -> None:
    """Add a stretch to the observed coincidences (equation 1): each ordered pair of people, over m
    - 1.
    """
    times = Counter(values)
    for value, here in times.items():
        for other, there in times.items():
            pairs = here * (there - (value == other))
            counts["length", value, other] += size * pairs / (len(values) - 1)


def alpha_u(sums: Sums) -> Floats:
    """Return uα (equation 5a): units and their values and the gaps between them, all against
    chance.
    """
    observed, expected = _matrices(sums, sums.at("length").names(), "itself")
    return _alpha(_apart(observed), _apart(expected))


def alpha_u_binary(sums: Sums) -> Floats:
    """Return |uα (equation 6): units of any value against gaps."""
    names = sums.at("length").names()
    observed, expected = _matrices(sums, names, "itself")
    if GAP not in names:
        return np.full(len(sums.table), np.nan)
    gap = names.index(GAP)
    seen = observed[:, gap].sum(axis=1) - observed[:, gap, gap]
    chance = expected[:, gap].sum(axis=1) - expected[:, gap, gap]
    return _alpha(seen, chance)


def alpha_u_coding(sums: Sums) -> Floats:
    """Return cuα (equation 11, expectation by equation 10): the values alone, where units meet."""
    names = [name for name in sums.at("length").names() if name != GAP]
    observed, expected = _matrices(sums, names, "itself-coded")
    return _alpha(_apart(observed), _apart(expected))


def alpha_u_value(sums: Sums, value: str) -> Floats:
    """Return (k)uα (equation 13b): one value against the others, where units meet."""
    names = [name for name in sums.at("length").names() if name != GAP]
    if value not in names:
        return np.full(len(sums.table), np.nan)
    k = names.index(value)
    observed, expected = _matrices(sums, names, "itself-coded")
    seen, chance = observed[:, k].sum(axis=1), expected[:, k].sum(axis=1)
    return _alpha((seen - observed[:, k, k]) / seen, (chance - expected[:, k, k]) / chance)


def _matrices(sums: Sums, names: Sequence[str], itself: str) -> tuple[Floats, Floats]:
    """Return observed and expected coincidences (equations 1 and 4, or 10): draws by values by
    values.
    """
    lengths, selves = sums.at("length"), sums.at(itself)
    shape = (len(sums.table), len(names), len(names))
    observed = np.zeros(shape)
    for row, name in enumerate(names):
        for column, other in enumerate(names):
            observed[:, row, column] = lengths.at(name)[other]
    margins = observed.sum(axis=2)
    total = margins.sum(axis=1)
    same = np.zeros(shape)
    for place, name in enumerate(names):
        same[:, place, place] = selves[name]
    pairs = margins[:, :, np.newaxis] * margins[:, np.newaxis, :] - same
    return observed, pairs * (total / pairs.sum(axis=(1, 2)))[:, np.newaxis, np.newaxis]


def _apart(matrix: Floats) -> Floats:
    """Return what lies off the diagonal, where values differ."""
    return np.asarray(matrix.sum(axis=(1, 2)) - np.trace(matrix, axis1=1, axis2=2))


def _alpha(observed: Floats, expected: Floats) -> Floats:
    return np.where(expected > 0, 1 - observed / expected, np.nan)

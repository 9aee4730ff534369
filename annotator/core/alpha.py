"""Do people choose the same value for the same thing? Krippendorff's alpha and Gwet's AC1."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from annotator.core.bootstrap import Floats, Key, Sums


def count(units: Iterable[Sequence[str]]) -> dict[Key, float]:
    """Count what `alpha` and `ac1` need of units, each the values that one person each gave it."""
    counts: dict[Key, float] = defaultdict(float)
    for unit in units:
        given = len(unit)
        if not given:
            continue
        counts["units",] += 1
        for value, times in Counter(unit).items():
            counts["share", value] += times / given
            if given > 1:
                same = times * (times - 1) / (given - 1)
                counts["value", value] += times
                counts["same",] += same
                counts["agreed",] += same / given
        counts["paired",] += given > 1
    return counts


def alpha(sums: Sums) -> Floats:
    """Return Krippendorff's alpha for nominal values; NaN when nothing is paired or all values are
    one.

    1 - (n - 1) (n - sum of o_cc) / (n² - sum of n_c²), over units that two or more people valued:
    Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C. Any number of
    people, missing values allowed.
    """
    values = sums.at("value").each()
    n = values.sum(axis=1)
    return _ratio(
        n * n - (values**2).sum(axis=1) - (n - 1) * (n - sums["same"]),
        n * n - (values**2).sum(axis=1),
    )


def ac1(sums: Sums, categories: int) -> Floats:
    """Return Gwet's AC1 on a scale of so many categories; NaN when nothing is paired.

    (p_a - p_e) / (1 - p_e) with p_e = sum of pi_k (1 - pi_k) / (q - 1): Gwet (2008), "Computing
    inter-rater reliability and its variance in the presence of high agreement", British Journal of
    Mathematical and Statistical Psychology 61, section 3; with missing values as in Gwet (2014),
    "Handbook of Inter-Rater Reliability", chapter 2: p_a over units with two or more values, pi_k
    over all.
    """
    share = sums.at("share").each() / sums["units"][:, np.newaxis]
    chance = (share * (1 - share)).sum(axis=1) / (categories - 1)
    return _ratio(sums["agreed"] / sums["paired"] - chance, 1 - chance)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / whole, np.nan)

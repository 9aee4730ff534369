"""Counts by article, their sums, and the interval of a figure over articles drawn anew.

Every measure of agreement here is a function of sums over articles. So the articles are counted
once, and each draw adds up the counts of the articles it drew.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Key = tuple[str, ...]
Floats = NDArray[np.float64]
K = TypeVar("K")
DRAWS = 1000
LEVEL = 0.95
# So many sums are held at a time: 32 megabytes.
CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of counts by key, a number for each draw; the first is the articles as they are."""

    columns: Mapping[Key, int]
    table: Floats

    def __getitem__(self, key: str) -> Floats:
        """Return the sums of one key; 0 where nothing was counted."""
        column = self.columns.get((key,))
        return np.zeros(len(self.table)) if column is None else self.table[:, column]

    def at(self, *prefix: str) -> Sums:
        """Return the sums whose keys begin so, by the rest of their keys."""
        size = len(prefix)
        columns = {}
        for key, column in self.columns.items():
            if key[:size] == prefix:
                columns[key[size:]] = column
        return Sums(columns, self.table)

    def names(self) -> list[str]:
        """Return what the keys begin with, sorted."""
        return sorted({key[0] for key in self.columns})

    def each(self) -> Floats:
        """Return all sums: draws by keys."""
        return self.table[:, sorted(self.columns.values())]


Statistic = Callable[[Sums], Floats]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its interval; None where undefined, or where one article gives no interval."""

    value: float | None
    low: float | None
    high: float | None

    def in_words(self, sign: str = "") -> str:
        """Return it with its interval, "" where it is undefined; `sign` "+" tells it is a gain."""
        if self.value is None:
            return ""
        interval = ""
        if self.low is not None and self.high is not None:
            interval = f" ({self.low:{sign}.2f} to {self.high:{sign}.2f})"
        return f"{self.value:{sign}.3f}{interval}"


@dataclass(slots=True)
class Tally:
    """The counts of many articles, kept small: a row for each number that is not 0."""

    articles: int = 0
    columns: dict[Key, int] = field(default_factory=dict)
    _article: array[int] = field(default_factory=lambda: array("q"))
    _column: array[int] = field(default_factory=lambda: array("q"))
    _amount: array[float] = field(default_factory=lambda: array("d"))

    def add(self, counts: Mapping[Key, float]) -> None:
        """Add the counts of one more article."""
        for key, amount in counts.items():
            if amount:
                self._article.append(self.articles)
                self._column.append(self.columns.setdefault(key, len(self.columns)))
                self._amount.append(amount)
        self.articles += 1

    def observed(self) -> Sums:
        """Return the sums over the articles as they are."""
        return next(self.sums(draws=0))

    def sums(self, *, draws: int = DRAWS, seed: int = 0) -> Iterator[Sums]:
        """Yield the sums over the articles as they are, then over samples of as many.

        These `draws` are with replacement. The sums come in chunks, so that memory holds.
        """
        article = np.array(self._article, dtype=np.int64)
        column = np.array(self._column, dtype=np.int64)
        amount = np.array(self._amount)
        width = len(self.columns)
        random = np.random.default_rng(seed)
        rows: list[Floats] = []
        for draw in range(draws + 1):
            drawn = np.arange(self.articles)
            if draw:
                drawn = random.integers(0, self.articles, self.articles)
            times = np.bincount(drawn, minlength=self.articles)
            summed = np.bincount(column, weights=amount * times[article], minlength=width)
            rows.append(summed.astype(np.float64))
            if len(rows) * width >= CELLS or draw == draws:
                yield Sums(self.columns, np.array(rows))
                rows = []


def estimate(tally: Tally, statistics: Mapping[K, Statistic]) -> dict[K, Estimate]:
    """Return each figure with its interval of 95 % from a bootstrap over articles.

    The percentile interval of Efron & Tibshirani (1993), "An Introduction to the Bootstrap",
    section 13.3: the article is what is drawn, because the claims of one article are not
    independent. Draws in which a figure is undefined are left out of it. The draws are the same
    every time.
    """
    several = tally.articles > 1
    values: dict[K, list[Floats]] = {name: [] for name in statistics}
    with np.errstate(divide="ignore", invalid="ignore"):
        for sums in tally.sums(draws=DRAWS if several else 0):
            for name, statistic in statistics.items():
                values[name].append(statistic(sums))
    return {name: _estimate(np.concatenate(chunks)) for name, chunks in values.items()}


def _estimate(values: Floats) -> Estimate:
    if not np.isfinite(values[0]):
        return Estimate(None, None, None)
    drawn = values[1:][np.isfinite(values[1:])]
    if not len(drawn):
        return Estimate(float(values[0]), None, None)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(values[0]), float(low), float(high))

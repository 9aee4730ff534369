"""A sign: one reason to read a stance in a claim, and how signs add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

OPPOSITE = {"support": "oppose", "oppose": "support"}
# What weighs at least this much is said outright: then the words of the claim no longer count.
OUTRIGHT = 0.6


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason for one value, with a weight from 0 to 1."""

    value: str
    weight: float
    why: str


def scores(signs: Iterable[Sign]) -> dict[str, float]:
    """Return the weight of each value: signs for the same value count as independent chances."""
    missed: dict[str, float] = {}
    for sign in signs:
        missed[sign.value] = missed.get(sign.value, 1.0) * (1 - sign.weight)
    return {value: 1 - chance for value, chance in missed.items()}

"""A sign: one reason to read a stance in a claim, and how signs add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

OPPOSITE = {"support": "oppose", "oppose": "support"}


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason for one value, with a weight from 0 to 1.

    `about_target` tells that it speaks of the target itself and not only of who speaks.
    """

    value: str
    weight: float
    why: str
    about_target: bool = True


def side(direction: float) -> str:
    """Return the side of a direction: support above 0, else oppose."""
    return "support" if direction > 0 else "oppose"


def scores(signs: Iterable[Sign]) -> dict[str, float]:
    """Return the weight of each value: signs for the same value count as independent chances."""
    missed: dict[str, float] = {}
    for sign in signs:
        missed[sign.value] = missed.get(sign.value, 1.0) * (1 - sign.weight)
    return {value: 1 - chance for value, chance in missed.items()}


def lean(signs: Iterable[Sign]) -> float:
    """Return which side signs take, from -1 (oppose) to 1 (support)."""
    by_value = scores(signs)
    return by_value.get("support", 0.0) - by_value.get("oppose", 0.0)

"""What disputes are found by: the names of their tags, and which of them are counted.

A filter asks for the names that a dispute was written with, so both are made here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from annotator.models import Dispute

# In place of a person: the suggestion stood on nobody's side.
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Tag:
    """A name that a dispute is found by.

    One with a `kind` is counted, as the values `a` and `b` of a facet or as one value `a`; `pair`
    limits it to two people.
    """

    name: str
    kind: str = ""
    facet: str = ""
    a: str = ""
    b: str = ""
    pair: str = ""


def hashed(kind: str, *parts: object) -> str:
    """Return the name of a tag for what people wrote, however long it is."""
    text = "\0".join(map(str, parts))
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def value_tag(facet: str, value: str) -> str:
    """Return what disputes are found by in which somebody says this."""
    return hashed("value", facet, value)


def cell_tag(facet: str, a: str, b: str, pair: str = "") -> str:
    """Return what disputes are found by in which this stands against that, of two people."""
    first, second = sorted((a, b))
    return hashed("cell", facet, first, second, pair)


def pair_tag(pair: str, facet: str = "") -> str:
    """Return what disputes are found by in which two people differ, perhaps in one facet."""
    return hashed("pair", pair, facet) if facet else f"pair:{pair}"


def side_tag(person: object, facet: str = "") -> str:
    """Return what disputes are found by in which the suggestion says what a person says."""
    return hashed("side", person, facet)


def said_tag(facet: str, value: str) -> str:
    """Return what disputes are found by in which the suggestion says this."""
    return hashed("said", facet, value)


def tags_of(dispute: Dispute) -> Iterator[Tag]:
    """Yield all that a dispute is found by."""
    yield Tag("", "all")
    suggested = "yes" if dispute.suggested else "no"
    yield Tag(f"suggested:{suggested}", "suggested", a=suggested)
    for facet in dispute.facets:
        yield Tag(f"facet:{facet}", "facet", a=facet)
    for label in dispute.labels:
        yield Tag(f"label:{label}", "label", a=label)
    for a, b in dispute.pairs:
        pair = f"{a}-{b}"
        yield Tag(pair_tag(pair), "pair", a=pair)
    if dispute.outlet:
        yield Tag(f"outlet:{dispute.outlet}", "outlet", a=dispute.outlet)
    if dispute.month:
        yield Tag(f"month:{dispute.month}", "month", a=dispute.month)
    if dispute.assigned_to_id:
        yield Tag(f"to:{dispute.assigned_to_id}")
    people = dispute.sides.get("people", {})
    suggestion_sides: set[object] = set()
    for facet, told in dispute.sides.get("facets", {}).items():
        yield from _of_facet(facet, told, people)
        if dispute.suggested:
            holders = _suggested_people(told, people)
            suggestion_sides.update(holders)
            for person in holders:
                yield Tag(side_tag(person, facet))
    for person in sorted(suggestion_sides, key=str):
        yield Tag(side_tag(person))


def _of_facet(facet: str, told: dict[str, Any], people: dict[str, int]) -> Iterator[Tag]:
    """Yield the values of a facet, those that stand against each other, and between whom."""
    sides = told["sides"]
    said = {}
    for left, right, a, b in told["cells"]:
        yield Tag(cell_tag(facet, a, b), "cell", facet, a, b)
        yield Tag(value_tag(facet, a))
        yield Tag(value_tag(facet, b))
        said[left] = a
        said[right] = b
        for pair in _pairs(sides[left]["held"], sides[right]["held"], people):
            yield Tag(pair_tag(pair, facet))
            yield Tag(cell_tag(facet, a, b, pair), "cell", facet, a, b, pair)
    for place, value in said.items():
        if sides[place]["suggested"]:
            yield Tag(said_tag(facet, value))


def _pairs(left: Iterable[str], right: Iterable[str], people: dict[str, int]) -> Iterator[str]:
    for one, other in product(left, right):
        first, second = sorted((people[one], people[other]))
        yield f"{first}-{second}"


def _suggested_people(told: dict[str, Any], people: dict[str, int]) -> list[object]:
    """Return who says what was suggested; `NOBODY` where all went elsewhere."""
    for side in told["sides"]:
        if side["suggested"]:
            return [people[letter] for letter in side["held"]]
    return [NOBODY]

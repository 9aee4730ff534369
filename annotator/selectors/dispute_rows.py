"""What a row of a list of disputes says: who holds what against whom, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotator.models import Dispute
from annotator.selectors.disputes import names_told
from corpus import permissions
from corpus.models import Corpus, Membership

AGAINST = " ↔ "
SOMEBODY = "somebody"
PEOPLE = 200


@dataclass(frozen=True, slots=True)
class Side:
    """What some people say in a facet, and whether a suggestion said so too."""

    who: str
    value: str
    suggested: bool

    def __str__(self) -> str:
        return f"{self.who}: {self.value}"


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet of a dispute with its sides."""

    name: str
    sides: tuple[Side, ...]

    def __str__(self) -> str:
        return AGAINST.join(map(str, self.sides))

    @property
    def oppositions(self) -> Iterator[tuple[Side, Side]]:
        """Yield each two sides that stand against each other."""
        yield from combinations(self.sides, 2)


def people_of(
    corpus: Corpus, disputes: Iterable[Dispute], *, by: permissions.User
) -> Mapping[int, str] | None:
    """Return the names of those who differ, by key; None for who is not told names here."""
    if not names_told(corpus, by):
        return None
    keys: set[int] = set()
    for dispute in disputes:
        keys.update(dispute.sides.get("people", {}).values())
    people = get_user_model().objects.in_bulk(keys)
    return {key: str(user) for key, user in people.items()}


def adjudicators(*corpora: Corpus) -> QuerySet[User]:
    """Return everybody who may settle disputes in one of these corpora, or in any, by name."""
    roles = Membership.objects.filter(role__in=permissions.ACTS["adjudicate"])
    if corpora:
        roles = roles.filter(corpus__in=corpora)
    people = get_user_model().objects.filter(pk__in=roles.values("user"))
    return people.order_by("username")


def facets_of(dispute: Dispute, names: Mapping[int, str] | None, *, first: str = "") -> list[Facet]:
    """Return the sides of each facet in dispute: the one asked for, then the first to settle.

    People are called by `names`, or by the letters that were drawn for this document.
    """
    people = dispute.sides.get("people", {})
    told = dispute.sides.get("facets", {})
    order = sorted(told, key=lambda facet: (facet != first, facet != dispute.facet, facet))
    facets = []
    for facet in order:
        sides = [
            Side(_who(side["held"], people, names), side["value"], side["suggested"])
            for side in told[facet]["sides"]
        ]
        # Where people are named, they stand in the order of their names.
        if names is not None:
            sides.sort(key=lambda side: side.who)
        facets.append(Facet(facet, tuple(sides)))
    return facets


def _who(held: list[str], people: Mapping[str, int], names: Mapping[int, str] | None) -> str:
    if names is None:
        return ", ".join(held)
    return ", ".join(sorted(names.get(people.get(letter, 0), SOMEBODY) for letter in held))


def facets_json(dispute: Dispute) -> list[dict[str, Any]]:
    """Return the sides of each facet under the letters of the document; nobody is named."""
    told = dispute.sides.get("facets", {})
    return [
        {
            "facet": facet,
            "sides": [
                {
                    "value": side["value"],
                    "layers": side["held"],
                    "suggested": side["suggested"],
                }
                for side in told[facet]["sides"]
            ],
        }
        for facet in sorted(told, key=lambda facet: (facet != dispute.facet, facet))
    ]


def queue_json(page: Iterable[Dispute]) -> list[dict[str, Any]]:
    """Return disputes of the queue as the API gives them; nobody is named."""
    return [
        {
            "document": row.adjudication.document.external_id,
            "dispute": row.ident,
            "facet": row.facet,
            "facets": sorted(row.facets),
            "sides": facets_json(row),
            "labels": row.labels,
            "outlet": row.outlet,
            "month": row.month,
            "cost": row.cost,
            "suggested": row.suggested,
            "state": row.state,
            "start": row.start,
            "end": row.end,
            "words": row.words,
        }
        for row in page
    ]

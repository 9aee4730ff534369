"""Reads of the queue of disputed frames over all documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from annotator.models import Adjudication, Dispute, DisputeState, DisputeTag, Layer, LayerKind
from corpus.models import Corpus
from corpus.permissions import User

PAGE = 30
COUNTED = 200
SHOWN = 240
MOST_CHOICES = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page of the queue is narrowed by; "" is no limit.

    `pair` holds two user keys ("3-7"), `suggested` is yes or no, `state` is open or deferred.
    `assigned` is "me", "any", or "" for what is mine or nobody's.
    """

    facet: str = ""
    label: str = ""
    pair: str = ""
    outlet: str = ""
    suggested: str = ""
    state: str = DisputeState.OPEN
    assigned: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Wanted:
        """Read a filter from the parameters of an address; what does not fit is no limit."""
        found = {field.name: query.get(field.name, "").strip() for field in fields(cls)}
        found["facet"] = found["facet"] or query.get("kind", "").strip()
        if found["state"] != DisputeState.DEFERRED:
            found["state"] = DisputeState.OPEN
        return cls(**found)

    @property
    def query(self) -> str:
        """Return the filter as parameters of an address."""
        return urlencode(
            {
                name: value
                for name, value in asdict(self).items()
                if value and value != DisputeState.OPEN
            }
        )

    def tags(self, by: User) -> list[str]:
        """Return the tags that a dispute must have, the one that fewest have first."""
        found = [f"to:{by.pk}"] if self.assigned == "me" else []
        for name in ("outlet", "pair", "facet", "label", "suggested"):
            if value := getattr(self, name):
                found.append(f"{name}:{value}")
        return found or [""]


def _found(corpus: Corpus, wanted: Wanted, by: User) -> QuerySet[DisputeTag]:
    """Return the tags whose disputes a page shows, in the order of the queue: a walk over one
    index.
    """
    first, *others = wanted.tags(by)
    found = DisputeTag.objects.filter(
        corpus=corpus,
        state=wanted.state,
        tag=first,
        dispute__adjudication__document__retired_at__isnull=True,
    )
    for tag in others:
        found = found.filter(
            Exists(DisputeTag.objects.filter(dispute=OuterRef("dispute"), tag=tag))
        )
    if wanted.assigned == "":
        found = found.filter(Q(dispute__assigned_to__isnull=True) | Q(dispute__assigned_to=by.pk))
    if not corpus.own_disputes:
        own = Layer.objects.filter(
            document=OuterRef("dispute__adjudication__document"),
            kind=LayerKind.REVIEW,
            owner_id=by.pk,
        )
        found = found.filter(~Exists(own))
    return found


def queue(
    corpus: Corpus, wanted: Wanted, *, by: User, after: str = "", size: int = PAGE
) -> tuple[list[Dispute], str]:
    """Return a page of the disputes that a person may settle, and what to continue after ("" at the
    end).

    By the first facet, then by cost. Each dispute has the beginning of its words as `words`.
    """
    found = _found(corpus, wanted, by)
    place = _place(after)
    if place is not None:
        turn, pk = place
        found = found.filter(Q(turn__gt=turn) | Q(dispute__gt=pk), turn__gte=turn)
    text = Substr("dispute__adjudication__document__body__text", F("dispute__start") + 1, SHOWN)
    tags = list(
        found.select_related("dispute__adjudication__document", "dispute__assigned_to")
        .annotate(words=text)
        .order_by("turn", "dispute_id")[: size + 1]
    )
    for tag in tags:
        tag.dispute.words = tag.words[: tag.dispute.end - tag.dispute.start]
    page = [tag.dispute for tag in tags[:size]]
    return page, after_of(page[-1]) if len(tags) > size else ""


def after_of(dispute: Dispute) -> str:
    """Return what the queue goes on after, from a dispute."""
    return f"{dispute.turn}-{dispute.pk}"


def _place(after: str) -> tuple[int, int] | None:
    turn, _, pk = after.partition("-")
    whole = all(part.isdecimal() and len(part) < 19 for part in (turn, pk))
    return (int(turn), int(pk)) if whole else None


def count(corpus: Corpus, wanted: Wanted, *, by: User) -> int:
    """Return how many disputes a person may settle, counted up to one more than `COUNTED`."""
    return _found(corpus, wanted, by)[: COUNTED + 1].count()


def choices(corpus: Corpus, state: str) -> dict[str, list[str]]:
    """Return what the disputes of a corpus can be narrowed by: the values of each kind of tag, in
    order.

    Jumps from one value to the next in the index, so the work follows the number of values and not
    of disputes.
    """
    table = connection.ops.quote_name(DisputeTag._meta.db_table)
    least = f"SELECT MIN(tag) FROM {table} WHERE corpus_id = %s AND state = %s"  # noqa: S608 - the table's own name
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE step(tag) AS ({least} UNION ALL SELECT ({least} AND tag > step.tag) FROM step"  # noqa: S608
            f" WHERE step.tag IS NOT NULL) SELECT tag FROM step WHERE tag IS NOT NULL LIMIT {MOST_CHOICES}",
            [corpus.pk, state] * 2,
        )
        tags = [tag for (tag,) in cursor.fetchall()]
    found: dict[str, list[str]] = {}
    for tag in tags:
        kind, _, value = tag.partition(":")
        found.setdefault(kind, []).append(value)
    return found


def pair_names(pairs: list[str]) -> list[tuple[str, str]]:
    """Return pairs of reviewers with their names, by name."""
    keys = {int(key) for pair in pairs for key in pair.split("-")}
    people = get_user_model().objects.in_bulk(keys)

    def name(key: str) -> str:
        return str(people.get(int(key), f"user {key}"))

    return sorted(
        ((pair, " and ".join(map(name, pair.split("-")))) for pair in pairs),
        key=lambda found: found[1],
    )


def queue_json(page: list[Dispute]) -> list[dict[str, Any]]:
    """Return disputes of the queue as the API gives them; nobody is named."""
    return [
        {
            "document": row.adjudication.document.external_id,
            "dispute": row.ident,
            "facet": row.facet,
            "facets": sorted(row.facets),
            "labels": row.labels,
            "outlet": row.outlet,
            "cost": row.cost,
            "suggested": row.suggested,
            "state": row.state,
            "start": row.start,
            "end": row.end,
            "words": row.words,
        }
        for row in page
    ]


def dispute_called(adjudication: Adjudication, ident: int) -> Dispute | None:
    """Return the dispute of a document with this number, if there is one."""
    return Dispute.objects.filter(adjudication=adjudication, ident=ident).first()

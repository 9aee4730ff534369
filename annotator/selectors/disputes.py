"""Reads of disputes: those of one document for its page, and the queue over all documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from annotator.core import dispute
from annotator.core.compare import Cluster, compare, versions
from annotator.models import (
    Adjudication,
    AdjudicationState,
    Dispute,
    DisputeState,
    DisputeTag,
    Layer,
    LayerKind,
)
from annotator.selectors import comparison, layers, wire
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView
from corpus.db.paging import keyset_page
from corpus.models import Corpus, Document
from corpus.permissions import User
from corpus.selectors import schema_rows, text_of

PAGE = 30
DOCUMENTS = 50
# A queue is counted up to here.
COUNTED = 200
# Characters of the words in dispute.
SHOWN = 240
MOST_CHOICES = 1000


def adjudication_of(document: Document) -> Adjudication:
    """Return the adjudication of a document, or raise `Problem`."""
    adjudication = (
        Adjudication.objects.select_related("document__corpus", "schema", "gold")
        .filter(document=document)
        .order_by("-schema__version")
        .first()
    )
    if adjudication is None:
        raise Problem("not-found", what="document", name=document.external_id)
    return adjudication


def of_document(adjudication: Adjudication, gold: Layer) -> dict[str, Any]:
    """Return all that the adjudication page needs.

    That is layers without names, disputes with their versions, and gold's version. Who is behind
    each letter is told only in a corpus whose manager shows names.
    """
    document = adjudication.document
    corpus = document.corpus
    text = text_of(document)
    schema = schema_rows(adjudication.schema).view
    submitted = comparison.submitted_layers(adjudication)
    letters = comparison.letters(submitted)
    names = {letters[layer.pk]: str(layer.owner) for layer in submitted}
    views = comparison.comparable_views(document, submitted)
    clusters = compare(views, schema)
    agreed = [cluster for cluster in clusters if cluster.agreed]
    disputed = [cluster for cluster in clusters if not cluster.agreed]
    page = _Page(letters, layers.layer_view(gold), schema, text, clusters)
    return {
        "document": wire.document_json(document, text),
        "corpus": {"slug": corpus.slug, "name": corpus.name},
        "reasons": corpus.reasons,
        "schema": schema.as_json(),
        "version": gold.version,
        "state": "open" if disputed else "done",
        "people": names if corpus.names_shown else {},
        "layers": [
            {"name": letters[int(key)], **wire.layer_json(view)} for key, view in views.items()
        ],
        "agreed": [page.frame(cluster) for cluster in agreed],
        "disputes": [page.dispute(cluster) for cluster in disputed],
    }


@dataclass(frozen=True, slots=True)
class _Page:
    """What every dispute of an adjudication page is written with."""

    letters: Mapping[int, str]
    gold: LayerView
    schema: SchemaView
    text: str
    clusters: Sequence[Cluster]

    def frame(self, cluster: Cluster) -> dict[str, Any]:
        """Return a frame that all agree on, and the cluster that links to it name."""
        ((_, frame), *_) = versions(cluster, self.schema)
        return {"ident": cluster.ident, **wire.frame_json(frame, self.text, self.clusters)}

    def dispute(self, cluster: Cluster) -> dict[str, Any]:
        """Return a dispute with its versions, in an order that says nothing."""
        value = self.gold.settled.get(cluster.ident)
        settled = value and dispute.renumbered(cluster, self.schema, value, self.clusters)
        # Until a comparison tells who did not look, everybody did.
        unseen = getattr(cluster, "abstained", ())
        absent = [n for n in cluster.layers if n not in cluster.members and n not in unseen]
        numbered = enumerate(dispute.shuffled(cluster, self.schema), start=1)
        return {
            "ident": cluster.ident,
            "kind": cluster.kinds[0],
            "kinds": list(cluster.kinds),
            "label": next(iter(cluster.members.values())).head.label,
            "start": cluster.start,
            "end": cluster.end,
            "versions": [
                {
                    "number": number,
                    "layers": self._letters(holders),
                    **wire.frame_json(frame, self.text, self.clusters),
                }
                for number, (holders, frame) in numbered
            ],
            "parts": list(dispute.parts(cluster)),
            "absent": self._letters(absent),
            "unseen": self._letters(name for name in unseen if name not in cluster.members),
            "settled": settled,
            "deferred": cluster.ident in self.gold.deferred,
        }

    def _letters(self, names: Iterable[str]) -> list[str]:
        return sorted(self.letters[int(name)] for name in names)


def documents(
    corpus: Corpus, *, after: int = 0, kind: str = "", size: int = DOCUMENTS
) -> tuple[list[Adjudication], int]:
    """Return a page of documents with open disputes, and the key to go on after (0 at the end)."""
    ready = Adjudication.objects.select_related("document").filter(
        corpus=corpus, state=AdjudicationState.READY, pk__gt=after
    )
    if kind:
        ready = ready.filter(kinds__has_key=kind)
    return keyset_page(ready.order_by("pk"), size)


def kinds(corpus: Corpus) -> list[str]:
    """Return the kinds of dispute that a corpus's schema can have."""
    return list(schema_rows(corpus.schema).view.facets) if corpus.schema else []


@dataclass(frozen=True, slots=True)
class DisputeFilter:
    """What the queue is narrowed by; "" is no limit.

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
    def read(cls, query: Mapping[str, str]) -> DisputeFilter:
        """Read a filter from the parameters of an address; what does not fit is no limit."""
        values = {field.name: query.get(field.name, "").strip() for field in fields(cls)}
        # `kind` is the older name of `facet`.
        values["facet"] = values["facet"] or query.get("kind", "").strip()
        if values["state"] != DisputeState.DEFERRED:
            values["state"] = DisputeState.OPEN
        return cls(**values)

    @property
    def query(self) -> str:
        """Return the filter as parameters of an address."""
        given = {
            name: value
            for name, value in asdict(self).items()
            if value and value != DisputeState.OPEN
        }
        return urlencode(given)

    def tags(self, by: User) -> list[str]:
        """Return the tags that a dispute must have, the one that fewest have first."""
        tags = [f"to:{by.pk}"] if self.assigned == "me" else []
        for name in ("outlet", "pair", "facet", "label", "suggested"):
            value = getattr(self, name)
            if value:
                tags.append(f"{name}:{value}")
        return tags or [""]


def _tags(corpus: Corpus, narrowed: DisputeFilter, by: User) -> QuerySet[DisputeTag]:
    """Return the tags whose disputes a person may settle: a walk over one index."""
    first, *others = narrowed.tags(by)
    tags = DisputeTag.objects.filter(
        corpus=corpus,
        state=narrowed.state,
        tag=first,
        dispute__adjudication__document__retired_at__isnull=True,
    )
    for tag in others:
        tags = tags.filter(Exists(DisputeTag.objects.filter(dispute=OuterRef("dispute"), tag=tag)))
    if narrowed.assigned == "":
        tags = tags.filter(Q(dispute__assigned_to__isnull=True) | Q(dispute__assigned_to=by.pk))
    if not corpus.own_disputes:
        own = Layer.objects.filter(
            document=OuterRef("dispute__adjudication__document"),
            kind=LayerKind.REVIEW,
            owner_id=by.pk,
        )
        tags = tags.filter(~Exists(own))
    return tags


def queue(
    corpus: Corpus, narrowed: DisputeFilter, *, by: User, after: str = "", size: int = PAGE
) -> tuple[list[Dispute], str]:
    """Return a page of the disputes that a person may settle, and what to go on after.

    They stand by their first facet, then by size; after the last of them there is "". Each has the
    beginning of its words as `words`.
    """
    tags = _tags(corpus, narrowed, by)
    place = _place(after)
    if place is not None:
        turn, pk = place
        tags = tags.filter(Q(turn__gt=turn) | Q(dispute__gt=pk), turn__gte=turn)
    text = Substr("dispute__adjudication__document__body__text", F("dispute__start") + 1, SHOWN)
    ordered = (
        tags.select_related("dispute__adjudication__document", "dispute__assigned_to")
        .annotate(words=text)
        .order_by("turn", "dispute_id")
    )
    page, following = keyset_page(ordered, size, key=lambda tag: after_of(tag.dispute), end="")
    for tag in page:
        words: str = tag.words  # type: ignore[attr-defined]  # annotated above
        tag.dispute.words = words[: tag.dispute.end - tag.dispute.start]
    return [tag.dispute for tag in page], following


def after_of(dispute: Dispute) -> str:
    """Return what the queue goes on after, from a dispute."""
    return f"{dispute.turn}-{dispute.pk}"


def _place(after: str) -> tuple[int, int] | None:
    turn, _, pk = after.partition("-")
    # More digits are no key of a database.
    if not all(number.isdecimal() and len(number) < 19 for number in (turn, pk)):
        return None
    return int(turn), int(pk)


def count(corpus: Corpus, narrowed: DisputeFilter, *, by: User) -> int:
    """Return how many disputes a person may settle, counted up to one more than `COUNTED`."""
    return _tags(corpus, narrowed, by)[: COUNTED + 1].count()


def choices(corpus: Corpus, state: str) -> dict[str, list[str]]:
    """Return what the queue of a corpus can be narrowed by: the values of each kind of tag.

    Jumps from one value to the next in the index, so the work follows the number of values and not
    of disputes.
    """
    table = connection.ops.quote_name(DisputeTag._meta.db_table)
    # The table's name and a number are all that is put into the SQL.
    least = f"SELECT MIN(tag) FROM {table} WHERE corpus_id = %s AND state = %s"  # noqa: S608
    sql = (
        f"WITH RECURSIVE step(tag) AS ({least}"  # noqa: S608
        f" UNION ALL SELECT ({least} AND tag > step.tag) FROM step WHERE step.tag IS NOT NULL)"
        f" SELECT tag FROM step WHERE tag IS NOT NULL LIMIT {MOST_CHOICES}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [corpus.pk, state] * 2)
        tags = [tag for (tag,) in cursor.fetchall()]
    values: dict[str, list[str]] = {}
    for tag in tags:
        kind, _, value = tag.partition(":")
        values.setdefault(kind, []).append(value)
    return values


def pair_names(pairs: list[str]) -> list[tuple[str, str]]:
    """Return pairs of reviewers with their names, by name."""
    keys = {int(key) for pair in pairs for key in pair.split("-")}
    people = get_user_model().objects.in_bulk(keys)
    named = []
    for pair in pairs:
        names = [str(people.get(int(key), f"user {key}")) for key in pair.split("-")]
        named.append((pair, " and ".join(names)))
    return sorted(named, key=lambda row: row[1])


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


def listed_adjudication(document: Document, corpus: Corpus) -> Adjudication | None:
    """Return a listed document's adjudication under the corpus's schema; asks nothing further."""
    for adjudication in document.adjudications.all():
        if adjudication.schema_id == corpus.schema_id:
            return adjudication
    return None

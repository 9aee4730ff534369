"""Reads of disputes: those of one document for its page, and the queue over all documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest, Substr

from annotator.core import dispute
from annotator.core.compare import Cluster, compare, versions
from annotator.core.gold import outcomes_of
from annotator.core.left_out import left_out
from annotator.core.merge import Drop, Outcome, agreed_outcome
from annotator.models import (
    Adjudication,
    AdjudicationState,
    Dispute,
    DisputeState,
    DisputeTag,
    Layer,
    LayerKind,
)
from annotator.selectors import comparison, dispute_tags, layers, wire, withheld
from corpus import permissions
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView
from corpus.db.paging import keyset_page
from corpus.models import Corpus, Document
from corpus.permissions import User
from corpus.selectors import schema_rows, text_of

PAGE = 30
DOCUMENTS = 50
KEYS = 2000
WHOLE = 500
# Tags that a good part of all disputes has.
COMMON = ("suggested:", "label:", "facet:")
# A queue is counted up to here.
COUNTED = 200
# Characters of the words in dispute.
SHOWN = 240
# And of those around them, on each side.
AROUND = 60


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
    clusters = compare(views, schema, shown=comparison.shown_to(submitted))
    agreed = [c for c in clusters if c.agreed and agreed_outcome(c, schema) is not Drop]
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
        "left_out": page.left_out(),
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
        absent = [name for name in cluster.voters if name not in cluster.members]
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
            "unseen": self._letters(cluster.abstained),
            "settled": settled,
            "deferred": cluster.ident in self.gold.deferred,
        }

    def left_out(self) -> list[dict[str, Any]]:
        """Return the links that were agreed or settled and that gold cannot hold, and why."""

        def numbered(cluster: Cluster, value: Mapping[str, Any]) -> Outcome:
            number, facets = value.get("number", 1), value.get("facets") or {}
            return dispute.version_before(cluster, self.schema, number=number, facets=facets)

        chosen = outcomes_of(
            self.clusters, self.gold.settled, self.schema, before=self.gold, numbered=numbered
        )
        return [
            {
                "ident": self.clusters[number].ident,
                "kind": one.linked.kind,
                "words": one.linked.span.covered(self.text),
                "reason": one.reason,
            }
            for number, links in left_out(chosen, self.schema).items()
            for one in links
        ]

    def _letters(self, names: Iterable[str]) -> list[str]:
        return sorted(self.letters[int(name)] for name in names)


def documents(
    corpus: Corpus, *, by: User, after: int = 0, kind: str = "", size: int = DOCUMENTS
) -> tuple[list[Adjudication], int]:
    """Return a page of documents with open disputes, and the key to go on after (0 at the end).

    Documents that are withheld from the person are left out, here and in the queue.
    """
    ready = Adjudication.objects.select_related("document").filter(
        ~withheld.from_lists(by), corpus=corpus, state=AdjudicationState.READY, pk__gt=after
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

    `value` and `against` are values of the `facet` that stand against each other; one alone is held
    by somebody. `pair` holds two user keys ("3-7"). `month` is when the document was published
    ("2026-11"). `suggested` tells whether a suggestion is involved: yes, no, or neither, when it
    said what nobody says. `side` is where it stood: "value", "against", or a person's key. `state`
    is open, deferred or settled. `assigned` is "me", "any", a person's key, or "" for what is mine
    or nobody's.
    """

    facet: str = ""
    value: str = ""
    against: str = ""
    pair: str = ""
    label: str = ""
    outlet: str = ""
    month: str = ""
    suggested: str = ""
    side: str = ""
    state: str = DisputeState.OPEN
    assigned: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> DisputeFilter:
        """Read a filter from the parameters of an address; what does not fit is no limit."""
        values = {field.name: query.get(field.name, "").strip() for field in fields(cls)}
        # `kind` is the older name of `facet`.
        values["facet"] = values["facet"] or query.get("kind", "").strip()
        if values["state"] not in DisputeState.values:
            values["state"] = DisputeState.OPEN
        if not values["facet"]:
            values["value"] = values["against"] = ""
        if not values["value"]:
            values["value"], values["against"] = values["against"], ""
        if values["side"] in ("value", "against") and not values[values["side"]]:
            values["side"] = ""
        return cls(**values)

    def without_people(self) -> DisputeFilter:
        """Return the filter without people, for who is told no names."""
        side = "" if self.side.isdecimal() else self.side
        assigned = "" if self.assigned.isdecimal() else self.assigned
        return replace(self, pair="", side=side, assigned=assigned)

    @property
    def query(self) -> str:
        """Return the filter as parameters of an address."""
        given = {
            name: value
            for name, value in asdict(self).items()
            if value and (name, value) != ("state", DisputeState.OPEN)
        }
        return urlencode(given)

    def tags(self, by: User) -> list[str]:
        """Return the tags that a dispute must have, those that few have first."""
        tags = []
        if self.assigned == "me":
            tags.append(f"to:{by.pk}")
        elif self.assigned.isdecimal():
            tags.append(f"to:{self.assigned}")
        if self.against:
            tags.append(dispute_tags.cell_tag(self.facet, self.value, self.against, self.pair))
        elif self.value:
            tags.append(dispute_tags.value_tag(self.facet, self.value))
        tags += self._of_suggestion()
        if self.outlet:
            tags.append(f"outlet:{self.outlet}")
        if self.month:
            tags.append(f"month:{self.month}")
        if self.pair and not self.against:
            tags.append(dispute_tags.pair_tag(self.pair, self.facet))
        elif self.facet and not self.value:
            tags.append(f"facet:{self.facet}")
        if self.label:
            tags.append(f"label:{self.label}")
        return tags or [""]

    def _of_suggestion(self) -> list[str]:
        tags = []
        if self.side in ("value", "against"):
            tags.append(dispute_tags.said_tag(self.facet, getattr(self, self.side)))
        elif self.side:
            tags.append(dispute_tags.side_tag(self.side, self.facet))
        if self.suggested == "neither":
            tags.append(dispute_tags.side_tag(dispute_tags.NOBODY, self.facet))
        elif self.suggested:
            tags.append(f"suggested:{self.suggested}")
        return tags


def names_told(corpus: Corpus, by: User) -> bool:
    """Tell whether a person learns who holds what.

    That is for who manages the corpus, and for all who settle where its manager shows names.
    """
    return corpus.names_shown or permissions.allows(by, "manage", corpus)


def _tags(corpus: Corpus, narrowed: DisputeFilter, by: User) -> QuerySet[DisputeTag]:
    """Return the tags whose disputes a person may settle: a walk over one index."""
    if not names_told(corpus, by):
        narrowed = narrowed.without_people()
    tags = tagged(corpus, narrowed, by=by).filter(
        dispute__adjudication__document__retired_at__isnull=True
    )
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


def tagged(corpus: Corpus, narrowed: DisputeFilter, *, by: User) -> QuerySet[DisputeTag]:
    """Return a tag of each dispute that a filter keeps, whoever may settle it.

    Those of documents that were replaced by a newer version are among them.
    """
    first, *others = narrowed.tags(by)
    tags = DisputeTag.objects.filter(corpus=corpus, state=narrowed.state, tag=first)
    tags = tags.filter(~withheld.from_lists(by, of="dispute__adjudication__document"))
    for tag in others:
        with_tag = DisputeTag.objects.filter(tag=tag)
        if tag.startswith(COMMON):
            tags = tags.filter(Exists(with_tag.filter(dispute=OuterRef("dispute"))))
        else:
            # What few have is read once, instead of looked up for each.
            rare = with_tag.filter(corpus=corpus, state=narrowed.state)
            tags = tags.filter(dispute__in=rare.values("dispute"))
    return tags


def kept_of(
    rows: QuerySet[Dispute], corpus: Corpus, narrowed: DisputeFilter, *, by: User
) -> QuerySet[Dispute]:
    """Return those of a few disputes that a filter keeps."""
    for tag in narrowed.tags(by):
        tagged_so = DisputeTag.objects.filter(dispute=OuterRef("pk"), tag=tag)
        rows = rows.filter(Exists(tagged_so.filter(corpus=corpus, state=narrowed.state)))
    return rows


def queue(
    corpus: Corpus, narrowed: DisputeFilter, *, by: User, after: str = "", size: int = PAGE
) -> tuple[list[Dispute], str]:
    """Return a page of the disputes that a person may settle, and what to go on after.

    They stand by their first facet, then by size; after the last of them there is "". Each has the
    beginning of its words as `words`.
    """
    tags = _after(_tags(corpus, narrowed, by), after)
    ordered = (
        tags.select_related("dispute__adjudication__document", "dispute__assigned_to")
        .annotate(words=words_around("dispute__"))
        .order_by("turn", "dispute_id")
    )
    page, following = keyset_page(ordered, size, key=lambda tag: after_of(tag.dispute), end="")
    for tag in page:
        split_words(tag.dispute, tag.words)  # type: ignore[attr-defined]  # annotated above
    return [tag.dispute for tag in page], following


def queue_keys(
    corpus: Corpus, narrowed: DisputeFilter, *, by: User, after: str = "", size: int = KEYS
) -> tuple[list[int], str]:
    """Return the keys of a page of the queue alone, and what to go on after."""
    tags = _after(_tags(corpus, narrowed, by), after).order_by("turn", "dispute_id")
    page, following = keyset_page(
        tags, size, key=lambda tag: f"{tag.turn}-{tag.dispute_id}", end=""
    )
    return [tag.dispute_id for tag in page], following


def whole_queue(corpus: Corpus, narrowed: DisputeFilter, *, by: User) -> Iterator[Dispute]:
    """Yield all disputes that a person may settle, a page at a time."""
    after = ""
    while True:
        page, after = queue(corpus, narrowed, by=by, after=after, size=WHOLE)
        yield from page
        if not after:
            return


def listed(keys: Sequence[int]) -> list[Dispute]:
    """Return the disputes with these keys in the order of the queue, each with its words.

    Those of documents that were replaced are left out.
    """
    rows = Dispute.objects.filter(pk__in=keys, adjudication__document__retired_at__isnull=True)
    rows = rows.select_related("adjudication__document", "corpus", "assigned_to")
    page: list[Dispute] = []
    for row in rows.annotate(text=words_around()).order_by("turn", "pk"):
        split_words(row, row.text)
        page.append(row)
    return page


def words_around(dispute: str = "") -> Substr:
    """Return the words in dispute with those around them, as the database cuts them out.

    `dispute` is the way to it, as in "dispute__".
    """
    first = Greatest(F(f"{dispute}start") + 1 - AROUND, 1)
    text = f"{dispute}adjudication__document__body__text"
    return Substr(text, first, SHOWN + 2 * AROUND)


def split_words(dispute: Dispute, text: str | None) -> None:
    """Give a dispute its words and those around them, from what `words_around` cut out."""
    # The text of a document may have been withdrawn.
    found = text or ""
    before = min(dispute.start, AROUND)
    size = min(dispute.end - dispute.start, SHOWN)
    dispute.words_before = found[:before]
    dispute.words = found[before : before + size]
    after = found[before + size :] if dispute.end - dispute.start <= SHOWN else ""
    dispute.words_after = after[:AROUND]


def after_of(dispute: Dispute) -> str:
    """Return what the queue goes on after, from a dispute."""
    return f"{dispute.turn}-{dispute.pk}"


def _after(tags: QuerySet[DisputeTag], after: str) -> QuerySet[DisputeTag]:
    place = _place(after)
    if place is None:
        return tags
    turn, pk = place
    return tags.filter(Q(turn__gt=turn) | Q(dispute__gt=pk), turn__gte=turn)


def _place(after: str) -> tuple[int, int] | None:
    turn, _, pk = after.partition("-")
    # More digits are no key of a database.
    if not all(number.isdecimal() and len(number) < 19 for number in (turn, pk)):
        return None
    return int(turn), int(pk)


def count(corpus: Corpus, narrowed: DisputeFilter, *, by: User) -> int:
    """Return how many disputes a person may settle, counted up to one more than `COUNTED`."""
    return _tags(corpus, narrowed, by)[: COUNTED + 1].count()


def dispute_called(adjudication: Adjudication, ident: int) -> Dispute | None:
    """Return the dispute of a document with this number, if there is one."""
    return Dispute.objects.filter(adjudication=adjudication, ident=ident).first()


def listed_adjudication(document: Document, corpus: Corpus) -> Adjudication | None:
    """Return a listed document's adjudication under the corpus's schema; asks nothing further."""
    for adjudication in document.adjudications.all():
        if adjudication.schema_id == corpus.schema_id:
            return adjudication
    return None

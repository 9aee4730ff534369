"""The queue of disputed frames, and who is to settle each.

Its rows say what the comparison of reviews and gold's log say, kept for lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotator.core import dispute as core
from annotator.core.compare import Cluster
from annotator.core.dispute_sides import sides_of
from annotator.core.frames import Frame, frames
from annotator.models import (
    Adjudication,
    AdjudicationState,
    Dispute,
    DisputeCount,
    DisputeState,
    DisputeTag,
    Layer,
    LayerKind,
)
from annotator.selectors import comparison, layers
from annotator.selectors.dispute_tags import Tag, tags_of
from corpus import permissions
from corpus.core.callbacks import Cancelled, Progress
from corpus.core.problems import Problem
from corpus.core.schema import DOCUMENT, SchemaView
from corpus.core.span import LayerView
from corpus.db import bulk
from corpus.jobs import claim
from corpus.models import Corpus, Document, Job
from corpus.selectors import schema_rows, text_of
from corpus.services import audit

# What a comparison says of a dispute; who is to settle it is kept beside.
COMPARED = (
    "start",
    "end",
    "facet",
    "facets",
    "labels",
    "outlet",
    "month",
    "pairs",
    "sides",
    "suggested",
    "cost",
    "turn",
    "state",
)


# A month as the date of a document begins: 2026-11.
MONTH = 7
STEP = 20


def tags(dispute: Dispute) -> dict[str, Tag]:
    """Return what a dispute can be found by, by name."""
    return {tag.name: tag for tag in tags_of(dispute)}


def rows(
    adjudication: Adjudication, clusters: Iterable[Cluster], gold: LayerView
) -> Iterator[Dispute]:
    """Yield what the queue must hold for a document; write nothing."""
    disputed = [cluster for cluster in clusters if not cluster.agreed]
    if not disputed:
        return
    schema = schema_rows(adjudication.schema).view
    text = text_of(adjudication.document)
    submitted = comparison.submitted_layers(adjudication)
    owners = {str(layer.pk): layer.owner_id or 0 for layer in submitted}
    letters = {str(pk): letter for pk, letter in comparison.letters(submitted).items()}
    people = {letters[name]: owner for name, owner in owners.items()}
    suggested = _suggested_frames(adjudication, submitted, disputed, schema)
    for cluster in disputed:
        facets, pairs = core.differences(cluster, schema)
        begun = {
            name: suggested[name][frame.head.origin]
            for name, frame in cluster.members.items()
            if frame.head.origin in suggested.get(name, {})
        }
        sides = sides_of(cluster, schema, text, suggestions=begun)
        yield Dispute(
            corpus_id=adjudication.corpus_id,
            adjudication=adjudication,
            ident=cluster.ident,
            start=cluster.start,
            end=cluster.end,
            facet=cluster.kinds[0],
            facets=facets,
            labels=_labels(cluster),
            outlet=adjudication.document.outlet,
            month=_month(adjudication.document.published),
            pairs=sorted(sorted((owners[a], owners[b])) for a, b in pairs),
            sides={
                "people": people,
                "facets": {facet: told.as_json(letters) for facet, told in sides.items()},
            },
            suggested=core.suggested(cluster),
            cost=core.size_in_words(cluster, text),
            turn=core.turn(cluster, schema, text),
            state=_state(cluster, gold),
        )


def _suggested_frames(
    adjudication: Adjudication,
    submitted: Sequence[Layer],
    disputed: Iterable[Cluster],
    schema: SchemaView,
) -> dict[str, dict[int | None, Frame]]:
    """Return by layer what its reviewer was shown, by ident; nothing where no frame came of it."""
    runs = {str(layer.pk): layer.shown_run_id for layer in submitted if layer.shown_run_id}
    if not runs or not any(core.suggested(cluster) for cluster in disputed):
        return {}
    shown = Layer.objects.filter(
        document=adjudication.document, kind=LayerKind.SUGGESTION, run__in=runs.values()
    )
    run_of = {str(layer.pk): layer.run_id for layer in shown}
    by_run: dict[int | None, dict[int | None, Frame]] = {}
    for name, view in comparison.comparable_views(adjudication.document, shown).items():
        by_run[run_of[name]] = {frame.head.ident: frame for frame in frames(view, schema)}
    return {name: by_run[run] for name, run in runs.items() if run in by_run}


def _month(published: str) -> str:
    """Return the month of a date; "" of what is no date."""
    month = published[:MONTH]
    year, _, number = month.partition("-")
    return month if len(month) == MONTH and f"{year}{number}".isdecimal() else ""


def _labels(cluster: Cluster) -> list[str]:
    """Return the labels in question; none where it is about the document itself."""
    labels = {frame.head.label for frame in cluster.members.values()}
    return sorted(labels - {DOCUMENT})


def _state(cluster: Cluster, gold: LayerView) -> DisputeState:
    if cluster.ident in gold.settled:
        return DisputeState.SETTLED
    if cluster.ident in gold.deferred:
        return DisputeState.DEFERRED
    return DisputeState.OPEN


def record(adjudication: Adjudication, clusters: Iterable[Cluster], gold: LayerView) -> None:
    """Make the queue's rows of a document what its comparison and gold say.

    Who is to settle them stays.
    """
    stored = {row.ident: row for row in Dispute.objects.filter(adjudication=adjudication)}
    wanted = {row.ident: row for row in rows(adjudication, clusters, gold)}
    gone = [row for ident, row in stored.items() if ident not in wanted]
    new = [row for ident, row in wanted.items() if ident not in stored]
    changed: list[Dispute] = []
    settled: list[Dispute] = []
    counts = _Counts()
    for ident, row in stored.items():
        if ident in wanted and _compared(row) != _compared(wanted[ident]):
            counts.add(row, -1)
            before = _compared(row)
            for name in COMPARED:
                setattr(row, name, getattr(wanted[ident], name))
            counts.add(row, 1)
            (settled if _differ_in_state_alone(before, row) else changed).append(row)
    for row in gone:
        counts.add(row, -1)
    for row in new:
        counts.add(row, 1)
    if gone:
        Dispute.objects.filter(pk__in=[row.pk for row in gone]).delete()
    Dispute.objects.bulk_update([*changed, *settled], COMPARED)
    Dispute.objects.bulk_create(new)
    write_tags([*changed, *new], replace=bool(changed))
    for state in sorted({row.state for row in settled}):
        keys = [row.pk for row in settled if row.state == state]
        DisputeTag.objects.filter(dispute__in=keys).update(state=state)
    counts.write()


def describe(documents: Sequence[Document]) -> None:
    """Have the queue say of documents what is said of them now: their outlet and their month.

    Inside a transaction: whoever compares or settles at this moment goes first.
    """
    locked = Adjudication.objects.filter(document__in=[d.pk for d in documents]).order_by("pk")
    list(locked.select_for_update().values_list("pk"))
    rows_of_them = Dispute.objects.filter(adjudication__document__in=[d.pk for d in documents])
    counts = _Counts()
    changed = []
    for row in rows_of_them.select_related("adjudication__document"):
        document = row.adjudication.document
        said = (document.outlet, _month(document.published))
        if (row.outlet, row.month) != said:
            counts.add(row, -1)
            row.outlet, row.month = said
            counts.add(row, 1)
            changed.append(row)
    Dispute.objects.bulk_update(changed, ["outlet", "month"])
    write_tags(changed)
    counts.write()


def _compared(row: Dispute) -> list[Any]:
    return [getattr(row, name) for name in COMPARED]


def _differ_in_state_alone(before: list[Any], row: Dispute) -> bool:
    now = _compared(row)
    place = COMPARED.index("state")
    return before[:place] == now[:place] and before[place + 1 :] == now[place + 1 :]


class _Counts:
    """What is to be added to the numbers of disputes, by corpus, state and tag."""

    def __init__(self) -> None:
        self.numbers: Counter[tuple[int, str, Tag]] = Counter()

    def add(self, row: Dispute, number: int) -> None:
        """Count a dispute in, or out; one that has no sides yet never was counted."""
        if not row.sides:
            return
        for tag in tags(row).values():
            if tag.kind:
                self.numbers[row.corpus_id, row.state, tag] += number

    def rows(self) -> list[DisputeCount]:
        """Return what changes, in the order in which everybody writes it."""
        rows = [
            DisputeCount(
                corpus_id=corpus,
                state=state,
                tag=tag.name,
                kind=tag.kind,
                pair=tag.pair,
                facet=tag.facet,
                a=tag.a,
                b=tag.b,
                count=number,
            )
            for (corpus, state, tag), number in self.numbers.items()
            if number
        ]
        return sorted(rows, key=lambda row: (row.corpus_id, row.state, row.tag))

    def write(self) -> None:
        """Add to the numbers that are kept."""
        bulk.add_up(self.rows(), unique=("corpus_id", "state", "tag"), number="count")


def recount(corpus: Corpus) -> None:
    """Count the disputes of a corpus anew."""
    with transaction.atomic():
        DisputeCount.objects.filter(corpus=corpus).delete()
        counted(corpus).write()


def counted(corpus: Corpus) -> _Counts:
    """Return how many disputes of a corpus have each tag."""
    counts = _Counts()
    current = Dispute.objects.filter(adjudication__document__retired_at__isnull=True)
    for row in current.filter(corpus=corpus).iterator(1000):
        counts.add(row, 1)
    return counts


def counts_drift(corpus: Corpus) -> str:
    """Say which number of disputes is not what the queue holds; "" when all are."""
    kept = DisputeCount.objects.filter(corpus=corpus).exclude(count=0)
    stored = {(row.state, row.tag): row.count for row in kept}
    wanted = {(row.state, row.tag): row.count for row in counted(corpus).rows()}
    for key in sorted(stored.keys() | wanted.keys()):
        if stored.get(key) != wanted.get(key):
            return f"{stored.get(key, 0)} disputes are counted, {wanted.get(key, 0)} are there"
    return ""


def write_tags(disputes: Sequence[Dispute], *, replace: bool = True) -> None:
    """Write what disputes can be found by, in place of what was there unless all are new."""
    if replace:
        DisputeTag.objects.filter(dispute__in=[row.pk for row in disputes]).delete()
    rows = []
    for row in disputes:
        for name in sorted(tags(row)):
            rows.append(
                {
                    "corpus_id": row.corpus_id,
                    "state": row.state,
                    "tag": name,
                    "turn": row.turn,
                    "dispute_id": row.pk,
                }
            )
    bulk.create(DisputeTag, rows)


def renumber(adjudication: Adjudication, idents: Mapping[int, int]) -> None:
    """Give the disputes of a document the numbers that another comparison has for them."""
    for row in Dispute.objects.filter(adjudication=adjudication):
        ident = idents.get(row.ident, row.ident)
        if ident != row.ident:
            Dispute.objects.filter(pk=row.pk).update(ident=ident)


def withdraw(adjudication: Adjudication) -> None:
    """Take a document's disputes out of the queue: a review was taken back, or its text erased."""
    counts = _Counts()
    withdrawn = Dispute.objects.filter(adjudication=adjudication)
    # What is hidden is counted no more.
    for row in withdrawn.filter(tags__tag=""):
        counts.add(row, -1)
    withdrawn.delete()
    counts.write()


def hide(documents: Iterable[int]) -> None:
    """Take the disputes of retired documents out of lists and counts, until they are shown again.

    A dispute in the queue has at least one tag; who is to settle it stays with its row.
    """
    rows = Dispute.objects.filter(adjudication__document__in=documents, tags__tag="")
    counts = _Counts()
    for row in rows:
        counts.add(row, -1)
    DisputeTag.objects.filter(dispute__adjudication__document__in=documents).delete()
    counts.write()


def show(documents: Iterable[int]) -> None:
    """Put disputes that were hidden into lists and counts again."""
    hidden = Dispute.objects.filter(adjudication__document__in=documents, tags__isnull=True)
    rows = list(hidden)
    counts = _Counts()
    for row in rows:
        counts.add(row, 1)
    write_tags(rows, replace=False)
    counts.write()


def forget_empty_counts(corpus: Corpus) -> None:
    """Take away the counts that came to nothing: their values may be words of an erased text."""
    DisputeCount.objects.filter(corpus=corpus, count=0).delete()


def assign(
    disputes: Iterable[Dispute], *, to: AbstractBaseUser | None, by: AbstractBaseUser
) -> int:
    """Give disputes to a person, or to everybody (None); return how many.

    Raises `Problem` unless `by` manages their corpora and `to` may settle them.
    """
    with transaction.atomic():
        chosen = list(disputes)
        corpora = {row.corpus_id: row.corpus for row in chosen}
        for corpus in corpora.values():
            permissions.require(by, "manage", corpus)
            if to is not None and not permissions.allows(to, "adjudicate", corpus):
                raise Problem("assignee", name=to.get_username(), corpus=corpus.slug)
        for row in chosen:
            row.assigned_to_id = to.pk if to else None
        Dispute.objects.bulk_update(chosen, ["assigned_to"], batch_size=500)
        _write_assigned(chosen)
        name = to.get_username() if to else "everybody"
        for corpus in corpora.values():
            count = sum(row.corpus_id == corpus.pk for row in chosen)
            audit.note(corpus, "assigned", by=by, count=count, to=name)
    return len(chosen)


def _write_assigned(disputes: Sequence[Dispute]) -> None:
    """Write whom disputes are for among what they can be found by."""
    keys = [row.pk for row in disputes]
    DisputeTag.objects.filter(dispute__in=keys, tag__startswith="to:").delete()
    DisputeTag.objects.bulk_create(
        DisputeTag(
            corpus_id=row.corpus_id,
            state=row.state,
            tag=f"to:{row.assigned_to_id}",
            turn=row.turn,
            dispute=row,
        )
        for row in disputes
        if row.assigned_to_id
    )


def set_rules(
    corpus: Corpus, *, by: AbstractBaseUser, names_shown: bool, own_disputes: bool
) -> None:
    """Choose whether adjudicators may see names, and whether they may settle what they reviewed."""
    permissions.require(by, "manage", corpus)
    corpus.names_shown = names_shown
    corpus.own_disputes = own_disputes
    rules = {"names shown": names_shown, "own disputes allowed": own_disputes}
    changes = ", ".join(f"{rule}: {'yes' if on else 'no'}" for rule, on in rules.items())
    with transaction.atomic():
        corpus.save(update_fields=["names_shown", "own_disputes"])
        audit.note(corpus, "ruled", by=by, changes=changes)


def computed(adjudication: Adjudication) -> tuple[list[Cluster], LayerView]:
    """Return the comparison and the gold that a document's rows come from; none while it waits."""
    if adjudication.gold is None or adjudication.state == AdjudicationState.WAITING:
        return [], LayerView()
    return comparison.clusters(adjudication), layers.layer_view(adjudication.gold)


def drift(adjudication: Adjudication) -> str:
    """Say how the queue's rows of a document differ from what is computed; "" when they do not."""
    rows_of_document = Dispute.objects.filter(adjudication=adjudication)
    stored = {row.ident: row for row in rows_of_document.prefetch_related("tags")}
    wanted = {row.ident: row for row in rows(adjudication, *computed(adjudication))}
    if stored.keys() != wanted.keys():
        return (
            f"the queue holds the disputes {sorted(stored)}, the comparison finds {sorted(wanted)}"
        )
    for ident, row in stored.items():
        if _compared(row) != _compared(wanted[ident]):
            return f"dispute {ident} differs from what the comparison finds"
        stored_tags = {(tag.tag, tag.state, tag.turn) for tag in row.tags.all()}
        if stored_tags != {(tag, row.state, row.turn) for tag in tags(row)}:
            return f"dispute {ident} cannot be found by what it is"
    return ""


def mend(adjudication: Adjudication) -> None:
    """Write the queue's rows of a document anew."""
    with transaction.atomic():
        record(adjudication, *computed(adjudication))
        write_tags(list(Dispute.objects.filter(adjudication=adjudication)))


def start_filling(corpus: Corpus, *, by: AbstractBaseUser) -> None:
    """Have the rows filled that an update left without sides; while that runs it adds nothing."""
    claim.start(corpus, "disputes", {}, by=by)


def run_filling_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Fill the rows of each document whose disputes have no sides yet, as a background job."""
    unfilled = Adjudication.objects.filter(
        pk__in=Dispute.objects.filter(corpus=job.corpus, sides={}).values("adjudication"),
        document__retired_at__isnull=True,
    )
    keys = list(unfilled.order_by("pk").values_list("pk", flat=True))
    progress(0, len(keys))
    for number, key in enumerate(keys, start=1):
        with transaction.atomic():
            # Nobody settles or takes back a review of it meanwhile.
            Adjudication.objects.select_for_update().get(pk=key)
            adjudication = Adjudication.objects.select_related(
                "document__corpus", "schema", "gold"
            ).get(pk=key)
            record(adjudication, *computed(adjudication))
        if number % STEP == 0:
            progress(number, len(keys))
            if cancelled():
                break
    progress(len(keys), len(keys))
    return {"documents": len(keys)}

"""The queue of disputed frames, and who is to settle each.

Its rows say what the comparison of reviews and gold's log say, kept for lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotator.core import dispute as core
from annotator.core.compare import Cluster
from annotator.models import Adjudication, AdjudicationState, Dispute, DisputeState, DisputeTag
from annotator.selectors import comparison, layers
from corpus import permissions
from corpus.core.problems import Problem
from corpus.core.schema import DOCUMENT
from corpus.core.span import LayerView
from corpus.models import Corpus
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
    "pairs",
    "suggested",
    "cost",
    "turn",
    "state",
)


def tags(dispute: Dispute) -> set[str]:
    """Return what a dispute can be found by; nothing once it is settled."""
    if dispute.state == DisputeState.SETTLED:
        return set()
    names = {"", f"suggested:{'yes' if dispute.suggested else 'no'}"}
    names |= {f"facet:{facet}" for facet in dispute.facets}
    names |= {f"label:{label}" for label in dispute.labels}
    names |= {f"pair:{a}-{b}" for a, b in dispute.pairs}
    if dispute.outlet:
        names.add(f"outlet:{dispute.outlet}")
    if dispute.assigned_to_id:
        names.add(f"to:{dispute.assigned_to_id}")
    return names


def rows(
    adjudication: Adjudication, clusters: Iterable[Cluster], gold: LayerView
) -> Iterator[Dispute]:
    """Yield what the queue must hold for a document; write nothing."""
    disputed = [cluster for cluster in clusters if not cluster.agreed]
    if not disputed:
        return
    schema = schema_rows(adjudication.schema).view
    text = text_of(adjudication.document)
    owners = {
        str(layer.pk): layer.owner_id or 0 for layer in comparison.submitted_layers(adjudication)
    }
    for cluster in disputed:
        facets, pairs = core.differences(cluster, schema)
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
            pairs=sorted(sorted((owners[a], owners[b])) for a, b in pairs),
            suggested=core.suggested(cluster),
            cost=core.size_in_words(cluster, text),
            turn=core.turn(cluster, schema, text),
            state=_state(cluster, gold),
        )


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
    gone = [row.pk for ident, row in stored.items() if ident not in wanted]
    new = [row for ident, row in wanted.items() if ident not in stored]
    changed = []
    for ident, row in stored.items():
        if ident in wanted and _compared(row) != _compared(wanted[ident]):
            for name in COMPARED:
                setattr(row, name, getattr(wanted[ident], name))
            changed.append(row)
    if gone:
        Dispute.objects.filter(pk__in=gone).delete()
    Dispute.objects.bulk_update(changed, COMPARED)
    Dispute.objects.bulk_create(new)
    write_tags([*changed, *new], replace=bool(changed))


def _compared(row: Dispute) -> list[Any]:
    return [getattr(row, name) for name in COMPARED]


def write_tags(disputes: Sequence[Dispute], *, replace: bool = True) -> None:
    """Write what disputes can be found by, in place of what was there unless all are new."""
    if replace:
        DisputeTag.objects.filter(dispute__in=[row.pk for row in disputes]).delete()
    DisputeTag.objects.bulk_create(
        DisputeTag(corpus_id=row.corpus_id, state=row.state, tag=tag, turn=row.turn, dispute=row)
        for row in disputes
        for tag in sorted(tags(row))
    )


def renumber(adjudication: Adjudication, idents: Mapping[int, int]) -> None:
    """Give the disputes of a document the numbers that another comparison has for them."""
    for row in Dispute.objects.filter(adjudication=adjudication):
        ident = idents.get(row.ident, row.ident)
        if ident != row.ident:
            Dispute.objects.filter(pk=row.pk).update(ident=ident)


def withdraw(adjudication: Adjudication) -> None:
    """Take a document's disputes out of the queue: a review was taken back."""
    Dispute.objects.filter(adjudication=adjudication).delete()


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
        Dispute.objects.bulk_update(chosen, ["assigned_to"])
        write_tags(chosen)
        name = to.get_username() if to else "everybody"
        for corpus in corpora.values():
            count = sum(row.corpus_id == corpus.pk for row in chosen)
            audit.note(corpus, "assigned", by=by, count=count, to=name)
    return len(chosen)


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

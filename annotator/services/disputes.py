"""The queue of disputed frames: rows that say what the comparison and gold's log say, and who is to
settle them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotator.core import dispute as core
from annotator.core.compare import Cluster
from annotator.models import Adjudication, AdjudicationState, Dispute, DisputeState, DisputeTag
from annotator.selectors import layers
from corpus import permissions
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.models import Corpus
from corpus.selectors import schema_rows, text_of
from corpus.services import audit

TOLD = (
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
    found = {
        "",
        *(f"facet:{name}" for name in dispute.facets),
        *(f"label:{name}" for name in dispute.labels),
    }
    found |= {f"pair:{a}-{b}" for a, b in dispute.pairs}
    found.add(f"suggested:{'yes' if dispute.suggested else 'no'}")
    if dispute.outlet:
        found.add(f"outlet:{dispute.outlet}")
    if dispute.assigned_to_id:
        found.add(f"to:{dispute.assigned_to_id}")
    return found


def rows(
    adjudication: Adjudication, found: Iterable[Cluster], gold: LayerView
) -> Iterator[Dispute]:
    """Yield what the queue must hold for a document, by its comparison and the state of gold; write
    nothing.
    """
    disputed = [cluster for cluster in found if not cluster.agreed]
    if not disputed:
        return
    schema, text = schema_rows(adjudication.schema).view, text_of(adjudication.document)
    owners = {str(layer.pk): layer.owner_id or 0 for layer in layers.submitted_layers(adjudication)}
    for cluster in disputed:
        settled, deferred = cluster.ident in gold.settled, cluster.ident in gold.deferred
        facets, pairs = core.differences(cluster, schema)
        yield Dispute(
            corpus_id=adjudication.corpus_id,
            adjudication=adjudication,
            ident=cluster.ident,
            start=cluster.start,
            end=cluster.end,
            facet=cluster.kinds[0],
            facets=facets,
            labels=sorted({frame.head.label for frame in cluster.members.values()}),
            outlet=adjudication.document.outlet,
            pairs=sorted(sorted((owners[a], owners[b])) for a, b in pairs),
            suggested=core.suggested(cluster),
            cost=core.size_in_words(cluster, text),
            turn=core.turn(cluster, schema, text),
            state=DisputeState.SETTLED
            if settled
            else DisputeState.DEFERRED
            if deferred
            else DisputeState.OPEN,
        )


def record(adjudication: Adjudication, found: Iterable[Cluster], gold: LayerView) -> None:
    """Make the queue's rows of a document what its comparison and gold say; who is to settle them
    stays.
    """
    there = {row.ident: row for row in Dispute.objects.filter(adjudication=adjudication)}
    wanted = {row.ident: row for row in rows(adjudication, found, gold)}
    gone = [row.pk for ident, row in there.items() if ident not in wanted]
    new = [row for ident, row in wanted.items() if ident not in there]
    changed = [
        row
        for ident, row in there.items()
        if ident in wanted and _told(row) != _told(wanted[ident])
    ]
    for row in changed:
        for name in TOLD:
            setattr(row, name, getattr(wanted[row.ident], name))
    if gone:
        Dispute.objects.filter(pk__in=gone).delete()
    Dispute.objects.bulk_update(changed, TOLD)
    Dispute.objects.bulk_create(new)
    _tag([*changed, *new], fresh=not changed)


def _told(row: Dispute) -> list[Any]:
    return [getattr(row, name) for name in TOLD]


def _tag(found: Sequence[Dispute], *, fresh: bool = False) -> None:
    if not fresh:
        DisputeTag.objects.filter(dispute__in=[row.pk for row in found]).delete()
    DisputeTag.objects.bulk_create(
        DisputeTag(corpus_id=row.corpus_id, state=row.state, tag=tag, turn=row.turn, dispute=row)
        for row in found
        for tag in sorted(tags(row))
    )


def withdraw(adjudication: Adjudication) -> None:
    """Take a document's disputes out of the queue: a review was taken back."""
    Dispute.objects.filter(adjudication=adjudication).delete()


def assign(found: Iterable[Dispute], *, to: AbstractBaseUser | None, by: AbstractBaseUser) -> int:
    """Give disputes to a person, or to everybody (None); return how many.

    Raises `Problem` unless `by` manages their corpora and `to` may settle them.
    """
    with transaction.atomic():
        chosen = list(found)
        corpora = {row.corpus_id: row.corpus for row in chosen}
        for corpus in corpora.values():
            permissions.require(by, "manage", corpus)
            if to is not None and not permissions.allows(to, "adjudicate", corpus):
                raise Problem("assignee", name=to.get_username(), corpus=corpus.slug)
        for row in chosen:
            row.assigned_to_id = to.pk if to else None
        Dispute.objects.bulk_update(chosen, ["assigned_to"])
        _tag(chosen)
        for corpus in corpora.values():
            count = sum(row.corpus_id == corpus.pk for row in chosen)
            audit.note(
                corpus, "assigned", by=by, count=count, to=to.get_username() if to else "everybody"
            )
    return len(chosen)


def set_rules(
    corpus: Corpus, *, by: AbstractBaseUser, names_shown: bool, own_disputes: bool
) -> None:
    """Choose whether adjudicators may see names, and whether they may settle what they annotated."""
    permissions.require(by, "manage", corpus)
    corpus.names_shown, corpus.own_disputes = names_shown, own_disputes
    with transaction.atomic():
        corpus.save(update_fields=["names_shown", "own_disputes"])
        rules = {"names shown": names_shown, "own disputes allowed": own_disputes}
        audit.note(
            corpus,
            "ruled",
            by=by,
            changes=", ".join(f"{k}: {'yes' if v else 'no'}" for k, v in rules.items()),
        )


def computed(adjudication: Adjudication) -> tuple[list[Cluster], LayerView]:
    """Return the comparison and the gold that the queue's rows of a document come from; none while
    it waits.
    """
    if adjudication.gold is None or adjudication.state == AdjudicationState.WAITING:
        return [], LayerView()
    return layers.clusters(adjudication), layers.layer_view(adjudication.gold)


def drift(adjudication: Adjudication) -> str:
    """Say how the queue's rows of a document differ from what is computed; "" when they do not."""
    there = {
        row.ident: row
        for row in Dispute.objects.filter(adjudication=adjudication).prefetch_related("tags")
    }
    wanted = {row.ident: row for row in rows(adjudication, *computed(adjudication))}
    if there.keys() != wanted.keys():
        return (
            f"the queue holds the disputes {sorted(there)}, the comparison finds {sorted(wanted)}"
        )
    for ident, row in there.items():
        if _told(row) != _told(wanted[ident]):
            return f"dispute {ident} differs from what the comparison finds"
        if {(t.tag, t.state, t.turn) for t in row.tags.all()} != {
            (tag, row.state, row.turn) for tag in tags(row)
        }:
            return f"dispute {ident} cannot be found by what it is"
    return ""


def mend(adjudication: Adjudication) -> None:
    """Write the queue's rows of a document anew."""
    with transaction.atomic():
        record(adjudication, *computed(adjudication))
        _tag(list(Dispute.objects.filter(adjudication=adjudication)))

"""What a policy settles before a person does: planned from the reviews, counted in a preview, written.

Both the preview and the writing run in the background when a page starts them.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from annotator.core.compare import FACETS, Cluster, Frame
from annotator.core.decisions import Decision, apply, changes, link_value, span_value
from annotator.core.merge import Drop, Outcome, holds, place, policy_called
from annotator.models import Adjudication, Layer, LayerState
from annotator.models import Decision as DecisionRow
from annotator.selectors import layers
from annotator.services import adjudications, overview
from annotator.services.decision_log import Entry, write
from annotator.services.layers import gold_for
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.jobs import run as jobs
from corpus.models import Corpus, Job
from corpus.selectors import schema_rows
from corpus.services import audit

ATTEMPTS = 5
STEP = 20
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a policy makes of one document: gold as it is and as it would be, and the outcome of
    each open dispute.

    `decided` are the disputes that a person settled or opened again: no policy touches them.
    """

    found: list[Cluster]
    before: LayerView
    after: LayerView
    outcomes: dict[int, Outcome]
    decided: frozenset[int]

    @property
    def left(self) -> list[Cluster]:
        """Return the disputes that wait for a person afterwards."""
        return [c for c in self.found if not c.agreed and c.ident not in self.after.settled]


def plan(adjudication: Adjudication, gold: Layer | None, *, policy: str) -> Plan:
    """Say what a policy would write; write nothing.

    What a person wrote into gold stays as it is, and what only policies wrote is planned anew, so
    that the same policy over the same reviews changes nothing and another policy starts from the
    reviews alone.
    """
    decide = policy_called(policy)
    schema = schema_rows(adjudication.schema).view
    found = layers.clusters(adjudication)
    before = layers.layer_view(gold) if gold else LayerView()
    by_person = _by_person(gold) if gold else frozenset()
    decided = frozenset(ident for subject, ident in by_person if subject == "dispute")
    outcomes = {c.ident: decide(c, schema) for c in found if c.ident not in decided}
    after = _kept(before, by_person)
    made: dict[int, list[Decision]] = {}
    for ident, outcome in outcomes.items():
        if isinstance(outcome, Frame) and not holds(after, outcome):
            made[ident] = _as_before(before, after, outcome)
            after = _applied(after, made[ident])
    above = max(
        (*before.spans, *before.links, *(n for subject, n in by_person if subject != "dispute")),
        default=0,
    )
    for ident, outcome in outcomes.items():
        if isinstance(outcome, Frame) and not holds(after, outcome):
            made[ident] = place(after, outcome, verb="agree", above=above)
            after = _applied(after, made[ident])
    for cluster in found:
        outcome = outcomes.get(cluster.ident)
        if outcome is not None and not cluster.agreed:
            head = next((decision.ident for decision in made.get(cluster.ident, ())), None)
            links = [link for link in after.links.values() if link.source == head]
            value = {
                "choice": "none" if outcome is Drop else "policy",
                "policy": policy,
                "spans": sorted(
                    {
                        ident
                        for ident in (head, *(link.target for link in links))
                        if ident is not None
                    }
                ),
                "links": sorted(link.ident for link in links),
            }
            after = apply(after, Decision("settle", "dispute", cluster.ident, value))
    return Plan(found, before, after, outcomes, decided)


def _applied(view: LayerView, decisions: list[Decision]) -> LayerView:
    for decision in decisions:
        view = apply(view, decision)
    return view


def _as_before(before: LayerView, after: LayerView, frame: Frame) -> list[Decision]:
    """Return the decisions that keep a frame which stands in gold already, with its idents; none
    when it does not.
    """
    wanted = {(kind, span.label, span.ranges) for kind, span in frame.linked}
    for head in before.spans.values():
        if head.ident in after.spans or span_value(head) != span_value(frame.head):
            continue
        links = [link for link in before.links.values() if link.source == head.ident]
        targets = [before.spans[link.target] for link in links]
        if {
            (link.kind, span.label, span.ranges) for link, span in zip(links, targets, strict=True)
        } == wanted:
            return [
                Decision("agree", "span", span.ident, span_value(span)) for span in (head, *targets)
            ] + [Decision("agree", "link", link.ident, link_value(link)) for link in links]
    return []


def _by_person(gold: Layer) -> frozenset[tuple[str, int]]:
    """Return what in gold a person decided last, by subject and ident."""
    last: dict[tuple[str, int], bool] = {}
    log = DecisionRow.objects.filter(layer=gold, subject__in=("span", "link", "dispute")).order_by(
        "seq"
    )
    for subject, ident, user in log.values_list("subject", "ident", "user_id"):
        last[subject, ident] = user is not None
    return frozenset(key for key, person in last.items() if person)


def _kept(gold: LayerView, by_person: frozenset[tuple[str, int]]) -> LayerView:
    """Return the part of gold that persons decided, with the spans that their links need."""
    links = {ident: link for ident, link in gold.links.items() if ("link", ident) in by_person}
    ends = {end for link in links.values() for end in (link.source, link.target)}
    spans = {
        ident: span
        for ident, span in gold.spans.items()
        if ident in ends or ("span", ident) in by_person
    }
    settled = {
        ident: value for ident, value in gold.settled.items() if ("dispute", ident) in by_person
    }
    return replace(gold, spans=spans, links=links, settled=settled)


def _decisions(before: LayerView, after: LayerView) -> Iterator[Decision]:
    """Yield what makes one state of gold the other: links go first and come last."""
    spans, links = changes(before, after)
    for ident in sorted(links & set(before.links)):
        yield Decision("unlink", "link", ident, None)
    for ident in sorted(spans):
        span = after.spans.get(ident)
        yield (
            Decision("agree", "span", ident, span_value(span))
            if span
            else Decision("remove", "span", ident, None)
        )
    for ident in sorted(links & set(after.links)):
        yield Decision("agree", "link", ident, link_value(after.links[ident]))
    for ident in sorted({*before.settled, *after.settled}):
        value = after.settled.get(ident)
        if value is None:
            yield Decision("undo", "dispute", ident, None)
        elif value != before.settled.get(ident):
            yield Decision("settle", "dispute", ident, value)


def prepare(adjudication: Adjudication, *, policy: str) -> Plan | None:
    """Write into gold what a policy settles; the rest waits for a person.

    Closed gold stays as it is, and so does what a reviewer took back meanwhile (None).
    """
    with transaction.atomic():
        gold = gold_for(adjudication)
        if gold.state == LayerState.CLOSED or not adjudications.all_in(adjudication):
            return None
        made = plan(adjudication, gold, policy=policy)
        group = uuid.uuid4()
        entries = [Entry(decision, group=group) for decision in _decisions(made.before, made.after)]
        write(gold, entries, at=gold.version, policy=policy)
        adjudications.record_comparison(adjudication, made.found, gold=gold, view=made.after)
    return made


def run(
    corpus: Corpus,
    *,
    policy: str,
    only: Collection[int] | None = None,
    by: AbstractBaseUser | None = None,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Run a policy over every document with all its reviews in; return counts as `preview` does.

    `only` holds the keys of the adjudications to keep to. An adjudicator who settles at the same
    moment goes first: the document is planned again.
    """
    told = _totals(
        corpus,
        policy,
        only,
        lambda adjudication: _prepared(adjudication, policy),
        progress,
        cancelled,
    )
    audit.note(corpus, "policy", by=by, policy=policy, documents=told["documents"])
    overview.refresh(corpus)
    return told


def preview(
    corpus: Corpus,
    *,
    policy: str,
    only: Collection[int] | None = None,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Count what a policy would do over every document with all its reviews in; write nothing.

    `only` as in `run`. `facets` counts the disputes by what is disputed (one may stand under
    several): those the policy would settle with a frame (`taken`) or with nothing (`dropped`),
    those `decided` by a person, and those `left`.
    """
    one = partial(_planned, policy=policy)
    return _totals(corpus, policy, only, one, progress, cancelled)


def _planned(adjudication: Adjudication, *, policy: str) -> Plan:
    return plan(adjudication, adjudication.gold, policy=policy)


def _prepared(adjudication: Adjudication, policy: str) -> Plan | None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return prepare(adjudication, policy=policy)
        except Problem as problem:
            if problem.code != "stale-version" or attempt == ATTEMPTS:
                raise
    return None


def _totals(
    corpus: Corpus,
    policy: str,
    only: Collection[int] | None,
    one: Callable[[Adjudication], Plan | None],
    progress: Progress,
    cancelled: Callable[[], bool],
) -> dict[str, Any]:
    policy_called(policy)
    totals = Counter(documents=0, frames=0, agreed=0, disputed=0)
    facets: dict[str, Counter[str]] = {}
    current = Adjudication.objects.filter(corpus=corpus, document__retired_at__isnull=True)
    rows = current.filter(submitted__gte=F("needed"))
    if only is not None:
        rows = rows.filter(pk__in=only)
    total = rows.count()
    found = rows.select_related("document__corpus", "schema", "gold").order_by("pk")
    progress(0, total)
    for n, adjudication in enumerate(found.iterator(100), start=1):
        if n % STEP == 0:
            progress(min(n, total), total)
            if cancelled():
                break
        if adjudication.gold is not None:
            if adjudication.gold.state == LayerState.CLOSED:
                continue
            adjudication.gold.document = adjudication.document
            adjudication.gold.schema = adjudication.schema
        made = one(adjudication)
        if made is None:
            continue
        totals.update(documents=1, frames=len(made.found), disputed=len(made.left))
        totals.update(agreed=len(made.found) - len(made.left))
        for cluster in made.found:
            for kind in cluster.kinds:
                facets.setdefault(kind, Counter(taken=0, dropped=0, decided=0, left=0))[
                    _fate(made, cluster)
                ] += 1
    else:
        progress(total, total)
    order = [*(kind for kind in FACETS if kind in facets), *sorted(facets.keys() - set(FACETS))]
    return {
        **totals,
        "policy": policy,
        "facets": [{"facet": kind, **facets[kind]} for kind in order],
    }


def _fate(made: Plan, cluster: Cluster) -> str:
    """Say what becomes of a dispute: decided by a person, taken, dropped, or left to a person."""
    if cluster.ident in made.decided:
        return "decided" if cluster.ident in made.after.settled else "left"
    outcome = made.outcomes[cluster.ident]
    return "left" if outcome is None else "dropped" if outcome is Drop else "taken"


def start_preview(corpus: Corpus, policy: str, *, by: AbstractBaseUser) -> Job:
    """Have counted what a policy would settle; nothing is written."""
    return _start(corpus, "preview", policy, by)


def start_merge(corpus: Corpus, policy: str, *, by: AbstractBaseUser) -> Job:
    """Have a policy settle what it can; what a person decided stays."""
    return _start(corpus, "merge", policy, by)


def _start(corpus: Corpus, kind: str, policy: str, by: AbstractBaseUser) -> Job:
    policy_called(policy)
    return jobs.start_this(corpus, kind, {"policy": policy}, by=by)


def run_preview_job(
    job: Job, *, progress: Progress, cancelled: Callable[[], bool]
) -> dict[str, Any]:
    """Count what a policy would do, as a background job."""
    return preview(
        job.corpus, policy=job.arguments["policy"], progress=progress, cancelled=cancelled
    )


def run_merge_job(job: Job, *, progress: Progress, cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Run a policy as a background job; may be stopped and run again."""
    by = get_user_model().objects.filter(pk=job.created_by_id).first()
    policy = job.arguments["policy"]
    return run(job.corpus, policy=policy, by=by, progress=progress, cancelled=cancelled)

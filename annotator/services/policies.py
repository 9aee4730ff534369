"""What a policy settles before a person does: planned, counted in a preview, written into gold.

Both the preview and the writing run in the background when a page starts them.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from annotator.core.compare import FACETS, Cluster, Frame
from annotator.core.decisions import Decision, apply, changes, link_value, span_value
from annotator.core.merge import Drop, Outcome, holds, place, policy_called
from annotator.models import Adjudication, Layer, LayerState
from annotator.models import Decision as DecisionRow
from annotator.selectors import comparison, layers
from annotator.services import adjudications, overview
from annotator.services.decision_log import Entry, write
from annotator.services.layers import gold_for
from corpus.core.callbacks import Cancelled, Progress, never_cancelled, unreported
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.jobs import claim
from corpus.models import Corpus, Job
from corpus.selectors import schema_rows
from corpus.services import audit

ATTEMPTS = 5
STEP = 20
OUTCOMES = ("taken", "dropped", "decided", "left")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a policy makes of one document.

    Gold as it is and as it would be, and the outcome of each open dispute. `decided` are the
    disputes that a person settled or opened again: no policy touches them.
    """

    clusters: list[Cluster]
    before: LayerView
    after: LayerView
    outcomes: dict[int, Outcome]
    decided: frozenset[int]

    @property
    def left(self) -> list[Cluster]:
        """Return the disputes that wait for a person afterwards."""
        return [c for c in self.clusters if not c.agreed and c.ident not in self.after.settled]


def plan(adjudication: Adjudication, gold: Layer | None, *, policy: str) -> Plan:
    """Say what a policy would write; write nothing.

    What a person wrote into gold stays as it is, and what only policies wrote is planned anew, so
    that the same policy over the same reviews changes nothing and another policy starts from the
    reviews alone.
    """
    decide = policy_called(policy)
    schema = schema_rows(adjudication.schema).view
    clusters = comparison.clusters(adjudication)
    before = layers.layer_view(gold) if gold else LayerView()
    by_person = _by_person(gold) if gold else frozenset()
    decided = frozenset(ident for subject, ident in by_person if subject == "dispute")
    outcomes = {c.ident: decide(c, schema) for c in clusters if c.ident not in decided}
    after = _kept(before, by_person)
    frames = {ident: frame for ident, frame in outcomes.items() if isinstance(frame, Frame)}
    after, heads = _placed(before, after, frames, by_person)
    for cluster in clusters:
        outcome = outcomes.get(cluster.ident)
        if outcome is not None and not cluster.agreed:
            value = _settlement(after, outcome, heads.get(cluster.ident), policy=policy)
            after = apply(after, Decision("settle", "dispute", cluster.ident, value))
    return Plan(clusters, before, after, outcomes, decided)


def _placed(
    before: LayerView,
    after: LayerView,
    frames: Mapping[int, Frame],
    by_person: frozenset[tuple[str, int]],
) -> tuple[LayerView, dict[int, int]]:
    """Return gold with these frames in it, and for each the ident of its head.

    Frames that stand in gold already keep their idents; the others get new ones, above all that
    were ever used. A frame that gold holds through another has no head of its own.
    """
    heads: dict[int, int] = {}
    for ident, frame in frames.items():
        if not holds(after, frame):
            decisions = _as_before(before, after, frame)
            after = _applied(after, decisions)
            if decisions:
                heads[ident] = decisions[0].ident
    used = {*before.spans, *before.links}
    used |= {ident for subject, ident in by_person if subject != "dispute"}
    above = max(used, default=0)
    for ident, frame in frames.items():
        if not holds(after, frame):
            decisions = place(after, frame, verb="agree", above=above)
            after = _applied(after, decisions)
            heads[ident] = decisions[0].ident
    return after, heads


def _settlement(
    gold: LayerView, outcome: Outcome, head: int | None, *, policy: str
) -> dict[str, Any]:
    """Return the value of the decision that settles a dispute: how, and what it put into gold."""
    links = [link for link in gold.links.values() if link.source == head]
    spans = {link.target for link in links}
    if head is not None:
        spans.add(head)
    return {
        "choice": "none" if outcome is Drop else "policy",
        "policy": policy,
        "spans": sorted(spans),
        "links": sorted(link.ident for link in links),
    }


def _applied(view: LayerView, decisions: list[Decision]) -> LayerView:
    for decision in decisions:
        view = apply(view, decision)
    return view


def _as_before(before: LayerView, after: LayerView, frame: Frame) -> list[Decision]:
    """Return the decisions that keep a frame which stands in gold already, with its idents.

    None when it does not.
    """
    wanted = {(kind, span.label, span.ranges) for kind, span in frame.linked}
    for head in before.spans.values():
        if head.ident in after.spans or span_value(head) != span_value(frame.head):
            continue
        links = [link for link in before.links.values() if link.source == head.ident]
        targets = [before.spans[link.target] for link in links]
        linked = zip(links, targets, strict=True)
        if {(link.kind, span.label, span.ranges) for link, span in linked} == wanted:
            spans = (head, *targets)
            return [
                *(Decision("agree", "span", span.ident, span_value(span)) for span in spans),
                *(Decision("agree", "link", link.ident, link_value(link)) for link in links),
            ]
    return []


def _by_person(gold: Layer) -> frozenset[tuple[str, int]]:
    """Return what in gold a person decided last, by subject and ident."""
    last_by_person: dict[tuple[str, int], bool] = {}
    log = DecisionRow.objects.filter(layer=gold, subject__in=("span", "link", "dispute"))
    rows = log.order_by("seq").values_list("subject", "ident", "user_id")
    for subject, ident, user in rows:
        last_by_person[subject, ident] = user is not None
    return frozenset(key for key, person in last_by_person.items() if person)


def _kept(gold: LayerView, by_person: frozenset[tuple[str, int]]) -> LayerView:
    """Return what of gold persons decided, with the spans that their links need."""
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
        if span is None:
            yield Decision("remove", "span", ident, None)
        else:
            yield Decision("agree", "span", ident, span_value(span))
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
        adjudications.record_comparison(adjudication, made.clusters, gold=gold, view=made.after)
    return made


def run(
    corpus: Corpus,
    *,
    policy: str,
    only: Collection[int] | None = None,
    by: AbstractBaseUser | None = None,
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> dict[str, Any]:
    """Run a policy over every document with all its reviews in; return counts as `preview` does.

    `only` holds the keys of the adjudications to keep to. An adjudicator who settles at the same
    moment goes first: the document is planned again.
    """
    policy_called(policy)
    counts = _Counts()
    for adjudication in _ready(corpus, only, progress, cancelled):
        made = _prepared(adjudication, policy)
        if made is not None:
            counts.add(made)
    audit.note(corpus, "policy", by=by, policy=policy, documents=counts.documents)
    overview.refresh(corpus)
    return counts.as_json(policy)


def preview(
    corpus: Corpus,
    *,
    policy: str,
    only: Collection[int] | None = None,
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> dict[str, Any]:
    """Count what a policy would do over every document with all its reviews in; write nothing.

    `only` as in `run`. `facets` counts the disputes by what is disputed (one may stand under
    several): those the policy would settle with a frame (`taken`) or with nothing (`dropped`),
    those `decided` by a person, and those `left`.
    """
    policy_called(policy)
    counts = _Counts()
    for adjudication in _ready(corpus, only, progress, cancelled):
        counts.add(plan(adjudication, adjudication.gold, policy=policy))
    return counts.as_json(policy)


def _prepared(adjudication: Adjudication, policy: str) -> Plan | None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return prepare(adjudication, policy=policy)
        except Problem as problem:
            if problem.code != "stale-version" or attempt == ATTEMPTS:
                raise
    return None


def _ready(
    corpus: Corpus,
    only: Collection[int] | None,
    progress: Progress,
    cancelled: Cancelled,
) -> Iterator[Adjudication]:
    """Yield the documents with all their reviews in whose gold is not closed."""
    current = Adjudication.objects.filter(corpus=corpus, document__retired_at__isnull=True)
    rows = current.filter(submitted__gte=F("needed"))
    if only is not None:
        rows = rows.filter(pk__in=only)
    total = rows.count()
    progress(0, total)
    rows = rows.select_related("document__corpus", "schema", "gold").order_by("pk")
    for number, adjudication in enumerate(rows.iterator(100), start=1):
        if number % STEP == 0:
            progress(min(number, total), total)
            if cancelled():
                return
        gold = adjudication.gold
        if gold is not None:
            if gold.state == LayerState.CLOSED:
                continue
            gold.document = adjudication.document
            gold.schema = adjudication.schema
        yield adjudication
    progress(total, total)


@dataclass(slots=True)
class _Counts:
    """What a policy did, or would do, over many documents."""

    documents: int = 0
    frames: int = 0
    agreed: int = 0
    disputed: int = 0
    facets: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, made: Plan) -> None:
        left = len(made.left)
        self.documents += 1
        self.frames += len(made.clusters)
        self.agreed += len(made.clusters) - left
        self.disputed += left
        for cluster in made.clusters:
            outcome = _outcome_name(made, cluster)
            for kind in cluster.kinds:
                counts = self.facets.setdefault(kind, Counter(dict.fromkeys(OUTCOMES, 0)))
                counts[outcome] += 1

    def as_json(self, policy: str) -> dict[str, Any]:
        known = [kind for kind in FACETS if kind in self.facets]
        order = [*known, *sorted(self.facets.keys() - set(FACETS))]
        return {
            "documents": self.documents,
            "frames": self.frames,
            "agreed": self.agreed,
            "disputed": self.disputed,
            "policy": policy,
            "facets": [{"facet": kind, **self.facets[kind]} for kind in order],
        }


def _outcome_name(made: Plan, cluster: Cluster) -> str:
    """Return which of `OUTCOMES` becomes of a dispute."""
    if cluster.ident in made.decided:
        return "decided" if cluster.ident in made.after.settled else "left"
    outcome = made.outcomes[cluster.ident]
    if outcome is None:
        return "left"
    return "dropped" if outcome is Drop else "taken"


def start_preview(corpus: Corpus, policy: str, *, by: AbstractBaseUser) -> Job:
    """Have counted what a policy would settle; nothing is written."""
    return _start(corpus, "preview", policy, by)


def start_merge(corpus: Corpus, policy: str, *, by: AbstractBaseUser) -> Job:
    """Have a policy settle what it can; what a person decided stays."""
    return _start(corpus, "merge", policy, by)


def _start(corpus: Corpus, kind: str, policy: str, by: AbstractBaseUser) -> Job:
    policy_called(policy)
    return claim.start_this(corpus, kind, {"policy": policy}, by=by)


def run_preview_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Count what a policy would do, as a background job."""
    return preview(
        job.corpus, policy=job.arguments["policy"], progress=progress, cancelled=cancelled
    )


def run_merge_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Run a policy as a background job; may be stopped and run again."""
    policy = job.arguments["policy"]
    return run(job.corpus, policy=policy, by=job.created_by, progress=progress, cancelled=cancelled)

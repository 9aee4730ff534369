"""What a policy settles before a person does: planned, counted in a preview, written into gold.

Both the preview and the writing run in the background when a page starts them.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from annotator.core import dispute
from annotator.core.compare import Cluster
from annotator.core.decisions import Decision, changes, link_value, span_value
from annotator.core.frames import Frame
from annotator.core.gold import build, frame_value, outcomes_of
from annotator.core.merge import Drop, Outcome, Policy, policy_called
from annotator.core.weighted import Verdict, Weighted
from annotator.models import Adjudication, Layer, LayerState
from annotator.models import Decision as DecisionRow
from annotator.selectors import comparison, competence, layers
from annotator.services import adjudications, overview
from annotator.services.decision_log import Entry, write
from annotator.services.layers import gold_for, make_compared_final
from corpus.core.callbacks import Cancelled, Progress, never_cancelled, unreported
from corpus.core.problems import Problem
from corpus.core.schema import BOUNDARY, LABEL, MISSING, SchemaView
from corpus.core.span import LayerView
from corpus.jobs import claim
from corpus.models import Corpus, Job
from corpus.selectors import schema_rows
from corpus.services import audit

ATTEMPTS = 5
STEP = 20
# What every schema has, and what the first one called who speaks.
FIRST_FACETS = (MISSING, BOUNDARY, LABEL, "speaker")
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


def plan(
    adjudication: Adjudication,
    layer: Layer | None,
    *,
    policy: str,
    decide: Policy | None = None,
    these: Collection[int] | None = None,
) -> Plan:
    """Say what a policy would write; write nothing.

    What is agreed is gold under every policy. What a person settled stays as it is, and what only
    policies settled is planned anew, so that the same policy over the same reviews changes nothing
    and another policy starts from the reviews alone. When it is about `these` disputes alone, by
    their numbers, all that was settled stays, and what a person opened again may be settled.
    `decide` is the policy where it was fitted to the corpus.
    """
    decide = decide or policy_called(policy)
    schema = schema_rows(adjudication.schema).view
    clusters = comparison.clusters(adjudication)
    before = layers.layer_view(layer) if layer else LayerView()
    decided = _decided_by_person(layer) if layer else frozenset()
    if these is not None:
        others = {cluster.ident for cluster in clusters} - set(these)
        decided = frozenset(others | before.settled.keys())
    settled = {ident: value for ident, value in before.settled.items() if ident in decided}
    outcomes: dict[int, Outcome] = {}
    for cluster in clusters:
        if cluster.agreed or cluster.ident in decided:
            continue
        verdict = _verdict(decide, cluster, schema)
        outcomes[cluster.ident] = verdict.outcome
        value: dict[str, Any] = {"policy": policy}
        if isinstance(verdict.outcome, Frame):
            value |= {"choice": "policy", "frame": frame_value(verdict.outcome, clusters)}
        elif verdict.outcome is Drop:
            value["choice"] = "none"
        else:
            continue
        if verdict.probability is not None:
            standing = before.settled.get(cluster.ident, {})
            value["probability"] = _probability(verdict.probability, value, standing)
        settled[cluster.ident] = value
    after = gold_with(clusters, settled, schema, before=before)
    return Plan(clusters, before, after, outcomes, decided)


def _verdict(decide: Policy, cluster: Cluster, schema: SchemaView) -> Verdict:
    """Return what a policy makes of a cluster, with how probable it is where it says so."""
    if isinstance(decide, Weighted):
        return decide.verdict(cluster, schema)
    return Verdict(decide(cluster, schema))


def _probability(
    probability: float, value: Mapping[str, Any], standing: Mapping[str, Any]
) -> float:
    """Return the probability of a settlement: that of before where nothing else of it changed.

    Each document that comes in moves every estimate a little, and no log is to grow by that.
    """
    same = all(standing.get(name) == value[name] for name in value)
    before: float = standing.get("probability", probability)
    return before if same else probability


def gold_with(
    clusters: Sequence[Cluster],
    settled: Mapping[int, Mapping[str, Any]],
    schema: SchemaView,
    *,
    before: LayerView,
) -> LayerView:
    """Return gold with what is agreed and what was settled in it.

    Each new settlement names the spans that it put there. One about a cluster that a later review
    changed keeps what it put there before.
    """

    def numbered(cluster: Cluster, value: Mapping[str, Any]) -> Outcome:
        facets = value.get("facets") or {}
        number = value.get("number", 1)
        return dispute.version_before(cluster, schema, number=number, facets=facets)

    known = {cluster.ident for cluster in clusters}
    kept: list[int] = []
    for ident, value in settled.items():
        if ident not in known:
            kept.extend(value.get("spans", ()))
    chosen = outcomes_of(clusters, settled, schema, before=before, numbered=numbered)
    built = build(clusters, chosen, schema, before=before, kept=kept)
    named = dict(settled)
    for number, cluster in enumerate(clusters):
        settlement = named.get(cluster.ident)
        # What a person settled stays as they wrote it.
        if settlement is not None and "spans" not in settlement:
            named[cluster.ident] = {**settlement, "spans": built.spans.get(number, [])}
    return replace(built.view, settled=named)


def _decided_by_person(layer: Layer) -> frozenset[int]:
    """Return the disputes that a person settled, put off or opened again last."""
    by_person: dict[int, bool] = {}
    log = DecisionRow.objects.filter(layer=layer, subject="dispute").order_by("seq")
    for ident, user in log.values_list("ident", "user_id"):
        by_person[ident] = user is not None
    return frozenset(ident for ident, person in by_person.items() if person)


def content_decisions(
    before: LayerView, after: LayerView, *, verb: str, away: str = ""
) -> Iterator[Decision]:
    """Yield what makes the spans and links of one state of gold those of the other.

    Links go first and come last. `verb` says why they come, and `away` why they go.
    """
    spans, links = changes(before, after)
    for ident in sorted(links & set(before.links)):
        yield Decision(away or "unlink", "link", ident, None)
    for ident in sorted(spans):
        span = after.spans.get(ident)
        if span is None:
            yield Decision(away or "remove", "span", ident, None)
        else:
            yield Decision(verb, "span", ident, span_value(span))
    for ident in sorted(links & set(after.links)):
        yield Decision(verb, "link", ident, link_value(after.links[ident]))
    if before.attributes != after.attributes:
        yield Decision(verb, "document", 0, {"attributes": dict(after.attributes)})


def _decisions(before: LayerView, after: LayerView) -> Iterator[Decision]:
    """Yield what makes one state of gold the other."""
    yield from content_decisions(before, after, verb="agree")
    for ident in sorted({*before.settled, *after.settled}):
        value = after.settled.get(ident)
        if value is None:
            yield Decision("undo", "dispute", ident, None)
        elif value != before.settled.get(ident):
            yield Decision("settle", "dispute", ident, value)


def prepare(
    adjudication: Adjudication,
    *,
    policy: str,
    decide: Policy | None = None,
    these: Collection[int] | None = None,
) -> Plan | None:
    """Write into gold what a policy settles; the rest waits for a person.

    Closed gold stays as it is, and so does what a reviewer took back meanwhile (None).
    """
    with transaction.atomic():
        layer = gold_for(adjudication)
        if layer.state != LayerState.OPEN or not adjudications.all_in(adjudication):
            return None
        if adjudication.submitted > 1:
            # From here on what the reviewers are told could say what a colleague did.
            make_compared_final(adjudication.document, adjudication.schema)
        made = plan(adjudication, layer, policy=policy, decide=decide, these=these)
        group = uuid.uuid4()
        entries = [Entry(decision, group=group) for decision in _decisions(made.before, made.after)]
        write(layer, entries, at=layer.version, policy=policy)
        adjudications.record_comparison(adjudication, made.clusters, gold=layer, view=made.after)
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
    decide = competence.fitted(corpus, policy, cancelled=cancelled)
    counts = _Counts()
    # What was known of people when it was stopped is no ground to settle anything.
    if cancelled():
        return counts.as_json(policy, decide)
    for adjudication in _ready(corpus, only, progress, cancelled):
        made = _prepared(adjudication, policy, decide)
        if made is not None:
            counts.add(made)
    audit.note(corpus, "policy", by=by, policy=policy, documents=counts.documents)
    overview.refresh(corpus)
    return counts.as_json(policy, decide)


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
    decide = competence.fitted(corpus, policy, cancelled=cancelled)
    counts = _Counts()
    # What was known of people when it was stopped is no ground to settle anything.
    if cancelled():
        return counts.as_json(policy, decide)
    for adjudication in _ready(corpus, only, progress, cancelled):
        counts.add(plan(adjudication, adjudication.gold, policy=policy, decide=decide))
    return counts.as_json(policy, decide)


def settle_these(
    adjudication: Adjudication, idents: Collection[int], *, policy: str, decide: Policy
) -> int:
    """Settle some disputes of a document by a policy; return how many it decided."""
    made = _prepared(adjudication, policy, decide, these=idents)
    if made is None:
        return 0
    return len(set(idents) & made.after.settled.keys())


def _prepared(
    adjudication: Adjudication,
    policy: str,
    decide: Policy,
    *,
    these: Collection[int] | None = None,
) -> Plan | None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return prepare(adjudication, policy=policy, decide=decide, these=these)
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
    # How many people looked at one frame at most.
    reviewers: int = 0
    facets: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, made: Plan) -> None:
        left = len(made.left)
        self.documents += 1
        self.frames += len(made.clusters)
        self.agreed += len(made.clusters) - left
        self.disputed += left
        for cluster in made.clusters:
            self.reviewers = max(self.reviewers, len(cluster.layers))
            if cluster.agreed:
                continue
            outcome = _outcome_name(made, cluster)
            for kind in cluster.kinds:
                counts = self.facets.setdefault(kind, Counter(dict.fromkeys(OUTCOMES, 0)))
                counts[outcome] += 1

    def as_json(self, policy: str, decide: Policy) -> dict[str, Any]:
        known = [kind for kind in FIRST_FACETS if kind in self.facets]
        order = [*known, *sorted(self.facets.keys() - set(FIRST_FACETS))]
        return {
            "documents": self.documents,
            "frames": self.frames,
            "agreed": self.agreed,
            "disputed": self.disputed,
            "policy": policy,
            "facets": [{"facet": kind, **self.facets[kind]} for kind in order],
            **self._estimate(decide),
        }

    def _estimate(self, decide: Policy) -> dict[str, Any]:
        """Return what competence was estimated from, and how many people looked at a frame."""
        if not isinstance(decide, Weighted):
            return {}
        known = decide.competence
        return {
            "estimate": {
                "documents": known.documents,
                "people": known.people,
                "reviewers": self.reviewers,
                "bar": decide.bar,
            }
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

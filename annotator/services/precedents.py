"""Case law: what people settled, kept so that the next like question finds it.

Its rows say what gold's log says of the disputes that people settled. What a policy settled is no
case law: nobody looked at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from annotator.core import dispute, precedents
from annotator.core.compare import Cluster
from annotator.core.gold import outcomes_of, read_frame
from annotator.core.merge import Drop, Outcome
from annotator.models import Adjudication, AdjudicationState, Decision, Precedent
from annotator.selectors import comparison, layers
from annotator.selectors import precedents as selectors
from annotator.selectors.samples import is_hidden_check
from corpus import guideline, permissions
from corpus.core.callbacks import Cancelled, Progress
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView
from corpus.models import Document, Job
from corpus.selectors import schema_rows, text_of
from corpus.services import corpora

LABEL = 250
REASON = 500
STEP = 20


def record(adjudication: Adjudication, clusters: Iterable[Cluster], gold: LayerView) -> None:
    """Make the case law of a document what its disputes and gold say.

    A settlement that is taken back takes its precedents along; another reason is noted. What was
    kept of an earlier text goes when the same is settled here.
    """
    known = list(clusters)
    stored = Precedent.objects.filter(adjudication=adjudication, earlier__isnull=True)
    reason_of = dict(stored.values_list("ident", "reason"))
    settled = {
        cluster.ident: gold.settled[cluster.ident]
        for cluster in known
        if not cluster.agreed and _is_law(gold.settled.get(cluster.ident))
    }
    gone = reason_of.keys() - settled.keys()
    if gone:
        stored.filter(ident__in=gone).delete()
    for ident, reason in reason_of.items():
        if ident in settled and reason != _reason(settled[ident]):
            stored.filter(ident=ident).update(reason=_reason(settled[ident]))
    if new := settled.keys() - reason_of.keys():
        rows = list(_rows(adjudication, known, gold, new))
        _replace_kept(adjudication, rows)
        Precedent.objects.bulk_create(rows)


def _replace_kept(adjudication: Adjudication, new: Iterable[Precedent]) -> None:
    """Delete what was kept of earlier texts and is the same as a new row, which keeps its day."""
    kept = Precedent.objects.filter(adjudication=adjudication, earlier__isnull=False)
    same: dict[tuple[str, ...], Precedent] = {_question(row): row for row in kept}
    gone = []
    for row in new:
        before = same.pop(_question(row), None)
        if before is not None:
            row.settled_at = before.settled_at
            gone.append(before.pk)
    kept.filter(pk__in=gone).delete()


def _question(row: Precedent) -> tuple[str, ...]:
    return row.facet, row.label, row.value, row.words, row.reason


def keep(adjudication: Adjudication, *, old: Document, new: Document) -> None:
    """Keep a document's case law as of its old text, for what does not come along to the new one.

    What was kept of the new one, when the text goes back, is its own again.
    """
    rows = Precedent.objects.filter(adjudication=adjudication)
    rows.filter(earlier__isnull=True).update(earlier=old)
    rows.filter(earlier=new).update(earlier=None)


def _is_law(settlement: Mapping[str, Any] | None) -> bool:
    """Tell whether a person settled it."""
    return settlement is not None and "policy" not in settlement


def _reason(settlement: Mapping[str, Any]) -> str:
    return precedents.flat(str(settlement.get("reason") or ""), REASON)


def _rows(
    adjudication: Adjudication, clusters: list[Cluster], gold: LayerView, idents: Iterable[int]
) -> Iterator[Precedent]:
    """Yield a row for each facet of disputes that people settled."""
    schema = schema_rows(adjudication.schema).view
    text = text_of(adjudication.document)
    log = Decision.objects.filter(
        layer=adjudication.gold_id, subject="dispute", ident__in=idents, user__isnull=False
    )
    settled_at = dict(log.order_by("seq").values_list("ident", "at"))
    law = {ident: gold.settled[ident] for ident in settled_at}
    cues = precedents.Cues(clusters, schema, text)
    for cluster in clusters:
        if cluster.ident not in law:
            continue
        outcome = _outcome(cluster, law[cluster.ident], clusters, schema, gold)
        cue = cues.near(cluster)
        for ruling in precedents.rulings(cluster, outcome, schema, text, cue=cue):
            yield Precedent(
                corpus_id=adjudication.corpus_id,
                adjudication=adjudication,
                ident=cluster.ident,
                facet=ruling.facet,
                label=ruling.label[:LABEL],
                value=ruling.value,
                votes=ruling.votes,
                others=[list(other) for other in ruling.others],
                words=ruling.words,
                cue=ruling.cue,
                reason=_reason(law[cluster.ident]),
                settled_at=settled_at[cluster.ident],
            )


def _outcome(
    cluster: Cluster,
    settlement: Mapping[str, Any],
    clusters: list[Cluster],
    schema: SchemaView,
    gold: LayerView,
) -> Outcome:
    """Return what a settlement chose."""
    if settlement.get("choice") == "none":
        return Drop
    if settlement.get("frame"):
        return read_frame(settlement["frame"], clusters)

    # Settlements of before say where their frame stands, not what it is.
    def numbered(cluster: Cluster, value: Mapping[str, Any]) -> Outcome:
        facets = value.get("facets") or {}
        number = value.get("number", 1)
        return dispute.version_before(cluster, schema, number=number, facets=facets)

    law = {cluster.ident: settlement}
    outcomes = outcomes_of(clusters, law, schema, before=gold, numbered=numbered)
    return outcomes[clusters.index(cluster)]


def withdraw(adjudication: Adjudication) -> None:
    """Take a document's case law away, as a review was taken back; that of earlier texts stays."""
    Precedent.objects.filter(adjudication=adjudication, earlier__isnull=True).delete()


def erase(document: Document) -> None:
    """Take away the case law of a document, with the words that it holds of any of its texts."""
    of_it = Q(adjudication__document=document) | Q(earlier=document)
    Precedent.objects.filter(of_it).delete()


@transaction.atomic
def put_into_guideline(
    document: Document, *, dispute: int, facet: str, by: AbstractBaseUser
) -> guideline.Section:
    """Add a precedent as an example under its section of the guideline; return that section.

    One that stands there already is not added again. Raises `Problem` unless the person manages the
    corpus, and for a document that is a hidden check: who reviews it would read the answer.
    """
    permissions.require(by, "manage", document.corpus)
    if is_hidden_check(document):
        raise Problem("precedents-hidden")
    precedent = selectors.precedent_called(document, dispute=dispute, facet=facet)
    if precedent is None:
        raise Problem("dispute-unknown", ident=dispute)
    view = schema_rows(precedent.adjudication.schema).view
    return corpora.add_example(
        document.corpus,
        selectors.example_of(precedent, view),
        names=selectors.section_names(precedent, view),
        document=document.external_id,
        by=by,
    )


def run_fill_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Make case law of what people settled, as a background job; may be stopped and run again.

    A document that raises `Problem` does not keep the others: it is counted as `left`, with the
    first reason.
    """
    adjudications = selectors.with_settlements(job.corpus)
    total = adjudications.count()
    progress(0, total)
    left: list[str] = []
    rows = adjudications.select_related("document__corpus", "schema", "gold").order_by("pk")
    for number, adjudication in enumerate(rows.iterator(100), start=1):
        if number % STEP == 0:
            progress(min(number, total), total)
            if cancelled():
                return {}
        try:
            _fill(adjudication)
        except Problem as problem:
            left.append(str(problem))
    progress(total, total)
    counts = {"precedents": Precedent.objects.filter(corpus=job.corpus).count()}
    return {**counts, "left": len(left), "reason": left[0]} if left else counts


@transaction.atomic
def _fill(adjudication: Adjudication) -> None:
    row = Adjudication.objects.select_for_update(of=("self",)).get(pk=adjudication.pk)
    # A review may have been taken back meanwhile.
    if row.state == AdjudicationState.WAITING or row.gold_id is None or row.gold is None:
        return
    clusters = comparison.clusters(row)
    record(row, clusters, layers.layer_view(row.gold))

"""Compare anew the documents whose reviews are in, after a change of how they are compared."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from annotator.models import Adjudication, AdjudicationState, LayerState
from annotator.selectors import comparison, layers
from annotator.services import adjudications, disputes, overview
from annotator.services.decision_log import Entry, write
from annotator.services.layers import gold_for
from annotator.services.policies import content_decisions, gold_with
from corpus.core.callbacks import Cancelled, Progress, never_cancelled, unreported
from corpus.core.problems import Problem
from corpus.models import Corpus, Job
from corpus.selectors import schema_rows

POLICY = "comparison"
ATTEMPTS = 5


def run(
    corpus: Corpus,
    *,
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> dict[str, Any]:
    """Compare every document of a corpus anew; return how many.

    One that cannot be compared does not keep the others: it is counted as `left`, with the first
    reason.

    What people and policies settled stays. Gold that is open takes over what is agreed now; of
    settled documents only the queue's rows are written. May be stopped and run again.
    """
    compared = Adjudication.objects.filter(
        corpus=corpus, gold__isnull=False, document__retired_at__isnull=True
    ).exclude(state=AdjudicationState.WAITING)
    keys = list(compared.order_by("pk").values_list("pk", flat=True))
    done = 0
    left: list[str] = []
    for number, key in enumerate(keys):
        progress(number, len(keys))
        if cancelled():
            break
        rows = compared.select_related("document__corpus", "schema", "gold").filter(pk=key)
        adjudication = rows.first()
        try:
            if adjudication is not None:
                _compare(adjudication)
            done += 1
        except Problem as problem:
            left.append(str(problem))
    progress(done + len(left), len(keys))
    overview.refresh(corpus)
    counts = {"documents": done}
    return {**counts, "left": len(left), "reason": left[0]} if left else counts


def _compare(adjudication: Adjudication) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _compared(adjudication)
        except Problem as problem:
            # Somebody who settles at the same moment goes first.
            if problem.code != "stale-version" or attempt == ATTEMPTS:
                raise


@transaction.atomic
def _compared(adjudication: Adjudication) -> None:
    layer = gold_for(adjudication)
    if not adjudications.all_in(adjudication):
        return
    if layer.state != LayerState.OPEN or adjudication.state != AdjudicationState.READY:
        disputes.mend(adjudication)
        return
    clusters = comparison.clusters(adjudication)
    schema = schema_rows(adjudication.schema).view
    before = layers.layer_view(layer)
    after = gold_with(clusters, before.settled, schema, before=before)
    group = uuid.uuid4()
    decisions = content_decisions(before, after, verb="agree")
    entries = [Entry(decision, group=group) for decision in decisions]
    write(layer, entries, at=layer.version, policy=POLICY)
    adjudications.record_moved(adjudication, clusters, after, idents={})


def run_compare_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Compare a corpus anew as a background job."""
    return run(job.corpus, progress=progress, cancelled=cancelled)

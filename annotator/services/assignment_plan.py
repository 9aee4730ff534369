"""How many review a document, who sees suggestions, and which documents everybody gets.

The plan stands on the corpus. It is applied to each document as it comes in; a changed plan is
applied in the background to what nobody has taken yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotator.core.sampling import chosen
from annotator.models import Adjudication, AdjudicationState, Sample, SampleKind
from annotator.services import adjudications, assignments, policies
from annotator.services.assignments import Planned
from corpus import permissions
from corpus.core.callbacks import Cancelled, Progress, never_cancelled, unreported
from corpus.core.problems import Problem
from corpus.jobs import claim
from corpus.models import MAX_REVIEWERS, Corpus, Document, Job
from corpus.services import audit

BATCH = 200
LIMITS = {
    "reviewers_per_document": (1, MAX_REVIEWERS),
    "shared_percent": (0, 100),
    "blind_percent": (0, 100),
    "check_percent": (0, 50),
    "lease_hours": (1, 24 * 365),
}


def limits(corpus: Corpus) -> dict[str, tuple[int, int]]:
    """Return between what the numbers of a corpus's plan must lie.

    A number that is higher already, from before there was this limit, may stay.
    """
    return {name: (low, max(high, getattr(corpus, name))) for name, (low, high) in LIMITS.items()}


def planned(corpus: Corpus, document: Document) -> Planned:
    """Return how a document is to be reviewed: drawn by its id, so that it stays the same."""
    shared = chosen(document.external_id, corpus.shared_percent, draw="shared")
    blind = chosen(document.external_id, corpus.blind_percent, draw="blind")
    return Planned(corpus.reviewers_per_document if shared else 1, blind)


def open_places(corpus: Corpus, documents: Iterable[Document]) -> None:
    """Open the places and the adjudication of new documents, by the plan as it is now."""
    corpus.refresh_from_db(fields=list(LIMITS))
    plan = {document.pk: planned(corpus, document) for document in documents}
    assignments.open_for(corpus, plan)
    adjudications.open_for(corpus, {key: wanted.reviewers for key, wanted in plan.items()})


def set_plan(corpus: Corpus, values: dict[str, int], *, by: AbstractBaseUser) -> Job:
    """Change the plan of a corpus.

    It is applied in the background to the places that nobody has taken.
    """
    permissions.require(by, "manage", corpus)
    allowed = limits(corpus)
    changes = []
    for name, value in values.items():
        low, high = allowed[name]
        words = _words(name)
        if not low <= value <= high:
            raise Problem("request-invalid", reason=f"{words} must lie between {low} and {high}")
        if getattr(corpus, name) != value:
            changes.append(f"{words} {getattr(corpus, name)} → {value}")
    for name, value in values.items():
        setattr(corpus, name, value)
    with transaction.atomic():
        corpus.save(update_fields=list(values))
        if changes:
            audit.note(corpus, "planned", by=by, changes=", ".join(changes))
    return claim.start(corpus, "plan", {}, by=by)


def _words(field: str) -> str:
    """Return what a number of the plan is called."""
    return field.replace("_", " ")


def run_plan_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, int]:
    """Apply a corpus's plan to its documents, as a background job; may be stopped and run again."""
    return apply_plan(job.corpus, progress=progress, cancelled=cancelled)


def apply_plan(
    corpus: Corpus,
    *,
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> dict[str, int]:
    """Open and close free places until every document that waits has as many as planned.

    A plan that changes meanwhile is begun anew. Returns how many documents were looked at and how
    many were changed.
    """
    looked = 0
    changed = 0
    while True:
        before = _numbers(corpus)
        documents, moved = _apply_all(corpus, progress, cancelled)
        looked = max(looked, documents)
        changed += moved
        if cancelled() or before == _numbers(corpus):
            return {"documents": looked, "changed": changed}


def _numbers(corpus: Corpus) -> list[int]:
    """Return the plan as it is now."""
    corpus.refresh_from_db(fields=list(LIMITS))
    return [getattr(corpus, name) for name in LIMITS]


def _apply_all(corpus: Corpus, progress: Progress, cancelled: Cancelled) -> tuple[int, int]:
    """Apply the plan to every document that waits; return how many there are, and were changed."""
    waiting = Adjudication.objects.filter(
        corpus=corpus,
        schema=corpus.schema,
        state=AdjudicationState.WAITING,
        document__retired_at__isnull=True,
    )
    keys = list(waiting.order_by("pk").values_list("pk", flat=True))
    changed = 0
    progress(0, len(keys))
    for first in range(0, len(keys), BATCH):
        batch = keys[first : first + BATCH]
        changed += sum(_apply(corpus, key) for key in batch)
        progress(first + len(batch), len(keys))
        if cancelled():
            break
    return len(keys), changed


@transaction.atomic
def _apply(corpus: Corpus, key: int) -> bool:
    """Apply the plan to one document that waits for reviews; tell whether it changed anything."""
    rows = Adjudication.objects.select_for_update(of=("self",)).select_related(
        "document__corpus", "schema", "gold"
    )
    adjudication = rows.get(pk=key)
    if adjudication.state != AdjudicationState.WAITING:
        return False
    document = adjudication.document
    schema = adjudication.schema
    needed, changed = assignments.replan(document, schema, planned(corpus, document))
    if needed == adjudication.needed and not changed:
        return False
    adjudications.set_needed(document, schema, needed)
    adjudication.needed = needed
    if 0 < needed <= adjudication.submitted:
        policies.prepare(adjudication, policy="unanimous")
    return True


def set_sample(corpus: Corpus, external_id: str, kind: str, *, by: AbstractBaseUser) -> None:
    """Make a document a calibration document or a check, or an ordinary one again (`kind` "").

    Raises `Problem` when a check has no settled gold.
    """
    permissions.require(by, "manage", corpus)
    document = Document.objects.filter(
        corpus=corpus, external_id=external_id, retired_at__isnull=True
    ).first()
    if document is None:
        raise Problem("not-found", what="document", name=external_id)
    if not kind:
        with transaction.atomic():
            if Sample.objects.filter(document=document).delete()[0]:
                audit.note(corpus, "unsampled", by=by, document=external_id)
        return
    if kind not in SampleKind.values:
        known = ", ".join(SampleKind.values)
        raise Problem("request-invalid", reason=f"{kind!r} is no kind of sample: {known}")
    done = Adjudication.objects.filter(
        document=document, state=AdjudicationState.DONE, gold__isnull=False
    )
    if kind == SampleKind.CHECK and not done.exists():
        raise Problem("gold-needed", name=external_id)
    with transaction.atomic():
        Sample.objects.update_or_create(
            document=document, defaults={"corpus": corpus, "kind": kind}
        )
        audit.note(corpus, "sampled", by=by, document=external_id, kind=kind)


def move_sample(old: Document, new: Document) -> None:
    """Let the new version of a document be for everybody as the old one was.

    A check that has no settled gold any more is an ordinary document.
    """
    sample = Sample.objects.filter(document=old).first()
    if sample is None:
        return
    settled = Adjudication.objects.filter(document=new, state=AdjudicationState.DONE).exists()
    if sample.kind != SampleKind.CHECK or settled:
        Sample.objects.update_or_create(
            document=new, defaults={"corpus": sample.corpus, "kind": sample.kind}
        )
    Sample.objects.filter(document=old).delete()

"""Jobs beside their run: started, tried again, cancelled, and queued anew when they are lost.

The Job row is the truth, the queue carries its key and nothing else. A job whose worker has given
no sign of life for a lease is queued again and goes on where its rows say it stopped.

Leases are measured by the database's clock alone, so that workers on machines whose clocks differ
agree. A moment in its future is no sign of life either: its clock was set back.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from corpus import permissions
from corpus.core.problems import Problem
from corpus.jobs.run import run_job
from corpus.models import Corpus, Job, JobState
from corpus.services import audit

UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
LEASE = timedelta(seconds=60)
ATTEMPTS = 5
# Started by pages on their own, not by people.
AUTOMATIC = ("count", "disputes")

logger = logging.getLogger("saidby.jobs")


def start(corpus: Corpus, kind: str, arguments: dict[str, Any], *, by: permissions.User) -> Job:
    """Queue a job; one of the same kind that is not finished is returned instead."""
    permissions.require(by, kind, corpus)
    if kind not in AUTOMATIC:
        check_rate(by)
    try:
        with transaction.atomic():
            job = Job.objects.create(
                corpus=corpus, kind=kind, arguments=arguments, created_by_id=by.pk
            )
            if kind not in AUTOMATIC:
                audit.note(corpus, "job", by=by, kind=kind)
    except IntegrityError:
        # The database lets one job of a kind wait or run at a time.
        return Job.objects.get(corpus=corpus, kind=kind, parent=None, state__in=UNFINISHED)
    enqueue(job.pk)
    return job


def start_this(
    corpus: Corpus, kind: str, arguments: dict[str, Any], *, by: permissions.User
) -> Job:
    """Queue a job with just these arguments.

    Raises `Problem` when one of the same kind with other arguments is not finished.
    """
    job = start(corpus, kind, arguments, by=by)
    if job.arguments != arguments:
        raise Problem("job-waits", kind=kind)
    return job


def start_next(job: Job, kind: str, arguments: dict[str, Any]) -> None:
    """Queue what follows a job without being asked; one of its kind that is not finished stays.

    Nobody started it, so that it does not count against anybody's hour.
    """
    try:
        with transaction.atomic():
            following = Job.objects.create(corpus=job.corpus, kind=kind, arguments=arguments)
    except IntegrityError:
        return
    enqueue(following.pk)


def start_subtask(job: Job, kind: str, arguments: dict[str, Any]) -> Job:
    """Queue a part of a running job, for another worker."""
    subtask = Job.objects.create(
        corpus=job.corpus,
        kind=kind,
        parent=job,
        arguments=arguments,
        created_by_id=job.created_by_id,
    )
    enqueue(subtask.pk)
    return subtask


def enqueue(pk: int) -> None:
    """Hand a job to the queue.

    One that a distant queue cannot take now waits until `recover` hands it in again.
    """
    try:
        run_job.enqueue(pk)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - each engine has its own kinds of error
        logger.warning(
            "the queue did not take job %s, it is tried again in a minute: %s", pk, error
        )


def retry(job: Job, *, by: permissions.User) -> Job:
    """Queue anew what a failed or cancelled job was to do; what it has done stays done."""
    if job.state in UNFINISHED:
        return job
    return start(job.corpus, job.kind, job.arguments, by=by)


def cancel(job: Job, *, by: permissions.User) -> None:
    """Ask a job to stop at its next step; one that nobody has begun is cancelled at once."""
    permissions.require(by, "manage", job.corpus)
    rows = Job.objects.filter(Q(pk=job.pk) | Q(parent=job.pk))
    with transaction.atomic():
        if rows.filter(state__in=UNFINISHED, cancel=False).update(cancel=True):
            audit.note(job.corpus, "job-cancelled", by=by, kind=job.kind)
    _cancel_queued(rows)


def forget(job: Job, *, by: permissions.User) -> None:
    """Take a job that changes nothing out of every list; one that runs stops."""
    cancel(job, by=by)
    Job.objects.filter(pk=job.pk).exclude(state=JobState.RUNNING).delete()


def cancel_subtasks(job: Job) -> None:
    """Ask the subtasks of a job to stop; those that nobody has begun are cancelled at once."""
    job.subtasks.filter(state__in=UNFINISHED).update(cancel=True)
    _cancel_queued(job.subtasks.all())


def cancel_all(corpus: Corpus) -> None:
    """Ask every job of a corpus to stop."""
    Job.objects.filter(corpus=corpus, state__in=UNFINISHED).update(cancel=True)


def recover() -> int:
    """Queue again the jobs whose worker is gone and those that the queue has lost.

    Returns how many. A job that has been begun `ATTEMPTS` times fails, so that one that kills its
    worker does not kill them all.
    """
    last_sign = Coalesce("heartbeat", "created_at")
    silent = Job.objects.alias(last_sign=last_sign).exclude(last_sign__range=lease())
    abandoned = silent.filter(state=JobState.RUNNING)
    abandoned.filter(cancel=True).update(state=JobState.CANCELLED, finished_at=Now())
    abandoned.filter(attempts__gte=ATTEMPTS).update(
        state=JobState.FAILED,
        finished_at=Now(),
        error=str(Problem("job-gave-up", attempts=ATTEMPTS)),
    )
    recovered = 0
    for rows in (abandoned, silent.filter(state=JobState.QUEUED)):
        for pk in rows.values_list("pk", flat=True):
            # Another worker may do this at the same time; only one of the two changes the row.
            if rows.filter(pk=pk).update(state=JobState.QUEUED, heartbeat=Now()):
                enqueue(pk)
                recovered += 1
    return recovered


def lease() -> tuple[Any, Any]:
    """Return the moments between which a sign of life counts."""
    return Now() - LEASE, Now() + LEASE


def check_rate(by: permissions.User) -> None:
    """Raise `Problem` when a person has started as many jobs as one may within an hour."""
    an_hour_ago = timezone.now() - timedelta(hours=1)
    recent = Job.objects.filter(created_by_id=by.pk, created_at__gt=an_hour_ago, parent=None)
    count = recent.exclude(kind__in=AUTOMATIC).count()
    if count >= settings.JOBS_AN_HOUR:
        raise Problem("too-often", count=count)


def _cancel_queued(rows: QuerySet[Job]) -> None:
    queued = rows.filter(state=JobState.QUEUED)
    queued.update(state=JobState.CANCELLED, finished_at=Now())

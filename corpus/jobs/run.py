"""Background work: the Job row is the truth, the queue carries its id and nothing else.

What a kind of job does is named by dotted path in `settings.JOB_HANDLERS`, so that nothing is
imported upward. A worker that runs a job tells of itself every few seconds; a job that nobody has
told of for a lease is queued again and goes on where its rows say it stopped. Each attempt has a
number, and only the newest may write: a worker that was thought dead and comes back (a stopped
machine, a clock that jumped) finds its number outdated and stops.

Leases are measured by the database's clock alone, so that workers on machines whose clocks differ
agree. A moment in its future is no sign of life either: its clock was set back.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task

from corpus import permissions
from corpus.core.problems import Problem
from corpus.models import Corpus, Job, JobState, Worker
from corpus.services import audit

UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
LEASE = timedelta(seconds=60)
BEAT = timedelta(seconds=15)
ATTEMPTS = 5
# Started by pages on their own, not by people.
QUIET = ("count",)

logger = logging.getLogger("saidby.jobs")


class OustedError(Exception):
    """Raised in a job that another worker has taken over."""


def start(corpus: Corpus, kind: str, arguments: dict[str, Any], *, by: AbstractBaseUser) -> Job:
    """Queue a job; one of the same kind that is not finished is returned instead."""
    permissions.require(by, kind, corpus)
    if kind not in QUIET:
        hour = Job.objects.filter(
            created_by_id=by.pk, created_at__gt=timezone.now() - timedelta(hours=1)
        )
        if (
            count := hour.filter(parent=None).exclude(kind__in=QUIET).count()
        ) >= settings.JOBS_AN_HOUR:
            raise Problem("too-often", count=count)
    try:
        with transaction.atomic():
            job = Job.objects.create(
                corpus=corpus, kind=kind, arguments=arguments, created_by_id=by.pk
            )
            if kind not in QUIET:
                audit.note(corpus, "job", by=by, kind=kind)
    except IntegrityError:
        return Job.objects.get(corpus=corpus, kind=kind, parent=None, state__in=UNFINISHED)
    enqueue(job.pk)
    return job


def enqueue(pk: int) -> None:
    """Hand a job to the queue; one that a distant queue cannot take now waits until a worker sees
    to it.
    """
    try:
        run_job.enqueue(pk)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - each engine has its own kinds of error
        logger.warning(
            "the queue did not take job %s, it is tried again in a minute: %s", pk, error
        )


def start_this(
    corpus: Corpus, kind: str, arguments: dict[str, Any], *, by: AbstractBaseUser
) -> Job:
    """Queue a job; raise `Problem` when one of the same kind that is asked for something else is
    not finished.
    """
    job = start(corpus, kind, arguments, by=by)
    if job.arguments != arguments:
        raise Problem("job-waits", kind=kind)
    return job


def retry(job: Job, *, by: AbstractBaseUser) -> Job:
    """Queue anew what a failed or cancelled job was to do; what it has done stays done."""
    if job.state in UNFINISHED:
        return job
    return start(job.corpus, job.kind, job.arguments, by=by)


def cancel(job: Job, *, by: AbstractBaseUser) -> None:
    """Ask a job to stop at its next step; one that nobody has begun is cancelled at once."""
    permissions.require(by, "manage", job.corpus)
    rows = Job.objects.filter(Q(pk=job.pk) | Q(parent=job.pk))
    with transaction.atomic():
        if rows.filter(state__in=UNFINISHED, cancel=False).update(cancel=True):
            audit.note(job.corpus, "job-cancelled", by=by, kind=job.kind)
    rows.filter(state=JobState.QUEUED).update(state=JobState.CANCELLED, finished_at=Now())


@task()
def run_job(pk: int) -> None:
    """Do the work of a job, writing its progress; every step may be repeated."""
    claimed = Job.objects.filter(pk=pk, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        begun_at=Now(),
        heartbeat=Now(),
        done=0,
        total=0,
        error="",
    )
    if not claimed:
        return
    job = Job.objects.select_related("corpus__schema").get(pk=pk)
    mine = Job.objects.filter(pk=pk, state=JobState.RUNNING, attempts=job.attempts)

    def progress(done: int, total: int) -> None:
        if not mine.update(done=done, total=total, heartbeat=Now()):
            raise OustedError

    def cancelled() -> bool:
        return not mine.filter(cancel=False).exists()

    def finish(state: str, **more: Any) -> None:
        mine.update(state=state, finished_at=Now(), **more)

    try:
        with _telling_of(mine):
            result = import_string(settings.JOB_HANDLERS[job.kind])(
                job, progress=progress, cancelled=cancelled
            )
        finish(JobState.CANCELLED if cancelled() else JobState.DONE, result=result)
    except OustedError:
        logger.warning("job %s was taken over by another worker", pk)
    except Problem as problem:
        if cancelled():
            finish(JobState.CANCELLED)
        else:
            finish(JobState.FAILED, error=str(problem))
    except DatabaseError:
        # The row cannot be trusted to be writable now; left running, it is queued again when its
        # lease ends.
        raise
    except Exception as error:
        finish(JobState.FAILED, error=f"{type(error).__name__}: {error}")
        raise


@contextmanager
def _telling_of(mine: QuerySet[Job]) -> Iterator[None]:
    """Renew the lease of a running job beside its work, however long one step takes."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT.total_seconds()):
            quietly(lambda: mine.update(heartbeat=Now()))
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def recover() -> int:
    """Queue again the jobs whose worker is gone and those that the queue has lost; return how many.

    A job that has been begun `ATTEMPTS` times fails, so that one that kills its worker does not
    kill them all.
    """
    silent = Job.objects.alias(told=Coalesce("heartbeat", "created_at")).exclude(
        told__range=_lease()
    )
    gone = silent.filter(state=JobState.RUNNING)
    gone.filter(cancel=True).update(state=JobState.CANCELLED, finished_at=Now())
    gone.filter(attempts__gte=ATTEMPTS).update(
        state=JobState.FAILED,
        finished_at=Now(),
        error=str(Problem("job-gave-up", attempts=ATTEMPTS)),
    )
    found = 0
    for rows in (gone, silent.filter(state=JobState.QUEUED)):
        for pk in rows.values_list("pk", flat=True):
            # Another worker may look at the same time; only one of the two changes the row.
            if rows.filter(pk=pk).update(state=JobState.QUEUED, heartbeat=Now()):
                enqueue(pk)
                found += 1
    return found


def _lease() -> tuple[Any, Any]:
    """Return the moments between which a sign of life counts."""
    return Now() - LEASE, Now() + LEASE


def pace(job: Job) -> str:
    """Say how fast a running job goes and how long it will still take, once that can be told."""
    if (
        job.state != JobState.RUNNING
        or not job.done
        or job.begun_at is None
        or job.heartbeat is None
    ):
        return ""
    seconds = (job.heartbeat - job.begun_at).total_seconds()
    if seconds < 1:
        return ""
    left = round(seconds * (job.total - job.done) / job.done)
    rate = job.done / seconds
    speed = f"{rate:.0f} a second" if rate >= 1 else f"{60 * rate:.0f} a minute"
    time = (
        f"{left} s"
        if left < 90
        else f"{left / 60:.0f} min"
        if left < 5400
        else f"{left / 3600:.1f} h"
    )
    return f"{speed}, about {time} left"


def tell(name: str) -> None:
    """Note that a worker lives."""
    Worker.objects.update_or_create(name=name, defaults={"heartbeat": Now()})
    Worker.objects.filter(heartbeat__lt=Now() - timedelta(days=1)).delete()


def farewell(name: str) -> None:
    """Note that a worker has ended as it was told to."""
    Worker.objects.filter(name=name).delete()


def workers() -> int:
    """Return how many workers have told of themselves within a lease."""
    return Worker.objects.filter(heartbeat__range=_lease()).count()


def is_served() -> bool:
    """Tell whether a worker has told of itself within a lease."""
    return workers() > 0


def quietly(act: Callable[[], Any]) -> None:
    """Do something that may be done again later; a database that is away for a while is only noted."""
    try:
        act()
    except DatabaseError as error:
        logger.warning("the database did not answer: %s", error)
        connection.close()

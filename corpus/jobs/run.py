"""The run of a job: its handler is called, its progress and its end are written into its row.

What a kind of job does is named by dotted path in `settings.JOB_HANDLERS`, so that nothing is
imported upward. The worker that runs a job renews its lease every few seconds (`corpus.jobs.claim`
has what becomes of one that is not renewed). Each attempt has a number, and only the newest may
write: a worker that was thought dead and comes back (a stopped machine, a clock that jumped) finds
its number outdated and stops.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from django_tasks import task

from corpus.core.problems import Problem
from corpus.models import Job, JobState

HEARTBEAT = timedelta(seconds=15)

logger = logging.getLogger("saidby.jobs")


class TakenOverError(Exception):
    """Raised in a job that another worker has taken over."""


class Attempt:
    """One attempt at a job; what it writes counts as long as it is the newest one."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._rows = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts)

    def progress(self, done: int, total: int) -> None:
        """Write how far the job is; raise `TakenOverError` when that is another worker's now."""
        if not self._rows.update(done=done, total=total, heartbeat=Now()):
            raise TakenOverError

    def cancelled(self) -> bool:
        """Tell whether the job shall stop."""
        return not self._rows.filter(cancel=False).exists()

    def renew(self) -> None:
        """Renew the lease."""
        self._rows.update(heartbeat=Now())

    def finish(self, state: str, **fields: Any) -> None:
        """Write how the job ended."""
        self._rows.update(state=state, finished_at=Now(), **fields)


@task()
def run_job(pk: int) -> None:
    """Do the work of a job, writing its progress; every step may be repeated."""
    attempt = _begin(pk)
    if attempt is None:
        return
    try:
        handler = import_string(settings.JOB_HANDLERS[attempt.job.kind])
        with _heartbeat(attempt):
            result = handler(attempt.job, progress=attempt.progress, cancelled=attempt.cancelled)
        attempt.finish(JobState.CANCELLED if attempt.cancelled() else JobState.DONE, result=result)
    except TakenOverError:
        logger.warning("job %s was taken over by another worker", pk)
    except Problem as problem:
        if attempt.cancelled():
            attempt.finish(JobState.CANCELLED)
        else:
            attempt.finish(JobState.FAILED, error=str(problem))
    except DatabaseError:
        # The row cannot be trusted to be writable now; left running, it is queued again when its
        # lease ends.
        raise
    except Exception as error:
        attempt.finish(JobState.FAILED, error=f"{type(error).__name__}: {error}")
        raise


def _begin(pk: int) -> Attempt | None:
    """Return a new attempt at a queued job, or None when it is not queued any more."""
    queued = Job.objects.filter(pk=pk, state=JobState.QUEUED)
    claimed = queued.update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        begun_at=Now(),
        heartbeat=Now(),
        done=0,
        total=0,
        error="",
    )
    if not claimed:
        return None
    return Attempt(Job.objects.select_related("corpus__schema").get(pk=pk))


@contextmanager
def _heartbeat(attempt: Attempt) -> Iterator[None]:
    """Renew the lease of a running job beside its work, however long one step takes."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT.total_seconds()):
            tolerate_outage(attempt.renew)
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def tolerate_outage(act: Callable[[], Any]) -> None:
    """Do what is done again later anyway; a database that is away for a while is only logged."""
    try:
        act()
    except DatabaseError as error:
        logger.warning("the database did not answer: %s", error)
        connection.close()

"""Background work: the Job row is the truth, the queue carries its id and nothing else.

What a kind of job does is named by dotted path in `settings.JOB_HANDLERS`, so that nothing is imported upward.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task

from corpus import permissions
from corpus.core.problems import Problem
from corpus.models import Corpus, Job, JobState

UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


def start(corpus: Corpus, kind: str, arguments: dict[str, Any], *, by: AbstractBaseUser) -> Job:
    """Queue a job; one of the same kind that is not finished is returned instead."""
    permissions.require(by, kind, corpus)
    try:
        with transaction.atomic():
            job = Job.objects.create(corpus=corpus, kind=kind, arguments=arguments, created_by_id=by.pk)
    except IntegrityError:
        return Job.objects.get(corpus=corpus, kind=kind, state__in=UNFINISHED)
    run_job.enqueue(job.pk)
    return job


def cancel(job: Job, *, by: AbstractBaseUser) -> None:
    """Ask a job to stop at its next step; one that nobody has begun is cancelled at once."""
    permissions.require(by, "manage", job.corpus)
    Job.objects.filter(pk=job.pk, state__in=UNFINISHED).update(cancel=True)
    Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(state=JobState.CANCELLED, finished_at=timezone.now())


@task()
def run_job(pk: int) -> None:
    """Do the work of a job, writing its progress; every step may be repeated."""
    claimed = Job.objects.filter(pk=pk, state=JobState.QUEUED).update(
        state=JobState.RUNNING, attempts=F("attempts") + 1, heartbeat=timezone.now()
    )
    if not claimed:
        return
    job = Job.objects.select_related("corpus__schema").get(pk=pk)

    def progress(done: int, total: int) -> None:
        Job.objects.filter(pk=pk).update(done=done, total=total, heartbeat=timezone.now())

    def cancelled() -> bool:
        return Job.objects.filter(pk=pk, cancel=True).exists()

    try:
        result = import_string(settings.JOB_HANDLERS[job.kind])(job, progress=progress, cancelled=cancelled)
        state = JobState.CANCELLED if cancelled() else JobState.DONE
        Job.objects.filter(pk=pk).update(state=state, result=result, finished_at=timezone.now())
    except Problem as problem:
        Job.objects.filter(pk=pk).update(state=JobState.FAILED, error=str(problem), finished_at=timezone.now())
    except Exception as error:
        Job.objects.filter(pk=pk).update(
            state=JobState.FAILED, error=f"{type(error).__name__}: {error}", finished_at=timezone.now()
        )
        raise

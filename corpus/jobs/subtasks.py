"""Long work in parts: a job hands pieces of its list to workers that have nothing else to do.

The job itself goes through its list from the front. Beside it, each idle worker is given one part
at a time, as a job of its own with the first as its parent, so that parts have leases, attempts and
errors like any other, and a job that comes later waits for one part at most. What a part does must
be repeatable: the worker of a part may die.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Sum
from django.db.models.functions import Now

from corpus.core.problems import Problem
from corpus.core.progress import Cancelled, Progress
from corpus.jobs import run
from corpus.models import Job, JobState

SIZE = 100
STEP = 5
PAUSE = 0.5
Work = Callable[[Sequence[int]], dict[str, int]]


def spread(
    job: Job,
    kind: str,
    arguments: dict[str, Any],
    keys: Sequence[int],
    work: Work,
    *,
    progress: Progress,
    cancelled: Cancelled,
) -> Counter[str]:
    """Work on keys in order, with the help of idle workers; return the sums of what the steps
    count.

    A part is a job of the given kind whose arguments are the given ones and the part's `keys`.
    Parts that an earlier attempt of the job gave away and that have not ended are waited for.
    Raises `Problem` when a part fails.
    """
    job.parts.exclude(state__in=run.UNFINISHED).delete()
    given = [key for part in _unfinished(job) for key in part.arguments["keys"]]
    left = deque(sorted(set(keys) - set(given)))
    counts: Counter[str] = Counter()
    own = 0
    try:
        while (left or _unfinished(job).exists()) and not cancelled():
            if len(left) > SIZE and _idle() > 0:
                # From the end, so that what is done by hand below goes on from the front.
                _give(job, kind, {**arguments, "keys": sorted(left.pop() for _ in range(SIZE))})
            if left:
                step = [left.popleft() for _ in range(min(STEP, len(left)))]
                counts.update(work(step))
                own += len(step)
            else:
                _take_or_wait(job)
            _check(job)
            helped = job.parts.aggregate(n=Sum("done"))["n"] or 0
            progress(min(own + helped, len(keys)), len(keys))
    except run.OustedError:
        raise
    except Exception:
        _stop(job)
        raise
    if cancelled():
        _stop(job)
    for part in job.parts.filter(state=JobState.DONE):
        counts.update(part.result)
    return counts


def _unfinished(job: Job) -> Any:
    return job.parts.filter(state__in=run.UNFINISHED)


def _idle() -> int:
    """Return how many workers have nothing to do, once each job and part that waits has found one."""
    return run.workers() - Job.objects.filter(state__in=run.UNFINISHED).count()


def _give(job: Job, kind: str, arguments: dict[str, Any]) -> None:
    part = Job.objects.create(
        corpus=job.corpus,
        kind=kind,
        parent=job,
        arguments=arguments,
        created_by_id=job.created_by_id,
    )
    run.enqueue(part.pk)


def _take_or_wait(job: Job) -> None:
    """Do a part that no worker has begun, or wait a moment for those that are being done."""
    part = job.parts.filter(state=JobState.QUEUED).order_by("pk").first()
    if part is not None:
        run.run_job.call(part.pk)
        return
    run.recover()
    time.sleep(PAUSE)


def _check(job: Job) -> None:
    failed = job.parts.filter(state=JobState.FAILED).first()
    if failed is not None:
        raise Problem("part-failed", reason=failed.error)


def _stop(job: Job) -> None:
    _unfinished(job).update(cancel=True)
    job.parts.filter(state=JobState.QUEUED).update(state=JobState.CANCELLED, finished_at=Now())

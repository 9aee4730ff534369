"""Long work in subtasks: a job hands pieces of its list to workers that have nothing else to do.

The job itself goes through its list from the front. Beside it, each idle worker is given one piece
at a time, as a job of its own with the first as its parent, so that subtasks have leases, attempts
and errors like any other job, and a job that comes later waits for one subtask at most. What a
subtask does must be repeatable: its worker may die.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet, Sum

from corpus.core.callbacks import Cancelled, Progress
from corpus.core.problems import Problem
from corpus.jobs import claim, worker
from corpus.jobs.run import TakenOverError, run_job
from corpus.models import Job, JobState

# Keys of a subtask, and of a step of the job itself.
SIZE = 100
STEP = 5
PAUSE_SECONDS = 0.5
Work = Callable[[Sequence[int]], dict[str, int]]


def distribute(
    job: Job,
    kind: str,
    arguments: dict[str, Any],
    keys: Sequence[int],
    work: Work,
    *,
    progress: Progress,
    cancelled: Cancelled,
) -> Counter[str]:
    """Work on keys in order, with the help of idle workers; return the sums of what steps count.

    A subtask is a job of the given kind whose arguments are the given ones and its `keys`. Subtasks
    that an earlier attempt of the job started and that have not ended are waited for. Raises
    `Problem` when a subtask fails.
    """
    job.subtasks.exclude(state__in=claim.UNFINISHED).delete()
    waiting = deque(_not_in_subtasks(job, keys))
    counts: Counter[str] = Counter()
    own_done = 0
    try:
        while (waiting or _unfinished(job).exists()) and not cancelled():
            if len(waiting) > SIZE and _idle_workers() > 0:
                # From the end, so that the job itself goes on from the front.
                subtask_keys = sorted(waiting.pop() for _ in range(SIZE))
                claim.start_subtask(job, kind, {**arguments, "keys": subtask_keys})
            if waiting:
                step = [waiting.popleft() for _ in range(min(STEP, len(waiting)))]
                counts.update(work(step))
                own_done += len(step)
            else:
                _run_or_await_subtask(job)
            _raise_failure(job)
            subtasks_done = job.subtasks.aggregate(n=Sum("done"))["n"] or 0
            progress(min(own_done + subtasks_done, len(keys)), len(keys))
    except TakenOverError:
        # The subtasks belong to the attempt that has taken over.
        raise
    except Exception:
        claim.cancel_subtasks(job)
        raise
    if cancelled():
        claim.cancel_subtasks(job)
    for subtask in job.subtasks.filter(state=JobState.DONE):
        counts.update(subtask.result)
    return counts


def _unfinished(job: Job) -> QuerySet[Job]:
    return job.subtasks.filter(state__in=claim.UNFINISHED)


def _not_in_subtasks(job: Job, keys: Sequence[int]) -> list[int]:
    """Return in order the keys that no unfinished subtask has."""
    given: set[int] = set()
    for subtask in _unfinished(job):
        given.update(subtask.arguments["keys"])
    return sorted(set(keys) - given)


def _idle_workers() -> int:
    """Return how many workers stay idle once every job and subtask that waits has one."""
    return worker.living_workers() - Job.objects.filter(state__in=claim.UNFINISHED).count()


def _run_or_await_subtask(job: Job) -> None:
    """Run a subtask that no worker has begun, or wait a moment for those that are running."""
    queued = job.subtasks.filter(state=JobState.QUEUED).order_by("pk").first()
    if queued is not None:
        run_job.call(queued.pk)
        return
    claim.recover()
    time.sleep(PAUSE_SECONDS)


def _raise_failure(job: Job) -> None:
    failed = job.subtasks.filter(state=JobState.FAILED).first()
    if failed is not None:
        raise Problem("part-failed", reason=failed.error)

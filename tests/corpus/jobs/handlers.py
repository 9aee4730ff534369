"""Handlers that the tests of jobs name in `settings.JOB_HANDLERS`."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from corpus.core.problems import Problem
from corpus.jobs import claim
from corpus.models import Job

calls: list[int] = []
short_done = threading.Event()
begun = threading.Event()


def count_to_three(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    calls.append(job.pk)
    for n in range(4):
        progress(n, 3)
    return {"counted": 3}


def waits_for_a_short_one(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    return {"came": short_done.wait(20)}


def short(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    calls.append(job.pk)
    short_done.set()
    return {}


def is_begun(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    begun.set()
    # Long enough for the worker to end meanwhile.
    threading.Event().wait(0.2)
    return {"counted": 3}


def taken_over(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    Job.objects.filter(pk=job.pk).update(attempts=7)
    progress(1, 3)
    raise AssertionError("it went on after another worker had taken over")


def fails(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    raise Problem("nothing-to-do", act="count", reason="there is nothing")


def run_all() -> None:
    """Run every job that waits."""
    call_command("run_jobs", "--once", verbosity=0)


def after_the_lease() -> datetime:
    """Return a moment so long ago that a lease of then has ended."""
    return timezone.now() - 2 * claim.LEASE

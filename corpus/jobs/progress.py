"""How fast a job goes, by what its row says of its progress; `corpus.jobs.run` writes that."""

from __future__ import annotations

from corpus.models import Job, JobState


def pace(job: Job) -> str:
    """Say how fast a running job goes and how long it will take, once that can be estimated."""
    if job.state != JobState.RUNNING or job.begun_at is None or job.heartbeat is None:
        return ""
    seconds = (job.heartbeat - job.begun_at).total_seconds()
    if not job.done or seconds < 1:
        return ""
    a_second = job.done / seconds
    remaining = round((job.total - job.done) / a_second)
    speed = f"{a_second:.0f} a second" if a_second >= 1 else f"{60 * a_second:.0f} a minute"
    return f"{speed}, about {_duration(remaining)} left"


def _duration(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"

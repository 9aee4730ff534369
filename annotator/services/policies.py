"""Policies in the background: counted first, then run."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from annotator.core.merge import policy_called
from annotator.services import premerge
from corpus.core.progress import Cancelled, Progress
from corpus.jobs import claim
from corpus.models import Corpus, Job


def start_preview(corpus: Corpus, policy: str, *, by: AbstractBaseUser) -> Job:
    """Have counted what a policy would settle; nothing is written."""
    return _start(corpus, "preview", policy, by)


def start_merge(corpus: Corpus, policy: str, *, by: AbstractBaseUser) -> Job:
    """Have a policy settle what it can; what a person decided stays."""
    return _start(corpus, "merge", policy, by)


def _start(corpus: Corpus, kind: str, policy: str, by: AbstractBaseUser) -> Job:
    policy_called(policy)
    return claim.start_this(corpus, kind, {"policy": policy}, by=by)


def run_preview_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Count what a policy would do, as a background job."""
    return premerge.preview(
        job.corpus, policy=job.arguments["policy"], progress=progress, cancelled=cancelled
    )


def run_merge_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Run a policy as a background job; may be stopped and run again."""
    by = get_user_model().objects.filter(pk=job.created_by_id).first()
    policy = job.arguments["policy"]
    return premerge.run(job.corpus, policy=policy, by=by, progress=progress, cancelled=cancelled)

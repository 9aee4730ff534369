"""Count a corpus for its dashboard, in the background when it is large."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from annotator.models import Overview
from annotator.selectors import overview
from corpus.core.callbacks import Cancelled, Progress
from corpus.jobs import claim
from corpus.models import Corpus, Job


def refresh(corpus: Corpus) -> dict[str, Any]:
    """Count a corpus and store the numbers."""
    numbers = overview.count(corpus)
    Overview.objects.update_or_create(
        corpus=corpus, defaults={"numbers": numbers, "counted_at": timezone.now()}
    )
    return numbers


def start_count(corpus: Corpus, *, by: AbstractBaseUser) -> None:
    """Have a corpus counted soon; again while that waits or runs adds nothing."""
    claim.start(corpus, "count", {}, by=by)


def run_count_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, int]:
    """Do a count job; earlier ones are cleared away, since each answers for all before it."""
    Job.objects.filter(corpus=job.corpus, kind="count", finished_at__isnull=False).delete()
    documents = refresh(job.corpus)["progress"]["documents"]
    progress(documents, documents)
    return {"documents": documents}

"""A corpus is counted in the background when its numbers are old."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.models import Overview
from annotator.selectors import overview
from annotator.services.overview import refresh
from corpus.jobs.run import run_job
from corpus.models import Job

pytestmark = pytest.mark.postgresql


def test_looking_at_stale_numbers_has_them_counted_in_the_background(
    document: Any, bob: Any, as_user: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(overview, "LIVE_UP_TO", 0)
    refresh(document.corpus)
    Overview.objects.update(counted_at=timezone.now() - timedelta(minutes=5))
    client = as_user(bob)
    for _ in range(3):
        assert client.get("/corpora/harbour/").status_code == 200
    job = Job.objects.get(kind="count")
    run_job.func(job.pk)
    assert Job.objects.get(pk=job.pk).state == "done"
    assert not overview.totals(document.corpus).stale

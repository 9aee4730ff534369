"""The site knows whether a worker lives, and says so."""

from __future__ import annotations

import os
import signal
import socket
import time
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from corpus.jobs import claim, worker
from corpus.models import Corpus, Job, Worker
from tests.acts import add_document
from tests.corpus.jobs import handlers
from tests.corpus.jobs.handlers import run_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def test_a_worker_that_has_ended_gives_the_signals_back(corpus: Corpus) -> None:
    before = [signal.getsignal(number) for number in worker.SIGNALS]
    run_all()
    assert [signal.getsignal(number) for number in worker.SIGNALS] == before


def test_a_worker_that_is_stopped_while_it_waits_is_gone_at_once(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*, once: bool) -> None:
        worker.note_alive(f"{socket.gethostname()}:{os.getpid()}")
        raise SystemExit(0)

    monkeypatch.setattr(worker, "work", stopped)
    with pytest.raises(SystemExit):
        run_all()
    assert not worker.is_served()


def test_a_worker_counts_until_its_lease_is_over_or_it_has_ended(db: None) -> None:
    assert not worker.is_served()
    worker.note_alive("one")
    worker.note_alive("two")
    assert worker.living_workers() == 2
    worker.note_ended("two")
    assert worker.living_workers() == 1
    Worker.objects.update(heartbeat=timezone.now() - claim.LEASE - timedelta(seconds=1))
    assert not worker.is_served()


@pytest.fixture
def short_kinds(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long and short jobs, of which the long one ends when a short one is done."""
    handlers.short_done.clear()
    monkeypatch.setattr(worker, "SHORT_SECONDS", 0.01)
    settings.JOB_HANDLERS = {
        "suggest": f"{handlers.__name__}.waits_for_a_short_one",
        "count": f"{handlers.__name__}.fails",
        "export": f"{handlers.__name__}.short",
    }


def test_a_short_job_does_not_wait_for_the_end_of_a_long_one(
    corpus: Corpus, alice: Any, short_kinds: None
) -> None:
    """Nor for one that fails; and the queue does not run it a second time."""
    kinds = ("suggest", "count", "export")
    jobs = [claim.start(corpus, kind, {}, by=alice) for kind in kinds]
    with worker.short_jobs_beside():
        run_all()
    assert [Job.objects.get(pk=job.pk).state for job in jobs] == ["done", "failed", "done"]
    assert Job.objects.get(kind="suggest").result == {"came": True}
    assert handlers.calls == [jobs[2].pk]


def test_a_worker_that_is_stopped_finishes_the_short_job_at_hand(
    corpus: Corpus, alice: Any, short_kinds: None, settings: Any
) -> None:
    settings.JOB_HANDLERS = {"count": f"{handlers.__name__}.is_begun"}
    handlers.begun.clear()
    job = claim.start(corpus, "count", {}, by=alice)
    with pytest.raises(SystemExit), worker.short_jobs_beside():
        assert handlers.begun.wait(20)
        raise SystemExit(0)
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"counted": 3})


def test_a_large_export_and_a_long_job_are_left_to_the_worker_itself(
    corpus: Corpus, alice: Any, short_kinds: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    add_document(corpus, tmp_path)
    monkeypatch.setattr(worker, "SMALL", 0)
    for kind in ("export", "suggest", "count"):
        claim.start(corpus, kind, {}, by=alice)
    with worker.short_jobs_beside():
        deadline = time.monotonic() + 20
        while Job.objects.get(kind="count").state != "failed":
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert set(Job.objects.filter(state="queued").values_list("kind", flat=True)) == {
        "export",
        "suggest",
    }


def test_the_page_says_when_no_worker_lives_and_offers_to_try_again(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    address = reverse("corpus", kwargs={"slug": corpus.slug})
    job = Job.objects.create(corpus=corpus, kind="suggest", state="failed", error="[x] y")
    assert "No worker is running" in client.get(address).content.decode()
    client.post(reverse("retry-job", kwargs={"slug": corpus.slug, "pk": job.pk}))
    assert Job.objects.filter(state="queued").count() == 1
    worker.note_alive("one")
    assert "No worker is running" not in client.get(address).content.decode()

"""The site knows whether a worker lives, and says so."""

from __future__ import annotations

import os
import signal
import socket
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from corpus.jobs import claim, worker
from corpus.models import Corpus, Job, Worker
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

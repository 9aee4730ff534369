"""Jobs whose worker dies or that the queue loses are taken up again; others are left alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from corpus.jobs import claim, run, worker
from corpus.models import Corpus, Job
from tests.corpus.jobs import handlers
from tests.corpus.jobs.handlers import after_the_lease, run_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def running(corpus: Corpus, **fields: Any) -> Job:
    row = {"kind": "suggest", "state": "running", "attempts": 1, "heartbeat": after_the_lease()}
    return Job.objects.create(corpus=corpus, **{**row, **fields})


def test_a_job_whose_worker_died_is_taken_up_again(corpus: Corpus) -> None:
    job = running(corpus)
    run_all()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


def test_a_job_that_a_living_worker_runs_is_left_alone(corpus: Corpus) -> None:
    running(corpus, heartbeat=timezone.now())
    assert claim.recover() == 0


def test_a_job_that_the_queue_lost_is_queued_again(corpus: Corpus) -> None:
    job = Job.objects.create(corpus=corpus, kind="suggest")
    Job.objects.filter(pk=job.pk).update(created_at=after_the_lease())
    assert claim.recover() == 1
    assert claim.recover() == 0
    run_all()
    job.refresh_from_db()
    assert job.state == "done"


def test_a_job_that_kills_its_workers_is_given_up(corpus: Corpus) -> None:
    job = running(corpus, attempts=claim.ATTEMPTS)
    assert claim.recover() == 0
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error.startswith("[job-gave-up]")


def test_a_cancelled_job_whose_worker_died_is_over(corpus: Corpus) -> None:
    job = running(corpus, cancel=True)
    assert claim.recover() == 0
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_workers_whose_clocks_differ_agree_on_who_lives(
    corpus: Corpus, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine whose clock jumped takes nobody's job, and its own is not taken."""
    right = timezone.now()
    others = Job.objects.create(corpus=corpus, kind="export", state="running", attempts=1)
    for jump in (timedelta(days=1), timedelta(days=-1)):
        monkeypatch.setattr(timezone, "now", lambda jump=jump: right + jump)
        worker.note_alive("jumped")
        assert claim.recover() == 0
        job = claim.start(corpus, "suggest", {}, by=alice)
        run_all()
        monkeypatch.undo()
        assert worker.is_served()
        assert claim.recover() == 0
        job.refresh_from_db()
        assert job.state == "done"
    others.refresh_from_db()
    assert (others.state, others.attempts) == ("running", 1)


def test_a_sign_of_life_from_the_future_is_none(corpus: Corpus) -> None:
    """The database's own clock was set back: what it wrote before counts for nothing."""
    job = running(corpus, heartbeat=timezone.now() + timedelta(hours=1))
    run_all()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


def test_a_job_that_the_queue_did_not_take_is_handed_in_again(
    corpus: Corpus, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(type(run.run_job), "enqueue", away)
    job = claim.start(corpus, "suggest", {}, by=alice)
    monkeypatch.undo()
    assert job.state == "queued"
    Job.objects.filter(pk=job.pk).update(created_at=after_the_lease())
    run_all()
    job.refresh_from_db()
    assert job.state == "done"


def test_a_failed_job_says_why_and_can_be_tried_again(
    corpus: Corpus, alice: Any, settings: Any
) -> None:
    settings.JOB_HANDLERS = {"suggest": f"{handlers.__name__}.fails"}
    job = claim.start(corpus, "suggest", {}, by=alice)
    run_all()
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error == "[nothing-to-do] nothing to count: there is nothing"
    settings.JOB_HANDLERS = {"suggest": f"{handlers.__name__}.count_to_three"}
    again = claim.retry(job, by=alice)
    run_all()
    again.refresh_from_db()
    assert again.state == "done"


def test_only_a_manager_may_try_a_job_again(corpus: Corpus, bob: Any, as_user: Any) -> None:
    job = Job.objects.create(corpus=corpus, kind="suggest", state="failed")
    address = reverse("retry-job", kwargs={"slug": corpus.slug, "pk": job.pk})
    assert as_user(bob).post(address).status_code == 403
    assert not Job.objects.filter(state="queued").exists()

"""Jobs whose worker dies, stalls or comes back."""

from __future__ import annotations

import signal
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from corpus.core.problems import Problem
from corpus.jobs import run
from corpus.models import Corpus, Job, Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
calls: list[int] = []


def count_to_three(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    calls.append(job.pk)
    for n in range(4):
        progress(n, 3)
    return {"counted": 3}


def overtaken(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    Job.objects.filter(pk=job.pk).update(attempts=7)
    progress(1, 3)
    raise AssertionError("it went on after another worker had taken over")


def breaks(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    raise Problem("nothing-to-do", act="count", reason="there is nothing")


@pytest.fixture(autouse=True)
def _handlers(settings: Any) -> None:
    calls.clear()
    settings.JOB_HANDLERS = {"suggest": f"{__name__}.count_to_three"}


def run_all() -> None:
    call_command("run_jobs", "--once", verbosity=0)


def late() -> Any:
    return timezone.now() - 2 * run.LEASE


def test_a_job_runs_once_and_keeps_its_result(corpus: Corpus, alice: Any) -> None:
    job = run.start(corpus, "suggest", {}, by=alice)
    run_all()
    run.run_job.call(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.result, job.attempts) == (
        "done",
        3,
        3,
        {"counted": 3},
        1,
    )
    assert calls == [job.pk]


def test_a_worker_that_has_ended_gives_the_signals_back(corpus: Corpus) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    run_all()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_job_whose_worker_died_is_taken_up_again(corpus: Corpus, alice: Any) -> None:
    job = Job.objects.create(
        corpus=corpus, kind="suggest", state="running", attempts=1, heartbeat=late()
    )
    run_all()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


def test_a_job_that_a_living_worker_runs_is_left_alone(corpus: Corpus) -> None:
    Job.objects.create(
        corpus=corpus, kind="suggest", state="running", attempts=1, heartbeat=timezone.now()
    )
    assert run.recover() == 0


def test_a_job_that_the_queue_lost_is_queued_again(corpus: Corpus) -> None:
    job = Job.objects.create(corpus=corpus, kind="suggest")
    Job.objects.filter(pk=job.pk).update(created_at=late())
    assert run.recover() == 1
    assert run.recover() == 0
    run_all()
    job.refresh_from_db()
    assert job.state == "done"


def test_a_job_that_kills_its_workers_is_given_up(corpus: Corpus) -> None:
    job = Job.objects.create(
        corpus=corpus, kind="suggest", state="running", attempts=run.ATTEMPTS, heartbeat=late()
    )
    assert run.recover() == 0
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error.startswith("[job-gave-up]")


def test_a_cancelled_job_whose_worker_died_is_over(corpus: Corpus) -> None:
    job = Job.objects.create(
        corpus=corpus, kind="suggest", state="running", cancel=True, attempts=1, heartbeat=late()
    )
    assert run.recover() == 0
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_worker_that_was_overtaken_writes_nothing_more(corpus: Corpus, settings: Any) -> None:
    settings.JOB_HANDLERS = {"suggest": f"{__name__}.overtaken"}
    job = Job.objects.create(corpus=corpus, kind="suggest")
    run.run_job.call(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.done) == ("running", 7, 0)


def test_workers_whose_clocks_differ_agree_on_who_lives(
    corpus: Corpus, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine whose clock jumped takes nobody's job, and its own is not taken."""
    right = timezone.now()
    running = Job.objects.create(corpus=corpus, kind="export", state="running", attempts=1)
    for jump in (timedelta(days=1), timedelta(days=-1)):
        monkeypatch.setattr(timezone, "now", lambda jump=jump: right + jump)
        run.tell("jumped")
        assert run.recover() == 0
        job = run.start(corpus, "suggest", {}, by=alice)
        run_all()
        monkeypatch.undo()
        assert run.is_served()
        assert run.recover() == 0
        job.refresh_from_db()
        assert job.state == "done"
    running.refresh_from_db()
    assert (running.state, running.attempts) == ("running", 1)


def test_a_sign_of_life_from_the_future_is_none(corpus: Corpus) -> None:
    """The database's own clock was set back: what it wrote before counts for nothing."""
    ahead = timezone.now() + timedelta(hours=1)
    job = Job.objects.create(
        corpus=corpus, kind="suggest", state="running", attempts=1, heartbeat=ahead
    )
    run_all()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


def test_a_job_that_the_queue_did_not_take_is_handed_in_again(
    corpus: Corpus, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(type(run.run_job), "enqueue", away)
    job = run.start(corpus, "suggest", {}, by=alice)
    monkeypatch.undo()
    assert job.state == "queued"
    Job.objects.filter(pk=job.pk).update(created_at=late())
    run_all()
    job.refresh_from_db()
    assert job.state == "done"


def test_a_failed_job_says_why_and_can_be_tried_again(
    corpus: Corpus, alice: Any, settings: Any
) -> None:
    settings.JOB_HANDLERS = {"suggest": f"{__name__}.breaks"}
    job = run.start(corpus, "suggest", {}, by=alice)
    run_all()
    job.refresh_from_db()
    assert (job.state, job.error) == (
        "failed",
        "[nothing-to-do] nothing to count: there is nothing",
    )
    settings.JOB_HANDLERS = {"suggest": f"{__name__}.count_to_three"}
    again = run.retry(job, by=alice)
    run_all()
    again.refresh_from_db()
    assert again.state == "done"


def test_the_site_knows_whether_a_worker_lives(db: None) -> None:
    assert not run.is_served()
    run.tell("one")
    assert run.is_served()
    Worker.objects.update(heartbeat=timezone.now() - run.LEASE - timedelta(seconds=1))
    assert not run.is_served()


def test_the_page_says_when_no_worker_lives_and_offers_to_try_again(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    job = Job.objects.create(corpus=corpus, kind="suggest", state="failed", error="[x] y")
    page = as_user(alice).get(reverse("corpus", kwargs={"slug": corpus.slug})).content.decode()
    assert "No worker is running" in page
    as_user(alice).post(reverse("retry-job", kwargs={"slug": corpus.slug, "pk": job.pk}))
    assert Job.objects.filter(state="queued").count() == 1
    run.tell("one")
    assert (
        "No worker is running"
        not in as_user(alice).get(reverse("corpus", kwargs={"slug": corpus.slug})).content.decode()
    )


def test_only_a_manager_may_try_a_job_again(corpus: Corpus, bob: Any, as_user: Any) -> None:
    job = Job.objects.create(corpus=corpus, kind="suggest", state="failed")
    assert (
        as_user(bob)
        .post(reverse("retry-job", kwargs={"slug": corpus.slug, "pk": job.pk}))
        .status_code
        == 403
    )
    assert not Job.objects.filter(state="queued").exists()

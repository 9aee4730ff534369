"""A job runs once, keeps its result, and writes nothing once another worker has it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

import corpus.jobs
from corpus.jobs import claim, redis_queue, run
from corpus.models import Corpus, Job
from tests.corpus.jobs import handlers
from tests.corpus.jobs.handlers import run_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

# By which jobs were queued that may still wait on a site that is upgraded.
EARLIER_PATHS = ["corpus.jobs.run_job", "corpus.jobs.run.run_job"]


def test_a_job_runs_once_and_keeps_its_result(corpus: Corpus, alice: Any) -> None:
    job = claim.start(corpus, "suggest", {}, by=alice)
    run_all()
    run.run_job.call(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 1)
    assert (job.done, job.total, job.result) == (3, 3, {"counted": 3})
    assert handlers.calls == [job.pk]


def test_a_worker_that_was_taken_over_writes_nothing_more(corpus: Corpus, settings: Any) -> None:
    settings.JOB_HANDLERS = {"suggest": f"{handlers.__name__}.taken_over"}
    job = Job.objects.create(corpus=corpus, kind="suggest")
    run.run_job.call(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.done) == ("running", 7, 0)


def test_a_kind_of_job_that_nobody_handles_fails(corpus: Corpus) -> None:
    job = Job.objects.create(corpus=corpus, kind="of-a-later-version")
    with pytest.raises(KeyError):
        run.run_job.call(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "KeyError: 'of-a-later-version'")


@pytest.mark.parametrize("path", EARLIER_PATHS)
def test_a_job_that_an_earlier_version_queued_is_run(corpus: Corpus, alice: Any, path: str) -> None:
    assert import_string(path) is run.run_job
    job = claim.start(corpus, "suggest", {}, by=alice)
    assert DBTaskResult.objects.update(task_path=path) == 1
    run_all()
    job.refresh_from_db()
    assert job.state == "done"


@pytest.mark.parametrize("path", EARLIER_PATHS)
def test_a_job_that_an_earlier_version_queued_on_redis_is_run(corpus: Corpus, path: str) -> None:
    job = Job.objects.create(corpus=corpus, kind="suggest")
    redis_queue.call(path, [job.pk], {})
    job.refresh_from_db()
    assert job.state == "done"


def test_nothing_but_a_task_is_run_from_redis() -> None:
    with pytest.raises(TypeError, match="is no task"):
        redis_queue.call("corpus.jobs.claim.recover", [], {})
    assert corpus.jobs.run_job is run.run_job

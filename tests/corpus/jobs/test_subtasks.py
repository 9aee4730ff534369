"""Work in subtasks: every key once, whoever does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.core.management import call_command

from corpus.core.problems import Problem
from corpus.jobs import claim, subtasks, worker
from corpus.models import Corpus, Job
from corpus.selectors import jobs_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
KEYS = list(range(1, 11 * subtasks.SIZE + 4))
worked_on: list[int] = []


def work(keys: Sequence[int]) -> dict[str, int]:
    worked_on.extend(keys)
    return {"documents": len(keys)}


def whole(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    counts = subtasks.distribute(
        job, "suggest-part", {}, KEYS, work, progress=progress, cancelled=cancelled
    )
    return dict(counts)


def subtask(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    keys = job.arguments["keys"]
    progress(len(keys), len(keys))
    return work(keys)


def fails(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    raise Problem("worker-differs")


@pytest.fixture(autouse=True)
def _handlers(settings: Any) -> None:
    worked_on.clear()
    settings.JOB_HANDLERS = {
        "suggest": f"{__name__}.whole",
        "suggest-part": f"{__name__}.subtask",
    }


def run_all(corpus: Corpus, by: Any) -> Job:
    job = claim.start(corpus, "suggest", {}, by=by)
    call_command("run_jobs", "--once", verbosity=0)
    job.refresh_from_db()
    return job


def test_one_worker_gives_nothing_away(corpus: Corpus, alice: Any) -> None:
    worker.note_alive("one")
    job = run_all(corpus, alice)
    assert (job.state, job.done, job.total) == ("done", len(KEYS), len(KEYS))
    assert job.result == {"documents": len(KEYS)}
    assert worked_on == KEYS
    assert not job.subtasks.exists()


def test_what_idle_workers_were_given_is_done_once_and_counted(corpus: Corpus, alice: Any) -> None:
    for name in ("one", "two", "three"):
        worker.note_alive(name)
    job = run_all(corpus, alice)
    assert (job.state, job.done, job.result) == ("done", len(KEYS), {"documents": len(KEYS)})
    assert job.subtasks.count() == 2, "as many as there are workers beside this one"
    assert sorted(worked_on) == KEYS
    assert jobs_of(corpus) == [job], "subtasks are not listed"


def test_a_worker_that_another_job_waits_for_is_given_nothing(corpus: Corpus, alice: Any) -> None:
    for name in ("one", "two"):
        worker.note_alive(name)
    Job.objects.create(corpus=corpus, kind="export", state="running")
    assert not run_all(corpus, alice).subtasks.exists()


def test_a_subtask_that_fails_fails_the_job_and_stops_the_others(
    corpus: Corpus, alice: Any, settings: Any
) -> None:
    settings.JOB_HANDLERS["suggest-part"] = f"{__name__}.fails"
    for name in ("one", "two", "three"):
        worker.note_alive(name)
    job = run_all(corpus, alice)
    assert job.state == "failed"
    assert job.error.startswith("[part-failed]") and "[worker-differs]" in job.error
    assert not job.subtasks.filter(state__in=claim.UNFINISHED).exists()


def test_a_job_that_is_begun_again_waits_for_the_subtasks_it_started(
    corpus: Corpus, alice: Any
) -> None:
    job = claim.start(corpus, "suggest", {}, by=alice)
    same = {"corpus": corpus, "kind": "suggest-part", "parent": job}
    Job.objects.create(**same, arguments={"keys": KEYS[:7]})
    Job.objects.create(
        **same, arguments={"keys": KEYS[7:9]}, state="failed", error="an earlier attempt's"
    )
    call_command("run_jobs", "--once", verbosity=0)
    job.refresh_from_db()
    assert (job.state, job.done, job.result) == ("done", len(KEYS), {"documents": len(KEYS)})
    assert sorted(worked_on) == KEYS


def test_cancelling_a_job_cancels_its_subtasks(corpus: Corpus, alice: Any) -> None:
    job = claim.start(corpus, "suggest", {}, by=alice)
    given = Job.objects.create(
        corpus=corpus, kind="suggest-part", parent=job, arguments={"keys": KEYS[:7]}
    )
    claim.cancel(job, by=alice)
    given.refresh_from_db()
    assert given.state == "cancelled"

"""Work in parts: every key once, whoever does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.core.management import call_command

from corpus.core.problems import Problem
from corpus.jobs import run, subtasks
from corpus.models import Corpus, Job
from corpus.selectors import jobs_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
KEYS = list(range(1, 11 * subtasks.SIZE + 4))
done: list[int] = []


def work(keys: Sequence[int]) -> dict[str, int]:
    done.extend(keys)
    return {"documents": len(keys)}


def whole(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    return dict(
        subtasks.spread(job, "suggest-part", {}, KEYS, work, progress=progress, cancelled=cancelled)
    )


def part(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    keys = job.arguments["keys"]
    progress(len(keys), len(keys))
    return work(keys)


def broken(job: Job, *, progress: Any, cancelled: Any) -> dict[str, Any]:
    raise Problem("worker-differs")


@pytest.fixture(autouse=True)
def _handlers(settings: Any) -> None:
    done.clear()
    settings.JOB_HANDLERS = {"suggest": f"{__name__}.whole", "suggest-part": f"{__name__}.part"}


def run_all(corpus: Corpus, by: Any) -> Job:
    job = run.start(corpus, "suggest", {}, by=by)
    call_command("run_jobs", "--once", verbosity=0)
    job.refresh_from_db()
    return job


def test_one_worker_gives_nothing_away(corpus: Corpus, alice: Any) -> None:
    run.tell("one")
    job = run_all(corpus, alice)
    assert (job.state, job.done, job.total, job.result) == (
        "done",
        len(KEYS),
        len(KEYS),
        {"documents": len(KEYS)},
    )
    assert done == KEYS
    assert not job.parts.exists()


def test_what_idle_workers_were_given_is_done_once_and_counted(corpus: Corpus, alice: Any) -> None:
    for name in ("one", "two", "three"):
        run.tell(name)
    job = run_all(corpus, alice)
    assert (job.state, job.done, job.result) == ("done", len(KEYS), {"documents": len(KEYS)})
    assert job.parts.count() == 2, "as many as there are workers beside this one"
    assert sorted(done) == KEYS
    assert jobs_of(corpus) == [job], "parts are not listed"


def test_a_worker_that_another_job_waits_for_is_given_nothing(corpus: Corpus, alice: Any) -> None:
    for name in ("one", "two"):
        run.tell(name)
    Job.objects.create(corpus=corpus, kind="export", state="running")
    assert not run_all(corpus, alice).parts.exists()


def test_a_part_that_fails_fails_the_job_and_stops_the_others(
    corpus: Corpus, alice: Any, settings: Any
) -> None:
    settings.JOB_HANDLERS["suggest-part"] = f"{__name__}.broken"
    for name in ("one", "two", "three"):
        run.tell(name)
    job = run_all(corpus, alice)
    assert job.state == "failed"
    assert job.error.startswith("[part-failed]") and "[worker-differs]" in job.error
    assert not job.parts.filter(state__in=run.UNFINISHED).exists()


def test_a_job_that_is_begun_again_waits_for_the_parts_it_gave_away(
    corpus: Corpus, alice: Any
) -> None:
    job = run.start(corpus, "suggest", {}, by=alice)
    same = {"corpus": corpus, "kind": "suggest-part", "parent": job}
    Job.objects.create(**same, arguments={"keys": KEYS[:7]})
    Job.objects.create(
        **same, arguments={"keys": KEYS[7:9]}, state="failed", error="an earlier attempt's"
    )
    call_command("run_jobs", "--once", verbosity=0)
    job.refresh_from_db()
    assert (job.state, job.done, job.result) == ("done", len(KEYS), {"documents": len(KEYS)})
    assert sorted(done) == KEYS


def test_cancelling_a_job_cancels_its_parts(corpus: Corpus, alice: Any) -> None:
    job = run.start(corpus, "suggest", {}, by=alice)
    given = Job.objects.create(
        corpus=corpus, kind="suggest-part", parent=job, arguments={"keys": KEYS[:7]}
    )
    run.cancel(job, by=alice)
    given.refresh_from_db()
    assert given.state == "cancelled"

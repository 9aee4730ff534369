"""The page that compares two suggesters on gold."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from corpus.jobs.run import run_job
from corpus.models import Job
from tests.acts import SLUG, page, submit_as
from tests.annotator.scripted import LATER_NAME, scripted

ADDRESS = reverse("suggester-scores", kwargs=SLUG)


def run_jobs() -> None:
    """Do what waits in the background."""
    for pk in Job.objects.filter(state="queued").values_list("pk", flat=True):
        run_job.func(pk)


@pytest.fixture
def manager(document: Any, alice: Any, bob: Any, carol: Any, as_user: Any) -> Any:
    for user in (bob, carol):
        submit_as(document, user)
    call_command("adjudicate", "harbour", "--policy", "unanimous", stdout=StringIO())
    return as_user(alice)


def test_two_are_compared_in_the_background_with_time_and_cost(manager: Any) -> None:
    with scripted():
        assert f'value="{LATER_NAME}"' in page(manager, "suggester-scores")
        manager.post(ADDRESS, {"a": "own", "b": LATER_NAME})
        run_jobs()
        html = page(manager, "suggester-scores")
    job = Job.objects.get(kind="scores")
    assert job.state == "done", job.error
    assert (job.result["a"], job.result["b"]) == ("rules.v1", LATER_NAME)
    # It is made ready with a sentence before it is timed, which is paid for too.
    used = job.result["usage"]
    assert (used["a"], used["b"]["requests"], used["b"]["cost"]) == ({}, 2, 0.5)
    for words in ("claims_exact", "Seconds per 1,000 words", "Tokens sent", "Cost", "0.5"):
        assert words in html


@pytest.mark.parametrize("side", ["", "magic", "trained:/etc"])
def test_what_cannot_be_compared_is_said(manager: Any, side: str) -> None:
    assert manager.post(ADDRESS, {"a": "own", "b": side}).status_code == 400
    assert not Job.objects.filter(kind="scores").exists()


def test_without_gold_the_job_says_so(document: Any, alice: Any, as_user: Any) -> None:
    manager = as_user(alice)
    manager.post(ADDRESS, {"a": "own", "b": "rules.v1"})
    run_jobs()
    assert "no document has settled gold yet" in page(manager, "suggester-scores")


def test_gold_that_a_suggester_was_shown_does_not_count(manager: Any) -> None:
    shown = {"examples": [{"document": "sea-wall"}]}
    with scripted(shown):
        manager.post(ADDRESS, {"a": "own", "b": LATER_NAME})
        run_jobs()
    job = Job.objects.get(kind="scores")
    assert (job.state, "nothing-to-do" in job.error) == ("failed", True)

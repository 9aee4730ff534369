"""The page that compares two suggesters on gold."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from corpus.models import Job
from tests.acts import SLUG, page, submit_as
from tests.annotator.scripted import LATER_NAME, scripted

ADDRESS = reverse("suggester-scores", kwargs=SLUG)


@pytest.fixture
def client(document: Any, alice: Any, bob: Any, carol: Any, as_user: Any) -> Any:
    for user in (bob, carol):
        submit_as(document, user)
    call_command("adjudicate", "harbour", "--policy", "unanimous", stdout=StringIO())
    return as_user(alice)


def test_two_are_compared_in_the_background_with_time_and_cost(client: Any) -> None:
    with scripted():
        assert f'value="{LATER_NAME}"' in page(client, "suggester-scores")
        client.post(ADDRESS, {"a": "own", "b": LATER_NAME})
        call_command("run_jobs", "--once", verbosity=0)
        html = page(client, "suggester-scores")
    job = Job.objects.get(kind="scores")
    assert job.state == "done", job.error
    assert (job.result["a"], job.result["b"]) == ("rules.v1", LATER_NAME)
    assert job.result["usage"] == {
        "a": {},
        "b": {"requests": 1, "tokens_in": job.result["words"], "cost": 0.25},
    }
    for words in ("claims_exact", "Seconds per 1,000 words", "Tokens sent", "Cost", "0.25"):
        assert words in html


@pytest.mark.parametrize("side", ["", "magic", "trained:/etc"])
def test_what_cannot_be_compared_is_said(client: Any, side: str) -> None:
    assert client.post(ADDRESS, {"a": "own", "b": side}).status_code == 400
    assert not Job.objects.filter(kind="scores").exists()


def test_without_gold_the_job_says_so(document: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    client.post(ADDRESS, {"a": "own", "b": "rules.v1"})
    call_command("run_jobs", "--once", verbosity=0)
    assert "no document has settled gold yet" in page(client, "suggester-scores")

"""Exports over the API."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from corpus.models import Job
from tests.acts import (
    SLUG,
)


def test_an_export_job_writes_a_file_to_fetch(document: Any, alice: Any, as_user: Any) -> None:
    from corpus.jobs.run import run_job

    client = as_user(alice)
    job = client.post(
        reverse("api-export", kwargs=SLUG),
        {"format": "jsonl", "layer": "suggestions"},
        content_type="application/json",
    ).json()["job"]
    run_job.func(job)
    status = client.get(reverse("api-job", kwargs={**SLUG, "pk": job})).json()
    assert (status["state"], status["result"]["spans"]) == ("done", 6)
    answer = client.get(reverse("api-download", kwargs={**SLUG, "pk": job}))
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    answer = client.post(
        reverse("api-export", kwargs=SLUG), {"format": "magic"}, content_type="application/json"
    )
    assert answer.json()["code"] == "plugin-unknown"


def test_a_failed_job_says_why(document: Any, alice: Any, as_user: Any) -> None:
    from corpus.jobs.run import run_job

    job = (
        as_user(alice)
        .post(
            reverse("api-export", kwargs=SLUG), {"format": "jsonl"}, content_type="application/json"
        )
        .json()["job"]
    )
    run_job.func(job)
    assert Job.objects.get().state == "failed"
    assert Job.objects.get().error.startswith("[nothing-to-do]")

"""Jobs started and watched over the API."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from corpus.models import Job
from tests.acts import (
    SLUG,
)


def test_a_suggest_job_is_queued_once_and_can_be_cancelled(
    document: Any, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    url = reverse("api-suggest", kwargs=SLUG)
    first = client.post(url, {}, content_type="application/json")
    assert (first.status_code, client.post(url).json()["job"]) == (202, first.json()["job"])
    unknown = client.post(url, {"suggester": "magic"}, content_type="application/json")
    assert (unknown.status_code, unknown.json()["code"]) == (400, "plugin-unknown")
    client.post(reverse("cancel-job", kwargs={**SLUG, "pk": first.json()["job"]}))
    assert Job.objects.get().state == "cancelled"

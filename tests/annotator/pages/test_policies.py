"""Settling by policy on a page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from corpus.models import Job
from tests.acts import (
    SLUG,
    page,
)


def test_the_form_keeps_the_policy_that_was_counted_last(
    document: Any, alice: Any, as_user: Any
) -> None:
    client, address = as_user(alice), reverse("policies", kwargs=SLUG)
    assert '<option value="unanimous" selected>' in page(client, "policies")
    client.post(address, {"policy": "majority", "boundary": "longest", "act": "count"})
    html = page(client, "policies")
    assert '<option value="majority" selected>' in html
    assert '<option value="longest" selected>' in html
    assert "majority+longest" in html and "counted only" in html
    job = Job.objects.get(kind="preview")
    assert job.arguments == {"policy": "majority+longest"}

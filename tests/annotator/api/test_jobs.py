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


def test_jobs_are_listed_newest_first_a_page_at_a_time(
    corpus: Any, alice: Any, as_user: Any
) -> None:
    made = [
        Job.objects.create(corpus=corpus, kind="export" if n % 2 else "suggest", state="done").pk
        for n in range(70)
    ]
    Job.objects.create(corpus=corpus, kind="count")
    Job.objects.create(corpus=corpus, kind="suggest-part", parent_id=made[0])
    client, seen, after, pages = as_user(alice), [], "", 0
    while after is not None:
        page = client.get(reverse("api-jobs", kwargs=SLUG), {"after": after}).json()
        seen += [job["job"] for job in page["jobs"]]
        after = page["next"]
        pages += 1
    assert (seen, pages) == (made[::-1], 2)
    exports = client.get(reverse("api-jobs", kwargs=SLUG), {"kind": "export"}).json()["jobs"]
    assert {job["kind"] for job in exports} == {"export"} and len(exports) == 35


def test_a_job_is_cancelled_and_tried_again(corpus: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    started = client.post(reverse("api-suggest", kwargs=SLUG)).json()["job"]
    one = {**SLUG, "pk": started}
    cancelled = client.post(reverse("api-cancel-job", kwargs=one)).json()
    assert (cancelled["job"], cancelled["state"]) == (started, "cancelled")
    again = client.post(reverse("api-retry-job", kwargs=one))
    assert again.status_code == 202 and again.json()["job"] != started
    assert Job.objects.get(pk=again.json()["job"]).arguments == {
        "suggesters": [{"suggester": "rules.v1", "overrules": False}],
        "threshold": 0.5,
        "shown": True,
    }
    for name in ("api-cancel-job", "api-retry-job"):
        missing = client.post(reverse(name, kwargs={**SLUG, "pk": 10**9}))
        assert (missing.status_code, missing.json()["code"]) == (404, "not-found")

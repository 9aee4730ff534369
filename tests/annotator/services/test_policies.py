"""Settling by policy in the browser and by the API: counted first, then run, both in the
background.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from annotator.models import Decision, Dispute
from annotator.services import policies
from corpus.models import Event, Job
from tests.acts import shorter, submit_as

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
PAGE = "policies"


@pytest.fixture
def disputed(document: Any, bob: Any, carol: Any) -> Any:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    return document.corpus


def page(client: Any, **asked: str) -> str:
    url = reverse(PAGE, kwargs={"slug": "harbour"})
    answer = client.post(url, asked, follow=True) if asked else client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def work() -> None:
    call_command("run_jobs", "--once", verbosity=0)


def test_a_policy_is_counted_shown_and_then_run(disputed: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    assert "No worker is running" in page(client)
    expected = policies.preview(disputed, policy="unanimous+longest")
    written = Decision.objects.count()
    page(client, policy="unanimous", boundary="longest", act="count")
    work()
    shown = page(client)
    assert "unanimous+longest would settle" in shown
    assert f"{expected['agreed']} of {expected['frames']} frames would be settled" in shown
    assert Decision.objects.count() == written, "counting writes nothing"

    before = Dispute.objects.filter(state="open").count()
    page(client, policy="unanimous+longest", act="run")
    work()
    job = Job.objects.get(kind="merge")
    assert (job.state, job.done, job.total) == ("done", 1, 1)
    assert job.result == policies.preview(disputed, policy="unanimous+longest")
    assert Dispute.objects.filter(state="open").count() == job.result["disputed"] < before
    assert Event.objects.get(act="policy").user == alice


def test_the_api_counts_unless_it_is_told_to_run(disputed: Any, alice: Any, as_user: Any) -> None:
    url = reverse("api-policies", kwargs={"slug": "harbour"})
    written = Decision.objects.count()
    answer = as_user(alice).post(url, {"policy": "majority"}, content_type="application/json")
    assert answer.status_code == 202
    work()
    told = (
        as_user(alice)
        .get(reverse("api-job", kwargs={"slug": "harbour", "pk": answer.json()["job"]}))
        .json()
    )
    assert told["kind"] == "preview" and told["result"]["frames"] > 0
    assert Decision.objects.count() == written
    asked = {"policy": "majority", "preview": False}
    as_user(alice).post(url, asked, content_type="application/json")
    work()
    assert Decision.objects.count() > written or Job.objects.get(kind="merge").result["disputed"]


@pytest.mark.parametrize("policy", ["", "by-lot", "at-least:K", "majority+widest"])
def test_an_unknown_policy_is_named_and_nothing_starts(
    disputed: Any, alice: Any, as_user: Any, policy: str
) -> None:
    answer = as_user(alice).post(
        reverse(PAGE, kwargs={"slug": "harbour"}), {"policy": policy, "act": "run"}
    )
    assert answer.status_code == 400
    assert "plugin-unknown" in answer.content.decode() or "policy-number" in answer.content.decode()
    assert not Job.objects.filter(kind__in=("preview", "merge")).exists()


def test_a_stopped_policy_is_tried_again_from_its_page(
    disputed: Any, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    page(client, policy="majority", act="run")
    job = Job.objects.get(kind="merge")
    answer = client.post(reverse("cancel-job", kwargs={"slug": "harbour", "pk": job.pk}))
    assert answer.url == reverse(PAGE, kwargs={"slug": "harbour"})
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert "Try again" in page(client)
    client.post(reverse("retry-job", kwargs={"slug": "harbour", "pk": job.pk}))
    work()
    assert Job.objects.filter(kind="merge", state="done").count() == 1

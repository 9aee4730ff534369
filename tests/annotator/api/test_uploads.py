"""Uploads over the API: addresses that a worker fetches, looked through and imported."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from corpus.models import Corpus, Document, Job
from tests.acts import SLUG
from tests.annotator.services.test_addresses import HTML, STORY, Site, site

__all__ = ["site"]


def send(client: Any, addresses: Any) -> Any:
    where = reverse("api-addresses", kwargs=SLUG)
    return client.post(where, {"addresses": addresses}, content_type="application/json")


@pytest.mark.django_db(transaction=True)
def test_addresses_are_fetched_looked_through_and_imported(
    corpus: Corpus,
    alice: Any,
    as_user: Any,
    site: Site,
    settings: Any,
) -> None:
    settings.FETCH_INSIDE = [site.netloc]
    site.pages["/strike"] = (200, HTML, STORY.encode())
    client = as_user(alice)
    answer = send(client, [site.url("/strike"), site.url("/gone")])
    assert answer.status_code == 202
    job = answer.json()["job"]
    assert send(client, [site.url("/other")]).json()["code"] == "upload-waits"
    call_command("run_jobs", "--once", verbosity=0)
    looked = client.get(reverse("api-job", kwargs={**SLUG, "pk": job})).json()
    assert (looked["result"]["documents"], looked["result"]["refused"]) == (1, 1)
    assert looked["result"]["errors"][0]["code"] == "address"
    # Nothing comes in before somebody who saw that says so.
    assert not Document.objects.exists()
    begin = reverse("api-upload", kwargs={**SLUG, "pk": job})
    assert client.post(begin, {}, content_type="application/json").status_code == 202
    call_command("run_jobs", "--once", verbosity=0)
    assert Document.objects.get().url == site.url("/strike")


@pytest.mark.parametrize(
    ("addresses", "status", "code"),
    [
        ([], 400, "request-invalid"),
        ([" "], 400, "request-invalid"),
        ("http://example.org/", 400, "request-invalid"),
        (["ftp://example.org/a"], 400, "address"),
        ([f"http://example.org/{n}" for n in range(201)], 400, "request-invalid"),
    ],
)
def test_addresses_that_are_none_are_refused(
    corpus: Corpus, alice: Any, as_user: Any, addresses: Any, status: int, code: str
) -> None:
    answer = send(as_user(alice), addresses)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_site_that_fetches_nothing_says_so(
    corpus: Corpus, alice: Any, as_user: Any, settings: Any
) -> None:
    settings.FETCH_ADDRESSES = False
    answer = send(as_user(alice), ["http://example.org/"])
    assert answer.json()["code"] == "addresses-off"

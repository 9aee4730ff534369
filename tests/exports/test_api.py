"""Exports over the API."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from annotator.models import Layer
from corpus.models import Job, Role
from corpus.services.members import add_member
from exports.models import Release
from tests.acts import (
    SLUG,
    person,
    settle_stance,
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
    # It may hold more than somebody who reviews was to be shown.
    erin = person("erin")
    address = reverse("api-download", kwargs={**SLUG, "pk": job})
    add_member(document.corpus, erin, Role.MANAGER)
    assert b"".join(as_user(erin).get(address).streaming_content)[:2] == b"PK"
    add_member(document.corpus, erin, Role.REVIEWER)
    assert as_user(erin).get(address).status_code == 404
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


def release(client: Any, name: str, **more: Any) -> int:
    from corpus.jobs.run import run_job

    url = reverse("api-releases", kwargs=SLUG)
    started = client.post(url, {"name": name, **more}, content_type="application/json")
    assert started.status_code == 202
    job: int = started.json()["job"]
    run_job.func(job)
    return job


def test_a_release_is_read_by_name_with_its_files(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    settle_stance(document, alice, bob, carol)
    client = as_user(alice)
    job = release(client, "1.0")
    one = {**SLUG, "name": "1.0"}
    read = client.get(reverse("api-release", kwargs=one)).json()
    assert (read["name"], read["documents"], read["withdrawn"], read["job"]) == ("1.0", 1, 0, job)
    assert read["datasheet"]["spans"] == {"CLAIM": 3, "SPEAKER": 3}
    sizes = {row["name"]: row["bytes"] for row in read["files"]}
    assert sizes["harbour-1.0/gold.jsonl"] > 100
    answer = client.get(reverse("api-release-files", kwargs=one))
    assert answer.headers["Content-Type"] == "application/zip"
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    missing = client.get(reverse("api-release", kwargs={**SLUG, "name": "2"}))
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")


def test_what_people_say_of_a_release_is_sent_and_read(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    settle_stance(document, alice, bob, carol)
    client = as_user(alice)
    release(client, "1.0", about={"people_and_pay": "€15 an hour.", "uses": "Tests."})
    release(client, "1.1", about={"uses": ""})
    said = client.get(reverse("api-release", kwargs={**SLUG, "name": "1.1"})).json()["about"]
    assert (said["people_and_pay"], said["uses"], said["motivation"]) == ("€15 an hour.", "", "")
    url = reverse("api-releases", kwargs=SLUG)
    for wrong in ({"uses": "x" * 10_001}, {"uses": 7 * [1]}, "words"):
        body = {"name": "2", "about": wrong}
        answer = client.post(url, body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "request-invalid")


def test_files_that_are_not_kept_are_written_again(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    from corpus.jobs.run import run_job

    settle_stance(document, alice, bob, carol)
    client = as_user(alice)
    release(client, "1.0")
    Job.objects.all().delete()
    one = {**SLUG, "name": "1.0"}
    read = client.get(reverse("api-release", kwargs=one)).json()
    assert (read["job"], read["files"]) == (None, [])
    url = reverse("api-release-files", kwargs=one)
    assert (client.get(url).status_code, client.get(url).json()["code"]) == (404, "not-found")
    run_job.func(client.post(url).json()["job"])
    assert b"".join(client.get(url).streaming_content)[:2] == b"PK"


def test_releases_are_listed_a_page_at_a_time(document: Any, alice: Any, as_user: Any) -> None:
    corpus = document.corpus
    for number in range(60):
        Release.objects.create(
            corpus=corpus,
            schema=Layer.objects.get().schema,
            name=f"r{number}",
            digest="0" * 64,
            datasheet={"documents": 0},
        )
    client = as_user(alice)
    url = reverse("api-releases", kwargs=SLUG)
    for name in ("after", "before"):
        seen, following = [], ""
        while following is not None:
            page = client.get(url, {name: following}).json()
            seen += [row["name"] for row in page["releases"]]
            following = page["next"]
        assert seen == [f"r{number}" for number in reversed(range(60))]

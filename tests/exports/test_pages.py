"""Releases and exports on pages: made in the background, fetched, kept from others."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape
from pathlib import PurePath
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from corpus.core.problems import Problem
from corpus.jobs import worker
from corpus.models import Corpus, Job
from exports.models import Release
from exports.services import exports as services
from exports.services import withdrawal
from tests.acts import submit_as

pytestmark = pytest.mark.django_db(transaction=True)
SLUG = {"slug": "harbour"}


def work() -> None:
    call_command("run_jobs", "--once", verbosity=0)


def names_in(answer: Any) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        return sorted(archive.namelist())


@pytest.fixture
def gold(document: Any, bob: Any, carol: Any) -> Any:
    submit_as(document, bob)
    submit_as(document, carol)
    return document


def test_a_release_is_made_shown_and_fetched(gold: Any, alice: Any, as_user: Any) -> None:
    client, address = as_user(alice), reverse("releases", kwargs=SLUG)
    page = client.get(address).content.decode()
    assert "No release yet" in page and 'value="1"' in page
    assert client.post(address, {"name": "1", "origin": "all"}).status_code == 302
    work()
    job = Job.objects.get(kind="release")
    assert (job.state, job.result["documents"]) == ("done", 1)
    page = client.get(address).content.decode()
    assert reverse("release", kwargs={**SLUG, "name": "1"}) in page and 'value="2"' in page
    answer = client.get(reverse("api-download", kwargs={**SLUG, "pk": job.pk}))
    names = names_in(answer)
    assert {f"harbour-1/{name}" for name in ("DATASHEET.md", "gold.jsonl", "release.json")} < {
        *names
    }
    data = [name for name in names if name.startswith("harbour-1/data/") and name[-1] != "/"]
    assert [PurePath(name).parent.name for name in data] == ["all_annotators", "gold", "provenance"]
    sheet = client.get(reverse("release", kwargs={**SLUG, "name": "1"})).content.decode()
    # The page names people for whom the files have pseudonyms.
    assert "bob" in sheet and "person-" not in sheet
    assert "policy unanimous" in sheet and Release.objects.get().digest in sheet
    assert client.post(address, {"name": "1"}).status_code == 409
    assert client.post(address, {"name": "../x"}).status_code == 400


def fields(page: str) -> dict[str, str]:
    """Return what stands in the fields for the data sheet."""
    found = re.findall(r'<textarea id="about-(\w+)".*?>(.*?)</textarea>', page, re.DOTALL)
    return {name: unescape(words) for name, words in found}


def test_what_people_say_is_in_the_release_and_the_next_one_begins_with_it(
    gold: Any, alice: Any, as_user: Any
) -> None:
    client, address = as_user(alice), reverse("releases", kwargs=SLUG)
    asked = fields(client.get(address).content.decode())
    assert len(asked) == 8 and set(asked.values()) == {""}
    form = {"name": "1", "about-motivation": "To know <who>.\r\n\r\nToday.", "about-uses": "Tests."}
    assert client.post(address, form).status_code == 302
    work()
    card = Release.objects.get().card["about"]
    assert (card["Motivation"], card["Uses"]) == ("To know <who>.\n\nToday.", "Tests.")
    page = client.get(reverse("release", kwargs={**SLUG, "name": "1"})).content.decode()
    assert "What people say of it" in page and "<p>To know &lt;who&gt;.</p>" in page
    again = fields(client.get(address).content.decode())
    assert (again["motivation"], again["uses"]) == ("To know <who>.\n\nToday.", "Tests.")
    client.post(address, {"name": "2", **{f"about-{key}": words for key, words in again.items()}})
    work()
    client.post(address, {"name": "3", "about-motivation": "", "about-uses": "More tests."})
    work()
    second, third = Release.objects.order_by("pk")[1:]
    assert (second.card["about"]["Motivation"], second.card["about"]["Uses"]) == (
        "To know <who>.\n\nToday.",
        "Tests.",
    )
    assert (third.card["about"]["Motivation"], third.card["about"]["Uses"]) == ("", "More tests.")


def test_what_was_typed_stays_when_a_release_is_refused_or_fails(
    document: Any, alice: Any, as_user: Any
) -> None:
    client, address = as_user(alice), reverse("releases", kwargs=SLUG)
    form = {"name": "no name", "origin": "blind", "about-uses": "Tests."}
    refused = client.post(address, form)
    page = refused.content.decode()
    assert refused.status_code == 400 and "is no name for a release" in page
    assert fields(page)["uses"] == "Tests." and 'value="no name"' in page
    assert '<option value="blind" selected>' in page
    # It fails in the background, as there is no gold.
    assert client.post(address, {"name": "1", "about-uses": "Other tests."}).status_code == 302
    work()
    assert Job.objects.get(kind="release").state == "failed"
    assert fields(client.get(address).content.decode())["uses"] == "Other tests."
    too_long = client.post(address, {"name": "1", "about-uses": "x" * 10_001})
    assert too_long.status_code == 400 and "Uses has 10001 characters" in too_long.content.decode()


def test_the_files_of_a_release_can_be_written_again_and_are_the_same(
    gold: Any, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    client.post(reverse("releases", kwargs=SLUG), {"name": "v1.0"})
    work()
    client.post(reverse("release-files", kwargs={**SLUG, "name": "v1.0"}))
    work()
    first, second = Job.objects.filter(kind="release").order_by("pk")
    assert Release.objects.count() == 1

    def content(job: Job) -> dict[str, bytes]:
        with zipfile.ZipFile(services.archive(job)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    assert content(first) == content(second)


def test_a_release_job_that_was_cut_off_after_the_release_goes_on(gold: Any, alice: Any) -> None:
    job = services.start_release(gold.corpus, "1", by=alice)
    services.run_release_job(job, progress=lambda done, total: None, cancelled=lambda: False)
    work()
    job.refresh_from_db()
    assert (job.state, Release.objects.count()) == ("done", 1)
    assert services.archive(job).is_file()


def test_a_release_tells_how_far_it_is_and_leaves_nothing_when_it_is_cancelled(
    gold: Any, alice: Any
) -> None:
    job = services.start_release(gold.corpus, "1", by=alice)
    told: list[tuple[int, int]] = []
    with pytest.raises(Problem) as caught:
        services.run_release_job(job, progress=lambda *p: told.append(p), cancelled=lambda: True)
    assert caught.value.code == "job-cancelled"
    assert told == [(0, 1)] and not Release.objects.exists()
    services.run_release_job(job, progress=lambda *p: told.append(p), cancelled=lambda: False)
    assert told[-1] == (1, 1) and Release.objects.get().name == "1"


def test_an_export_is_written_and_another_one_waits_for_it(
    gold: Any, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    address = reverse("export", kwargs=SLUG)
    assert client.post(address, {"format": "jsonl"}).status_code == 302
    assert client.post(address, {"format": "csv"}).status_code == 409
    api = reverse("api-export", kwargs=SLUG)
    assert (
        client.post(api, {"format": "csv"}, content_type="application/json").json()["code"]
        == "job-waits"
    )
    work()
    page = client.get(reverse("releases", kwargs=SLUG)).content.decode()
    assert "Export as jsonl, gold" in page and "1 documents, 6 spans, 3 links" in page
    for wrong in (
        {"format": "docx"},
        {"format": "spacy", "split": "lists:/etc"},
        {"format": "spacy", "split": "9/9/9"},
        {"format": "spacy", "misaligned": "perhaps"},
    ):
        assert client.post(address, wrong).status_code == 400


def test_withdrawing_a_text_takes_the_kept_files_away(gold: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    client.post(reverse("export", kwargs=SLUG), {"format": "jsonl"})
    client.post(reverse("releases", kwargs=SLUG), {"name": "1"})
    work()
    assert len(withdrawal.withdraw(gold).releases) == 1
    for job in Job.objects.filter(kind__in=("export", "release")):
        assert client.get(reverse("api-download", kwargs={**SLUG, "pk": job.pk})).status_code == 404
    page = client.get(reverse("releases", kwargs=SLUG)).content.decode()
    assert "1 withdrawn" in page and "Download" not in page
    sheet = client.get(reverse("release", kwargs={**SLUG, "name": "1"})).content.decode()
    assert "cannot be written again" in sheet


def test_who_may_not_export_learns_nothing_by_the_service(gold: Any, bob: Any, dave: Any) -> None:
    corpus: Corpus = gold.corpus
    for user, code in ((bob, "not-allowed"), (dave, "not-found")):
        with pytest.raises(Problem) as caught:
            services.start_release(corpus, "1", by=user)
        assert caught.value.code == code
    assert not worker.is_served()

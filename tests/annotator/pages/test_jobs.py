"""Background jobs on pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from annotator.services import suggest
from corpus.jobs import claim
from corpus.models import Corpus, Job
from corpus.services.corpora import create_corpus
from tests.acts import (
    SLUG,
    page,
)


def test_nobody_starts_jobs_without_end(
    corpus: Corpus, alice: Any, as_user: Any, settings: Any
) -> None:
    settings.JOBS_AN_HOUR = 2
    for _ in range(2):
        job = claim.start(corpus, "measure", {}, by=alice)
        Job.objects.filter(pk=job.pk).update(state="done")
    answer = as_user(alice).post(
        reverse("api-suggest", kwargs=SLUG), {}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (429, "too-often")
    assert claim.start(corpus, "count", {}, by=alice)
    Job.objects.update(created_at="2026-01-01T00:00Z")
    assert claim.start(corpus, "measure", {}, by=alice)


@pytest.mark.parametrize(
    ("kind", "place"), [("suggest", "corpus"), ("merge", "policies"), ("export", "releases")]
)
def test_a_job_is_cancelled_and_tried_again_where_it_is_shown(
    corpus: Corpus, alice: Any, as_user: Any, kind: str, place: str
) -> None:
    client = as_user(alice)
    job = Job.objects.create(corpus=corpus, kind=kind, created_by=alice)
    named = {**SLUG, "pk": job.pk}
    answer = client.post(reverse("cancel-job", kwargs=named))
    assert answer.headers["Location"] == reverse(place, kwargs=SLUG)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert "Try again" in page(client, "corpus")
    answer = client.post(reverse("retry-job", kwargs=named))
    assert answer.headers["Location"] == reverse(place, kwargs=SLUG)
    assert Job.objects.filter(kind=kind, state="queued").count() == 1


def test_a_job_of_another_corpus_is_not_there(corpus: Corpus, alice: Any, as_user: Any) -> None:
    other = Job.objects.create(corpus=create_corpus("bay"), kind="suggest")
    answer = as_user(alice).post(reverse("cancel-job", kwargs={**SLUG, "pk": other.pk}))
    other.refresh_from_db()
    assert (answer.status_code, other.state) == (404, "queued")


def test_routine_jobs_stand_behind_the_newest_of_their_kind(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    for kind in [*["look", "import"] * 12, "look"]:
        Job.objects.create(corpus=corpus, kind=kind, state="done")
    Job.objects.create(corpus=corpus, kind="suggest", state="done")
    for _ in range(2):
        Job.objects.create(corpus=corpus, kind="suggest", state="failed", error="[x] gone")
    html = page(as_user(alice), "corpus")
    assert html.count("Check of an upload") == 1 and "and 12 more before it" in html
    assert html.count("data-job-state") == 5 and "and 11 more before it" in html
    # What failed since the last that went well is not hidden.
    assert html.count("[x] gone") == 2


def test_a_press_while_an_import_has_begun_to_suggest_is_answered_with_its_job(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client, address = as_user(alice), reverse("suggest", kwargs=SLUG)
    suggest.follow_import(Job.objects.create(corpus=corpus, kind="import", state="done"))
    answer = client.post(address, {"suggester": "rules.v1"}, follow=True)
    assert "Suggesting in the background" in answer.content.decode()
    assert Job.objects.filter(kind="suggest").count() == 1
    unknown = client.post(address, {"suggester": "magic"})
    trained = client.post(address, {"suggester": "trained"})
    assert (unknown.status_code, trained.status_code) == (400, 400)

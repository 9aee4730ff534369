"""The numbers of the dashboard: equal to the rows they stand for, and read without counting when
these are many.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from annotator.core.decisions import span_value
from annotator.models import Activity, Decision, Layer, Overview
from annotator.selectors import overview, own_work
from annotator.services import imports, policies, review
from annotator.services import overview as service
from annotator.services.decision_log import LONGEST_MS
from corpus.jobs.run import run_job
from corpus.models import Job
from tests.acts import TEXT, accept_all, add_document, shorter, submit_as, suggested

pytestmark = pytest.mark.postgresql


def accept(layer: Layer, by: Any, ident: int, **more: Any) -> Layer:
    span = suggested().spans[ident]
    decision = {
        "client_id": str(uuid.uuid4()),
        "verb": "accept",
        "subject": "span",
        "ident": ident,
        "after": dict(span_value(span)),
        "exact": span.text(TEXT),
        **more,
    }
    return review.decide(layer, [decision], by=by, at=layer.version)


def test_time_adds_up_on_the_layer_and_on_the_persons_day(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    accept(layer, bob, 1, elapsed_ms=1200)
    accept(layer, bob, 2, elapsed_ms=800)
    assert Layer.objects.get(pk=layer.pk).elapsed_ms == 2000
    day = Activity.objects.get()
    assert (day.corpus, day.user, day.day) == (document.corpus, bob, timezone.now().date())
    assert (day.decisions, day.elapsed_ms, day.submitted) == (2, 2000, 0)


@pytest.mark.parametrize(("sent", "kept"), [(10**9, LONGEST_MS), (-5, 0), ("700", 700), (None, 0)])
def test_no_decision_takes_longer_than_the_bound(
    document: Any, bob: Any, sent: Any, kept: int
) -> None:
    layer = review.open_layer(document, by=bob)
    accept(layer, bob, 1, elapsed_ms=sent)
    assert Layer.objects.get(pk=layer.pk).elapsed_ms == Decision.objects.get().elapsed_ms == kept


def test_a_repeated_request_adds_no_time(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    decisions = accept_all(layer)[:2]
    for _ in range(2):
        review.decide(layer, decisions, by=bob, at=0)
    assert Layer.objects.get(pk=layer.pk).elapsed_ms == 1000
    assert Activity.objects.get().decisions == 2


def test_handing_in_counts_and_taking_back_uncounts(document: Any, bob: Any) -> None:
    submit_as(document, bob)
    assert own_work.my_progress(document.corpus, bob)["done"] == 1
    layer = Layer.objects.select_related("document__corpus", "schema", "owner").get(owner=bob)
    review.reopen(layer, by=bob)
    assert own_work.my_progress(document.corpus, bob) == {"done": 0, "taken": 1, "free": 0}


def test_what_policies_decide_is_nobodys_time(document: Any, bob: Any, carol: Any) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    assert Layer.objects.get(kind="gold").version > 0
    assert set(Activity.objects.values_list("user__username", flat=True)) == {"bob", "carol"}


def test_totals_are_what_the_rows_say(
    document: Any, alice: Any, bob: Any, carol: Any, tmp_path: Any
) -> None:
    add_document(document.corpus, tmp_path, "second")
    corpus = document.corpus
    corpus.refresh_from_db()
    submit_as(document, bob)
    found = overview.totals(corpus)
    assert found.progress.as_json() == {
        "documents": 2,
        "waiting": 2,
        "ready": 0,
        "settled": 0,
        "slots": 4,
        "slots_done": 1,
    }
    assert found.contents.labels == {"review": {"CLAIM": 3, "SPEAKER": 3}, "gold": {}}
    assert found.contents.stances == {"review": {"oppose": 2, "unclear": 1}, "gold": {}}
    submit_as(document, carol, change=shorter)
    assert overview.totals(corpus).progress.ready == 1
    policies.run(corpus, policy="majority")
    gold = Layer.objects.get(kind="gold")
    assert sum(overview.totals(corpus).contents.labels["gold"].values()) == gold.spans.count() > 0


def test_open_reviews_and_retired_documents_are_not_counted(
    document: Any, bob: Any, tmp_path: Any
) -> None:
    review.decide(review.open_layer(document, by=bob), accept_all(None), by=bob, at=0)
    assert overview.count_contents(document.corpus).labels["review"] == {}
    newer = tmp_path / "sea-wall.txt"
    newer.write_text(TEXT + "\nMore.", encoding="utf-8")
    imports.import_documents(document.corpus, [newer])
    assert overview.totals(document.corpus).progress.documents == 1


def test_a_large_corpus_is_read_from_what_was_stored(
    document: Any, bob: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(overview, "LIVE_UP_TO", 0)
    service.refresh(document.corpus)
    submit_as(document, bob)
    found = overview.totals(document.corpus)
    assert (found.progress.slots_done, found.stale) == (0, False)
    assert overview.progress_of([document.corpus])[document.corpus.pk].slots_done == 0
    service.refresh(document.corpus)
    assert overview.totals(document.corpus).progress.slots_done == 1


def test_looking_at_stale_numbers_has_them_counted_in_the_background(
    document: Any, bob: Any, as_user: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(overview, "LIVE_UP_TO", 0)
    service.refresh(document.corpus)
    Overview.objects.update(counted_at=timezone.now() - timedelta(minutes=5))
    client = as_user(bob)
    for _ in range(3):
        assert client.get("/corpora/harbour/").status_code == 200
    job = Job.objects.get(kind="count")
    run_job.func(job.pk)
    assert Job.objects.get(pk=job.pk).state == "done"
    assert not overview.totals(document.corpus).stale


def test_the_newest_reviews_give_times_by_document_and_by_verb(document: Any, bob: Any) -> None:
    submit_as(document, bob)
    times = overview.times(document.corpus)
    assert times.documents == [3000] and times.median_ms == 3000
    assert times.verbs == [("accept", 6, 500)]


def test_the_migration_fills_times_from_the_log(document: Any, bob: Any) -> None:
    submit_as(document, bob)
    kept = list(
        Activity.objects.values_list(
            "corpus", "user", "day", "decisions", "elapsed_ms", "submitted"
        )
    )
    Activity.objects.all().delete()
    Layer.objects.update(elapsed_ms=0)
    import_module("annotator.migrations.0003_fill_time").fill(apps, None)
    assert (
        list(
            Activity.objects.values_list(
                "corpus", "user", "day", "decisions", "elapsed_ms", "submitted"
            )
        )
        == kept
    )
    assert Layer.objects.get(owner=bob).elapsed_ms == 3000


def test_opening_a_document_does_not_count_a_large_corpus(
    document: Any, bob: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = reverse(
        "api-workspace", kwargs={"slug": "harbour", "external_id": document.external_id}
    )
    assert as_user(bob).get(address).json()["document"]["total"] == 1
    monkeypatch.setattr(overview, "LIVE_UP_TO", 0)
    numbers = {"progress": {"documents": 70_000}}
    Overview.objects.update_or_create(
        corpus=document.corpus, defaults={"numbers": numbers, "counted_at": timezone.now()}
    )
    assert as_user(bob).get(address).json()["document"]["total"] == 70_000

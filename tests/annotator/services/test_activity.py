"""The time of decisions: on their layer, and on the day of the person who made them."""

from __future__ import annotations

import uuid
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from annotator.core.decisions import span_value
from annotator.models import Activity, Decision, Layer
from annotator.services import review
from annotator.services.decision_log import LONGEST_MS
from tests.acts import TEXT, accept_all, submit_as, suggested

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


def test_what_policies_decide_is_nobodys_time(document: Any, bob: Any, carol: Any) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    assert Layer.objects.get(kind="gold").version > 0
    assert set(Activity.objects.values_list("user__username", flat=True)) == {"bob", "carol"}


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

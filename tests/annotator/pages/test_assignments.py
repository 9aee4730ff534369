"""The pages of a team."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from annotator.models import Assignment, Layer, Report
from annotator.services import agreement, assignment_plan, review
from annotator.services import assignments as assign
from annotator.services.agreement import corpus_agreement
from corpus.models import Corpus, Job
from tests.acts import add_document, settle, shorter, state, submit_as, support, version

pytestmark = pytest.mark.django_db


def page(client: Any, name: str, **more: Any) -> str:
    answer = client.get(reverse(name, kwargs={"slug": "harbour", **more}))
    assert answer.status_code == 200
    told: str = answer.content.decode()
    return told


def settled(document: Any, alice: Any, bob: Any, carol: Any) -> None:
    """Bob says oppose and Carol support; the adjudicator takes Bob's version with a reason."""
    submit_as(document, bob)
    submit_as(document, carol, change=support)
    (dispute,) = state(alice, document)["disputes"]
    number = version(dispute, stance="oppose")
    settle(
        document,
        alice,
        dispute,
        choice="version",
        number=number,
        reason="“Will not hold” is against it.",
    )


def test_my_work_against_gold_says_where_and_why(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    assert "Nothing to compare yet" in page(as_user(carol), "my-gold")
    settled(document, alice, bob, carol)
    told = page(as_user(carol), "my-gold")
    assert "stance: support" in told and "stance: oppose" in told
    assert "“Will not hold” is against it." in told
    assert "2 frames as in gold, 1 otherwise" in told
    assert "3 frames as in gold: all of them" in page(as_user(bob), "my-gold")


def test_the_history_of_gold_tells_every_step(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert "No gold yet" in page(client, "history", external_id="sea-wall")
    settled(document, alice, bob, carol)
    told = page(client, "history", external_id="sea-wall")
    assert "policy unanimous" in told and "alice" in told
    assert "“Will not hold” is against it." in told
    gold = Layer.objects.get(kind="gold")
    assert told.count("<time") == gold.version


def test_agreement_is_measured_in_the_background_and_opens_the_examples(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert "Not measured yet" in page(client, "agreement")
    settled(document, alice, bob, carol)
    assignment_plan.set_sample(document.corpus, "sea-wall", "check", by=alice)
    client.post(reverse("measure", kwargs={"slug": "harbour"}))
    assert Job.objects.get(kind="measure").state == "queued"
    assert "Being measured" in page(client, "agreement")
    agreement.measure(document.corpus)
    told = page(client, "agreement")
    assert "alpha_stance" in told and "bob and carol" in told
    assert "support where gold has oppose: 1" in told
    assert reverse("adjudicate", kwargs={"slug": "harbour", "external_id": "sea-wall"}) in told
    people = {p["name"]: p["checks"] for p in Report.objects.get().numbers["people"]}
    stance = {
        name: next(f for f in own["facets"] if f["facet"] == "stance")
        for name, own in people.items()
    }
    assert stance == {
        "bob": {"facet": "stance", "right": 3, "total": 3},
        "carol": {"facet": "stance", "right": 2, "total": 3},
    }


def test_blind_and_assisted_agreement_stand_apart(
    document: Any, corpus: Corpus, tmp_path: Any, bob: Any, carol: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    blind = add_document(corpus, tmp_path, "blind")
    Assignment.objects.filter(document=blind).update(blind=True)
    for user in (bob, carol):
        layer = review.open_layer(blind, by=user)
        assert layer.shown_run is None
        review.submit(layer, by=user, at=0)
    groups = {
        g.group: g.measures[0].articles for g in corpus_agreement(corpus).groups if g.by == "view"
    }
    assert groups == {"assisted": 1, "blind": 1}


def test_the_assignments_page_plans_moves_and_samples(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert "Nobody holds a document" in page(client, "assignments")
    assign.claim_next(document.corpus, by=bob)
    place = Assignment.objects.get(user=bob)
    client.post(reverse("move-place", kwargs={"slug": "harbour", "pk": place.pk}), {"to": "carol"})
    assert "carol" in page(client, "assignments")
    as_user(carol).post(
        reverse("skip", kwargs={"slug": "harbour"}), {"document": "sea-wall", "reason": "My town"}
    )
    assert "My town" in page(client, "assignments")
    plan_url = reverse("set-plan", kwargs={"slug": "harbour"})
    values = {
        "reviewers_per_document": "3",
        "shared_percent": "20",
        "blind_percent": "10",
        "check_percent": "5",
        "lease_hours": "24",
    }
    assert client.post(plan_url, values).status_code == 302
    corpus = Corpus.objects.get()
    assert (corpus.reviewers_per_document, corpus.shared_percent, corpus.lease_hours) == (3, 20, 24)
    for wrong in ("", "-1", "many", "1e3", "9" * 40):
        assert client.post(plan_url, {"lease_hours": wrong}).status_code == 400
    client.post(
        reverse("set-sample", kwargs={"slug": "harbour"}),
        {"document": "sea-wall", "kind": "calibration"},
    )
    assert "Make ordinary" in page(client, "assignments")


def test_a_text_stays_text_on_every_page_of_a_team(
    corpus: Corpus, tmp_path: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    hostile = "<script>alert(1)</script>"
    document = add_document(corpus, tmp_path, "bad", f"{hostile} said Ann.\n\nMore text.")
    assign.claim_next(corpus, by=bob)
    assign.skip(document, by=bob, reason=hostile)
    assignment_plan.set_sample(corpus, "bad", "calibration", by=alice)
    assert hostile not in page(as_user(alice), "assignments")
    assert "&lt;script&gt;" in page(as_user(alice), "assignments")


def test_the_pages_of_a_team_ask_as_often_for_many_as_for_one(
    document: Any,
    corpus: Corpus,
    tmp_path: Any,
    alice: Any,
    bob: Any,
    carol: Any,
    as_user: Any,
    django_assert_max_num_queries: Any,
) -> None:
    for n in range(5):
        other = add_document(corpus, tmp_path, f"d{n}")
        review.open_layer(other, by=bob)
    client = as_user(alice)
    with django_assert_max_num_queries(10):
        page(client, "assignments")
    with django_assert_max_num_queries(7):
        page(client, "members")
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    agreement.measure(corpus)
    with django_assert_max_num_queries(9):
        page(client, "agreement")

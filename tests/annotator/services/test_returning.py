"""Places and reviews when things come back or go away: lapsed leases, new versions, withdrawn
texts, seen gold.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from annotator.models import Adjudication, Assignment, Layer
from annotator.services import (
    assignment_plan,
    assignments,
    imported_reviews,
    looking,
    policies,
    review,
)
from annotator.services.agreement import measure
from corpus.models import Corpus, Event
from corpus.services.members import add_member
from exports.services.withdrawal import withdraw
from tests.acts import (
    TEXT,
    accept_all,
    add_document,
    begin,
    code,
    later,
    person,
    shorter,
    submit_as,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def erin(corpus: Corpus) -> Any:
    user = person("erin")
    add_member(corpus, user, "reviewer")
    return user


def test_a_document_that_is_superseded_or_withdrawn_leaves_the_queue(
    document: Any, tmp_path: Path, bob: Any, carol: Any
) -> None:
    corpus = document.corpus
    other = add_document(corpus, tmp_path, "other")
    Assignment.objects.filter(document=document).update(priority=9)
    begin(document, bob)
    add_document(corpus, tmp_path, text=TEXT + "Corrected.\n")
    found = assignments.claim_next(corpus, by=bob)
    assert found is not None and found.pk != document.pk
    assert not Assignment.objects.filter(document=document).exists()
    assert Layer.objects.get(owner=bob, document=document).version == 1
    held = assignments.claim_next(corpus, by=carol)
    assert held is not None
    withdraw(held)
    found = assignments.claim_next(corpus, by=carol)
    assert (
        found is not None
        and found.pk not in (document.pk, held.pk)
        and found.corpus == other.corpus
    )


def test_a_withdrawn_text_breaks_neither_a_policy_nor_ones_own_page(
    document: Any, tmp_path: Path, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    policies.run(document.corpus, policy="majority")
    Adjudication.objects.update(state="done")
    address = reverse("my-gold", kwargs={"slug": "harbour"})
    assert document.title in as_user(bob).get(address).content.decode()
    withdraw(document)
    assert as_user(bob).get(address).status_code == 200
    assert policies.run(document.corpus, policy="unanimous")["documents"] == 0
    measure(document.corpus)


def test_who_lost_a_place_twice_and_gets_a_planned_one_again_is_counted(
    document: Any, bob: Any, carol: Any, erin: Any
) -> None:
    corpus = document.corpus
    for user in (bob, carol):
        begin(document, user)
    later(100)
    assignments.release_abandoned(corpus)
    for user in (carol, erin):
        review.open_layer(document, by=user)
    layer = review.open_layer(document, by=bob)
    assert layer.practice is True
    later(100)
    assignments.release_abandoned(corpus)
    assert not Assignment.objects.filter(user=bob).exists()
    place = Assignment.objects.filter(user=None).first()
    assert place is not None
    assert assignments.claim_next(corpus, by=bob) == document
    layer = Layer.objects.get(owner=bob)
    review.decide(layer, accept_all(layer)[1:], by=bob, at=1)
    review.submit(layer, by=bob, at=Layer.objects.get(pk=layer.pk).version)
    assert Layer.objects.get(owner=bob).practice is False
    assert Adjudication.objects.get().submitted == 1


def test_work_on_a_calibration_document_whose_place_went_to_another_is_practice(
    document: Any, alice: Any, bob: Any, carol: Any, erin: Any
) -> None:
    assignment_plan.set_sample(document.corpus, document.external_id, "calibration", by=alice)
    begin(document, bob)
    later(100)
    assignments.release_abandoned(document.corpus)
    for user in (carol, erin):
        review.open_layer(document, by=user)
    assert assignments.claim_next(document.corpus, by=bob) == document
    layer = review.open_layer(document, by=bob)
    assert (Assignment.objects.get(user=bob).practice, layer.practice) == (True, True)
    review.decide(layer, accept_all(layer)[1:], by=bob, at=1)
    review.submit(layer, by=bob, at=Layer.objects.get(pk=layer.pk).version)
    assert Adjudication.objects.get().submitted == 0


def rows(folder: Path, name: str = "layer.jsonl") -> Path:
    path = folder / name
    path.write_text(
        json.dumps({"id": "sea-wall", "text": TEXT, "spans": []}) + "\n", encoding="utf-8"
    )
    return path


def test_an_imported_review_waits_for_no_more_than_there_are(
    document: Any, tmp_path: Path, bob: Any, carol: Any, erin: Any
) -> None:
    assignments.claim_next(document.corpus, by=bob)
    assignments.skip(document, by=bob, reason="no time")
    review.open_layer(document, by=carol)
    review.open_layer(document, by=erin)
    imported_reviews.import_layers(document.corpus, [rows(tmp_path)], username="frank")
    place = Assignment.objects.get(user__username="frank")
    assert (Adjudication.objects.get().needed, place.practice, place.taken_at is not None) == (
        3,
        False,
        True,
    )


def test_an_imported_review_that_is_not_handed_in_holds_nothing_up(
    document: Any, tmp_path: Path, alice: Any, bob: Any, carol: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    imported_reviews.import_layers(document.corpus, [rows(tmp_path)], username="frank")
    assert Layer.objects.get(owner__username="frank").practice is True
    assert Adjudication.objects.get().needed == 2
    imported_reviews.import_layers(document.corpus, [rows(tmp_path)], username="grete", submit=True)
    found = Adjudication.objects.get()
    assert (found.needed, found.submitted, found.state) == (3, 3, "ready")


def test_a_check_cannot_be_told_by_opening_it(
    document: Any, alice: Any, bob: Any, carol: Any, erin: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    full = code(lambda: review.open_layer(document, by=erin))
    assignment_plan.set_sample(document.corpus, document.external_id, "check", by=alice)
    assert code(lambda: review.open_layer(document, by=erin)) == full == "not-allowed"


def test_a_review_is_final_once_it_was_compared(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    """Else three tries of one stance would tell what the other said."""
    submit_as(document, bob)
    mine = Layer.objects.get(owner=bob)
    review.reopen(mine, by=bob)
    review.submit(mine, by=bob, at=Layer.objects.get(pk=mine.pk).version)
    submit_as(document, carol)
    assert code(lambda: review.reopen(mine, by=bob)) == "review-final"
    address = {"slug": "harbour", "external_id": "sea-wall"}
    page = as_user(bob).get(reverse("review", kwargs=address)).content.decode()
    assert 'id="reopen"' not in page and "a manager can open it again" in page


def test_a_manager_gives_a_final_review_back(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    add_member(document.corpus, alice, "reviewer")
    submit_as(document, bob)
    submit_as(document, carol)
    asked = {"document": "sea-wall", "reviewer": "bob"}
    as_user(alice).post(reverse("give-back", kwargs={"slug": "harbour"}), asked)
    assert Layer.objects.get(owner=bob).state == "open"
    assert Adjudication.objects.get().state == "waiting"
    assert Assignment.objects.get(user=bob).state == "taken"
    (event,) = Event.objects.filter(act="given-back")
    assert (event.user, event.details["of"]) == (alice, "bob")
    # Its author is told, until they hand it in or open it by themselves; not who did it.
    address = reverse("review", kwargs={"slug": "harbour", "external_id": "sea-wall"})
    told = as_user(bob).get(address).content.decode()
    assert "A manager opened your review again" in told and "alice" not in told
    # Given back, it can be compared anew, and is final then.
    submit_again = Layer.objects.get(owner=bob)
    review.submit(submit_again, by=bob, at=submit_again.version)
    assert code(lambda: review.reopen(submit_again, by=bob)) == "review-final"
    assert "A manager opened" not in as_user(bob).get(address).content.decode()


def test_nobody_gives_back_their_own_review_or_without_managing(
    document: Any, alice: Any, bob: Any, carol: Any
) -> None:
    add_member(document.corpus, alice, "reviewer")
    submit_as(document, alice)
    submit_as(document, bob)
    refused = {
        "give-back-own": lambda: review.give_back(document, reviewer="alice", by=alice),
        "not-allowed": lambda: review.give_back(document, reviewer="alice", by=bob),
        "not-found": lambda: review.give_back(document, reviewer="carol", by=alice),
    }
    assert [code(act) for act in refused.values()] == list(refused)


def test_looking_at_the_versions_ends_ones_own_review(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    """Who reviews and adjudicates would else copy what others said. Being refused ends nothing."""
    Corpus.objects.update(reviewers_per_document=3)
    assignment_plan.apply_plan(document.corpus)
    add_member(document.corpus, alice, "reviewer")
    own = review.open_layer(document, by=alice)
    submit_as(document, bob)
    address = {"slug": "harbour", "external_id": "sea-wall"}
    answer = as_user(alice).get(reverse("api-disputes", kwargs=address))
    assert (answer.status_code, answer.json()["code"]) == (409, "review-first")
    review.submit(own, by=alice, at=own.version)
    answer = as_user(alice).get(reverse("api-disputes", kwargs=address))
    assert (answer.status_code, answer.json()["code"]) == (400, "nothing-to-do")
    review.reopen(own, by=alice)
    review.submit(own, by=alice, at=own.version)
    looking.look([document], by=alice)
    assert code(lambda: review.reopen(own, by=alice)) == "review-final"


def test_a_plan_that_changes_while_it_is_applied_is_applied_as_it_is_then(
    corpus: Corpus, tmp_path: Path
) -> None:
    for n in range(3):
        add_document(corpus, tmp_path, f"d{n}", f"Text number {n}.")

    def meanwhile(done: int, total: int) -> None:
        Corpus.objects.filter(pk=corpus.pk).update(reviewers_per_document=4)

    Corpus.objects.filter(pk=corpus.pk).update(reviewers_per_document=3)
    assert assignment_plan.apply_plan(corpus, progress=meanwhile)["documents"] == 3
    assert Assignment.objects.count() == 12
    assert set(Adjudication.objects.values_list("needed", flat=True)) == {4}


def test_adjudicators_are_told_names_only_where_names_are_shown(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    judge = person("judge")
    add_member(document.corpus, judge, "adjudicator")
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    policies.run(document.corpus, policy="at-least:1")
    Adjudication.objects.update(state="done")
    measure(document.corpus)
    address = reverse("agreement", kwargs={"slug": "harbour"})
    told = as_user(judge).get(address).content.decode()
    assert "Reviewer 1" in told and "bob" not in told and "carol" not in told
    # Nor does any order follow that of the names.
    report = as_user(judge).get(reverse("api-agreement", kwargs={"slug": "harbour"})).json()
    assert [row["name"] for row in report["people"]] == ["Reviewer 1", "Reviewer 2"]
    pairs = {(row["a"], row["b"]) for row in report["measures"]}
    assert pairs == {(None, None), ("Reviewer 1", "Reviewer 2")}
    assert "carol" in as_user(alice).get(address).content.decode()
    Corpus.objects.update(names_shown=True)
    assert "carol" in as_user(judge).get(address).content.decode()

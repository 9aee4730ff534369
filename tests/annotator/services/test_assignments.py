"""Places on documents: taken, abandoned, skipped, handed on; samples that everybody gets."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.models import Adjudication, Assignment, Layer, Sample
from annotator.services import assignment_plan, review
from annotator.services import assignments as assign
from corpus.core.problems import Problem
from corpus.models import Corpus
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member
from tests.acts import accept_all, add_document, begin, code, later, person, submit_as

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture
def erin(corpus: Corpus) -> Any:
    user = person("erin")
    add_member(corpus, user, "reviewer")
    return user


def test_an_abandoned_place_is_free_again_and_its_empty_layer_gone(
    document: Any, bob: Any, carol: Any
) -> None:
    assert assign.claim_next(document.corpus, by=bob) == document
    review.open_layer(document, by=bob)
    later(71)
    assert assign.release_abandoned(document.corpus) == 0
    later(2)
    assert assign.release_abandoned(document.corpus) == 1
    assert not Layer.objects.filter(owner=bob).exists()
    assert Assignment.objects.filter(user=None).count() == 2


def test_work_keeps_a_place_and_survives_its_loss(
    document: Any, bob: Any, carol: Any, erin: Any
) -> None:
    begin(document, bob)
    later(50)
    layer = Layer.objects.get(owner=bob)
    review.decide(layer, accept_all(layer)[1:2], by=bob, at=1)
    later(50)
    assert assign.release_abandoned(document.corpus) == 0
    later(50)
    assert assign.release_abandoned(document.corpus) == 1
    assert Layer.objects.get(owner=bob).version == 2
    # Bob comes back while a place is free: it is his again.
    review.open_layer(document, by=bob)
    assert Assignment.objects.get(user=bob).practice is False
    later(100)
    assign.release_abandoned(document.corpus)
    submit_as(document, carol)
    submit_as(document, erin)
    # He comes back too late: nothing is lost, and gold, made by the two others, does not move.
    gold = Layer.objects.get(kind="gold")
    layer = review.open_layer(document, by=bob)
    assert layer.practice is True
    review.decide(layer, accept_all(layer)[2:], by=bob, at=2)
    review.submit(layer, by=bob, at=Layer.objects.get(pk=layer.pk).version)
    assert Adjudication.objects.get().submitted == 2
    assert Layer.objects.get(kind="gold").version == gold.version
    reopened = review.reopen(Layer.objects.get(pk=layer.pk), by=bob)
    assert (reopened.state, Adjudication.objects.get().submitted) == ("open", 2)


def test_a_skipped_document_goes_to_somebody_else_with_the_reason(
    document: Any, bob: Any, carol: Any
) -> None:
    assign.claim_next(document.corpus, by=bob)
    assert code(lambda: assign.skip(document, by=bob, reason="  ")) == "skip-reason"
    assign.skip(document, by=bob, reason="My brother is in it")
    assert Assignment.objects.get(user=bob).reason == "My brother is in it"
    assert Assignment.objects.filter(user=None).count() == 2
    assert assign.claim_next(document.corpus, by=bob) is None
    assert code(lambda: assign.skip(document, by=bob, reason="again")) == "not-found"
    assert assign.claim_next(document.corpus, by=carol) == document


def test_who_skipped_may_take_it_back_while_the_place_is_free(
    document: Any, bob: Any, carol: Any, erin: Any
) -> None:
    for others, practice in (([], False), ([carol, erin], True)):
        if not Layer.objects.filter(owner=bob).exists():
            begin(document, bob)
        assign.skip(document, by=bob, reason="later")
        for user in others:
            review.open_layer(document, by=user)
        layer = review.open_layer(document, by=bob)
        place = Assignment.objects.get(user=bob)
        assert (place.state, place.practice, layer.practice) == ("taken", practice, practice)
        counted = Assignment.objects.exclude(state="skipped").filter(practice=False).count()
        assert counted == 2


def test_a_manager_frees_and_hands_on_what_somebody_holds(
    document: Any, alice: Any, bob: Any, carol: Any, dave: Any
) -> None:
    corpus = document.corpus
    assign.claim_next(corpus, by=bob)
    place = Assignment.objects.get(user=bob)
    assert code(lambda: assign.reassign(corpus, place.pk, to="dave", by=alice)) == "not-found"
    assert code(lambda: assign.reassign(corpus, place.pk, to="carol", by=bob)) == "not-allowed"
    assign.reassign(corpus, place.pk, to="carol", by=alice)
    assert list(Assignment.objects.exclude(user=None).values_list("user__username", flat=True)) == [
        "carol"
    ]
    assign.claim_next(corpus, by=bob)
    mine = Assignment.objects.get(user=bob)
    assert code(lambda: assign.reassign(corpus, mine.pk, to="carol", by=alice)) == "exists"
    assign.release(corpus, mine.pk, by=alice)
    assert code(lambda: assign.release(corpus, mine.pk, by=alice)) == "place-moved"
    assert Assignment.objects.filter(user=None).count() == 1


def test_calibration_comes_first_to_everybody(
    document: Any, tmp_path: Any, alice: Any, bob: Any, carol: Any, erin: Any
) -> None:
    corpus = document.corpus
    add_document(corpus, tmp_path, "calibration")
    Assignment.objects.filter(document=document).update(priority=9)
    assignment_plan.set_sample(corpus, "calibration", "calibration", by=alice)
    for user in (bob, carol, erin):
        found = assign.claim_next(corpus, by=user)
        assert found is not None and found.external_id == "calibration"
    # The two planned reviews make gold; the third is practice.
    places = Assignment.objects.filter(document__external_id="calibration").order_by("slot")
    assert [(p.user.username, p.practice) for p in places] == [
        ("bob", False),
        ("carol", False),
        ("erin", True),
    ]
    assert Adjudication.objects.get(document__external_id="calibration").needed == 2


def test_a_check_needs_gold_and_comes_hidden_in_its_share(
    document: Any, tmp_path: Any, alice: Any, bob: Any, carol: Any, erin: Any
) -> None:
    corpus = document.corpus
    assert (
        code(lambda: assignment_plan.set_sample(corpus, document.external_id, "check", by=alice))
        == "gold-needed"
    )
    submit_as(document, bob)
    submit_as(document, carol)
    assignment_plan.set_sample(corpus, document.external_id, "check", by=alice)
    Corpus.objects.filter(pk=corpus.pk).update(check_percent=50)
    corpus.refresh_from_db()
    add_document(corpus, tmp_path, "first")
    add_document(corpus, tmp_path, "second")
    seen = []
    for _ in range(3):
        found = assign.claim_next(corpus, by=erin)
        assert found is not None
        seen.append(found.external_id)
        layer = review.open_layer(found, by=erin)
        review.submit(layer, by=erin, at=0)
    # One of each two, and nobody knows which.
    assert sorted(seen) == ["first", "sea-wall", "second"] and "sea-wall" in seen[:2]
    assert Layer.objects.get(document=document, owner=erin).practice is True
    assert Adjudication.objects.get(document=document).submitted == 2
    assignment_plan.set_sample(corpus, document.external_id, "", by=alice)
    assert not Sample.objects.exists()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["claim", "work", "submit", "skip", "return", "release", "wait", "hand-on"]
        ),
        st.integers(0, 2),
        st.integers(0, 1),
    ),
    max_size=25,
)


@given(STEPS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_people_do_no_place_has_two_and_nobody_two_places(
    transactional_db: None, tmp_path_factory: Any, steps: list[tuple[str, int, int]]
) -> None:
    slug = f"c{Corpus.objects.count()}"
    corpus = create_corpus(slug)
    manager = person(f"{slug}-manager")
    add_member(corpus, manager, "manager")
    people = [person(f"{slug}-{n}") for n in range(3)]
    for user in people:
        add_member(corpus, user, "reviewer")
    documents = [add_document(corpus, tmp_path_factory.mktemp("d"), f"doc{n}") for n in range(2)]
    for act, who, which in steps:
        user, document = people[who], documents[which]
        with suppress(Problem):
            _do(act, corpus, document, user, people, manager)
        for place in Assignment.objects.filter(corpus=corpus):
            assert (place.user_id is None) == (place.state == "open")
        for one in documents:
            places = Assignment.objects.filter(document=one)
            owners = [p.user_id for p in places if p.user_id]
            assert len(owners) == len(set(owners))
            # As many places as planned are open, held or done, whatever was skipped or given back.
            assert places.filter(practice=False).exclude(state="skipped").count() == 2
            row = Adjudication.objects.get(document=one)
            done = Layer.objects.filter(
                document=one, kind="review", state="submitted", practice=False
            ).count()
            assert row.submitted == done <= row.needed == 2


def _do(
    act: str, corpus: Corpus, document: Any, user: Any, people: list[Any], manager: Any
) -> None:
    layer = Layer.objects.filter(document=document, owner=user).first()
    place = Assignment.objects.filter(document=document, user=user).first()
    if act == "claim":
        assign.claim_next(corpus, by=user)
    elif act == "work":
        opened = review.open_layer(document, by=user)
        if opened.version == 0:
            claim = {"label": "SPEAKER", "start": 0, "end": 3, "attributes": {}}
            review.decide(
                opened,
                [
                    {
                        "client_id": "00000000-0000-4000-8000-000000000001",
                        "verb": "add",
                        "subject": "span",
                        "ident": 1,
                        "after": claim,
                        "exact": "Sea",
                    }
                ],
                by=user,
                at=0,
            )
    elif act == "submit" and layer is not None:
        review.submit(layer, by=user, at=layer.version)
    elif act == "skip":
        assign.skip(document, by=user, reason="no")
    elif act == "return":
        review.open_layer(document, by=user)
    elif act == "release" and place is not None:
        assign.release(corpus, place.pk, by=manager)
    elif act == "wait":
        later(100)
        assign.release_abandoned(corpus)
    elif act == "hand-on" and place is not None:
        other = people[(people.index(user) + 1) % len(people)]
        assign.reassign(corpus, place.pk, to=other.username, by=manager)

"""Two people at the same instant, each on a connection of their own: nothing is lost, nothing
stands twice.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connection

from annotator.models import Adjudication, Assignment, Decision, Dispute, Layer
from annotator.selectors import layers
from annotator.services import (
    adjudicate,
    assignments,
    disputes,
    looking,
    policies,
    review,
    schema_versions,
)
from annotator.services.decision_log import drift
from annotator.services.runs import file_run, store
from corpus.core.problems import Problem
from corpus.core.schema import Label
from corpus.models import Corpus, Document
from corpus.selectors import schema_of, schema_rows
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member
from tests.acts import TEXT, accept_all, add_document, person, shorter, submit_as, suggested

pytestmark = pytest.mark.postgresql

ROUNDS = 3


@pytest.fixture
def corpus(transactional_db: None) -> Any:
    return create_corpus("harbour")


@pytest.fixture
def rounds(corpus: Any, alice: Any, tmp_path: Any) -> list[Any]:
    """Documents with suggestions, one for each round of a race."""
    documents = [add_document(corpus, tmp_path, f"round-{n}") for n in range(ROUNDS)]
    for document in documents:
        store(file_run(corpus.schema, "suggested.jsonl"), document, suggested())
    return documents


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Do all at the same instant; return the code of the problem that each met, "" for none."""
    start, codes = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            start.wait()
            act()
        except Problem as problem:
            codes[place] = problem.code
        except DatabaseError as error:
            codes[place] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes


@pytest.fixture(autouse=True)
def in_order(transactional_db: None) -> Iterator[None]:
    """Whatever happened, the queue is what is computed and each layer is what its log says."""
    yield
    assert {
        disputes.drift(row)
        for row in Adjudication.objects.select_related("document", "schema", "gold")
    } <= {""}
    assert {drift(layer) for layer in Layer.objects.exclude(kind="suggestion")} <= {""}


def test_many_reviewers_claim_at_once(rounds: list[Any], bob: Any, carol: Any) -> None:
    corpus = rounds[0].corpus
    people = [bob, carol, *(person(f"reviewer-{n}") for n in range(4))]
    for user in people[2:]:
        add_member(corpus, user, "reviewer")
    for _ in rounds:
        codes = at_once(*(partial(assignments.claim_next, corpus, by=user) for user in people))
        assert set(codes) == {""}
        taken = Assignment.objects.filter(state="taken")
        # Two places on each of three documents: each person has one, and none has two people.
        assert sorted(taken.values_list("user", flat=True)) == sorted(user.pk for user in people)
        assert all(taken.filter(document=document).count() == 2 for document in rounds)
        taken.update(user=None, state="open", taken_at=None)


def test_suggestions_are_taken_while_another_window_adds_a_span(
    corpus: Any, bob: Any, tmp_path: Any
) -> None:
    for number in range(ROUNDS):
        document = add_document(corpus, tmp_path, f"bare-{number}")
        taking = review.open_layer(document, by=bob)
        adding = Layer.objects.get(pk=taking.pk)
        store(file_run(corpus.schema, f"{number}.jsonl"), document, suggested())
        value = {"label": "SPEAKER", "start": 0, "end": 8, "attributes": {}}
        span = {"client_id": str(uuid.uuid4()), "verb": "add", "subject": "span", "ident": 1}
        span |= {"after": value, "exact": "Sea wall"}
        codes = at_once(
            partial(review.take_suggestions, taking, by=bob),
            partial(review.decide, adding, [span], by=bob, at=0),
        )
        # One of the two: a span of the reviewer's under the number of a suggestion is neither.
        assert codes in (["", "suggestions-taken"], ["suggestions-late", ""])


def test_a_place_is_handed_on_while_its_holder_submits(
    rounds: list[Any], alice: Any, bob: Any, carol: Any
) -> None:
    corpus = rounds[0].corpus
    for document in rounds:
        layer = review.open_layer(document, by=bob)
        review.decide(layer, accept_all(layer), by=bob, at=0)
        place = Assignment.objects.get(document=document, user=bob)
        codes = at_once(
            partial(review.submit, layer, by=bob, at=9),
            partial(assignments.reassign, corpus, place.pk, to="carol", by=alice),
        )
        assert codes[0] == "" and codes[1] in ("", "place-moved")
        row = Adjudication.objects.get(document=document)
        done = Layer.objects.filter(
            document=document, kind="review", state="submitted", practice=False
        ).count()
        counted = (
            Assignment.objects.filter(document=document, practice=False)
            .exclude(state="skipped")
            .count()
        )
        assert (row.submitted, counted) == (done, row.needed)


def settling(document: Any, by: Any, dispute: int, **choice: Any) -> Callable[[], Any]:
    version = Layer.objects.get(kind="gold", document=document).version
    client_id = uuid.uuid4()
    return lambda: adjudicate.settle(
        document,
        by=by,
        at=version,
        client_id=client_id,
        dispute=dispute,
        **{"choice": "none", **choice},
    )


def test_two_reviewers_submit_at_once(rounds: list[Any], bob: Any, carol: Any) -> None:
    for document in rounds:
        acts = []
        for user in (bob, carol):
            layer = review.open_layer(document, by=user)
            decisions = accept_all(layer)
            if user == carol:
                shorter(decisions)
            review.decide(layer, decisions, by=user, at=0)
            acts.append(partial(review.submit, layer, by=user, at=len(decisions)))
        assert at_once(*acts) == ["", ""]
        adjudication = Adjudication.objects.get(document=document)
        assert (adjudication.submitted, adjudication.disputes, adjudication.rows.count()) == (
            2,
            2,
            2,
        )


def test_a_review_handed_in_twice_at_once_is_handed_in_once(rounds: list[Any], bob: Any) -> None:
    for document in rounds:
        layer = review.open_layer(document, by=bob)
        decisions = accept_all(layer)
        review.decide(layer, decisions, by=bob, at=0)
        client_id = uuid.uuid4()
        acts = []
        for sent in (client_id, client_id, uuid.uuid4()):
            own = Layer.objects.get(pk=layer.pk)
            at = len(decisions)
            acts.append(partial(review.submit, own, by=bob, at=at, client_id=sent))
        assert at_once(*acts) == ["", "", ""]
        layer.refresh_from_db()
        log = Decision.objects.filter(layer=layer, verb="submit")
        assert (layer.state, layer.version, log.count()) == ("submitted", len(decisions) + 2, 1)
        assert Adjudication.objects.get(document=document).submitted == 1


def test_a_person_who_asks_twice_at_once_for_the_next_document_takes_one(
    rounds: list[Any], bob: Any
) -> None:
    for _ in rounds:
        codes = at_once(*[partial(assignments.claim_next, rounds[0].corpus, by=bob)] * 3)
        taken = Assignment.objects.filter(user=bob)
        assert (codes, taken.count()) == (["", "", ""], 1)
        taken.update(user=None, state="open", taken_at=None)


def disputed(document: Any, bob: Any, carol: Any) -> list[int]:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    return list(
        Dispute.objects.filter(adjudication__document=document).values_list("ident", flat=True)
    )


def test_two_adjudicators_settle_the_same_dispute(
    rounds: list[Any], alice: Any, bob: Any, carol: Any
) -> None:
    erin = person("erin")
    add_member(rounds[0].corpus, erin, "adjudicator")
    for document in rounds:
        ident = disputed(document, bob, carol)[0]
        codes = at_once(settling(document, alice, ident), settling(document, erin, ident))
        assert sorted(codes)[0] == "" and sorted(codes)[1] in ("stale-version", "dispute-unknown")
        gold = Layer.objects.get(kind="gold", document=document)
        assert Decision.objects.filter(layer=gold, verb="settle").count() == 1


def test_a_dispute_settled_twice_at_once_by_one_request_is_settled_once(
    rounds: list[Any], alice: Any, bob: Any, carol: Any
) -> None:
    for document in rounds:
        act = settling(document, alice, disputed(document, bob, carol)[0])
        assert at_once(act, act, act) == ["", "", ""]
        gold = Layer.objects.get(kind="gold", document=document)
        log = Decision.objects.filter(layer=gold, verb="settle", subject="dispute")
        assert log.count() == 1


def test_a_review_is_taken_back_while_its_disputes_are_settled(
    rounds: list[Any], alice: Any, bob: Any, carol: Any
) -> None:
    for document in rounds:
        ident = disputed(document, bob, carol)[0]
        layer = layers.review_layer(document, bob)
        codes = at_once(
            lambda document=document: review.give_back(document, reviewer="bob", by=alice),
            settling(document, alice, ident),
        )
        left = Dispute.objects.filter(adjudication__document=document)
        layer.refresh_from_db()
        if codes == ["", "nothing-to-do"]:
            assert (layer.state, left.count()) == ("open", 0)
        else:
            assert codes == ["layer-closed", ""]
            assert (layer.state, left.filter(state="settled").count()) == ("submitted", 1)


def test_a_review_is_opened_again_while_its_author_is_shown_what_others_made(
    rounds: list[Any], bob: Any
) -> None:
    """One of the two: who is shown it has no review left to change, who opens theirs is refused."""
    for document in rounds:
        submit_as(document, bob)
        layer = layers.review_layer(document, bob)
        assert layer is not None
        codes = at_once(
            partial(looking.look, [document], by=bob), partial(review.reopen, layer, by=bob)
        )
        layer.refresh_from_db()
        if layer.state == "open":
            assert (codes, layer.final) == (["review-first", ""], False)
        else:
            assert (codes, layer.final) == (["", "review-final"], True)


def test_a_policy_is_run_while_an_adjudicator_settles(
    rounds: list[Any], alice: Any, bob: Any, carol: Any
) -> None:
    for document in rounds:
        ident = disputed(document, bob, carol)[0]
        act = settling(document, alice, ident)
        codes = at_once(act, lambda: policies.run(rounds[0].corpus, policy="at-least:1+longest"))
        assert codes[1] == "" and codes[0] in ("", "stale-version", "dispute-unknown")
        gold = Layer.objects.get(kind="gold", document=document)
        person_decided = Decision.objects.filter(
            layer=gold, verb="settle", subject="dispute", user=alice
        ).count()
        assert person_decided == (codes[0] == "")


def test_who_saves_while_the_schema_changes_loses_nothing(rounds: list[Any], bob: Any) -> None:
    """What was taken stands in the new version; what was not is refused by name."""
    corpus = Corpus.objects.get()
    schema = schema_rows(schema_of(corpus)).view
    more = {**schema.labels, "PLACE": Label("PLACE", "Place")}
    for document in rounds:
        review.open_layer(document, by=bob)
    saved: list[tuple[int, int]] = []

    def save() -> None:
        for ident in range(10, 40):
            for key in [document.pk for document in rounds]:
                document = Document.objects.select_related("corpus__schema").get(pk=key)
                layer = layers.review_layer(document, bob)
                assert layer is not None
                decision = {**accept_all(layer)[0], "verb": "add", "ident": ident}
                try:
                    review.decide(layer, [decision], by=bob, at=layer.version)
                except Problem as problem:
                    assert problem.code in ("schema-changing", "stale-version")
                else:
                    saved.append((key, ident))

    def change() -> None:
        schema_versions.begin(corpus, replace(schema, labels=more), None)
        schema_versions.move_all(corpus)

    assert at_once(save, change) == ["", ""]
    assert saved
    moved = Layer.objects.filter(kind="review", schema__version=2)
    assert moved.count() == len(rounds)
    for layer in moved:
        kept = {ident for key, ident in saved if key == layer.document_id}
        assert set(layers.layer_view(layer).spans) == kept


def test_who_saves_or_hands_in_while_the_text_is_corrected_loses_nothing(
    rounds: list[Any], bob: Any, tmp_path: Any
) -> None:
    """What was taken stands on the new text; what was not is refused by name."""
    corpus = rounds[0].corpus
    for number, document in enumerate(rounds):
        layer = review.open_layer(document, by=bob)
        decisions = accept_all(layer)
        review.decide(layer, decisions[:4], by=bob, at=0)
        save = partial(review.decide, layer, decisions[4:], by=bob, at=4)
        hand_in = partial(review.hand_in, layer, by=bob, at=4)
        text = f"Harbour. {TEXT}"
        correct = partial(add_document, corpus, tmp_path, document.external_id, text)
        codes = at_once(hand_in if number % 2 else save, correct)
        assert codes[0] in ("", "text-corrected") and codes[1] == ""
        new = Document.objects.get(external_id=document.external_id, retired_at=None)
        old = Layer.objects.get(pk=layer.pk)
        copy = Layer.objects.get(document=new, kind="review")
        assert set(layers.layer_view(copy).spans) == set(layers.layer_view(old).spans)
        handed_in = copy.state == "submitted"
        assert handed_in == (number % 2 == 1 and codes[0] == "")
        assert Adjudication.objects.get(document=new).submitted == handed_in
        place = Assignment.objects.get(document=new, user=bob)
        assert place.state == ("done" if handed_in else "taken")

"""Two reviews come in; what agrees goes to gold, the rest is settled by a person, undone, or by
policy.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotator.models import Adjudication, Decision, Dispute, Layer
from annotator.selectors import disputes as dispute_selectors
from annotator.selectors import layers
from annotator.services import adjudicate, disputes, policies
from annotator.services.decision_log import drift
from corpus.core.problems import Problem
from corpus.services.members import add_member
from tests.acts import find, person, settle, shorter, state, submit_as, version
from tests.annotator.disputed import act, in_order, in_queue, shown, undo

pytestmark = pytest.mark.postgresql


@pytest.fixture
def disputed(document: Any, bob: Any, carol: Any) -> Adjudication:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    return Adjudication.objects.get()


def test_full_agreement_goes_to_gold_without_a_person(document: Any, bob: Any, carol: Any) -> None:
    submit_as(document, bob)
    assert Adjudication.objects.get().state == "waiting"
    submit_as(document, carol)
    adjudication = Adjudication.objects.get()
    assert (adjudication.state, adjudication.frames, adjudication.disputes) == ("done", 3, 0)
    gold = Layer.objects.get(kind="gold")
    assert len(layers.layer_view(gold).spans) == 6
    assert set(gold.decisions.values_list("policy", flat=True)) == {"unanimous"}
    assert drift(gold) == ""


def test_disputes_carry_their_kinds_and_versions(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    assert (disputed.state, disputed.agreed, disputed.disputes) == ("ready", 1, 2)
    assert disputed.kinds == {"stance": 1, "boundary": 1}
    first, second = state(alice, document)["disputes"]
    assert (first["kinds"], second["kinds"]) == (["stance"], ["boundary"])
    assert {v["span"]["text"] for v in second["versions"]} == {
        "that the town was broke",
        "the town was broke",
    }
    assert {name for v in first["versions"] for name in v["layers"]} == {"A", "B"}


def test_no_target_means_the_default_target_of_the_document(
    document: Any, bob: Any, carol: Any
) -> None:
    def named(decisions: list[dict[str, Any]]) -> None:
        claim = next(d for d in decisions if d["ident"] == 1 and d["subject"] == "span")
        claim["after"]["attributes"] = {**claim["after"]["attributes"], "target": "sea wall"}

    document.targets = ["sea wall", "harbour"]
    document.save()
    submit_as(document, bob)
    submit_as(document, carol, change=named)
    assert Adjudication.objects.get().disputes == 0


def test_settling_writes_gold_and_undoing_takes_it_out(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    first, second = state(alice, document)["disputes"]
    settle(document, alice, first, choice="version", number=version(first, stance="support"))
    settle(document, alice, second, choice="none")
    gold = Layer.objects.get(kind="gold")
    claims = [s for s in layers.layer_view(gold).in_order() if s.label == "CLAIM"]
    assert [s.attributes["stance"] for s in claims] == ["support", "unclear"]
    assert Adjudication.objects.get().state == "done"
    adjudicate.undo(
        document, by=alice, at=gold.version, client_id=uuid.uuid4(), dispute=first["ident"]
    )
    gold.refresh_from_db()
    assert [
        s.attributes["stance"] for s in layers.layer_view(gold).in_order() if s.label == "CLAIM"
    ] == ["unclear"]
    assert (Adjudication.objects.get().state, Adjudication.objects.get().disputes) == ("ready", 1)
    assert drift(gold) == ""


def test_an_edited_frame_needs_a_reason_and_its_own_words(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    dispute = state(alice, document)["disputes"][1]
    start, end = find("the town was broke")
    frame = {
        "span": {
            "label": "CLAIM",
            "start": start,
            "end": end,
            "exact": "the town was broke",
            "attributes": {"stance": "oppose", "speaker_state": "linked"},
        },
        "links": [
            {
                "kind": "said_by",
                "span": {
                    "label": "SPEAKER",
                    "start": find("Tomas Okafor")[0],
                    "end": find("Tomas Okafor")[1],
                    "exact": "Tomas Okafor",
                    "attributes": {"name": "Tomas Okafor"},
                },
            }
        ],
    }
    for wrong, code in [
        ({"reason": ""}, "reason-needed"),
        (
            {
                "reason": "x",
                "frame": {**frame, "span": {**frame["span"], "exact": "the town is broke"}},
            },
            "span-text",
        ),
        ({"reason": "x", "frame": {"span": {}}}, "decision-shape"),
        ({"reason": "x", "frame": None}, "dispute-choice"),
    ]:
        with pytest.raises(Problem) as caught:
            settle(document, alice, dispute, choice="edit", **{"frame": frame, **wrong})
        assert caught.value.code == code
    settle(document, alice, dispute, choice="edit", reason="policy: no “that” here", frame=frame)
    gold = layers.layer_view(Layer.objects.get(kind="gold"))
    claim = next(s for s in gold.spans.values() if s.start == start)
    assert gold.targets_of(claim.ident)[0].attributes["name"] == "Tomas Okafor"


def test_a_repeated_settlement_is_one(disputed: Adjudication, document: Any, alice: Any) -> None:
    dispute = state(alice, document)["disputes"][0]
    gold, once = Layer.objects.get(kind="gold"), uuid.uuid4()
    for _ in range(2):
        adjudicate.settle(
            document,
            by=alice,
            at=gold.version,
            client_id=once,
            dispute=dispute["ident"],
            choice="version",
            number=1,
        )
    assert Adjudication.objects.get().disputes == 1


def test_reviewers_may_not_settle(
    disputed: Adjudication, document: Any, alice: Any, bob: Any, dave: Any
) -> None:
    from corpus.services.members import add_member

    dispute = state(alice, document)["disputes"][0]
    for user, code in ((bob, "not-allowed"), (dave, "not-found")):
        with pytest.raises(Problem) as caught:
            settle(document, user, dispute, choice="none")
        assert caught.value.code == code
    add_member(document.corpus, bob, "adjudicator")
    with pytest.raises(Problem) as caught:
        settle(document, bob, dispute, choice="none")
    assert caught.value.code == "own-work"


def test_a_policy_run_again_leaves_what_a_person_decided(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    dispute = state(alice, document)["disputes"][0]
    settle(document, alice, dispute, choice="version", number=2)
    before = layers.layer_view(Layer.objects.get(kind="gold"))
    counts = policies.run(document.corpus, policy="majority")
    assert {name: counts[name] for name in ("documents", "frames", "agreed", "disputed")} == {
        "documents": 1,
        "frames": 3,
        "agreed": 2,
        "disputed": 1,
    }
    assert layers.layer_view(Layer.objects.get(kind="gold")) == before
    assert drift(Layer.objects.get(kind="gold")) == ""


def test_no_document_is_left_while_disputes_are_open(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    with pytest.raises(Problem) as caught:
        adjudicate.close(document, by=alice)
    assert caught.value.code == "disputes-open"


def of_gold() -> list[tuple[int, str | None]]:
    """Where the claims in gold start, with their stance."""
    view = layers.layer_view(Layer.objects.get(kind="gold"))
    return [(s.start, s.attributes.get("stance")) for s in view.in_order() if s.label == "CLAIM"]


def test_a_preview_writes_nothing_and_counts_by_facet(
    disputed: Adjudication, document: Any
) -> None:
    gold = Layer.objects.get(kind="gold")
    before = (gold.version, layers.layer_view(gold), Adjudication.objects.values().get())
    counts = policies.preview(document.corpus, policy="unanimous+longest")
    assert counts["facets"] == [
        {"facet": "boundary", "taken": 1, "dropped": 0, "decided": 0, "left": 0},
        {"facet": "stance", "taken": 0, "dropped": 0, "decided": 0, "left": 1},
    ]
    assert (counts["agreed"], counts["disputed"]) == (2, 1)
    gold.refresh_from_db()
    assert (gold.version, layers.layer_view(gold), Adjudication.objects.values().get()) == before


def test_each_automatic_choice_carries_its_policy_and_can_be_opened_again(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    policies.run(document.corpus, policy="unanimous+longest")
    gold = Layer.objects.get(kind="gold")
    choice = gold.decisions.get(subject="dispute")
    assert (choice.user, choice.policy, choice.after["policy"]) == (
        None,
        "unanimous+longest",
        "unanimous+longest",
    )
    that = find("that the town was broke")[0]
    assert that in [start for start, _ in of_gold()]
    adjudicate.undo(
        document, by=alice, at=gold.version, client_id=uuid.uuid4(), dispute=choice.ident
    )
    assert that not in [start for start, _ in of_gold()]
    # Who opened it again wants to settle it: no policy closes it.
    assert policies.run(document.corpus, policy="unanimous+shortest")["disputed"] == 2
    assert that not in [start for start, _ in of_gold()]
    assert drift(Layer.objects.get(kind="gold")) == ""


def test_the_same_policy_again_writes_nothing_and_another_starts_anew(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    first = state(alice, document)["disputes"][0]
    settle(document, alice, first, choice="version", number=version(first, stance="support"))
    policies.run(document.corpus, policy="at-least:1+longest")
    once = Layer.objects.get(kind="gold")
    assert [start for start, _ in of_gold()][-1] == find("that the town was broke")[0]
    policies.run(document.corpus, policy="at-least:1+longest")
    assert Layer.objects.get(kind="gold").version == once.version
    policies.run(document.corpus, policy="at-least:1+shortest")
    assert [start for start, _ in of_gold()][-1] == find("the town was broke")[0]
    assert of_gold()[0][1] == "support"
    policies.run(document.corpus, policy="unanimous")
    assert len(of_gold()) == 2
    assert drift(Layer.objects.get(kind="gold")) == ""


def test_a_policy_plans_again_when_gold_moved_meanwhile(
    disputed: Adjudication, document: Any, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = state(alice, document)["disputes"][0]
    real, calls = policies.plan, []

    def meanwhile(*args: Any, **more: Any) -> policies.Plan:
        planned = real(*args, **more)
        if not calls:
            calls.append(1)
            raise Problem("stale-version", current=9, sent=8)
        return planned

    monkeypatch.setattr(policies, "plan", meanwhile)
    assert policies.run(document.corpus, policy="unanimous+longest")["disputed"] == 1
    settle(document, alice, first, choice="version", number=1)
    assert Adjudication.objects.get().state == "done"


def test_a_facet_comes_from_one_version_and_the_rest_from_another(
    queued: Any, second: Any, alice: Any
) -> None:
    found = shown(second, alice, "boundary")
    assert found["parts"] == ["boundary", "stance"]
    long, short = (
        version(found, text="that the town was broke"),
        version(found, text="the town was broke"),
    )
    act(second, alice, found["ident"], choice="version", number=long, facets={"stance": short})
    view = layers.layer_view(Layer.objects.get(kind="gold", document=second))
    claim = next(s for s in view.spans.values() if s.start == find("that the town was broke")[0])
    assert claim.attributes["stance"] == "support"
    assert [s.attributes["name"] for s in view.targets_of(claim.ident)] == ["Tomas Okafor"]
    settled = shown(second, alice, "boundary")["settled"]
    assert (settled["number"], settled["facets"]) == (long, {"stance": short})
    assert in_order()


@pytest.mark.parametrize(
    "facets", [{"speaker": 1}, {"missing": 1}, {"stance": 3}, {"stance": 0}, {"": 1}]
)
def test_a_facet_that_is_not_in_dispute_is_refused(
    queued: Any, second: Any, alice: Any, facets: dict[str, int]
) -> None:
    found = shown(second, alice, "boundary")
    with pytest.raises(Problem) as caught:
        act(second, alice, found["ident"], choice="version", number=1, facets=facets)
    assert caught.value.code == "dispute-choice"
    assert len(in_queue(queued, alice)) == 4


def test_what_is_put_off_leaves_the_queue_and_can_be_settled_or_taken_back(
    queued: Any, second: Any, alice: Any
) -> None:
    missing, boundary = (
        shown(second, alice, "missing")["ident"],
        shown(second, alice, "boundary")["ident"],
    )
    for _ in range(2):
        act(second, alice, missing, choice="defer")
    assert Decision.objects.filter(verb="defer").count() == 1
    assert shown(second, alice, "missing")["deferred"]
    assert ("second", "missing") not in in_queue(queued, alice)
    assert in_queue(queued, alice, state="deferred") == [("second", "missing")]
    # A policy leaves it to the person who put it off, and the document is not done.
    policies.run(queued, policy="at-least:1+longest")
    assert shown(second, alice, "missing")["settled"] is None
    assert Adjudication.objects.get(document=second).state == "ready"
    undo(second, alice, missing)
    assert ("second", "missing") in in_queue(queued, alice)
    act(second, alice, missing, choice="defer")
    act(second, alice, missing, choice="none")
    assert in_queue(queued, alice, state="deferred") == []
    act(second, alice, boundary, choice="version", number=1)
    assert Adjudication.objects.get(document=second).state == "done"
    assert in_order() and drift(Layer.objects.get(kind="gold", document=second)) == ""


def test_a_document_can_be_left_when_the_rest_is_put_off(
    queued: Any, document: Any, second: Any, alice: Any
) -> None:
    act(second, alice, shown(second, alice, "boundary")["ident"], choice="version", number=1)
    with pytest.raises(Problem) as caught:
        adjudicate.close(second, by=alice)
    assert (caught.value.code, caught.value.details) == ("disputes-open", {"count": 1})
    act(second, alice, shown(second, alice, "missing")["ident"], choice="defer")
    assert adjudicate.close(second, by=alice) == document


def test_undo_goes_back_over_documents(queued: Any, document: Any, second: Any, alice: Any) -> None:
    steps = [
        (second, shown(second, alice, "missing")["ident"]),
        (document, shown(document, alice, "stance")["ident"]),
    ]
    for where, ident in steps:
        act(where, alice, ident, choice="version", number=1)
    assert len(in_queue(queued, alice)) == 2
    for where, ident in reversed(steps):
        undo(where, alice, ident)
    assert len(in_queue(queued, alice)) == 4
    assert in_order()


def test_nobody_settles_what_they_annotated_unless_the_manager_allows_it(
    queued: Any, second: Any, carol: Any
) -> None:
    add_member(queued, carol, "adjudicator")
    ident = Dispute.objects.get(facet="missing").ident
    assert in_queue(queued, carol) == []
    for write in (
        lambda: act(second, carol, ident, choice="defer"),
        lambda: undo(second, carol, ident),
    ):
        with pytest.raises(Problem) as caught:
            write()
        assert caught.value.code == "own-work"
    alice = person("manager")
    add_member(queued, alice, "manager")
    disputes.set_rules(queued, by=alice, names_shown=False, own_disputes=True)
    second.corpus.refresh_from_db()
    assert len(in_queue(queued, carol)) == 4
    act(second, carol, ident, choice="none")
    assert len(in_queue(queued, carol)) == 3


def test_the_versions_stand_in_an_order_of_their_own(
    queued: Any, document: Any, alice: Any
) -> None:
    first, again = (
        dispute_selectors.of_document(*adjudicate.open_disputes(document, by=alice))
        for _ in range(2)
    )
    assert first == again
    assert sorted(layer["name"] for layer in first["layers"]) == ["A", "B"]
    assert first["people"] == {}


def test_settling_one_dispute_takes_a_fixed_number_of_queries(
    queued: Any, document: Any, second: Any, alice: Any
) -> None:
    taken = []
    # The first choice of a day begins the adjudicator's day as well.
    for where, facet in ((second, "missing"), (second, "boundary"), (document, "stance")):
        ident = shown(where, alice, facet)["ident"]
        with CaptureQueriesContext(connection) as caught:
            act(where, alice, ident, choice="defer")
        taken.append(len(caught))
    # In the second document a speaker was left untouched, and is looked up with its suggestion.
    assert taken[0] - 2 <= taken[1] == taken[2] + 2 <= 45

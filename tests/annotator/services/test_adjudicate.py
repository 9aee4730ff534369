"""Two reviews come in; what agrees goes to gold, the rest is settled by a person, undone, or by
policy.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from annotator.models import Adjudication, Layer
from annotator.selectors import layers as selectors
from annotator.services import adjudicate, policies
from annotator.services.decision_log import drift
from corpus.core.problems import Problem
from tests.acts import find, settle, shorter, state, submit_as, version

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
    assert len(selectors.layer_view(gold).spans) == 6
    assert set(gold.decisions.values_list("policy", flat=True)) == {"unanimous"}
    assert drift(gold) == ""


def test_disputes_carry_their_kinds_and_versions(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    assert (disputed.state, disputed.agreed, disputed.disputes) == ("ready", 1, 2)
    assert disputed.kinds == {"stance": 1, "boundary": 1}
    first, second = state(alice, document)["disputes"]
    assert (first["kinds"], second["kinds"]) == (["stance"], ["boundary"])
    assert {v["claim"]["text"] for v in second["versions"]} == {
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
    claims = [s for s in selectors.layer_view(gold).in_order() if s.label == "CLAIM"]
    assert [s.attributes["stance"] for s in claims] == ["support", "unclear"]
    assert Adjudication.objects.get().state == "done"
    adjudicate.undo(
        document, by=alice, at=gold.version, client_id=uuid.uuid4(), dispute=first["ident"]
    )
    gold.refresh_from_db()
    assert [
        s.attributes["stance"] for s in selectors.layer_view(gold).in_order() if s.label == "CLAIM"
    ] == ["unclear"]
    assert (Adjudication.objects.get().state, Adjudication.objects.get().disputes) == ("ready", 1)
    assert drift(gold) == ""


def test_an_edited_frame_needs_a_reason_and_its_own_words(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    dispute = state(alice, document)["disputes"][1]
    start, end = find("the town was broke")
    frame = {
        "claim": {
            "label": "CLAIM",
            "start": start,
            "end": end,
            "exact": "the town was broke",
            "attributes": {"stance": "oppose", "speaker_state": "linked"},
        },
        "speakers": [
            {
                "label": "SPEAKER",
                "start": find("Tomas Okafor")[0],
                "end": find("Tomas Okafor")[1],
                "exact": "Tomas Okafor",
                "attributes": {"name": "Tomas Okafor"},
            }
        ],
    }
    for wrong, code in [
        ({"reason": ""}, "reason-needed"),
        (
            {
                "reason": "x",
                "frame": {**frame, "claim": {**frame["claim"], "exact": "the town is broke"}},
            },
            "span-text",
        ),
        ({"reason": "x", "frame": {"claim": {}}}, "decision-shape"),
        ({"reason": "x", "frame": None}, "dispute-choice"),
    ]:
        with pytest.raises(Problem) as caught:
            settle(document, alice, dispute, choice="edit", **{"frame": frame, **wrong})
        assert caught.value.code == code
    settle(document, alice, dispute, choice="edit", reason="policy: no “that” here", frame=frame)
    gold = selectors.layer_view(Layer.objects.get(kind="gold"))
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
    from corpus.services.corpora import add_member

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
    before = selectors.layer_view(Layer.objects.get(kind="gold"))
    counts = policies.run(document.corpus, policy="majority")
    assert {name: counts[name] for name in ("documents", "frames", "agreed", "disputed")} == {
        "documents": 1,
        "frames": 3,
        "agreed": 2,
        "disputed": 1,
    }
    assert selectors.layer_view(Layer.objects.get(kind="gold")) == before
    assert drift(Layer.objects.get(kind="gold")) == ""


def test_no_document_is_left_while_disputes_are_open(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    with pytest.raises(Problem) as caught:
        adjudicate.close(document, by=alice)
    assert caught.value.code == "disputes-open"


def of_gold() -> list[tuple[int, str | None]]:
    """Where the claims in gold start, with their stance."""
    view = selectors.layer_view(Layer.objects.get(kind="gold"))
    return [(s.start, s.attributes.get("stance")) for s in view.in_order() if s.label == "CLAIM"]


def test_a_preview_writes_nothing_and_counts_by_facet(
    disputed: Adjudication, document: Any
) -> None:
    gold = Layer.objects.get(kind="gold")
    before = (gold.version, selectors.layer_view(gold), Adjudication.objects.values().get())
    counts = policies.preview(document.corpus, policy="unanimous+longest")
    assert counts["facets"] == [
        {"facet": "boundary", "taken": 1, "dropped": 0, "decided": 0, "left": 0},
        {"facet": "stance", "taken": 0, "dropped": 0, "decided": 0, "left": 1},
    ]
    assert (counts["agreed"], counts["disputed"]) == (2, 1)
    gold.refresh_from_db()
    assert (gold.version, selectors.layer_view(gold), Adjudication.objects.values().get()) == before


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

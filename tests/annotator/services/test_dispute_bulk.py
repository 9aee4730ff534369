"""Many disputes at once: by a side or a policy, opened again, given away, perhaps by a job."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.models import Decision, Dispute
from annotator.selectors.disputes import DisputeFilter
from annotator.services import dispute_bulk, disputes
from annotator.services.dispute_bulk import Order, begin
from corpus.core.problems import Problem
from corpus.models import Job
from corpus.services.members import add_member
from tests.acts import audit_log, person
from tests.annotator.disputed import in_order, in_queue

pytestmark = pytest.mark.postgresql

STANCE = DisputeFilter(facet="stance", value="oppose", against="support")


def keys(**narrowed: Any) -> list[int]:
    return list(Dispute.objects.filter(**narrowed).order_by("pk").values_list("pk", flat=True))


def do(corpus: Any, text: str, by: Any, chosen: list[int], **more: Any) -> dict[str, Any]:
    done = begin(corpus, Order.read(text, **more), by=by, keys=chosen)
    assert not isinstance(done, Job)
    return done.as_json()


def chosen_frames() -> list[dict[str, Any]]:
    log = Decision.objects.filter(subject="dispute", verb="settle").order_by("pk")
    return [dict(after or {}) for after in log.values_list("after", flat=True)]


def test_disputes_are_settled_as_somebody_says(
    queued: Any, alice: Any, bob: Any, carol: Any
) -> None:
    assert do(queued, f"side:{carol.pk}", alice, keys()) == {"done": 4, "left": {}}
    assert set(Dispute.objects.values_list("state", flat=True)) == {"settled"}
    choices = sorted(value["choice"] for value in chosen_frames())
    # What carol did not mark is nobody's.
    assert choices == ["none", "version", "version", "version"]
    stances = {
        value["frame"]["span"]["attributes"]["stance"]
        for value in chosen_frames()
        if value["choice"] == "version"
    }
    assert "support" in stances
    assert in_order()
    assert ("alice", "settled 4 disputes as one reviewer") in audit_log(queued)
    assert Decision.objects.filter(subject="dispute", user=alice).count() == 4
    # The log tells nobody's name to whom settles next.
    assert not any("carol" in str(value) for value in chosen_frames())


def test_disputes_are_settled_as_was_suggested_or_as_a_value_says(
    queued: Any, alice: Any, carol: Any
) -> None:
    stance = keys(facet="stance")
    assert do(queued, "side:value", alice, stance, listed=STANCE)["done"] == 1
    assert chosen_frames()[-1]["frame"]["span"]["attributes"]["stance"] == "oppose"
    done = do(queued, "side:suggestion", alice, keys())
    assert done == {"done": 3, "left": {"settled already": 1}}
    assert not any(value["choice"] == "none" for value in chosen_frames())


def test_a_policy_settles_the_chosen_and_no_others(queued: Any, alice: Any) -> None:
    boundary = keys(facet="boundary")
    # Of two people no majority holds a stance.
    done = do(queued, "policy:unanimous+longest", alice, boundary)
    assert done == {"done": 1, "left": {"the policy does not decide it": 1}}
    assert len(keys(state="settled")) == 1
    assert do(queued, "reopen", alice, keys()) == {"done": 1, "left": {"open already": 3}}
    # What was opened again by a person is settled anew when a person says so.
    assert do(queued, "policy:unanimous+longest", alice, boundary)["done"] == 1
    assert in_order()
    assert disputes.counts_drift(queued) == ""


def test_many_are_a_job(queued: Any, alice: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(dispute_bulk, "AT_ONCE", 2)
    monkeypatch.setattr(dispute_bulk, "STEP", 1)
    job = begin(queued, Order.read("side:suggestion"), by=alice, wanted=DisputeFilter())
    assert isinstance(job, Job)
    assert Dispute.objects.filter(state="open").count() == 4
    told: list[tuple[int, int]] = []
    result = dispute_bulk.run_bulk_job(
        job, progress=lambda done, total: told.append((done, total)), cancelled=lambda: False
    )
    assert result == {"done": 4, "left": {}}
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert in_queue(queued, alice) == []
    # Run again after a worker was lost it finds nothing to do.
    again = dispute_bulk.run_bulk_job(
        job, progress=lambda done, total: None, cancelled=lambda: False
    )
    assert again == {"done": 0, "left": {}}


def test_they_are_given_to_somebody(queued: Any, alice: Any) -> None:
    erin = person("erin")
    add_member(queued, erin, "adjudicator")
    assert do(queued, f"assign:{erin.pk}", alice, keys(facet="boundary"))["done"] == 2
    assert len(in_queue(queued, erin, assigned="me")) == 2
    assert do(queued, "assign:", alice, keys())["done"] == 4
    assert in_queue(queued, erin, assigned="me") == []
    assert in_order()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "side:",
        "side:x",
        "side:value",
        "policy:nothing",
        "assign:x",
        "delete",
        "reopen:1",
        "assign:" + "9" * 5000,
        "side:" + "9" * 5000,
    ],
)
def test_other_acts_are_refused(queued: Any, text: str) -> None:
    with pytest.raises(Problem):
        Order.read(text, listed=DisputeFilter())


def test_each_act_asks_who_may(queued: Any, alice: Any, bob: Any, dave: Any) -> None:
    erin = person("erin")
    add_member(queued, erin, "adjudicator")
    before = list(Dispute.objects.order_by("pk").values())
    refused = [
        (bob, "side:suggestion", "not-allowed"),
        (bob, "reopen", "not-allowed"),
        (dave, "side:suggestion", "not-found"),
        (erin, "policy:majority", "not-allowed"),
        (erin, "assign:", "not-allowed"),
        # Who is not told names cannot learn them by taking a side.
        (erin, f"side:{bob.pk}", "not-allowed"),
    ]
    for by, text, code in refused:
        with pytest.raises(Problem) as caught:
            do(queued, text, by, keys())
        assert caught.value.code == code, text
    assert list(Dispute.objects.order_by("pk").values()) == before


def test_nobody_settles_their_own_work(queued: Any, bob: Any) -> None:
    add_member(queued, bob, "adjudicator")
    done = do(queued, "side:suggestion", bob, keys())
    assert done["done"] == 0
    assert sum(done["left"].values()) == 4

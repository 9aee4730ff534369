"""What nobody looked at is no vote: in the queue, in gold, in agreement, in what managers see."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from annotator.core.decisions import Decision
from annotator.models import Activity, Adjudication, Dispute, Layer
from annotator.models import Decision as DecisionRow
from annotator.selectors import layers
from annotator.services import comparison, policies, review
from annotator.services import disputes as dispute_rows
from annotator.services.agreement import corpus_agreement
from annotator.services.decision_log import WORD_MS, Entry, write
from corpus.jobs.run import run_job
from corpus.models import Job
from tests.acts import page, rejecting, state, submit_as, without

pytestmark = pytest.mark.postgresql


def test_a_frame_that_one_left_waits_last_and_counts_as_no_vote(
    document: Any, alice: Any, bob: Any, carol: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=without(6))
    (dispute,) = state(alice, document)["disputes"]
    assert (dispute["kind"], dispute["parts"]) == ("unseen", [])
    assert len(dispute["versions"]) == 1
    ((holder,), (silent,)) = dispute["versions"][0]["layers"], dispute["unseen"]
    assert {holder, silent} == {"A", "B"} and dispute["absent"] == []
    row = Dispute.objects.get()
    assert (row.facet, row.facets) == ("unseen", {"unseen": 1})
    assert row.pairs == [sorted([bob.pk, carol.pk])]


def test_who_rejected_it_said_no(document: Any, alice: Any, bob: Any, carol: Any) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=rejecting(6))
    (dispute,) = state(alice, document)["disputes"]
    assert (dispute["kind"], dispute["unseen"]) == ("missing", [])


def test_gold_of_people_who_left_something_holds_nothing_that_nobody_judged(
    document: Any, alice: Any, bob: Any, carol: Any
) -> None:
    for person in (bob, carol):
        submit_as(document, person, change=without(6))
    assert state(alice, document)["disputes"] == []
    gold = layers.layer_view(Layer.objects.get(kind="gold"))
    claims = [span for span in gold.in_order() if span.label == "CLAIM"]
    assert len(claims) == 2


@pytest.mark.parametrize(("policy", "taken"), [("majority", 0), ("at-least:1", 1)])
def test_a_policy_counts_votes_and_not_people(
    document: Any, corpus: Any, bob: Any, carol: Any, policy: str, taken: int
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=without(6))
    counts = policies.preview(corpus, policy=policy)
    (facet,) = counts["facets"]
    assert (facet["facet"], facet["taken"], facet["dropped"]) == ("unseen", taken, 0)


def test_agreement_leaves_out_what_one_did_not_look_at(
    document: Any, corpus: Any, bob: Any, carol: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=without(6))
    measured = corpus_agreement(corpus).measures
    (frames,) = [m for m in measured if (m.measure, m.a) == ("frame_f1", None)]
    assert (frames.value, frames.n) == (1, 4)


def test_managers_see_how_much_was_left_and_how_fast_was_accepted(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    def read(decisions: list[dict[str, Any]]) -> None:
        for decision in decisions:
            if decision["verb"] == "accept":
                decision["seen_ms"] = WORD_MS * len(decision["exact"].split())

    def pressed(decisions: list[dict[str, Any]]) -> None:
        without(6)(decisions)
        for decision in decisions:
            decision["seen_ms"] = 40

    submit_as(document, bob, change=read)
    submit_as(document, carol, change=pressed)
    counts = {
        day.user.username: (day.accepted, day.hasty)
        for day in Activity.objects.select_related("user")
    }
    # Speakers come along with their claims.
    assert counts == {"bob": (3, 0), "carol": (2, 2)}
    left = {
        layer.owner.username: (layer.untouched, layer.suggested)
        for layer in Layer.objects.filter(kind="review").select_related("owner")
        if layer.owner
    }
    assert left == {"bob": (0, 3), "carol": (1, 3)}
    html = page(as_user(alice), "corpus")
    assert "0 of 3 (0 %)" in html and "2 of 2 (100 %)" in html and "1 of 3 (33 %)" in html
    assert "Not looked at" not in page(as_user(bob), "corpus")


@pytest.mark.parametrize("sent", ["soon", [1], {}])
def test_a_time_on_the_screen_that_is_no_number_is_refused(
    document: Any, bob: Any, sent: Any
) -> None:
    def broken(decisions: list[dict[str, Any]]) -> None:
        decisions[0]["seen_ms"] = sent

    with pytest.raises(review.Problem) as caught:
        submit_as(document, bob, change=broken)
    assert caught.value.code == "decision-shape"


def test_a_site_of_before_is_compared_anew_in_the_background(
    document: Any, corpus: Any, alice: Any, bob: Any, carol: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=without(6))
    # As the queue was when not looked at counted as not marked, and gold without a claim that all
    # agree on now.
    row = Dispute.objects.get()
    row.facet, row.facets = "missing", {"missing": 1}
    row.save()
    dispute_rows.write_tags([row])
    dispute_rows.recount(corpus)
    gold = Layer.objects.select_related("document", "schema").get(kind="gold")
    lost = next(span for span in layers.layer_view(gold).in_order() if span.label == "CLAIM")
    write(gold, [Entry(Decision("remove", "span", lost.ident, None))], at=gold.version, policy="x")
    job = Job.objects.create(corpus=corpus, kind="compare", arguments={})
    run_job.func(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"documents": 1})
    assert Dispute.objects.get().facet == "unseen"
    view = layers.layer_view(Layer.objects.get(kind="gold"))
    assert sum(span.label == "CLAIM" for span in view.in_order()) == 2
    assert dispute_rows.drift(Adjudication.objects.get()) == ""
    call_command("check_layers", corpus.slug, stdout=StringIO())
    before = DecisionRow.objects.count()
    comparison.run(corpus)
    assert DecisionRow.objects.count() == before


def test_what_is_settled_stays_settled_when_it_is_compared_anew(
    document: Any, corpus: Any, bob: Any, carol: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=rejecting(6))
    policies.run(corpus, policy="at-least:1")
    before = layers.layer_view(Layer.objects.get(kind="gold"))
    assert before.settled
    comparison.run(corpus)
    assert layers.layer_view(Layer.objects.get(kind="gold")) == before

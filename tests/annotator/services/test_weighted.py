"""Settling by what is probable: people are known from the whole corpus, the log says how sure."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.core import weighted
from annotator.models import Decision, Dispute, Layer
from annotator.selectors import competence
from annotator.services import assignment_plan, dispute_bulk, policies
from annotator.services.runs import file_run, store
from corpus.jobs import run
from corpus.models import Corpus, Document, Job, Role
from corpus.services.members import add_member
from tests.acts import (
    TEXT,
    add_document,
    audit_log,
    page,
    person,
    state,
    submit_as,
    suggested,
    support,
)
from tests.annotator.disputed import act

pytestmark = pytest.mark.postgresql
KNOWN = 6


@pytest.fixture
def erin(corpus: Corpus) -> Any:
    user = person("erin")
    add_member(corpus, user, Role.REVIEWER)
    return user


@pytest.fixture
def reviewed(corpus: Corpus, tmp_path: Any, alice: Any, bob: Any, carol: Any, erin: Any) -> Corpus:
    """Seven documents by three people: Carol sees the first claim's stance as nobody else does."""
    assignment_plan.set_plan(corpus, {"reviewers_per_document": 3}, by=alice)
    suggestions = file_run(corpus.schema, "suggested.jsonl")
    for number in range(KNOWN + 1):
        made = add_document(corpus, tmp_path, f"d{number}", f"{TEXT}{number}\n")
        store(suggestions, made, suggested())
        submit_as(made, bob)
        submit_as(made, carol, change=support)
        submit_as(made, erin)
    return corpus


def settlements() -> list[dict[str, Any]]:
    rows = Decision.objects.filter(subject="dispute", policy="weighted").order_by("pk")
    return [dict(row.after or {}) for row in rows]


def test_the_log_says_how_probable_what_was_settled_is(reviewed: Corpus) -> None:
    counts = policies.run(reviewed, policy="weighted")
    assert counts["disputed"] == 0
    assert counts["estimate"] == {"documents": 7, "people": 3, "reviewers": 3, "bar": 0.75}
    values = settlements()
    assert len(values) == KNOWN + 1
    for value in values:
        assert value["policy"] == "weighted"
        assert value["frame"]["span"]["attributes"]["stance"] == "oppose"
        # Bob and Erin were agreed with seven times in seven, Carol never.
        assert 0.95 < value["probability"] <= 1
    layer = Layer.objects.filter(kind="gold").first()
    assert layer is not None and layer.state == "open"


def test_running_it_again_writes_nothing_though_another_document_came_in(
    reviewed: Corpus, tmp_path: Any, bob: Any, carol: Any, erin: Any
) -> None:
    policies.run(reviewed, policy="weighted")
    written = Decision.objects.filter(layer__kind="gold").count()
    policies.run(reviewed, policy="weighted")
    assert Decision.objects.filter(layer__kind="gold").count() == written
    made = add_document(reviewed, tmp_path, "late", f"{TEXT}late\n")
    store(file_run(reviewed.schema, "suggested.jsonl"), made, suggested())
    for user in (bob, carol, erin):
        submit_as(made, user)
    agreed = Decision.objects.filter(layer__kind="gold").count()
    policies.run(reviewed, policy="weighted")
    assert Decision.objects.filter(layer__kind="gold").count() == agreed


def test_what_a_person_settled_stays(reviewed: Corpus, alice: Any) -> None:
    document = Document.objects.get(corpus=reviewed, external_id="d0")
    (dispute,) = state(alice, document)["disputes"]
    act(document, alice, dispute["ident"], choice="none")
    policies.run(reviewed, policy="weighted")
    values = Decision.objects.filter(layer__document=document, subject="dispute")
    assert [row.user for row in values] == [alice]


def test_with_two_reviewers_it_settles_nothing_that_they_differ_in_and_says_why(
    document: Any, bob: Any, carol: Any, alice: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=support)
    counts = policies.preview(document.corpus, policy="weighted")
    assert counts["disputed"] == 1
    assert counts["estimate"]["reviewers"] == 2
    run.run_job.call(policies.start_preview(document.corpus, "weighted", by=alice).pk)
    html = page(as_user(alice), "policies")
    assert "estimated from 1 document by 2 people" in " ".join(html.split())
    assert "No document had more than two reviewers" in html


def test_the_estimate_is_linear_and_has_a_bound(
    reviewed: Corpus, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(4 + 7 * (KNOWN + 1)):
        fitted: Any = competence.fitted(reviewed, "weighted")
    assert fitted.competence.documents == KNOWN + 1
    monkeypatch.setattr(competence, "MOST", 3)
    fitted = competence.fitted(reviewed, "weighted")
    assert fitted.competence.documents == 3


def test_chosen_disputes_are_settled_by_it_in_the_background(reviewed: Corpus, alice: Any) -> None:
    order = dispute_bulk.Order.read("policy:weighted")
    keys = list(Dispute.objects.filter(state="open").values_list("pk", flat=True)[:2])
    job = dispute_bulk.begin(reviewed, order, by=alice, keys=keys)
    assert isinstance(job, Job)
    done = dispute_bulk.run_bulk_job(job, progress=lambda *_: None, cancelled=lambda: False)
    assert done == {"done": 2, "left": {}}
    assert len(settlements()) == 2


def test_who_adjudicates_sees_the_probability(reviewed: Corpus, alice: Any) -> None:
    policies.run(reviewed, policy="weighted")
    document = Document.objects.get(corpus=reviewed, external_id="d0")
    (dispute,) = state(alice, document)["disputes"]
    assert dispute["settled"]["probability"] == settlements()[0]["probability"]


def test_nothing_is_settled_before_a_document_is_reviewed(corpus: Corpus) -> None:
    counts = policies.run(corpus, policy="weighted")
    assert (counts["documents"], counts["estimate"]["documents"]) == (0, 0)


def test_one_that_is_stopped_while_it_looks_at_people_settles_nothing(reviewed: Corpus) -> None:
    before = Decision.objects.count()
    counts = policies.run(reviewed, policy="weighted", cancelled=lambda: True)
    assert counts["documents"] == 0
    assert Decision.objects.count() == before
    assert not any("weighted" in sentence for _, sentence in audit_log(reviewed))


def test_a_review_that_comes_in_while_people_are_looked_at_is_left_out(
    reviewed: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = str(Layer.objects.filter(kind="review").latest("pk").pk)
    count = weighted.count

    def before_it_came(ballots: Any, cluster: Any, schema: Any, people: dict[str, str]) -> None:
        known = {layer: owner for layer, owner in people.items() if layer != missing}
        count(ballots, cluster, schema, known)

    monkeypatch.setattr(weighted, "count", before_it_came)
    assert policies.preview(reviewed, policy="weighted")["estimate"]["people"] == 3

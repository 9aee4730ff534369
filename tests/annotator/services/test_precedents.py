"""What people settle becomes case law, and goes with what it came from."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotator.core.frames import Frame
from annotator.models import (
    Adjudication,
    Decision,
    Dispute,
    DisputeCount,
    DisputeTag,
    Layer,
    Precedent,
    Sample,
)
from annotator.selectors import comparison
from annotator.selectors import precedents as selectors
from annotator.selectors.layers import review_layer
from annotator.services import (
    adjudicate,
    policies,
    precedents,
    removal,
    review,
    schema_versions,
)
from annotator.services import comparison as compare_anew
from annotator.services.runs import file_run, store
from corpus import guideline
from corpus.core.problems import Problem
from corpus.core.schema import read
from corpus.core.span import LayerView
from corpus.models import Corpus, Document, Job, Role
from corpus.selectors import schema_rows
from corpus.services.members import add_member
from exports.services import withdrawal
from tests.acts import (
    TEXT,
    add_document,
    audit_log,
    code,
    person,
    shorter,
    submit_as,
    suggested,
    support,
    version,
)
from tests.annotator.disputed import act, shown, undo

pytestmark = pytest.mark.postgresql


@pytest.fixture
def disputed(document: Any, bob: Any, carol: Any) -> Adjudication:
    """Two disputes: a stance, and a boundary."""
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    return Adjudication.objects.get()


def rows() -> list[tuple[str, str, str, int, list[Any], str]]:
    found = Precedent.objects.order_by("facet")
    return [(p.facet, p.label, p.value, p.votes, p.others, p.reason) for p in found]


def oppose(document: Any, by: Any, **more: Any) -> None:
    dispute = shown(document, by, "stance")
    act(
        document,
        by,
        dispute["ident"],
        choice="version",
        number=version(dispute, stance="oppose"),
        **more,
    )


def test_settling_makes_a_precedent_and_taking_it_back_takes_it_away(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    dispute = shown(document, alice, "stance")
    oppose(document, alice, reason="overlooked")
    assert rows() == [("stance", "CLAIM", "oppose", 1, [["support", 1]], "overlooked")]
    (row,) = Precedent.objects.all()
    assert row.words == "“The wall will not hold,”" and row.ident == dispute["ident"]
    undo(document, alice, dispute["ident"])
    assert rows() == []
    act(
        document,
        alice,
        dispute["ident"],
        choice="version",
        number=version(dispute, stance="support"),
    )
    assert [(value, reason) for _, _, value, _, _, reason in rows()] == [("support", "")]


def test_a_reason_can_be_given_afterwards_and_stands_in_the_log(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    dispute = shown(document, alice, "stance")
    oppose(document, alice)

    def because(reason: str, ident: int = dispute["ident"]) -> None:
        gold = Layer.objects.get(kind="gold")
        adjudicate.give_reason(
            document,
            by=alice,
            at=gold.version,
            client_id=uuid.uuid4(),
            dispute=ident,
            reason=reason,
        )

    because("a slip")
    assert [reason for *_, reason in rows()] == ["a slip"]
    last = Decision.objects.filter(layer__kind="gold", subject="dispute").latest("seq")
    assert last.after is not None
    assert (last.after["reason"], last.after["choice"]) == ("a slip", "version")
    assert shown(document, alice, "stance")["settled"]["reason"] == "a slip"
    because("")
    assert [reason for *_, reason in rows()] == [""]
    other = shown(document, alice, "boundary")["ident"]
    assert code(lambda: because("a slip", other)) == "dispute-unsettled"


CORRECTED = TEXT.replace("will not hold", "may not hold")


@pytest.fixture
def like(document: Document, bob: Any, carol: Any, tmp_path: Path) -> Document:
    """Another document with the same dispute."""
    other = add_document(document.corpus, tmp_path, "like", f"{TEXT}Again.")
    assert document.corpus.schema is not None
    store(file_run(document.corpus.schema, "suggested.jsonl"), other, suggested())
    submit_as(other, bob)
    submit_as(other, carol, change=support)
    return other


def found(document: Document, by: Any) -> list[dict[str, Any]]:
    dispute = shown(document, by, "stance")["ident"]
    law = selectors.for_dispute(document, dispute, by=by)
    return selectors.as_json(law, document.corpus)


def test_case_law_comes_along_with_a_corrected_text_once_and_keeps_its_day(
    disputed: Adjudication, document: Any, alice: Any, tmp_path: Path
) -> None:
    oppose(document, alice, reason="overlooked")
    day = timezone.now() - timedelta(days=40)
    Precedent.objects.update(settled_at=day)
    new = add_document(document.corpus, tmp_path, text=f"Harbour. {TEXT}")
    row = Precedent.objects.get()
    assert (row.earlier, row.settled_at, row.adjudication.document) == (None, day, new)
    add_document(document.corpus, tmp_path, text=TEXT)
    row = Precedent.objects.get()
    assert (row.earlier, row.settled_at, row.adjudication.document) == (None, day, document)


def test_case_law_that_came_along_outlives_a_review_that_is_open_again(
    disputed: Adjudication, document: Any, alice: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    oppose(document, alice, reason="overlooked")
    day = timezone.now() - timedelta(days=40)
    Precedent.objects.update(settled_at=day)
    new = add_document(document.corpus, tmp_path, text=TEXT.replace("was broke", "is broke"))
    row = Precedent.objects.get()
    assert (row.earlier, row.settled_at, row.value) == (document, day, "oppose")
    for user in (bob, carol):
        own = review_layer(new, user)
        assert own is not None and own.state == "open"
        review.hand_in(own, by=user, at=own.version)
    row = Precedent.objects.get()
    assert (row.earlier, row.settled_at, row.value) == (None, day, "oppose")


def test_case_law_of_a_dispute_that_does_not_come_along_stays_readable(
    disputed: Adjudication, document: Any, like: Document, alice: Any, bob: Any, tmp_path: Path
) -> None:
    oppose(document, alice, reason="overlooked")
    (before,) = found(like, alice)
    assert before["earlier"] is None
    new = add_document(document.corpus, tmp_path, text=CORRECTED)
    (kept,) = found(like, alice)
    assert kept == {**before, "earlier": document.digest}
    # Whoever has the corrected text in hand does not read it.
    add_member(document.corpus, bob, Role.ADJUDICATOR)
    layer = review_layer(new, bob)
    assert layer is not None and layer.state == "open"
    held = selectors.for_dispute(like, kept_dispute(like), by=bob)
    assert held == []
    # Once all is handed in again it is there beside what is settled then.
    for user in (bob, get_user_model().objects.get(username="carol")):
        own = review_layer(new, user)
        assert own is not None
        review.hand_in(own, by=user, at=own.version)
    assert found(like, alice) == [kept]
    withdrawal.withdraw(new)
    assert not Precedent.objects.exists()


def kept_dispute(document: Document) -> int:
    return Dispute.objects.get(adjudication__document=document, facet="stance").ident


def test_case_law_of_a_text_that_became_another_stays_readable(
    disputed: Adjudication, document: Any, like: Document, alice: Any, tmp_path: Path
) -> None:
    oppose(document, alice, reason="overlooked")
    add_document(document.corpus, tmp_path, text="Rain fell, and nobody spoke.")
    (kept,) = found(like, alice)
    assert (kept["reason"], kept["earlier"]) == ("overlooked", document.digest)


def test_case_law_of_a_document_that_was_removed_leads_nowhere_and_is_left_out(
    disputed: Adjudication, document: Any, like: Document, alice: Any, tmp_path: Path
) -> None:
    oppose(document, alice, reason="overlooked")
    new = add_document(document.corpus, tmp_path, text="Rain fell, and nobody spoke.")
    assert found(like, alice)
    removal.remove(new, because="a mistake", by=alice)
    assert found(like, alice) == []
    add_document(document.corpus, tmp_path, text="Another text under the id.")
    assert found(like, alice) == []


def test_what_a_policy_settles_is_no_case_law(disputed: Adjudication, corpus: Any) -> None:
    policies.run(corpus, policy="at-least:1+longest")
    policies.run(corpus, policy="majority+longest")
    assert Adjudication.objects.get().state == "done" or Adjudication.objects.get().disputes
    assert not Precedent.objects.exists()


def test_a_policy_that_runs_afterwards_leaves_case_law_alone(
    disputed: Adjudication, document: Any, corpus: Any, alice: Any
) -> None:
    oppose(document, alice)
    before = list(Precedent.objects.values())
    policies.run(corpus, policy="majority+longest")
    assert list(Precedent.objects.values()) == before


def test_erasing_a_text_erases_its_words(disputed: Adjudication, document: Any, alice: Any) -> None:
    oppose(document, alice)
    assert DisputeCount.objects.exclude(a="").exists()
    withdrawal.withdraw(document, by=alice)
    for model in (Precedent, Dispute, DisputeTag, DisputeCount):
        assert not model._default_manager.exists()


def test_a_job_makes_case_law_of_what_was_settled_before(
    disputed: Adjudication, document: Any, corpus: Any, alice: Any
) -> None:
    oppose(document, alice, reason="overlooked")
    other = shown(document, alice, "boundary")
    act(document, alice, other["ident"], choice="none")
    wanted = rows()
    assert [row[2] for row in wanted] == ["nothing to mark", "oppose"]
    Precedent.objects.all().delete()
    job = Job.objects.create(corpus=corpus, kind="precedents")
    for _ in range(2):
        answer = precedents.run_fill_job(
            job, progress=lambda done, total: None, cancelled=lambda: False
        )
        assert (answer, rows()) == ({"precedents": 2}, wanted)
    moment = Decision.objects.filter(layer__kind="gold", verb="settle", subject="dispute")
    assert Precedent.objects.get(facet="stance").settled_at == moment.earliest("seq").at


def test_an_update_queues_that_job_for_each_corpus_in_which_people_settled(
    disputed: Adjudication, document: Any, corpus: Any, alice: Any
) -> None:
    start_jobs = import_module("annotator.migrations.0012_precedents").start_jobs
    policies.run(corpus, policy="at-least:1+longest")
    start_jobs(apps, None)
    assert not Job.objects.filter(kind="precedents").exists()
    oppose(document, alice)
    start_jobs(apps, None)
    assert list(Job.objects.values_list("corpus", "kind", "state")) == [
        (corpus.pk, "precedents", "queued")
    ]


def test_case_law_moves_with_its_document_to_a_changed_schema(
    disputed: Adjudication, document: Any, corpus: Any, alice: Any
) -> None:
    oppose(document, alice, reason="overlooked")
    definition = corpus.schema.definition
    (claim,) = [label for label in definition["labels"] if label["name"] == "CLAIM"]
    claim["name"] = "STATEMENT"
    for kind in definition["links"]:
        kind["sources"] = ["STATEMENT"]
    fresh = Corpus.objects.get(pk=corpus.pk)
    schema_versions.begin(fresh, read(definition), {"labels": {"CLAIM": "STATEMENT"}})
    schema_versions.move_all(fresh)
    assert rows() == [("stance", "STATEMENT", "oppose", 1, [["support", 1]], "overlooked")]
    assert Precedent.objects.get().ident == shown(document, alice, "stance")["ident"]


def test_a_manager_puts_a_precedent_into_the_guideline_once(
    disputed: Adjudication, document: Any, corpus: Any, alice: Any, bob: Any
) -> None:
    corpus.guideline = "# Rules\n\n## Speaker\n\nWho.\n\n## Stance\n\nHow.\n\n## Kind\n\nWhich.\n"
    corpus.save()
    dispute = shown(document, alice, "stance")["ident"]
    oppose(document, alice, reason="overlooked")
    erin = person("erin")
    add_member(corpus, erin, Role.ADJUDICATOR)

    def put(by: Any = alice, facet: str = "stance") -> guideline.Section:
        document.corpus.refresh_from_db()
        return precedents.put_into_guideline(document, dispute=dispute, facet=facet, by=by)

    for other in (bob, erin):
        assert code(lambda other=other: put(other)) == "not-allowed"  # type: ignore[misc]
    assert code(lambda: put(facet="kind")) == "dispute-unknown"
    assert put().title == "Stance"
    assert put().title == "Stance"
    corpus.refresh_from_db()
    html, sections = guideline.read(corpus.guideline)
    assert [section.title for section in sections] == ["Rules", "Speaker", "Stance", "Kind"]
    words = "“The wall will not hold,”"
    example = f"{words} — Stance: oppose (1 : 1, not support), because: overlooked"
    assert html.count(example) == 1
    assert html.index(">Stance<") < html.index(example) < html.index(">Kind<")
    corpus.guideline = "\n".join(
        line for line in corpus.guideline.split("\n") if not line.startswith("#")
    )
    corpus.save()
    assert put().title == guideline.EXAMPLES
    corpus.refresh_from_db()
    assert guideline.read(corpus.guideline)[0].count(example) == 1
    said = [sentence for name, sentence in audit_log(corpus) if name == "alice"]
    wanted = "put a settled dispute of sea-wall into the guideline, under “Stance”"
    assert said.count(wanted) == 1


def test_case_law_is_looked_up_in_few_queries(
    disputed: Adjudication, document: Any, corpus: Any, alice: Any
) -> None:
    oppose(document, alice)
    (one,) = Precedent.objects.all()
    for number in range(40):
        one.pk = None
        one.ident = number + 1
        one.words = f"words {number}"
        one.save(force_insert=True)
    dispute = shown(document, alice, "stance")["ident"]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = selectors.for_dispute(document, dispute, by=alice)
    assert len(found) == 3 and dispute not in [row.ident for row in found]
    assert len(queries) <= 6


def test_a_job_leaves_out_documents_whose_text_was_erased(
    disputed: Adjudication, document: Any, corpus: Any, alice: Any
) -> None:
    oppose(document, alice)
    withdrawal.withdraw(document, by=alice)
    job = Job.objects.create(corpus=corpus, kind="precedents")
    answer = precedents.run_fill_job(
        job, progress=lambda done, total: None, cancelled=lambda: False
    )
    assert answer == {"precedents": 0}


def test_a_hidden_check_is_no_example_in_the_guideline(
    disputed: Adjudication, document: Any, corpus: Any, alice: Any
) -> None:
    dispute = shown(document, alice, "stance")["ident"]
    oppose(document, alice)
    Sample.objects.create(corpus=corpus, document=document, kind="check")
    refused = code(
        lambda: precedents.put_into_guideline(document, dispute=dispute, facet="stance", by=alice)
    )
    assert refused == "precedents-hidden"
    corpus.refresh_from_db()
    assert "oppose" not in corpus.guideline


def test_a_document_that_cannot_be_read_does_not_keep_the_others_from_case_law(
    queued: Any, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sea-wall", "second"):
        held = Document.objects.get(external_id=name)
        act(held, alice, shown(held, alice, "boundary")["ident"], choice="none")
    Precedent.objects.all().delete()
    broken = Adjudication.objects.earliest("pk")
    clusters = comparison.clusters

    def read_clusters(adjudication: Adjudication) -> Any:
        if adjudication.pk == broken.pk:
            raise Problem("schema-changing")
        return clusters(adjudication)

    monkeypatch.setattr(comparison, "clusters", read_clusters)
    job = Job.objects.create(corpus=queued, kind="precedents")
    answer = precedents.run_fill_job(
        job, progress=lambda done, total: None, cancelled=lambda: False
    )
    assert Precedent.objects.exclude(adjudication=broken).count() == answer["precedents"] > 0
    assert answer["left"] == 1
    assert "[schema-changing]" in answer["reason"]
    compared = compare_anew.run(queued)
    assert (compared["documents"], compared["left"]) == (1, 1)
    assert "[schema-changing]" in compared["reason"]


def test_a_settlement_of_before_means_to_case_law_what_it_means_to_gold(
    disputed: Adjudication, document: Any, alice: Any
) -> None:
    ident = shown(document, alice, "stance")["ident"]
    schema = schema_rows(disputed.schema).view
    (cluster,) = [one for one in comparison.clusters(disputed) if one.ident == ident]
    settlement = {"choice": "version", "number": 1}
    # The order of before was drawn from the number of the dispute.
    for number in range(1, 20):
        members = {
            layer: replace(frame, head=replace(frame.head, ident=number))
            for layer, frame in cluster.members.items()
        }
        one = replace(cluster, members=members)
        gold = policies.gold_with([one], {one.ident: settlement}, schema, before=LayerView())
        (claim,) = [span for span in gold.in_order() if span.label == "CLAIM"]
        chosen = precedents._outcome(one, settlement, [one], schema, LayerView())
        assert isinstance(chosen, Frame)
        assert chosen.head.attributes["stance"] == claim.attributes["stance"]

"""A schema is changed: everything that people made comes along, and nothing else changes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command

from annotator.models import Adjudication, Assignment, Decision, Dispute, Layer, LayerState
from annotator.selectors import disputes
from annotator.selectors.layers import layer_view, review_layer, suggestions_of
from annotator.services import (
    adjudicate,
    looking,
    policies,
    review,
    schema_copies,
    schema_versions,
)
from annotator.services import disputes as queue
from annotator.services import layers as layer_rows
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTION, Attribute, Label, LinkKind, SchemaView
from corpus.core.span import LayerView
from corpus.models import Corpus, Schema
from corpus.selectors import schema_of
from tests.acts import accept_all, add_document, added, code, settle, state, submit_as, support

SPEAKER, CLAIM, CUE = ATTRIBUTION.labels.values()
STANCE, TARGET, KIND, STATE = CLAIM.attributes


def schema(*labels: Label, links: Any = None, attributes: Any = ()) -> SchemaView:
    kinds = ATTRIBUTION.links if links is None else {kind.name: kind for kind in links}
    return SchemaView({label.name: label for label in labels}, kinds, attributes)


ADDED = schema(
    SPEAKER,
    replace(CLAIM, attributes=(*CLAIM.attributes, Attribute("topic", "text"))),
    CUE,
    Label("PLACE", "Place", key="4"),
    links=(*ATTRIBUTION.links.values(), LinkKind("at", ("CLAIM",), ("PLACE",))),
    attributes=(Attribute("genre", "choice", ("news", "opinion")),),
)
# The corpus calls people sources, keeps no cues, and knows no stance but for and against.
OTHER = schema(
    replace(SPEAKER, name="SOURCE"),
    replace(
        CLAIM,
        attributes=(
            replace(STANCE, choices=("for", "against"), keys={}),
            replace(TARGET, name="topic"),
            KIND,
            STATE,
        ),
    ),
    links=(replace(ATTRIBUTION.links["said_by"], targets=("SOURCE",)),),
)
OTHER_MAP = {
    "labels": {"SPEAKER": "SOURCE", "CUE": None},
    "attributes": {"CLAIM.target": "topic"},
    "values": {
        "CLAIM.stance": {
            "support": "for",
            "oppose": "against",
            "neutral": None,
            "mixed": None,
            "unclear": None,
        }
    },
}


def changed(corpus: Corpus, new: SchemaView, data: Any = None) -> dict[str, Any]:
    schema_versions.begin(corpus, new, data)
    return schema_versions.move_all(corpus)


def layers(corpus: Corpus, version: int) -> dict[tuple[str, str, str], Layer]:
    rows = Layer.objects.filter(schema__corpus=corpus, schema__version=version)
    return {
        (layer.document.external_id, layer.kind, str(layer.owner or "")): layer
        for layer in rows.select_related("document", "owner", "schema")
    }


def content(layer: Layer) -> LayerView:
    return replace(layer_view(layer), settled={}, deferred=frozenset())


def chosen(page: dict[str, Any]) -> Any:
    """What the one dispute of a document was settled as."""
    (dispute,) = page["disputes"]
    number = dispute["settled"]["number"]
    (version,) = [version for version in dispute["versions"] if version["number"] == number]
    return version["span"]["attributes"]["stance"]


def of_people(corpus: Corpus) -> dict[str, Any]:
    """Who holds what, and how far each document is."""
    places = Assignment.objects.filter(corpus=corpus).order_by("document", "slot")
    rows = Adjudication.objects.filter(corpus=corpus).order_by("document")
    return {
        "places": list(places.values_list("document", "slot", "user", "state", "practice")),
        "queue": list(
            rows.values_list(
                "document", "state", "submitted", "frames", "agreed", "disputes", "done_at"
            )
        ),
        "disputes": list(
            Dispute.objects.filter(corpus=corpus)
            .order_by("start", "facet")
            .values_list("start", "facet", "state", "assigned_to")
        ),
    }


@pytest.fixture
def worked(document: Any, second: Any, alice: Any, bob: Any, carol: Any, tmp_path: Any) -> Corpus:
    """A document with a settled dispute, one with open ones, one begun, and one nobody opened."""
    submit_as(document, bob)
    submit_as(document, carol, change=support)
    (dispute,) = state(alice, document)["disputes"]
    settle(document, alice, dispute, choice="version", number=1)
    submit_as(second, bob)
    submit_as(second, carol, change=support)
    third = add_document(document.corpus, tmp_path, "third")
    begun = review.open_layer(third, by=bob)
    review.decide(begun, accept_all(begun)[:1], by=bob, at=0)
    add_document(document.corpus, tmp_path, "fourth", "Nobody has opened this one yet.\n")
    return Corpus.objects.get(pk=document.corpus_id)


def test_a_version_with_additions_copies_every_layer_exactly(worked: Corpus) -> None:
    before = {key: content(layer) for key, layer in layers(worked, 1).items()}
    work = of_people(worked)
    answer = changed(worked, ADDED)
    assert answer == {"documents": 4, "version": 2}
    after = {key: content(layer) for key, layer in layers(worked, 2).items()}
    assert after == before
    assert of_people(worked) == work
    old = {key: content(layer) for key, layer in layers(worked, 1).items()}
    assert old == before
    call_command("check_layers", "harbour")


def test_what_was_decided_stays_that_of_who_decided_it(worked: Corpus) -> None:
    changed(worked, ADDED)
    carried = Decision.objects.filter(layer__schema__version=2)
    assert set(carried.values_list("policy", flat=True)) == {"schema:2"}
    reviews = carried.filter(layer__kind="review")
    assert {d.user_id == d.layer.owner_id for d in reviews.select_related("layer")} == {True}
    (settled,) = carried.filter(subject="dispute", layer__document__external_id="sea-wall")
    assert str(settled.user) == "alice"


def test_reviewers_go_on_where_they_were(worked: Corpus, bob: Any, carol: Any) -> None:
    third = worked.documents.get(external_id="third")
    changed(worked, ADDED)
    layer = review.open_layer(third, by=bob)
    assert (layer.schema.version, layer.state) == (2, LayerState.OPEN)
    assert list(layer_view(layer).spans) == [1]
    review.decide(layer, accept_all(layer)[1:], by=bob, at=layer.version)
    review.submit(layer, by=bob, at=layer.version)
    submit_as(third, carol)
    row = Adjudication.objects.get(document=third)
    assert (row.state, row.schema.version) == ("done", 2)
    new = review.open_layer(worked.documents.get(external_id="fourth"), by=carol)
    assert new.schema.version == 2


def test_settled_disputes_stay_settled_and_open_ones_can_be_settled(
    worked: Corpus, alice: Any
) -> None:
    document = worked.documents.get(external_id="sea-wall")
    before = chosen(state(alice, document))
    changed(worked, ADDED)
    # The versions may stand in another order now; the number names the same one.
    assert chosen(state(alice, document)) == before
    second = Adjudication.objects.get(corpus=worked, state="ready")
    (open_one,) = state(alice, second.document)["disputes"]
    assert second.gold is not None
    adjudicate.settle(
        second.document,
        by=alice,
        at=second.gold.version,
        client_id=uuid.uuid4(),
        dispute=open_one["ident"],
        choice="version",
        number=1,
    )
    assert not Adjudication.objects.filter(corpus=worked, state="ready").exists()
    call_command("check_layers", "harbour")


def test_a_review_may_not_be_reopened_because_the_schema_changed(worked: Corpus, bob: Any) -> None:
    """It was compared, so it is final, under the new version, too."""
    changed(worked, ADDED)
    layer = review_layer(worked.documents.get(external_id="sea-wall"), bob)
    assert layer is not None
    assert code(lambda: review.reopen(layer, by=bob)) == "review-final"


def test_no_policy_settles_anew_what_a_person_settled(worked: Corpus) -> None:
    changed(worked, ADDED)
    gold = Layer.objects.get(schema__version=2, kind="gold", document__external_id="sea-wall")
    before = layer_view(gold)
    policies.run(worked, policy="majority")
    assert layer_view(gold) == before


def test_names_and_values_are_mapped_and_what_the_map_drops_is_gone(worked: Corpus) -> None:
    before = {key: content(layer) for key, layer in layers(worked, 1).items()}
    changed(worked, OTHER, OTHER_MAP)
    after = {key: content(layer) for key, layer in layers(worked, 2).items()}
    assert after.keys() == before.keys()
    for key, view in after.items():
        assert view.spans.keys() == before[key].spans.keys()
        assert view.links == before[key].links
        for ident, span in view.spans.items():
            old = before[key].spans[ident]
            assert (span.start, span.end, span.fragments) == (old.start, old.end, old.fragments)
            assert span.label == {"SPEAKER": "SOURCE"}.get(old.label, old.label)
            stances = {"support": "for", "oppose": "against"}
            assert span.attributes.get("stance") == stances.get(old.attributes.get("stance", ""))
    assert [row[1] for row in of_people(worked)["queue"]] == ["done", "ready", "waiting", "waiting"]
    call_command("check_layers", "harbour")


def test_a_dispute_is_settled_after_its_names_changed(worked: Corpus, alice: Any) -> None:
    changed(worked, OTHER, OTHER_MAP)
    document = worked.documents.get(external_id="sea-wall")
    (dispute,) = state(alice, document)["disputes"]
    frame = dispute["settled"]["frame"]
    assert frame["span"]["attributes"]["stance"] in ("for", "against")
    assert [link["span"]["label"] for link in frame["links"]] == ["SOURCE"]


def test_labels_that_become_one_agree_where_that_was_the_difference(
    corpus: Corpus, alice: Any, bob: Any, carol: Any, tmp_path: Any
) -> None:
    fine = schema(Label("PERSON", "Person"), Label("BODY", "Body"), links=())
    schema_versions.begin(corpus, fine, None)
    document = add_document(corpus, tmp_path)
    for user, label in ((bob, "PERSON"), (carol, "BODY")):
        layer = review.open_layer(document, by=user)
        review.decide(layer, [added(1, label)], by=user, at=0)
        review.submit(layer, by=user, at=1)
    assert Adjudication.objects.get().disputes == 1
    coarse = schema(Label("NAME", "Name"), links=())
    changed(corpus, coarse, {"labels": {"PERSON": "NAME", "BODY": "NAME"}})
    row = Adjudication.objects.get()
    assert (row.state, row.disputes, row.agreed) == ("done", 0, 1)
    assert row.gold is not None
    assert [span.label for span in layer_view(row.gold).spans.values()] == ["NAME"]
    call_command("check_layers", "harbour")


def test_what_neither_the_schema_nor_the_map_names_is_refused_with_counts(worked: Corpus) -> None:
    with pytest.raises(Problem) as caught:
        schema_versions.begin(worked, OTHER, {"labels": {"CUE": None}})
    assert caught.value.code == "schema-lacks"
    message = caught.value.message
    assert "label SPEAKER (" in message
    assert "attribute CLAIM.target (0 spans)" in message
    assert "value CLAIM.stance=support (" in message
    assert "CUE" not in message
    assert Schema.objects.count() == 1


def test_a_map_that_names_what_is_not_there_is_refused(worked: Corpus) -> None:
    wrong = {"labels": {"CLIAM": "CLAIM", "CUE": "NOTE"}, "more": 1}
    with pytest.raises(Problem) as caught:
        schema_versions.begin(worked, OTHER, wrong)
    assert caught.value.code == "schema-map"
    for words in ("no label 'CLIAM'", "label CUE: the new schema has no 'NOTE'", "'more'"):
        assert words in caught.value.message


def test_a_preview_counts_and_writes_nothing(worked: Corpus) -> None:
    rows = (Layer.objects.count(), Decision.objects.count(), Schema.objects.count())
    found = schema_versions.preview(worked, OTHER, OTHER_MAP)
    by_name = {row["name"]: row for row in found["changes"]}
    # What bob holds of the third document is open, and told to nobody.
    handed_in = [key for key, layer in layers(worked, 1).items() if key[0] != "third"]
    contents = layer_contents(worked)
    people = [contents[key] for key in handed_in if key[1] == "review"]
    speakers = sum(s.label == "SPEAKER" for view in people for s in view.spans.values())
    assert by_name["SPEAKER"]["count"] == speakers
    assert by_name["SPEAKER"]["suggested"] == 6
    assert by_name["CUE"]["outcome"] == "dropped"
    assert by_name["CUE"]["count"] == 0
    assert by_name["CLAIM.stance=support"]["documents"] == 2
    assert found["lacking"] == []
    assert (Layer.objects.count(), Decision.objects.count(), Schema.objects.count()) == rows


def layer_contents(corpus: Corpus) -> Mapping[Any, LayerView]:
    return {key: content(layer) for key, layer in layers(corpus, 1).items()}


def test_a_document_that_cannot_be_moved_keeps_no_other_from_it(
    worked: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema_versions.begin(worked, ADDED, None)
    move = schema_copies.move

    def refuses(document: Any, versions: Any) -> None:
        if document.external_id == "sea-wall":
            raise Problem("nothing-to-do", act="move", reason="it is stuck")
        move(document, versions)

    monkeypatch.setattr(schema_copies, "move", refuses)
    with pytest.raises(Problem) as caught:
        schema_versions.move_all(worked)
    assert caught.value.code == "schema-left"
    assert caught.value.message.startswith("1 documents could not be moved: ")
    assert "sea-wall: nothing to move: it is stuck" in caught.value.message
    left = schema_versions.moving(worked, before=True)
    assert [document.external_id for document in left] == ["sea-wall"]
    monkeypatch.setattr(schema_copies, "move", move)
    assert schema_versions.move_all(worked)["documents"] == 1
    call_command("check_layers", "harbour")


def test_what_owns_its_targets_and_what_does_not_can_change_over(worked: Corpus) -> None:
    def gold_now() -> tuple[list[Any], set[Any]]:
        corpus_now = Corpus.objects.get(pk=worked.pk)
        gold = layers(corpus_now, schema_of(corpus_now).version)["sea-wall", "gold", ""]
        view = layer_view(gold)
        places = [(span.label, span.start, dict(span.attributes)) for span in view.in_order()]
        ends = {
            (view.spans[x.source].start, view.spans[x.target].start) for x in view.links.values()
        }
        return places, ends

    before = gold_now()
    apart = replace(ATTRIBUTION.links["said_by"], owned=False)
    found = schema_versions.preview(worked, schema(SPEAKER, CLAIM, CUE, links=(apart,)), None)
    assert found["notes"] == ["what said_by leads to is no part of its source any more"]
    changed(worked, schema(SPEAKER, CLAIM, CUE, links=(apart,)))
    assert gold_now() == before
    again = Corpus.objects.get(pk=worked.pk)
    found = schema_versions.preview(again, ATTRIBUTION, None)
    assert found["notes"] == ["what said_by leads to is part of its source from now on"]
    changed(again, ATTRIBUTION)
    assert gold_now() == before
    assert Adjudication.objects.get(document__external_id="sea-wall").state == "done"
    call_command("check_layers", "harbour")


def test_a_job_that_is_killed_in_the_middle_goes_on(
    worked: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = layer_contents(worked)
    schema_versions.begin(worked, ADDED, None)
    move = schema_copies.move
    calls = []

    def dies(document: Any, versions: Any) -> None:
        move(document, versions)
        calls.append(document)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(schema_copies, "move", dies)
    with pytest.raises(KeyboardInterrupt):
        schema_versions.move_all(worked)
    monkeypatch.setattr(schema_copies, "move", move)
    # The second was undone as a whole.
    assert schema_versions.moving(worked, before=True).count() == 3
    assert schema_versions.move_all(worked)["documents"] == 3
    assert schema_versions.move_all(worked)["documents"] == 0
    assert {key: content(layer) for key, layer in layers(worked, 2).items()} == before
    call_command("check_layers", "harbour")


def test_while_documents_wait_work_goes_on_or_is_refused_by_name(
    worked: Corpus, bob: Any, carol: Any
) -> None:
    third = worked.documents.get(external_id="third")
    schema_versions.begin(worked, ADDED, None)
    third.corpus = Corpus.objects.get(pk=worked.pk)
    # What is open is worked on until it moves, and comes along.
    layer = review.open_layer(third, by=bob)
    review.decide(layer, accept_all(layer)[1:2], by=bob, at=layer.version)
    fourth = worked.documents.select_related("corpus").get(external_id="fourth")
    assert code(lambda: review.open_layer(fourth, by=carol)) == "schema-changing"
    schema_versions.move_all(worked)
    moved = review.open_layer(third, by=bob)
    assert sorted(layer_view(moved).spans) == [1, 2]
    # A page that still has the old layer is told, and loses nothing.
    rest = accept_all(layer)[2:3]
    refused = code(lambda: review.decide(layer, rest, by=bob, at=layer.version))
    assert refused == "schema-changing"
    assert review.open_layer(fourth, by=carol).schema.version == 2


def test_a_second_change_waits_for_the_first(worked: Corpus) -> None:
    schema_versions.begin(worked, ADDED, None)
    corpus = Corpus.objects.get(pk=worked.pk)
    again = replace(ADDED, attributes=())
    drop = {"attributes": {".genre": None}}
    assert code(lambda: schema_versions.begin(corpus, again, drop)) == "schema-unfinished"
    schema_versions.move_all(corpus)
    assert changed(corpus, again, drop)["version"] == 3


def test_a_change_of_a_version_that_is_not_the_last_is_refused(worked: Corpus) -> None:
    late = Corpus.objects.select_related("schema").get(pk=worked.pk)
    changed(worked, ADDED)
    assert code(lambda: schema_versions.begin(late, OTHER, OTHER_MAP)) == "schema-changing"
    assert Schema.objects.count() == 2


def test_nothing_is_moved_by_a_map_that_leaves_something_out(worked: Corpus) -> None:
    schema_versions.begin(worked, OTHER, OTHER_MAP)
    Schema.objects.filter(corpus=worked, version=2).update(map={})
    fresh = Corpus.objects.get(pk=worked.pk)
    assert code(lambda: schema_versions.move_all(fresh)) == "schema-lacks"
    assert not layers(worked, 2)


def test_a_run_that_ends_while_documents_move_comes_along(
    worked: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema_versions.begin(worked, ADDED, None)
    # As if the runs had been made just after those before were copied.
    monkeypatch.setattr(schema_versions, "copy_runs", lambda old, new: {})
    assert schema_versions.move_all(worked)["documents"] == 4
    call_command("check_layers", "harbour")


def test_suggestions_are_shown_under_the_new_version(worked: Corpus, bob: Any, second: Any) -> None:
    changed(worked, OTHER, OTHER_MAP)
    layer = review_layer(worked.documents.get(external_id="sea-wall"), bob)
    assert layer is not None
    shown = suggestions_of(layer)
    assert {span.label for span in shown.spans.values()} == {"SOURCE", "CLAIM"}
    assert next(span.score for span in shown.in_order()) == 0.9
    assert {span.origin for span in layer_view(layer).spans.values()} <= set(shown.spans)


def test_a_release_keeps_its_version_and_verifies(
    worked: Corpus, alice: Any, tmp_path: Any
) -> None:
    folder = tmp_path / "before"
    call_command("release", "harbour", "before", to=folder)
    changed(worked, OTHER, OTHER_MAP)
    call_command("verify_release", folder)
    call_command("release", "harbour", "after", to=tmp_path / "after")
    call_command("verify_release", tmp_path / "after")


def test_disputes_stay_with_whom_they_were_given_to(worked: Corpus, alice: Any) -> None:
    row = Dispute.objects.get(state="open")
    queue.assign([row], to=alice, by=alice)
    changed(worked, ADDED)
    moved = Dispute.objects.get(state="open")
    assert moved.assigned_to == alice
    found, _ = disputes.queue(worked, disputes.DisputeFilter(assigned="me"), by=alice)
    assert [dispute.pk for dispute in found] == [moved.pk]


def test_what_comes_in_by_a_file_waits_for_the_move(worked: Corpus, bob: Any) -> None:
    third = worked.documents.get(external_id="third")
    schema_versions.begin(worked, ADDED, None)
    new = schema_of(Corpus.objects.get(pk=worked.pk))
    refused = code(lambda: layer_rows.review_for_import(third, new, owner_id=bob.pk))
    assert refused == "schema-changing"
    schema_versions.move_all(worked)
    layer = layer_rows.review_for_import(third, new, owner_id=bob.pk)
    assert list(layer_view(layer).spans) == [1]


def test_practice_blindness_and_times_are_kept(worked: Corpus, bob: Any) -> None:
    fields = ("document", "owner", "practice", "final", "elapsed_ms", "submitted_at", "state")
    Layer.objects.filter(document__external_id="third").update(practice=True, shown_run=None)
    looking.look(list(worked.documents.filter(external_id="sea-wall")), by=bob)
    reviews = Layer.objects.filter(kind="review").order_by("document", "owner")
    before = list(reviews.values_list(*fields))
    changed(worked, ADDED)
    after = reviews.filter(schema__version=2)
    assert list(after.values_list(*fields)) == before
    assert {layer.shown_run is None for layer in after.filter(practice=True)} == {True}
    assert set(reviews.filter(schema__version=1).values_list("state", flat=True)) == {"superseded"}

"""A text is corrected: what people made comes along where its words stand unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.core.decisions import REJECTED, Decision, span_value
from annotator.models import Adjudication, Assignment, Dispute, Layer, Sample
from annotator.models import Decision as DecisionRow
from annotator.selectors.earlier_texts import earlier_texts, left_of_review, own_work_left
from annotator.selectors.layers import layer_view, review_layer
from annotator.selectors.own_work import my_progress
from annotator.services import assignment_plan, assignments, imports, removal, review
from annotator.services.decision_log import Entry, drift, write
from corpus.core.span import LayerView, Span
from corpus.models import Document, Event
from corpus.services.members import add_member
from exports.selectors import layers_of
from tests.acts import TEXT, accept_all, begin, code, person, settle, state, submit_as, support

pytestmark = pytest.mark.postgresql

LONGER = "Harbour, Monday. " + TEXT + "More on page 3.\n"
# The quotation was wrong: one claim of three has other words.
OTHER = TEXT.replace("will not hold", "may not hold")


def correct(document: Any, folder: Path, text: str) -> tuple[Document, Any]:
    path = folder / "corrected.jsonl"
    path.write_text(json.dumps({"id": document.external_id, "text": text}) + "\n")
    report = imports.import_documents(document.corpus, [path], update=True, spans="ignore")
    assert report.replaced == 1
    new = Document.objects.select_related("corpus", "body").get(
        corpus=document.corpus, external_id=document.external_id, retired_at__isnull=True
    )
    return new, report.carried


def words(view: LayerView, text: str) -> dict[int, str]:
    return {ident: span.covered(text) for ident, span in view.spans.items()}


def shifted(decisions: list[dict[str, Any]]) -> None:
    """Accept the suggestions of `TEXT` where they are in `LONGER`, as added by hand."""
    by = LONGER.index(TEXT)
    for decision in decisions:
        if decision["subject"] == "span":
            after = decision["after"]
            after.update(start=after["start"] + by, end=after["end"] + by)
            decision["verb"] = "add"


def own(document: Any, user: Any) -> Layer:
    layer = review_layer(document, user)
    assert layer is not None
    return layer


def test_reviews_and_gold_come_along_with_a_text_that_says_more(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    for user in (bob, carol):
        submit_as(document, user)
    gold = Layer.objects.get(kind="gold")
    before = words(layer_view(gold), TEXT)
    new, carried = correct(document, tmp_path, LONGER)
    assert (carried.opened, carried.left) == (0, [])
    copy = Layer.objects.get(kind="gold", document=new)
    assert words(layer_view(copy), LONGER) == before
    assert layers_of(new.corpus, "gold") == {new.pk: copy.pk}
    row = Adjudication.objects.get(document=new)
    assert (row.state, row.submitted, row.gold_id) == ("done", 2, copy.pk)
    for user in (bob, carol):
        layer = own(new, user)
        assert layer.state == "submitted"
        log = DecisionRow.objects.filter(layer=layer)
        assert set(log.values_list("user", "policy")) == {(user.pk, f"text:{new.pk}")}
    # What was made on the old version stays with it.
    gold.refresh_from_db()
    assert words(layer_view(gold), TEXT) == before
    assert Layer.objects.filter(document=document, kind="review", state="submitted").count() == 2
    assert {str(p.user) for p in Assignment.objects.filter(document=new)} == {"bob", "carol"}


def test_a_review_of_which_something_did_not_move_is_open_again(
    document: Any, bob: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    new, carried = correct(document, tmp_path, OTHER)
    assert carried.opened == 1
    (left,) = carried.left
    assert left["text"] == "“The wall will not hold,”"
    assert (left["label"], left["start"]) == ("CLAIM", TEXT.index("“"))
    layer = own(new, bob)
    assert layer.state == "open"
    before = words(layer_view(own(document, bob)), TEXT)
    kept = {ident: text for ident, text in before.items() if text != left["text"]}
    assert words(layer_view(layer), OTHER) == kept
    assert Assignment.objects.get(document=new, user=bob).state == "taken"
    assert Adjudication.objects.get(document=new).submitted == 0
    assert Event.objects.filter(act="opened-again").count() == 1
    assert my_progress(new.corpus, bob)["done"] == 0
    review.hand_in(layer, by=bob, at=layer.version)
    assert Adjudication.objects.get(document=new).submitted == 1
    # One review is one, however often its text is corrected.
    assert my_progress(new.corpus, bob)["done"] == 1


def test_a_settlement_comes_along_as_its_makers(
    document: Any, alice: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=support)
    (dispute,) = state(alice, document)["disputes"]
    settle(document, alice, dispute, choice="version", number=1)
    gold = Layer.objects.get(kind="gold")
    before = words(layer_view(gold), TEXT)
    new, _ = correct(document, tmp_path, LONGER)
    copy = Layer.objects.get(kind="gold", document=new)
    assert words(layer_view(copy), LONGER) == before
    (number, value), *_ = layer_view(copy).settled.items()
    log = DecisionRow.objects.get(layer=copy, subject="dispute")
    assert (log.user_id, log.policy, log.ident) == (alice.pk, f"text:{new.pk}", number)
    assert value["frame"]["span"]["start"] > 0
    assert Adjudication.objects.get(document=new).state == "done"
    assert Dispute.objects.get(adjudication__document=new).state == "settled"
    assert len(state(alice, new)["disputes"]) == 1


def test_a_review_in_hand_goes_on_and_its_old_layer_takes_nothing_more(
    document: Any, bob: Any, tmp_path: Path
) -> None:
    begin(document, bob)
    old = own(document, bob)
    new, carried = correct(document, tmp_path, LONGER)
    layer = own(new, bob)
    assert (carried.layers, layer.state) == (1, "open")
    assert words(layer_view(layer), LONGER) == words(layer_view(old), TEXT)
    late = [Entry(Decision("reject", "span", 6, REJECTED))]
    assert code(lambda: write(old, late, at=old.version, user=bob)) == "text-corrected"


def test_what_was_left_behind_is_named_until_the_review_is_handed_in(
    document: Any, bob: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    first, _ = correct(document, tmp_path, OTHER)
    second, _ = correct(first, tmp_path, "Harbour. " + OTHER)
    (left,) = left_of_review(own(second, bob), log=None)
    assert left.sha256 == document.digest
    assert [span["text"] for span in left.spans] == ["“The wall will not hold,”"]
    third, _ = correct(second, tmp_path, OTHER.replace("was broke", "is broke"))
    assert [one.sha256 for one in left_of_review(own(third, bob), log=None)] == [
        document.digest,
        second.digest,
    ]
    layer = own(third, bob)
    review.hand_in(layer, by=bob, at=layer.version)
    assert left_of_review(layer, log=None) == []


def test_a_check_stays_one_while_its_gold_is_settled(
    document: Any, alice: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    for user in (bob, carol):
        submit_as(document, user)
    assignment_plan.set_sample(document.corpus, document.external_id, "check", by=alice)
    new, _ = correct(document, tmp_path, LONGER)
    assert Sample.objects.get().document_id == new.pk
    correct(new, tmp_path, OTHER)
    assert not Sample.objects.exists()


def test_practice_stays_practice_and_counts_for_nothing(
    document: Any, alice: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    for user in (bob, carol):
        submit_as(document, user)
    gold = Layer.objects.get(kind="gold")
    erin = person("erin")
    add_member(document.corpus, erin, "reviewer")
    assignment_plan.set_sample(document.corpus, document.external_id, "calibration", by=alice)
    assert assignments.claim_next(document.corpus, by=erin) == document
    submit_as(document, erin)
    new, carried = correct(document, tmp_path, LONGER)
    assert (carried.layers, carried.opened) == (4, 0)
    layer = own(new, erin)
    assert (layer.practice, layer.state) == (True, "submitted")
    assert Sample.objects.get().document_id == new.pk
    row = Adjudication.objects.get(document=new)
    assert (row.submitted, row.state) == (2, "done")
    assert len(layer_view(Layer.objects.get(kind="gold", document=new)).spans) == len(
        layer_view(gold).spans
    )
    # Opened again as a span was left behind, it holds nothing up.
    last, _ = correct(new, tmp_path, "Harbour. " + OTHER)
    assert own(last, erin).state == "open"
    review.hand_in(own(last, erin), by=erin, at=own(last, erin).version)
    assert Adjudication.objects.get(document=last).submitted == 0


def test_places_and_what_is_waited_for_are_those_of_before(
    document: Any, alice: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    begin(document, bob)
    place = Assignment.objects.get(user=bob)
    Assignment.objects.filter(document=document).update(priority=7, blind=True)
    Adjudication.objects.update(needed=1)
    new, _ = correct(document, tmp_path, LONGER)
    moved = Assignment.objects.get(user=bob)
    assert (moved.pk, moved.document_id, moved.priority) == (place.pk, new.pk, 7)
    assert Assignment.objects.filter(document=new, blind=True).count() == 2
    assert Adjudication.objects.get(document=new).needed == 1


def test_nothing_of_a_text_that_is_another_comes_along(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    for user in (bob, carol):
        submit_as(document, user)
    new, carried = correct(document, tmp_path, "Rain fell on the hills, and nobody spoke.")
    assert carried.different == [document.external_id]
    assert not Layer.objects.filter(document=new).exists()
    assert [layer.document for layer in own_work_left(new.corpus, bob)] == [document]
    assert Adjudication.objects.get(document=new).state == "waiting"
    # What was made of the old text stays with it.
    assert layer_view(own(document, bob)).spans
    assert Adjudication.objects.get(document=document).state == "done"


def test_a_text_that_goes_back_finds_its_work_again(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    for user in (bob, carol):
        submit_as(document, user)
    new, _ = correct(document, tmp_path, LONGER)
    back, _ = correct(new, tmp_path, TEXT)
    assert back.pk == document.pk
    assert own_work_left(back.corpus, bob) == []
    assert Adjudication.objects.get(document=back).state == "done"
    assert Assignment.objects.filter(document=back).count() == 2


def test_a_text_that_goes_back_by_a_detour_finds_its_own_work_again(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    for user in (bob, carol):
        submit_as(document, user)
    other, _ = correct(document, tmp_path, "Rain fell on the hills, and nobody spoke.")
    alike, _ = correct(other, tmp_path, LONGER)
    submit_as(alike, bob, change=shifted)
    back, carried = correct(alike, tmp_path, TEXT)
    assert (back.pk, carried.different) == (document.pk, [document.external_id])
    assert Adjudication.objects.get(document=back).state == "done"
    assert words(layer_view(own(alike, bob)), LONGER) == words(layer_view(own(back, bob)), TEXT)


def test_the_command_says_what_came_along_and_what_did_not(
    document: Any, bob: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit_as(document, bob)
    path = tmp_path / "v2.jsonl"
    path.write_text(json.dumps({"id": document.external_id, "text": OTHER}) + "\n")
    call_command("import_documents", document.corpus.slug, str(path), "--update")
    said = capsys.readouterr().out
    assert "5 spans of 1 reviews and gold came along." in said
    assert "1 reviews are open again." in said
    place = TEXT.index("“")
    assert f"left behind in sea-wall: CLAIM of the review of bob at {place}:" in said
    assert "will not hold" in said


def test_a_text_that_is_put_back_is_in_hand_where_its_review_was_opened(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    for user in (bob, carol):
        submit_as(document, user)
    wrong, carried = correct(document, tmp_path, OTHER)
    assert carried.opened == 2 and own(wrong, bob).state == "open"
    back, _ = correct(wrong, tmp_path, TEXT)
    assert (own(back, bob).state, own(back, carol).state) == ("open", "open")
    assert Adjudication.objects.get(document=back).submitted == 0
    for user in (bob, carol):
        layer = own(back, user)
        review.submit(layer, by=user, at=layer.version)
    assert Adjudication.objects.get(document=back).submitted == 2
    assert not any(drift(own(back, user)) for user in (bob, carol))


def test_what_was_handed_in_on_another_text_is_in_hand_again_where_it_was(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, carol)
    begin(document, bob)
    longer, _ = correct(document, tmp_path, LONGER)
    layer = own(longer, bob)
    rest = accept_all(layer)[1:]
    shifted(rest)
    layer = review.decide(layer, rest, by=bob, at=layer.version)
    review.submit(layer, by=bob, at=layer.version)
    back, carried = correct(longer, tmp_path, TEXT)
    assert own(back, bob).state == "open"
    assert Adjudication.objects.get(document=back).submitted == 1
    assert Assignment.objects.get(document=back, user=bob).state == "taken"
    assert carried.opened == 1


def test_what_was_changed_on_another_text_is_named_when_the_text_is_back(
    document: Any, bob: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    longer, _ = correct(document, tmp_path, LONGER)
    layer = own(longer, bob)
    assert layer.state == "submitted"
    layer = review.reopen(layer, by=bob)
    harbour = Span(99, "SPEAKER", 0, 7, attributes={"name": "Harbour"})
    added = Entry(Decision("add", "span", 99, span_value(harbour)))
    write(layer, [added], at=layer.version, user=bob)
    review.hand_in(layer, by=bob, at=layer.version)
    back, carried = correct(longer, tmp_path, TEXT)
    assert own(back, bob).state == "submitted"
    assert [(span["author"], span["text"]) for span in carried.left] == [("bob", "Harbour")]
    assert [layer.document for layer in own_work_left(back.corpus, bob)] == [longer]
    assert Adjudication.objects.get(document=back).submitted == 1


def test_a_text_under_the_id_of_a_removed_document_has_none_before_it(
    document: Any, alice: Any, tmp_path: Path
) -> None:
    new, _ = correct(document, tmp_path, LONGER)
    assert [text.pk for text in earlier_texts(new)] == [document.pk]
    removal.remove(new, because="not ours", by=alice)
    path = tmp_path / "other.jsonl"
    path.write_text(json.dumps({"id": document.external_id, "text": "Rain fell."}) + "\n")
    imports.import_documents(document.corpus, [path], spans="ignore")
    other = Document.objects.get(external_id=document.external_id, retired_at=None)
    assert not earlier_texts(other)

"""Reviewing: claim, decide, submit, reopen; nothing lost, nothing twice, nobody else's layer."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from annotator.models import Assignment, Decision, Layer
from annotator.selectors import layers
from annotator.services import assignments, review, schema_versions
from annotator.services.decision_log import drift, refold
from annotator.services.runs import file_run, store
from corpus.core.problems import Problem
from corpus.core.schema import Attribute, Label, SchemaView
from corpus.core.span import LayerView
from corpus.models import Corpus
from tests.acts import TEXT, accept_all, add_document, code, find, suggested

pytestmark = pytest.mark.postgresql


def span_decision(ident: int, words: str, verb: str = "add", **value: Any) -> dict[str, Any]:
    start, end = find(words)
    return {
        "client_id": str(uuid.uuid4()),
        "verb": verb,
        "subject": "span",
        "ident": ident,
        "after": {"label": "SPEAKER", "start": start, "end": end, "attributes": {}, **value},
        "exact": words,
    }


def rows(layer: Layer) -> Any:
    return layers.layer_view(layer)


def test_opening_pins_the_newest_suggestions_and_takes_a_place(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    assert layer.shown_run.suggester == "file:suggested.jsonl"
    assert Assignment.objects.get(user=bob).state == "taken"
    assert review.open_layer(document, by=bob) == layer


def test_a_third_reviewer_finds_every_place_taken(
    document: Any, alice: Any, bob: Any, carol: Any
) -> None:
    from corpus.services.members import add_member

    add_member(document.corpus, alice, "reviewer")
    review.open_layer(document, by=bob)
    review.open_layer(document, by=carol)
    with pytest.raises(Problem) as caught:
        review.open_layer(document, by=alice)
    assert caught.value.code == "not-allowed"


def test_accepting_writes_rows_with_their_origin(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    review.decide(layer, accept_all(layer), by=bob, at=0)
    view = rows(layer)
    assert sorted(view.spans) == [1, 2, 3, 4, 5, 6]
    assert all(span.origin == ident for ident, span in view.spans.items())
    assert len(view.links) == 3
    assert Decision.objects.filter(layer=layer, suggestion__isnull=False).count() == 6


def test_a_repeated_request_changes_nothing(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    decisions = accept_all(layer)
    first = review.decide(layer, decisions[:4], by=bob, at=0).version
    again = review.decide(layer, decisions[:4], by=bob, at=0).version
    # The answer to the first request was lost; the client sends those decisions again with more
    # behind them.
    more = review.decide(layer, decisions, by=bob, at=0).version
    assert (first, again, more) == (4, 4, 9)
    assert drift(layer) == ""


def test_a_stale_version_is_refused_whole(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    review.decide(layer, [span_decision(20, "Mayor Ilse Brandt")], by=bob, at=0)
    with pytest.raises(Problem) as caught:
        review.decide(layer, [span_decision(21, "She")], by=bob, at=0)
    assert caught.value.code == "stale-version"
    assert sorted(rows(layer).spans) == [20]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"exact": "Mayor Else Brandt"}, "span-text"),
        ({"exact": None}, "decision-shape"),
        ({"ident": 0}, "decision-shape"),
        ({"ident": True}, "decision-shape"),
        ({"verb": "praise"}, "decision-shape"),
        ({"subject": "dispute"}, "decision-shape"),
        ({"verb": "reject", "ident": 99, "after": {"rejected": True}}, "decision-unknown"),
        ({"verb": "remove", "ident": 99, "after": None}, "decision-unknown"),
        ({"verb": "unlink", "subject": "link", "ident": 99, "after": None}, "decision-unknown"),
        ({"client_id": "seven"}, "decision-shape"),
        ({"after": "SPEAKER"}, "decision-shape"),
        ({"after": {"label": "SPEAKER"}}, "decision-shape"),
        ({"after": {"label": "SPEAKER", "start": 0, "end": 10**9}, "exact": ""}, "span-text"),
        ({"after": {"label": "THING", "start": 0, "end": 3}, "exact": "Sea"}, "span-label"),
        ({"after": {"label": "SPEAKER", "start": 0, "end": 4}, "exact": "Sea "}, "span-space"),
        ({"after": {"label": "SPEAKER", "start": -1, "end": 4}, "exact": "Sea"}, "decision-shape"),
    ],
)
def test_a_bad_decision_is_refused_and_nothing_is_written(
    document: Any, bob: Any, change: dict[str, Any], code: str
) -> None:
    layer = review.open_layer(document, by=bob)
    good, bad = span_decision(20, "She"), {**span_decision(21, "Mayor Ilse Brandt"), **change}
    with pytest.raises(Problem) as caught:
        review.decide(layer, [good, bad], by=bob, at=0)
    assert caught.value.code == code
    layer.refresh_from_db()
    assert (layer.version, dict(rows(layer).spans)) == (0, {})


def link_decision(ident: int, source: int, target: int) -> dict[str, Any]:
    after = {"kind": "said_by", "source": source, "target": target}
    one = {"client_id": str(uuid.uuid4()), "verb": "link", "subject": "link"}
    return {**one, "ident": ident, "after": after}


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (span_decision(2, "Mayor Ilse Brandt", verb="relabel", label="CLAIM"), "link-ends"),
        (span_decision(1, "“The wall will not hold,”", verb="relabel", label="CUE"), "link-ends"),
        (link_decision(9, 1, 2), "link-twice"),
        (link_decision(9, 1, 4), "link-ends"),
        (link_decision(9, 1, 77), "link-ends"),
    ],
)
def test_what_breaks_the_links_of_a_layer_that_holds_much_is_refused(
    document: Any, bob: Any, decision: dict[str, Any], code: str
) -> None:
    layer = review.open_layer(document, by=bob)
    layer = review.decide(layer, accept_all(layer), by=bob, at=0)
    with pytest.raises(Problem) as caught:
        review.decide(layer, [decision], by=bob, at=9)
    assert caught.value.code == code
    assert Layer.objects.get(pk=layer.pk).version == 9


def test_a_rejection_holds_nothing_but_that(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    reject = {
        "client_id": str(uuid.uuid4()),
        "verb": "reject",
        "subject": "span",
        "ident": 1,
        "after": {"rejected": "x", "more": "y"},
    }
    review.decide(layer, [reject], by=bob, at=0)
    assert Decision.objects.get(layer=layer).after == {"rejected": True}
    assert rows(layer).rejected == {1}


def test_nobody_writes_into_anothers_layer(document: Any, alice: Any, bob: Any, carol: Any) -> None:
    layer = review.open_layer(document, by=bob)
    for other in (alice, carol):
        with pytest.raises(Problem) as caught:
            review.decide(layer, [span_decision(20, "She")], by=other, at=0)
        assert caught.value.code == "not-allowed"


def test_submitting_records_what_was_left_and_closes_the_layer(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    reject = {
        "client_id": str(uuid.uuid4()),
        "verb": "reject",
        "subject": "span",
        "ident": 6,
        "after": {"rejected": True},
    }
    decisions = [*accept_all(layer)[:2], reject]
    decisions.append({**span_decision(1, "“The wall will not hold,”", "attribute")})
    decisions[-1]["after"].update(
        label="CLAIM", attributes={"stance": "oppose", "speaker_state": "unknown"}
    )
    review.decide(layer, decisions, by=bob, at=0)
    review.submit(layer, by=bob, at=4)
    left = Decision.objects.get(layer=layer, verb="leave")
    assert left.after == {"left": [3, 4, 5]}
    assert rows(layer).rejected == {6}
    assert Assignment.objects.get(user=bob).state == "done"
    with pytest.raises(Problem) as caught:
        review.decide(layer, [span_decision(20, "She")], by=bob, at=6)
    assert caught.value.code == "layer-closed"


def test_a_request_to_hand_in_that_comes_again_hands_in_nothing_more(
    document: Any, bob: Any
) -> None:
    layer = review.open_layer(document, by=bob)
    decisions = accept_all(layer)
    review.decide(layer, decisions, by=bob, at=0)
    sent, at = uuid.uuid4(), len(decisions)
    for _ in range(2):
        assert review.submit(layer, by=bob, at=at, client_id=sent).state == "submitted"
    review.reopen(layer, by=bob)
    review.submit(layer, by=bob, at=at, client_id=sent)
    layer.refresh_from_db()
    assert (layer.state, layer.version) == ("open", at + 3)
    other = uuid.UUID(decisions[0]["client_id"])
    act = partial(review.submit, layer, by=bob, at=at + 3, client_id=other)
    assert code(act) == "decision-shape"


def test_a_claim_without_speaker_or_stance_keeps_the_review_open(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    review.decide(layer, [d for d in accept_all(layer) if d["subject"] == "span"], by=bob, at=0)
    with pytest.raises(Problem) as caught:
        review.submit(layer, by=bob, at=6)
    assert (caught.value.code, caught.value.details["idents"]) == ("layer-incomplete", "1, 4, 6")


def test_reopening_gives_the_layer_back_until_a_person_settles(
    document: Any, alice: Any, bob: Any, carol: Any
) -> None:
    for user in (bob, carol):
        layer = review.open_layer(document, by=user)
        review.decide(layer, accept_all(layer), by=user, at=0)
        review.submit(layer, by=user, at=9)
    review.give_back(document, reviewer="carol", by=alice)
    layer.refresh_from_db()
    assert layer.state == "open"
    review.decide(layer, [span_decision(30, "Sea wall vote")], by=carol, at=layer.version)
    review.submit(layer, by=carol, at=layer.version)
    gold = Layer.objects.get(kind="gold")
    assert len(rows(gold).spans) == 6
    assert drift(gold) == ""


def test_the_next_document_is_one_already_begun_then_a_free_one_then_none(
    document: Any, bob: Any, tmp_path: Any
) -> None:
    add_document(document.corpus, tmp_path, "second", "Another article.\n\nNobody spoke.")
    first = assignments.claim_next(document.corpus, by=bob)
    assert assignments.claim_next(document.corpus, by=bob) == first
    for _ in range(2):
        layer = review.open_layer(assignments.claim_next(document.corpus, by=bob), by=bob)
        review.submit(layer, by=bob, at=0)
    assert assignments.claim_next(document.corpus, by=bob) is None


IDENTS = st.integers(1, 8)
WORDS = [
    "“The wall will not hold,”",
    "Mayor Ilse Brandt",
    "She",
    "Opposition leader Tomas Okafor",
    "😀",
]
steps = st.one_of(
    st.tuples(
        st.just("put"), IDENTS, st.sampled_from(WORDS), st.sampled_from(["CLAIM", "SPEAKER"])
    ),
    st.tuples(st.just("reject"), IDENTS),
    st.tuples(st.just("remove"), IDENTS),
    st.tuples(st.just("link"), st.integers(100, 104), IDENTS, IDENTS),
    st.tuples(st.just("unlink"), st.integers(100, 104)),
)


@pytest.mark.django_db
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=st.lists(steps, max_size=25))
def test_after_any_history_the_rows_are_the_fold_of_the_log(
    document: Any, bob: Any, history: list[tuple]
) -> None:
    Layer.objects.filter(kind="review").delete()
    layer = review.open_layer(document, by=bob)
    for step in history:
        decision: dict[str, Any] = {
            "client_id": str(uuid.uuid4()),
            "subject": "span",
            "after": None,
            "verb": step[0],
            "ident": step[1],
        }
        if step[0] == "put":
            decision = {**span_decision(step[1], step[2]), "verb": "add"}
            decision["after"]["label"] = step[3]
        elif step[0] == "reject":
            decision["after"] = {"rejected": True}
        elif step[0] == "link":
            decision.update(
                subject="link", after={"kind": "said_by", "source": step[2], "target": step[3]}
            )
        elif step[0] == "unlink":
            decision["subject"] = "link"
        try:
            review.decide(layer, [decision], by=bob, at=layer.version)
        except Problem:
            layer.refresh_from_db()
    assert drift(layer) == ""
    view = rows(layer)
    folded = refold(layer)
    assert (dict(view.spans), dict(view.links), view.rejected) == (
        dict(folded.spans),
        dict(folded.links),
        folded.rejected,
    )
    assert all(TEXT[s.start : s.end].strip() for s in view.spans.values())


def test_what_was_proposed_for_many_places_is_not_handed_in_unseen(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    proposed = span_decision(20, "She", "propose")
    review.decide(layer, [proposed], by=bob, at=0)
    assert code(lambda: review.submit(layer, by=bob, at=1)) == "proposals-open"
    review.decide(layer, [span_decision(20, "She", "accept")], by=bob, at=1)
    review.submit(layer, by=bob, at=2)
    assert Layer.objects.get(pk=layer.pk).state == "submitted"


def test_a_document_whose_only_decision_was_undone_was_not_looked_at(
    corpus: Corpus, bob: Any, tmp_path: Any
) -> None:
    genre = Attribute("genre", "choice", ("news", "opinion"))
    label = Label("A", "A")
    schema_versions.begin(corpus, SchemaView({"A": label}, {}, (genre,)), None)
    made = add_document(corpus, tmp_path)
    said = {"attributes": {"genre": "news"}}
    run = file_run(corpus.schema, "suggested.jsonl")
    store(run, made, LayerView(attributes={"genre": "news"}))
    layer = review.open_layer(made, by=bob)
    first = {"verb": "accept", "subject": "document", "ident": 0, "after": said}
    group = str(uuid.uuid4())
    undo = {
        "verb": "undo",
        "subject": "document",
        "ident": 0,
        "after": {"attributes": {}},
        "undoes": group,
    }
    steps = [{**first, "group": group}, undo]
    review.decide(layer, [{"client_id": str(uuid.uuid4()), **row} for row in steps], by=bob, at=0)
    review.submit(layer, by=bob, at=2)
    left = Decision.objects.get(layer=layer, verb="leave")
    assert left.after == {"left": [0]}


def test_a_request_that_read_its_review_before_another_took_suggestions_is_refused(
    corpus: Corpus, bob: Any, tmp_path: Any
) -> None:
    document = add_document(corpus, tmp_path)
    taking = review.open_layer(document, by=bob)
    read_before = Layer.objects.get(pk=taking.pk)
    store(file_run(corpus.schema, "suggested.jsonl"), document, suggested())
    review.take_suggestions(taking, by=bob)
    adding = partial(review.decide, read_before, [span_decision(1, "Sea wall")], by=bob, at=0)
    assert code(adding) == "suggestions-taken"
    assert not rows(taking).spans

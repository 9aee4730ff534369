"""The fold of a log is the layer it made; undo is a decision that restores the value before."""

from __future__ import annotations

from hypothesis import given

from annotator.core.decisions import (
    REJECTED,
    Decision,
    Folding,
    changes,
    current,
    fold,
    link_value,
    span_value,
)
from corpus.core.span import LayerView, Link, Span
from tools.texts import annotated

CLAIM = Span(5, "CLAIM", 0, 4, attributes={"stance": "neutral"})


def test_accepting_a_suggestion_keeps_its_origin() -> None:
    layer = fold([Decision("accept", "span", 5, span_value(CLAIM))], origins={5})
    assert layer.spans[5].origin == 5


def test_rejecting_is_kept_and_undone() -> None:
    log = [
        Decision("accept", "span", 5, span_value(CLAIM)),
        Decision("reject", "span", 5, REJECTED),
    ]
    layer = fold(log)
    assert (dict(layer.spans), layer.rejected) == ({}, {5})
    assert current(layer, "span", 5) == REJECTED
    layer = fold([*log, Decision("undo", "span", 5, span_value(CLAIM))])
    assert (list(layer.spans), layer.rejected) == ([5], frozenset())


def test_removing_a_span_removes_its_links() -> None:
    speaker = Span(6, "SPEAKER", 5, 9)
    layer = fold(
        [
            Decision("add", "span", 5, span_value(CLAIM)),
            Decision("add", "span", 6, span_value(speaker)),
            Decision("link", "link", 7, link_value(Link(7, "said_by", 5, 6))),
            Decision("remove", "span", 6, None),
        ]
    )
    assert dict(layer.links) == {}


@given(annotated())
def test_a_layer_is_rebuilt_by_the_decisions_that_add_it_and_emptied_by_their_undo(
    case: tuple,
) -> None:
    _, layer = case
    log = [Decision("add", "span", s.ident, span_value(s)) for s in layer.in_order()]
    log += [Decision("link", "link", x.ident, link_value(x)) for x in layer.links.values()]
    folded = fold(log)
    assert folded == LayerView(dict(layer.spans), dict(layer.links))
    folding = Folding(folded)
    for decision in reversed(log):
        folding.apply(Decision("undo", decision.subject, decision.ident, None))
    assert folding.view() == LayerView()
    everything = (set(layer.spans), set(layer.links))
    assert folding.changes() == changes(LayerView(), folded) == everything
    assert folded == LayerView(dict(layer.spans), dict(layer.links))


@given(annotated())
def test_what_decisions_change_is_what_differs_and_the_layer_before_stays_as_it_was(
    case: tuple,
) -> None:
    _, before = case
    kept = LayerView(dict(before.spans), dict(before.links))
    folding = Folding(before)
    for number, span in enumerate(before.in_order()):
        value = dict(span_value(span))
        if number % 3 == 0:
            folding.apply(Decision("reject", "span", span.ident, REJECTED))
        elif number % 3 == 1:
            folding.apply(Decision("relabel", "span", span.ident, {**value, "label": "CUE"}))
        else:
            # To another value and back is no change.
            folding.apply(Decision("relabel", "span", span.ident, {**value, "label": "CUE"}))
            folding.apply(Decision("undo", "span", span.ident, value))
    assert before == kept
    assert folding.changes() == changes(before, folding.view())

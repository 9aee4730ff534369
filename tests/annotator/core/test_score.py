"""A layer against gold, facet by facet."""

from __future__ import annotations

from dataclasses import replace

from annotator.core.score import Score, confusions, pairs
from corpus.core.schema import ATTRIBUTION
from corpus.core.span import LayerView, layer_view
from tests.acts import suggested


def without(view: LayerView, *idents: int) -> LayerView:
    spans = [s for s in view.spans.values() if s.ident not in idents]
    return layer_view(
        spans, [x for x in view.links.values() if not {x.source, x.target} & set(idents)]
    )


def changed(view: LayerView, ident: int, **values: object) -> LayerView:
    spans = {**view.spans, ident: replace(view.spans[ident], **values)}
    return layer_view(spans.values(), view.links.values())


def facets(own: LayerView, gold: LayerView) -> list[tuple[str, ...]]:
    return [pair.wrong for pair in pairs(own, gold, ATTRIBUTION) if pair.wrong]


def test_the_same_layer_is_right_in_every_facet() -> None:
    score = Score()
    score.add(pairs(suggested(), suggested(), ATTRIBUTION), ATTRIBUTION)
    assert score.right == score.total
    assert score.total == {
        "found": 3,
        "precise": 3,
        "boundary": 3,
        "label": 3,
        "speaker": 3,
        "stance": 3,
        "target": 3,
    }


def test_what_is_missing_and_what_is_too_much() -> None:
    less = without(suggested(), 1, 2)
    assert facets(less, suggested()) == [("missed",)]
    assert facets(suggested(), less) == [("extra",)]
    score = Score()
    score.add(pairs(less, suggested(), ATTRIBUTION), ATTRIBUTION)
    assert (
        score.right["found"],
        score.total["found"],
        score.right["precise"],
        score.total["precise"],
    ) == (2, 3, 2, 2)


def test_a_boundary_difference_is_no_speaker_difference() -> None:
    claim = suggested().spans[1]
    assert facets(changed(suggested(), 1, end=claim.end - 2), suggested()) == [("boundary",)]


def test_a_stance_is_confused_with_another() -> None:
    claim = suggested().spans[1]
    own = changed(suggested(), 1, attributes={**claim.attributes, "stance": "support"})
    assert facets(own, suggested()) == [("stance",)]
    found = [
        c for pair in pairs(own, suggested(), ATTRIBUTION) for c in confusions(pair, ATTRIBUTION)
    ]
    assert [c for c in found if c[1] != c[2]] == [("stance", "support", "oppose")]
    assert ("label", "CLAIM", "CLAIM") in found

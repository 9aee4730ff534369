"""The order of a dispute's versions: the same sides throughout a document, and no more told."""

from __future__ import annotations

from annotator.core.compare import Cluster, compare
from annotator.core.dispute import renumbered, shuffled, version, version_before
from annotator.core.gold import frame_value
from corpus.core.schema import ATTRIBUTION
from corpus.core.span import LayerView, Span, layer_view

CLAIMS = ((0, 9), (10, 19), (20, 29), (30, 39), (40, 49), (50, 59))


def held(*stances: str) -> LayerView:
    """Return a layer with a claim of each stance; "" marks nothing."""
    spans = []
    for number, stance in enumerate(stances):
        if stance:
            start, end = CLAIMS[number]
            spans.append(Span(number + 1, "CLAIM", start, end, attributes={"stance": stance}))
    return layer_view(spans, ())


def firsts(clusters: list[Cluster]) -> list[tuple[str, ...]]:
    """Return who holds the first version of each dispute."""
    return [shuffled(cluster, ATTRIBUTION)[0][0] for cluster in clusters]


def test_version_one_is_the_same_persons_throughout_a_document() -> None:
    one = held("support", "oppose", "neutral", "mixed", "support", "oppose")
    other = held("oppose", "support", "oppose", "support", "mixed", "neutral")
    for names in (("3", "8"), ("4", "21"), ("17", "102")):
        clusters = compare(dict(zip(names, (one, other), strict=True)), ATTRIBUTION)
        assert len(set(firsts(clusters))) == 1


def test_who_is_absent_at_a_dispute_moves_nobody_elsewhere() -> None:
    views = {
        "5": held("support", "", "neutral"),
        "6": held("oppose", "support", "mixed"),
        "7": held("mixed", "oppose", "support"),
    }
    clusters = compare(views, ATTRIBUTION)
    orders = [[holders for holders, _ in shuffled(c, ATTRIBUTION)] for c in clusters]
    assert orders[0] == orders[2]
    assert orders[1] == [holders for holders in orders[0] if holders != ("5",)]


def test_versions_stand_in_the_order_in_which_layers_are_given() -> None:
    views = {"8": held("support"), "3": held("oppose")}
    (cluster,) = compare(views, ATTRIBUTION)
    (turned,) = compare(dict(reversed(views.items())), ATTRIBUTION)
    assert (firsts([cluster]), firsts([turned])) == ([("8",)], [("3",)])
    assert cluster == turned


def test_settlements_of_before_keep_the_version_that_they_took() -> None:
    """Versions were numbered in another order once; what stands in gold did not change."""
    one = held("support", "oppose", "neutral", "mixed", "support", "oppose")
    other = held("oppose", "support", "oppose", "support", "mixed", "neutral")
    clusters = compare({"1": one, "2": other}, ATTRIBUTION)
    moved = 0
    for cluster in clusters:
        frame = version_before(cluster, ATTRIBUTION, number=1, facets={})
        value = {"choice": "version", "number": 1, "frame": frame_value(frame, clusters)}
        now = renumbered(cluster, ATTRIBUTION, value, clusters)
        moved += now["number"] != 1
        assert version(cluster, ATTRIBUTION, number=now["number"], facets={}) == frame
        assert renumbered(cluster, ATTRIBUTION, now, clusters) == now
    assert moved

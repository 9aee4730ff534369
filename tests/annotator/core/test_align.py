"""The pairing is the best there is, and a cluster holds nothing that does not overlap."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotator.core.align import assign, overlapping
from annotator.core.compare import Cluster, compare, content
from annotator.core.identity import identities, mention
from corpus.core.schema import ATTRIBUTION
from corpus.core.span import LayerView, Link, Span, layer_view, overlap
from tools.texts import spans, texts

weights = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 9), max_size=12
)


def best(weights: dict[tuple[int, int], int]) -> int:
    """The greatest sum over all ways to seat five at five places, by trying them all."""
    return max(
        sum(weights.get(pair, 0) for pair in enumerate(seats)) for seats in permutations(range(5))
    )


@given(weights)
def test_an_assignment_is_one_to_one_and_the_best(weights: dict[tuple[int, int], int]) -> None:
    pairs = assign(weights)
    assert set(pairs) <= set(weights)
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    assert sum(weights[pair] for pair in pairs) == best(weights)


def test_the_best_sum_beats_the_best_pair() -> None:
    assert assign({(0, 0): 10, (0, 1): 9, (1, 0): 9}) == [(0, 1), (1, 0)]


@given(st.data())
def test_the_sweep_finds_each_overlap_of_envelopes_once(data: st.DataObject) -> None:
    text = data.draw(texts)
    found = [s for n in range(6) if (s := data.draw(spans(text, n, "CLAIM"))) is not None]
    pairs = [frozenset(pair) for pair in overlapping((s.ident, s) for s in found)]
    wanted = {
        frozenset((a.ident, b.ident))
        for a, b in combinations(found, 2)
        if a.start < b.end and b.start < a.end
    }
    assert len(pairs) == len(set(pairs)) and set(pairs) == wanted


def claims(*places: tuple[int, int], label: str = "CLAIM") -> LayerView:
    return layer_view([Span(n, label, *place) for n, place in enumerate(places, start=1)])


def grouped(layers: dict[str, LayerView]) -> list[dict[str, tuple[int, int]]]:
    groups = []
    for cluster in compare(layers, ATTRIBUTION):
        heads = {name: frame.head for name, frame in cluster.members.items()}
        groups.append({name: (head.start, head.end) for name, head in heads.items()})
    return groups


def test_claims_are_paired_for_the_best_whole_and_not_best_first() -> None:
    # Best first would take 10-30 with 14-34, which leaves a poor pair: 18-44 with 0-26.
    left, right = claims((10, 30), (18, 44)), claims((14, 34), (0, 26))
    assert grouped({"a": left, "b": right}) == [
        {"a": (10, 30), "b": (0, 26)},
        {"a": (18, 44), "b": (14, 34)},
    ]


def test_no_chain_pulls_together_what_does_not_meet() -> None:
    layers = {"a": claims((0, 10)), "b": claims((6, 16)), "c": claims((13, 23))}
    found = grouped(layers)
    assert len(found) == 2
    assert not [members for members in found if {"a", "c"} <= members.keys()]


def test_a_span_in_fragments_meets_only_what_its_fragments_meet() -> None:
    broken = layer_view([Span(1, "CLAIM", 0, 30, ((0, 5), (25, 30)))])
    assert len(grouped({"a": broken, "b": claims((10, 20))})) == 2
    assert len(grouped({"a": broken, "b": claims((26, 40))})) == 1


def test_between_equal_overlaps_the_same_stance_decides() -> None:
    def two(first: str, second: str) -> LayerView:
        return layer_view(
            [Span(n, "CLAIM", 0, 9, attributes={"stance": s}) for n, s in ((1, first), (2, second))]
        )

    found = compare({"a": two("support", "oppose"), "b": two("oppose", "support")}, ATTRIBUTION)
    assert [c.kinds for c in found] == [(), ()]


@st.composite
def reviews(draw: st.DrawFn) -> dict[str, LayerView]:
    """Three or four layers over one text, crowded enough to overlap."""
    text = "x" * 24
    layers = {}
    for name in "abcd"[: draw(st.integers(3, 4))]:
        kept = []
        for ident in range(1, 6):
            label = draw(st.sampled_from(["CLAIM", "CLAIM", "SPEAKER"]))
            span = draw(spans(text, ident, label))
            if span is not None:
                kept.append(span)
        heads = [s.ident for s in kept if s.label == "CLAIM"]
        tails = [s.ident for s in kept if s.label == "SPEAKER"]
        links = []
        for ident, head in enumerate(heads if tails else [], start=100):
            links.append(Link(ident, "said_by", head, draw(st.sampled_from(tails))))
        layers[name] = layer_view(kept, links)
    return layers


def said(clusters: list[Cluster], back: dict[str, str] | None = None) -> list[Any]:
    """What clusters say, without idents and in a fixed order; `back` undoes renaming."""
    back = back or {}
    every = []
    for cluster in clusters:
        members = [(back.get(name, name), content(f)) for name, f in cluster.members.items()]
        every.append((cluster.kinds, sorted(members)))
    return sorted(every)


def shuffled(view: LayerView, idents: list[int]) -> LayerView:
    """The same layer as if its spans had been made in another order."""
    new = dict(zip(sorted(view.spans), idents, strict=False))
    moved = []
    for ident in sorted(view.spans, key=lambda ident: new[ident]):
        moved.append(replace(view.spans[ident], ident=new[ident]))
    links = []
    for link in reversed(list(view.links.values())):
        links.append(replace(link, source=new[link.source], target=new[link.target]))
    return layer_view(moved, links)


@given(reviews(), st.permutations("abcd"), st.permutations(range(1, 6)))
def test_neither_the_names_of_reviewers_nor_the_order_of_spans_change_a_comparison(
    layers: dict[str, LayerView], names: list[str], idents: list[int]
) -> None:
    new = dict(zip("abcd", names, strict=True))
    renamed = {new[name]: shuffled(view, idents) for name, view in reversed(layers.items())}
    found, again = compare(layers, ATTRIBUTION), compare(renamed, ATTRIBUTION)
    assert said(found) == said(again, {v: k for k, v in new.items()})


@given(reviews())
def test_every_two_frames_of_a_cluster_overlap_and_are_of_different_layers(
    layers: dict[str, LayerView],
) -> None:
    for cluster in compare(layers, ATTRIBUTION):
        assert all(overlap(x.head, y.head) for x, y in combinations(cluster.members.values(), 2))


def test_a_comparison_of_thousands_of_spans_looks_only_at_those_that_meet() -> None:
    looked = 0

    class Counting(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            nonlocal looked
            looked += 1
            return super().__getitem__(key)

    schema = replace(ATTRIBUTION, labels=Counting(ATTRIBUTION.labels))
    # One span runs over the whole article, so that all of them hang together.
    many = claims((0, 50_000), *((20 * n, 20 * n + 15) for n in range(2_500)))
    moved = claims((0, 50_000), *((20 * n + 2, 20 * n + 17) for n in range(2_500)))
    assert sum(len(c.members) == 2 for c in compare({"a": many, "b": moved}, schema)) == 2_501
    assert looked < 40_000


def test_people_are_told_apart_by_name_and_else_by_place() -> None:
    rubio = Span(1, "SPEAKER", 0, 5, attributes={"name": "Marco Rubio"})
    he = Span(2, "SPEAKER", 0, 5)
    him = Span(3, "SPEAKER", 20, 22)
    both = Span(4, "SPEAKER", 40, 57)
    one = Span(5, "SPEAKER", 40, 47)
    other = Span(6, "SPEAKER", 52, 57)
    found = identities([both, he, him, rubio, one, other], ATTRIBUTION)
    assert found[mention(rubio, ATTRIBUTION)] == found[mention(he, ATTRIBUTION)] == "marco rubio"
    assert len({found[mention(span, ATTRIBUTION)] for span in (rubio, him, one, other)}) == 4
    assert found[mention(both, ATTRIBUTION)] == found[mention(one, ATTRIBUTION)]

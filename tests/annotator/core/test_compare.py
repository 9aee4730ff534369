"""Layers are compared frame by frame; a boundary difference is never a speaker difference."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotator.core.agreement import Article, agreement
from annotator.core.compare import compare
from annotator.core.frames import Frame, content, facets, frames
from annotator.core.identity import same_thing
from annotator.core.merge import Drop, policy_called
from corpus.core.schema import ATTRIBUTION
from corpus.core.span import LayerView, Link, Span, layer_view
from tools.texts import annotated

TEXT = (
    "“The wall will not hold,” said Mayor Ilse Brandt, who added that it would cost more. "
    "Okafor disagreed."
)
CLAIM = (0, 25)
BRANDT = (31, 48)
OKAFOR = (85, 91)


def layer(
    claim: tuple[int, int] = CLAIM, speaker: tuple[int, int] | None = BRANDT, **attributes: Any
) -> LayerView:
    values = {"stance": "oppose", "speaker_state": "linked" if speaker else "unknown", **attributes}
    head = Span(1, "CLAIM", *claim, attributes=values)
    if speaker is None:
        return layer_view([head])
    name = {BRANDT: "Ilse Brandt", OKAFOR: "Tomas Okafor"}.get(speaker, "Ilse Brandt")
    return layer_view(
        [head, Span(2, "SPEAKER", *speaker, attributes={"name": name})], [Link(1, "said_by", 1, 2)]
    )


def kinds(*layers: LayerView) -> list[tuple[str, ...]]:
    return [c.kinds for c in compare({str(n): one for n, one in enumerate(layers)}, ATTRIBUTION)]


def test_equal_layers_agree() -> None:
    assert kinds(layer(), layer()) == [()]


def test_each_facet_is_told_apart() -> None:
    assert kinds(layer(), layer(claim=(1, 24))) == [("boundary",)]
    assert kinds(layer(), layer(speaker=OKAFOR)) == [("speaker",)]
    assert kinds(layer(), layer(speaker=None)) == [("speaker",)]
    assert kinds(layer(), layer(stance="support")) == [("stance",)]
    assert kinds(layer(), layer(target="the wall")) == [("target",)]
    assert kinds(layer(), layer(kind="mixed")) == [()]


def test_another_mention_of_the_same_person_is_no_difference() -> None:
    assert kinds(layer(), layer(speaker=(37, 48))) == [()]


def test_a_frame_that_one_layer_lacks_is_missing() -> None:
    assert kinds(layer(), LayerView()) == [("missing",)]


def test_without_names_overlapping_mentions_are_one_person() -> None:
    assert same_thing(
        Span(1, "SPEAKER", 0, 10),
        Span(2, "SPEAKER", 5, 12, attributes={"name": "X"}),
        ATTRIBUTION,
    )
    assert not same_thing(Span(1, "SPEAKER", 0, 5), Span(2, "SPEAKER", 5, 12), ATTRIBUTION)


@given(annotated(), annotated(), st.permutations(["a", "b", "c"]))
def test_the_order_of_layers_does_not_matter(left: tuple, right: tuple, order: list[str]) -> None:
    layers = {"a": left[1], "b": right[1], "c": left[1]}
    shuffled = {name: layers[name] for name in order}
    assert compare(layers, ATTRIBUTION) == compare(shuffled, ATTRIBUTION)


@given(annotated(), annotated())
def test_every_frame_of_every_layer_stands_in_exactly_one_cluster(
    left: tuple, right: tuple
) -> None:
    layers = {"a": left[1], "b": right[1]}
    clusters = compare(layers, ATTRIBUTION)
    for name, view in layers.items():
        held = [c.members[name].head.ident for c in clusters if name in c.members]
        assert sorted(held) == sorted(frame.head.ident for frame in frames(view, ATTRIBUTION))


@given(annotated())
def test_a_layer_agrees_with_itself(case: tuple) -> None:
    text, view = case
    clusters = compare({"a": view, "b": view}, ATTRIBUTION)
    assert all(cluster.agreed for cluster in clusters)
    for measure in agreement([Article(text, {"x": view, "y": view})], ATTRIBUTION):
        assert measure.value in (None, 1.0)


def test_majority_settles_facet_by_facet() -> None:
    majority = policy_called("majority")
    (cluster,) = compare(
        {"a": layer(), "b": layer(stance="support"), "c": layer(claim=(1, 24))}, ATTRIBUTION
    )
    frame = majority(cluster, ATTRIBUTION)
    assert (frame.head.start, frame.head.end) == CLAIM
    assert frame.head.attributes["stance"] == "oppose"
    assert [linked.span.attributes["name"] for linked in frame.linked] == ["Ilse Brandt"]


def test_majority_drops_what_most_did_not_mark_and_leaves_ties_to_a_person() -> None:
    majority = policy_called("majority")
    (lonely,) = compare({"a": layer(), "b": LayerView(), "c": LayerView()}, ATTRIBUTION)
    assert majority(lonely, ATTRIBUTION) is Drop
    (tied,) = compare({"a": layer(), "b": layer(stance="support")}, ATTRIBUTION)
    assert majority(tied, ATTRIBUTION) is None


def test_the_fullest_mention_goes_to_gold() -> None:
    (cluster,) = compare({"a": layer(speaker=(37, 48)), "b": layer()}, ATTRIBUTION)
    frame = policy_called("unanimous")(cluster, ATTRIBUTION)
    assert frame.linked[0].span.text(TEXT) == "Mayor Ilse Brandt"


def test_facets_of_a_frame_with_itself_are_none() -> None:
    (frame,) = frames(layer(), ATTRIBUTION)
    assert facets(frame, frame, ATTRIBUTION) == ()


def test_agreement_is_counted_by_hand() -> None:
    measures = {
        (m.measure, m.label): m.value
        for m in agreement([Article(TEXT, {"x": layer(), "y": layer(claim=(5, 25))})], ATTRIBUTION)
    }
    assert measures["span_f1_exact", "CLAIM"] == 0
    assert measures["span_f1_partial", "CLAIM"] == 1
    assert measures["span_f1_word", "CLAIM"] == 2 * 4 / (5 + 4)
    assert measures["span_f1_exact", "SPEAKER"] == 1
    assert measures["frame_f1", ""] == 0
    assert measures["span_f1_exact", "CUE"] is None


def test_at_least_k_takes_drops_or_leaves() -> None:
    two = policy_called("at-least:2")
    (cluster,) = compare({"a": layer(), "b": layer(stance="support"), "c": layer()}, ATTRIBUTION)
    assert two(cluster, ATTRIBUTION).head.attributes["stance"] == "oppose"
    assert policy_called("at-least:3")(cluster, ATTRIBUTION) is None
    assert policy_called("at-least:4")(cluster, ATTRIBUTION) is None
    (lonely,) = compare(
        {"a": layer(), "b": LayerView(), "c": LayerView(), "d": LayerView()}, ATTRIBUTION
    )
    assert two(lonely, ATTRIBUTION) is Drop
    halves = {
        "a": layer(),
        "b": layer(),
        "c": layer(stance="support"),
        "d": layer(stance="support"),
    }
    (torn,) = compare(halves, ATTRIBUTION)
    assert two(torn, ATTRIBUTION) is None


def test_a_boundary_rule_chooses_among_boundaries_and_nothing_else() -> None:
    layers = {
        "a": layer(),
        "b": layer(claim=(1, 24)),
        "c": layer(claim=(1, 24)),
        "d": layer(claim=(2, 24)),
    }
    (edges,) = compare(layers, ATTRIBUTION)
    wanted = {"longest": (0, 25), "shortest": (2, 24), "commonest": (1, 24)}
    for name, place_ in wanted.items():
        head = policy_called(f"unanimous+{name}")(edges, ATTRIBUTION).head
        assert (head.start, head.end) == place_
    (tied,) = compare({"a": layer(), "b": layer(claim=(1, 24))}, ATTRIBUTION)
    assert policy_called("majority+commonest")(tied, ATTRIBUTION) is None
    (more,) = compare({"a": layer(), "b": layer(claim=(1, 24), stance="support")}, ATTRIBUTION)
    assert policy_called("majority+longest")(more, ATTRIBUTION) is None


@given(
    annotated(),
    annotated(),
    st.sampled_from(["unanimous", "majority", "at-least:1", "at-least:2", "weighted"]),
    st.sampled_from(["", "+longest", "+shortest", "+commonest"]),
    st.permutations("abc"),
)
def test_a_policy_takes_only_what_a_layer_holds_whatever_the_names(
    one: tuple, other: tuple, base: str, edge: str, names: list[str]
) -> None:
    decide = policy_called(base + edge)
    views = [one[1], other[1], one[1]]
    outcomes = []
    for order in ("abc", names):
        layers = dict(zip(order, views, strict=True))
        made = [decide(cluster, ATTRIBUTION) for cluster in compare(layers, ATTRIBUTION)]
        frames_ = [frame for frame in made if isinstance(frame, Frame)]
        held = {(s.label, s.ranges) for view in views for s in view.spans.values()}
        taken = [frame.head for frame in frames_]
        taken += [linked.span for frame in frames_ for linked in frame.linked]
        assert {(span.label, span.ranges) for span in taken} <= held
        outcomes.append(sorted((content(frame) for frame in frames_), key=repr))
    assert outcomes[0] == outcomes[1]

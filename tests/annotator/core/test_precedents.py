"""What a settled dispute says of each facet, and which words are alike, whatever the schema."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotator.core import precedents
from annotator.core.compare import Cluster, Suggestions, compare
from annotator.core.dispute import shuffled
from annotator.core.merge import Drop
from corpus.core.schema import ATTRIBUTION, SchemaView
from corpus.core.span import LayerView, Link, Span, layer_view
from tools.schemas import TEXT, layers, schemas

NEWS = "Ilse Brandt denied that the wall will hold.\n\nTomas said so."


def claim(stance: str, *, end: str = "hold", name: str = "Ilse Brandt") -> LayerView:
    start = NEWS.index("that the wall")
    place = (start, NEWS.index(end) + len(end))
    who = NEWS.index(name)
    spans = [
        Span(1, "CLAIM", *place, attributes={"stance": stance}),
        Span(2, "SPEAKER", who, who + len(name), attributes={"name": "Ilse Brandt"}),
        Span(3, "CUE", NEWS.index("denied"), NEWS.index("denied") + 6),
    ]
    return layer_view(spans, [Link(1, "said_by", 1, 2)])


def law(reviews: list[LayerView], chosen: Any) -> dict[str, precedents.Ruling]:
    """The rulings of the one dispute, by facet; `chosen` is a stance, or nothing."""
    named = {chr(ord("a") + number): view for number, view in enumerate(reviews)}
    clusters = compare(named, ATTRIBUTION)
    (disputed,) = [cluster for cluster in clusters if not cluster.agreed]
    outcome: Any = Drop
    for _, frame in shuffled(disputed, ATTRIBUTION):
        if frame.head.attributes.get("stance") == chosen:
            outcome = frame
    cue = precedents.Cues(clusters, ATTRIBUTION, NEWS).near(disputed)
    found = precedents.rulings(disputed, outcome, ATTRIBUTION, NEWS, cue=cue)
    return {ruling.facet: ruling for ruling in found}


def test_a_ruling_counts_who_held_what_was_chosen_and_what_was_refused() -> None:
    reviews = [claim("oppose")] * 3 + [claim("neutral"), claim("support")]
    (ruling,) = law(reviews, "oppose").values()
    assert (ruling.facet, ruling.label, ruling.value, ruling.votes) == (
        "stance",
        "CLAIM",
        "oppose",
        3,
    )
    assert ruling.others == (("neutral", 1), ("support", 1))
    assert (ruling.words, ruling.cue) == ("that the wall will hold", "denied")


def test_the_same_person_under_another_mention_is_the_chosen_value() -> None:
    reviews = [claim("oppose"), claim("neutral", name="Ilse")]
    assert set(law(reviews, "oppose")) == {"stance"}
    other = claim("neutral", name="Tomas")
    spans = {**other.spans, 2: replace(other.spans[2], attributes={"name": "Tomas"})}
    found = law([claim("oppose"), replace(other, spans=spans)], "oppose")
    assert (found["speaker"].value, found["speaker"].others) == ("Ilse Brandt", (("Tomas", 1),))


def test_a_frame_that_some_did_not_mark_counts_them_against_it() -> None:
    one = claim("oppose")
    nothing = replace(one, spans={3: one.spans[3]}, links={})
    assert law([one, one, nothing], "oppose")["missing"].others == (("not marked", 1),)
    dropped = law([one, one, nothing], None)["missing"]
    assert (dropped.value, dropped.votes, dropped.others) == ("not marked", 1, (("marked", 2),))


def test_a_cue_in_another_paragraph_is_no_cue_of_it() -> None:
    view = claim("oppose")
    start = NEWS.index("said")
    far = replace(view, spans={**view.spans, 3: Span(3, "CUE", start, start + 4)})
    (ruling,) = law(
        [far, replace(far, spans={**far.spans, 1: claim("mixed").spans[1]})], "mixed"
    ).values()
    assert ruling.cue == ""


@given(st.data())
def test_rulings_fit_their_columns_in_any_schema(data: Any) -> None:
    schema: SchemaView = data.draw(schemas())
    views = {name: data.draw(layers(schema)) for name in "abc"}
    clusters = compare(views, schema)
    cues = precedents.Cues(clusters, schema, TEXT)
    for cluster in clusters:
        if cluster.agreed:
            continue
        outcomes: list[Any] = [Drop, *(frame for _, frame in shuffled(cluster, schema))]
        for outcome in outcomes:
            found = list(precedents.rulings(cluster, outcome, schema, TEXT, cue=cues.near(cluster)))
            assert [ruling.facet for ruling in found] == list(cluster.kinds)
            for ruling in found:
                assert (
                    len(ruling.value) <= 200 and len(ruling.words) <= 400 and len(ruling.cue) <= 200
                )
                assert _voters(cluster, ruling) == len(
                    cluster.layers if ruling.facet == "missing" else cluster.members
                )


def _voters(cluster: Cluster, ruling: precedents.Ruling) -> int:
    return ruling.votes + sum(votes for _, votes in ruling.others)


def test_the_most_alike_words_come_first_and_rare_words_count_more() -> None:
    texts = {
        1: "the plan is the end of the town",
        2: "that the plan will ruin the town",
        3: "it is what it is, said the mayor of the town",
        4: "the plan will ruin everything",
    }
    assert precedents.most_alike("the plan will ruin us", texts, 3) == [4, 2, 1]
    # Of equals the first given comes first.
    assert precedents.most_alike("xyz", texts, 2) == [1, 2]
    assert precedents.most_alike("", {1: ""}, 3) == [1]


def test_words_without_spaces_between_them_are_alike_too() -> None:
    texts = {1: "部长说桥梁不安全", 2: "天气很好", 3: "他否认桥梁安全"}
    assert precedents.most_alike("桥梁是安全的", texts, 2) == [3, 1]
    assert precedents.most_alike(
        "Der Plan SEI gut", {1: "kein Wort", 2: "der plan sei schlecht"}, 1
    ) == [2]


def test_who_did_not_look_counts_neither_for_nor_against() -> None:
    one = claim("oppose")
    nothing = replace(one, spans={3: one.spans[3]}, links={})
    views = {"a": one, "b": nothing}
    (unseen,) = [
        cluster
        for cluster in compare(views, ATTRIBUTION, shown={"b": Suggestions({1: one.spans[1]}, {1})})
        if not cluster.agreed
    ]
    (ruling,) = precedents.rulings(unseen, next(iter(unseen.members.values())), ATTRIBUTION, NEWS)
    assert (ruling.facet, ruling.value, ruling.votes, ruling.others) == ("unseen", "marked", 1, ())

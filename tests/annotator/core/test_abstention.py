"""What nobody looked at is no vote, and what rides along is no dispute."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from annotator.core import dispute
from annotator.core.agreement import Article, agreement
from annotator.core.compare import Cluster, Suggestions, compare
from annotator.core.gold import build, frame_value, outcomes_of
from annotator.core.merge import Drop, policy_called
from corpus.core.schema import ATTRIBUTION, Attribute, Label, LinkKind, SchemaView
from corpus.core.span import LayerView, Link, Span, layer_view

TEXT = "The wall will not hold, said Brandt. It costs more, said Okafor, and Brandt denied it."
# A cue that is linked to, and the document's own attribute.
CUED = SchemaView(
    {
        "CLAIM": Label("CLAIM", "Claim", attributes=(Attribute("certain", "flag"),)),
        "CUE": Label("CUE", "Cue", fold=True),
    },
    {"cued": LinkKind("cued", ("CLAIM",), ("CUE",))},
    (Attribute("topic", "text"),),
)


def claim(ident: int, start: int = 0, end: int = 22, **attributes: Any) -> Span:
    return Span(ident, "CLAIM", start, end, attributes=attributes)


def cue(ident: int, start: int = 24, end: int = 28) -> Span:
    return Span(ident, "CUE", start, end)


def layer(*spans: Span, links: tuple[Link, ...] = ()) -> LayerView:
    return layer_view(spans, links)


def untouched(*spans: Span) -> Suggestions:
    return Suggestions({span.ident: span for span in spans}, {span.ident for span in spans})


def one(layers: dict[str, LayerView], schema: SchemaView = ATTRIBUTION, **left: Span) -> Cluster:
    (cluster,) = compare(
        layers, schema, shown={name: untouched(span) for name, span in left.items()}
    )
    return cluster


def test_a_frame_that_one_holds_and_the_other_did_not_look_at_is_a_dispute_of_its_own() -> None:
    cluster = one({"a": layer(claim(1, stance="oppose")), "b": layer()}, b=claim(1))
    assert cluster.kinds == ("unseen",)
    assert (cluster.voters, cluster.abstained) == (("a",), ("b",))
    assert dispute.parts(cluster) == ()
    assert dispute.differences(cluster, ATTRIBUTION) == ({"unseen": 1}, [("a", "b")])


def test_who_looked_and_marked_nothing_still_says_no() -> None:
    cluster = one({"a": layer(claim(1)), "b": layer()})
    assert cluster.kinds == ("missing",)
    elsewhere = one({"a": layer(claim(1)), "b": layer()}, b=claim(2, 37, 50))
    assert elsewhere.kinds == ("missing",)


def test_it_is_settled_after_all_that_people_differ_on() -> None:
    facets = ATTRIBUTION.facets
    assert facets[0] == "missing" and facets[-1] == "unseen"
    seen = one({"a": layer(claim(1, stance="oppose")), "b": layer(claim(1, stance="neutral"))})
    unseen = one({"a": layer(claim(1)), "b": layer()}, b=claim(1))
    turns = [dispute.turn(cluster, ATTRIBUTION, TEXT) for cluster in (seen, unseen)]
    assert turns == sorted(turns)


def test_two_who_looked_and_agree_are_enough() -> None:
    three = {"a": layer(claim(1)), "b": layer(claim(1)), "c": layer()}
    assert one(three, c=claim(1)).agreed
    assert one(three).kinds == ("missing",)


def test_between_those_who_looked_a_difference_stays_what_it_is() -> None:
    layers = {
        "a": layer(claim(1, stance="oppose")),
        "b": layer(claim(1, stance="neutral")),
        "c": layer(),
    }
    assert one(layers, c=claim(1)).kinds == ("stance",)
    refused = {"a": layer(claim(1)), "b": layer(), "c": layer()}
    cluster = one(refused, c=claim(1))
    assert cluster.kinds == ("missing",)
    assert dispute.differences(cluster, ATTRIBUTION) == ({"missing": 1}, [("a", "b")])


def test_a_suggestion_under_other_words_is_no_abstention() -> None:
    layers = {"a": layer(claim(1)), "b": layer()}
    assert one(layers, b=Span(7, "SPEAKER", 0, 3)).kinds == ("missing",)
    assert one(layers, b=Span(7, "SPEAKER", 0, 20)).kinds == ("unseen",)


def test_whoever_marked_it_themselves_has_a_vote_whatever_they_left() -> None:
    layers = {"a": layer(claim(1)), "b": layer(claim(9, 0, 20))}
    assert one(layers, b=claim(1)).kinds == ("boundary",)


def test_who_rejected_the_claim_and_left_one_inside_it_said_no() -> None:
    inner = claim(2, 12, 22)
    shown = Suggestions({1: claim(1), 2: inner}, {2})
    layers = {"a": layer(claim(1)), "b": layer(), "c": layer()}
    (cluster,) = compare(layers, ATTRIBUTION, shown={"b": shown, "c": shown})
    assert (cluster.kinds, cluster.abstained) == (("missing",), ())
    assert policy_called("majority")(cluster, ATTRIBUTION) is Drop
    (cluster,) = compare({"a": layer(inner), "b": layer()}, ATTRIBUTION, shown={"b": shown})
    assert cluster.kinds == ("unseen",)


def test_policies_count_those_who_looked() -> None:
    alone = one({"a": layer(claim(1)), "b": layer()}, b=claim(1))
    assert policy_called("unanimous")(alone, ATTRIBUTION) is None
    assert policy_called("majority")(alone, ATTRIBUTION) is None
    assert policy_called("at-least:2")(alone, ATTRIBUTION) is None
    taken = policy_called("at-least:1")(alone, ATTRIBUTION)
    assert not isinstance(taken, type) and taken is not None and taken.head.end == 22

    layers = {"a": layer(claim(1)), "b": layer(claim(1)), "c": layer(), "d": layer(), "e": layer()}
    left = {name: untouched(claim(1)) for name in ("d", "e")}
    (most,) = compare(layers, ATTRIBUTION, shown=left)
    taken = policy_called("majority")(most, ATTRIBUTION)
    assert taken is not None and taken is not Drop
    # Without abstentions three of five marked nothing.
    (most,) = compare(layers, ATTRIBUTION)
    assert policy_called("majority")(most, ATTRIBUTION) is Drop


def test_a_document_that_was_not_looked_at_says_nothing_of_it() -> None:
    topic = replace(layer(), attributes={"topic": "the wall"})
    left = Suggestions({}, {0})
    (cluster,) = compare({"a": topic, "b": layer()}, CUED, shown={"b": left})
    assert cluster.kinds == ("unseen",)
    assert cluster.is_of_document
    (cluster,) = compare({"a": topic, "b": layer()}, CUED)
    assert cluster.kinds == ("topic",)


def gold_of(layers: dict[str, LayerView], schema: SchemaView) -> LayerView:
    clusters = compare(layers, schema)
    assert all(cluster.agreed for cluster in clusters)
    before = LayerView()
    chosen = outcomes_of(clusters, {}, schema, before=before, numbered=lambda *_: None)
    return build(clusters, chosen, schema, before=before).view


def test_a_difference_in_what_rides_along_is_no_dispute_and_gold_takes_what_most_hold() -> None:
    layers = {"a": layer(cue(1)), "b": layer(cue(1)), "c": layer(cue(1, 24, 29)), "d": layer()}
    (span,) = gold_of(layers, ATTRIBUTION).spans.values()
    assert (span.label, span.end) == ("CUE", 28)
    assert not gold_of({"a": layer(cue(1)), "b": layer(), "c": layer()}, ATTRIBUTION).spans
    # Of two who differ one took the trouble to mark it.
    assert len(gold_of({"a": layer(cue(1)), "b": layer()}, ATTRIBUTION).spans) == 1


def test_what_rides_along_comes_and_goes_with_its_frame() -> None:
    both = layer(claim(1, stance="oppose"), cue(2))
    refused = layer()
    # Who rejects a claim does not look at its cue.
    shown = Suggestions({1: claim(1), 2: cue(2)}, {2})
    clusters = compare(
        {"a": both, "b": refused, "c": refused}, ATTRIBUTION, shown={"b": shown, "c": shown}
    )
    assert [cluster.kinds for cluster in clusters] == [("missing",), ()]

    def gold(settled: dict[int, Any]) -> list[str]:
        before = LayerView()
        chosen = outcomes_of(
            clusters, settled, ATTRIBUTION, before=before, numbered=lambda *_: None
        )
        view = build(clusters, chosen, ATTRIBUTION, before=before).view
        return [span.label for span in view.in_order()]

    claimed = clusters[0]
    frame = frame_value(claimed.members["a"], clusters)
    assert gold({}) == []
    assert gold({claimed.ident: {"choice": "none"}}) == []
    assert gold({claimed.ident: {"choice": "version", "frame": frame}}) == ["CLAIM", "CUE"]


def test_links_to_what_rides_along_are_no_dispute_either() -> None:
    linked = layer(claim(1), cue(2), links=(Link(3, "cued", 1, 2),))
    unlinked = layer(claim(1), cue(2))
    without = layer(claim(1))
    assert "cued" not in CUED.facets
    gold = gold_of({"a": linked, "b": linked, "c": unlinked}, CUED)
    assert [(link.kind, len(gold.spans)) for link in gold.links.values()] == [("cued", 2)]
    gold = gold_of({"a": linked, "b": without, "c": without}, CUED)
    assert ([span.label for span in gold.spans.values()], len(gold.links)) == (["CLAIM"], 0)


def test_places_that_one_did_not_look_at_say_nothing_of_agreement() -> None:
    speaker = Span(5, "SPEAKER", 29, 35)
    both = layer(claim(1, stance="oppose"))
    more = layer(
        claim(1, stance="oppose"),
        claim(2, 37, 50, stance="oppose"),
        speaker,
        links=(Link(3, "said_by", 2, 5),),
    )
    left = {"b": untouched(claim(2, 37, 50), speaker)}

    def value(shown: dict[str, Suggestions], measure: str, label: str) -> float | None:
        article = Article(TEXT, {"a": more, "b": both}, shown)
        (row,) = [
            row
            for row in agreement([article], ATTRIBUTION)
            if (row.measure, row.label, row.a) == (measure, label, None)
        ]
        return row.value

    for measure, label in (("frame_f1", ""), ("span_f1_exact", "CLAIM")):
        assert value(left, measure, label) == 1
        assert (value({}, measure, label) or 0) < 1
    # The speaker goes with its claim.
    assert value(left, "span_f1_exact", "SPEAKER") is None

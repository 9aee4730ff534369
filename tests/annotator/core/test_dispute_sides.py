"""Who stands where in a dispute: the values of each facet, their holders, the suggestion's side."""

from __future__ import annotations

from typing import Any

from annotator.core.compare import Suggestions, compare
from annotator.core.dispute_sides import sides_of
from annotator.core.frames import Frame, frames
from corpus.core.schema import ATTRIBUTION, Attribute, Label, LinkKind, SchemaView
from corpus.core.span import LayerView, Link, Span, layer_view

TEXT = "Okafor denied that the town was broke, said Mayor Ilse Brandt of the harbour."
CLAIM = (14, 37)
BRANDT = (44, 61)
OKAFOR = (0, 6)


def layer(
    claim: tuple[int, int] = CLAIM, speaker: tuple[int, int] | None = None, **attributes: Any
) -> LayerView:
    head = Span(1, "CLAIM", *claim, attributes=attributes)
    if speaker is None:
        return layer_view([head])
    name = {BRANDT: {"name": "Ilse Brandt"}}.get(speaker, {})
    return layer_view(
        [head, Span(2, "SPEAKER", *speaker, attributes=name)], [Link(1, "said_by", 1, 2)]
    )


def told(
    *layers: LayerView, schema: SchemaView = ATTRIBUTION, suggestion: LayerView | None = None
) -> dict[str, Any]:
    """The sides of the one dispute between these layers, called bob, carol, erin."""
    names = ("bob", "carol", "erin")
    named = dict(zip(names, layers, strict=False))
    (cluster,) = [c for c in compare(named, schema) if c.kinds]
    begun: dict[str, Frame] = {}
    if suggestion is not None:
        begun = dict.fromkeys(named, frames(suggestion, schema)[0])
    found = sides_of(cluster, schema, TEXT, suggestions=begun)
    letters = {name: name for name in names}
    return {facet: sides.as_json(letters) for facet, sides in found.items()}


def said(found: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(side["value"], side["held"]) for side in found["sides"]]


def test_a_value_stands_with_those_who_hold_it() -> None:
    found = told(layer(stance="oppose"), layer(stance="neutral"), layer(stance="oppose"))
    assert said(found["stance"]) == [("oppose", ["bob", "erin"]), ("neutral", ["carol"])]
    # Of the two sides the one whose value comes first in the alphabet is named first.
    assert found["stance"]["cells"] == [[1, 0, "neutral", "oppose"]]


def test_a_missing_value_is_called_none() -> None:
    found = told(layer(stance="oppose"), layer())
    assert said(found["stance"]) == [("none", ["carol"]), ("oppose", ["bob"])]


def test_a_frame_that_some_did_not_mark() -> None:
    found = told(layer(), layer_view([]))
    assert said(found["missing"]) == [
        ("marked ‘that the town was broke’", ["bob"]),
        ("nothing", ["carol"]),
    ]
    assert found["missing"]["cells"] == [[0, 1, "CLAIM", "nothing"]]


def test_who_did_not_look_says_neither_yes_nor_no() -> None:
    marked, suggestion = layer(), Span(1, "CLAIM", *CLAIM)
    views = {"bob": marked, "carol": layer_view([])}
    (cluster,) = compare(views, ATTRIBUTION, shown={"carol": Suggestions({1: suggestion}, {1})})
    found = sides_of(cluster, ATTRIBUTION, TEXT, suggestions={})
    assert list(found) == ["unseen"]
    assert [(side.value, side.layers) for side in found["unseen"].sides] == [
        ("marked ‘that the town was broke’", ("bob",)),
        ("not looked at", ("carol",)),
    ]
    assert found["unseen"].oppositions[0].keys == ("CLAIM", "not looked at")
    # Beside somebody who looked and did not mark it, they stand on no side.
    views["erin"] = layer_view([])
    (cluster,) = compare(views, ATTRIBUTION, shown={"carol": Suggestions({1: suggestion}, {1})})
    found = sides_of(cluster, ATTRIBUTION, TEXT, suggestions={})
    assert [side.layers for side in found["missing"].sides] == [("bob",), ("erin",)]


def test_an_answer_about_the_document_is_told_as_one() -> None:
    schema = SchemaView({}, {}, (Attribute("tone", "choice", ("calm", "loud")),))
    views = {"bob": LayerView(attributes={"tone": "calm"}), "carol": LayerView()}
    (cluster,) = compare(views, schema)
    found = sides_of(cluster, schema, TEXT, suggestions={})
    assert [side.value for side in found["tone"].sides] == ["calm", "none"]


def test_of_a_boundary_the_words_that_differ_are_told() -> None:
    found = told(layer(), layer(claim=(19, 37)))
    assert said(found["boundary"]) == [("without", ["carol"]), ("‘that’ …", ["bob"])]
    assert found["boundary"]["cells"] == [[1, 0, "starts earlier", "starts later"]]
    found = told(layer(claim=(19, 37)), layer(claim=(14, 31)))
    assert said(found["boundary"]) == [("‘that’ …", ["carol"]), ("… ‘broke’", ["bob"])]
    assert found["boundary"]["cells"] == [[1, 0, "lies after", "lies before"]]
    pieces = layer_view([Span(1, "CLAIM", 14, 37, ((14, 18), (23, 37)))])
    found = told(pieces, layer())
    assert found["boundary"]["cells"] == [[0, 1, "in fewer pieces", "in more pieces"]]


def test_of_a_link_the_names_at_its_other_end_are_told() -> None:
    found = told(layer(speaker=BRANDT), layer(speaker=OKAFOR), layer(speaker_state="author"))
    assert said(found["speaker"]) == [
        ("Ilse Brandt", ["bob"]),
        ("author", ["erin"]),
        ("‘Okafor’", ["carol"]),
    ]
    assert len(found["speaker"]["cells"]) == 3


def test_another_label_is_a_side_of_its_own() -> None:
    other = layer_view([Span(1, "SPEAKER", *CLAIM)])
    assert said(told(layer(), other)["label"]) == [("CLAIM", ["bob"]), ("SPEAKER", ["carol"])]


def test_the_side_of_the_suggestion_is_marked() -> None:
    suggestion = layer(stance="oppose")
    found = told(layer(stance="oppose"), layer(stance="neutral"), suggestion=suggestion)
    assert [(s["value"], s["suggested"]) for s in found["stance"]["sides"]] == [
        ("neutral", False),
        ("oppose", True),
    ]
    # Both may have left what was suggested.
    found = told(layer(stance="mixed"), layer(stance="neutral"), suggestion=suggestion)
    assert not any(side["suggested"] for side in found["stance"]["sides"])


def test_any_schema_is_told_in_its_own_words() -> None:
    urgent = Attribute("urgent", "flag")
    topics = Attribute("topics", "choices", ("harbour", "money"))
    schema = SchemaView(
        {
            "EVENT": Label("EVENT", "Event", attributes=(urgent, topics)),
            "PLACE": Label("PLACE", "Place"),
        },
        {"at": LinkKind("at", ("EVENT",), ("PLACE",))},
    )

    def event(place: tuple[int, int], **attributes: Any) -> LayerView:
        spans = [
            Span(1, "EVENT", *CLAIM, attributes=attributes),
            Span(2, "PLACE", 65, 76),
            Span(3, "PLACE", *OKAFOR),
        ]
        target = next(span.ident for span in spans if (span.start, span.end) == place)
        return layer_view(spans, [Link(1, "at", 1, target)])

    found = told(
        event((65, 76), urgent=True, topics=["harbour", "money"]),
        event(OKAFOR, urgent=False),
        schema=schema,
    )
    assert said(found["at"]) == [("‘Okafor’", ["carol"]), ("‘the harbour’", ["bob"])]
    assert said(found["urgent"]) == [("no", ["carol"]), ("yes", ["bob"])]
    assert said(found["topics"]) == [("harbour, money", ["bob"]), ("none", ["carol"])]


def test_quotation_marks_are_not_doubled_but_stand_where_they_are_what_differs() -> None:
    quoted = "He said “We will not pay”, and left."
    views = {
        "bob": layer_view([Span(1, "CLAIM", 8, 25)]),
        "carol": layer_view([Span(1, "CLAIM", 9, 24)]),
        "erin": layer_view([]),
    }
    (cluster,) = compare(views, ATTRIBUTION)
    found = sides_of(cluster, ATTRIBUTION, quoted, suggestions={})
    assert [side.value for side in found["boundary"].sides] == ["without", "‘“’ … ‘”’"]
    assert found["missing"].sides[0].value == "marked ‘We will not pay’"


def test_long_values_are_cut() -> None:
    found = told(layer(target="x" * 5000), layer(target="y"))
    assert max(len(side["value"]) for side in found["target"]["sides"]) == 100

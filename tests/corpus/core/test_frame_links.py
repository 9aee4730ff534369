"""Links between the ends of frames."""

from __future__ import annotations

from corpus.core.frame_links import joined
from corpus.core.schema_templates import template_called
from corpus.core.span import Link, Span, layer_view

SCHEMA = template_called("attribution").schema
SPANS = [Span(1, "SPEAKER", 0, 3), Span(2, "CUE", 4, 8), Span(3, "CLAIM", 9, 12)]


def ends(links: list[Link], spans: list[Span] = SPANS) -> set[tuple[str, int, int]]:
    layer, _ = joined(layer_view(spans, links), SCHEMA)
    return {(link.kind, link.source, link.target) for link in layer.links.values()}


def test_who_said_what_is_linked_where_a_cue_links_both() -> None:
    links = [Link(1, "Speaker", 2, 1), Link(2, "Claim", 2, 3)]
    assert ends(links) == {("said_by", 3, 1)}
    assert joined(layer_view(SPANS, links), SCHEMA)[1] == 1


def test_two_speakers_of_one_claim_are_two_links() -> None:
    spans = [*SPANS, Span(4, "SPEAKER", 13, 15)]
    links = [Link(1, "Speaker", 2, 1), Link(2, "Speaker", 2, 4), Link(3, "Claim", 2, 3)]
    assert ends(links, spans) == {("said_by", 3, 1), ("said_by", 3, 4)}


def test_known_kinds_single_links_and_like_ends_stay() -> None:
    for links in (
        [Link(1, "said_by", 3, 1)],
        [Link(1, "Speaker", 2, 1)],
        [Link(1, "Speaker", 2, 1), Link(2, "Speaker", 2, 1)],
    ):
        assert joined(layer_view(SPANS, links), SCHEMA) == (layer_view(SPANS, links), 0)


def test_what_is_linked_already_is_not_linked_again() -> None:
    links = [Link(1, "said_by", 3, 1), Link(2, "Speaker", 2, 1), Link(3, "Claim", 2, 3)]
    layer, made = joined(layer_view(SPANS, links), SCHEMA)
    assert ([link.kind for link in layer.links.values()], made) == (["said_by"], 0)

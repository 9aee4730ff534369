"""What a review lacks of the file that it was made of."""

from __future__ import annotations

from annotator.core.lacking import lacking, same
from corpus.core.span import LayerView, Link, Span


def view(*spans: Span, links: tuple[Link, ...] = ()) -> LayerView:
    return LayerView({span.ident: span for span in spans}, {link.ident: link for link in links})


def test_spans_at_one_place_are_told_apart_by_what_is_said_of_them() -> None:
    ann, ben = (
        Span(n, "SPEAKER", 0, 3, attributes={"name": name}) for n, name in ((1, "Ann"), (2, "Ben"))
    )
    file = view(ann, ben, links=(Link(1, "said_by", 2, 1),))
    # The review has but one of them, under another number.
    own = view(Span(7, "SPEAKER", 0, 3, attributes={"name": "Ben"}))
    more = lacking(own, file)
    assert more.spans == {1: ann}
    assert [(link.source, link.target) for link in more.links.values()] == [(7, 1)]
    assert same(more.onto(own), file)


def test_one_place_with_another_value_is_the_same_span() -> None:
    own = view(Span(1, "SPEAKER", 0, 3, attributes={"name": "Anna"}))
    more = lacking(
        own, view(Span(4, "SPEAKER", 0, 3, attributes={"name": "Ann", "kind": "person"}))
    )
    assert more.spans == {
        1: Span(1, "SPEAKER", 0, 3, attributes={"name": "Anna", "kind": "person"})
    }

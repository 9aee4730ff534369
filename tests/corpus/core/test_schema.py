"""A layer that breaks its schema or leaves its text is told so, by code."""

from __future__ import annotations

import pytest
from hypothesis import given

from corpus.core.layer_check import check
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTION
from corpus.core.schema_file import parse
from corpus.core.span import Link, Span, layer_view
from tools.texts import annotated

TEXT = "Rubio said that it never came up."
SPEAKER = Span(1, "SPEAKER", 0, 5)
CLAIM = Span(2, "CLAIM", 11, 32, attributes={"stance": "unclear"})


def codes(*spans: Span, links: tuple[Link, ...] = ()) -> list[str]:
    return [problem.code for problem in check(layer_view(spans, links), ATTRIBUTION, TEXT)]


def test_a_right_layer_has_no_problem() -> None:
    assert codes(SPEAKER, CLAIM, links=(Link(1, "said_by", 2, 1),)) == []


@given(annotated())
def test_generated_layers_fit_the_schema(case: tuple) -> None:
    text, layer = case
    assert list(check(layer, ATTRIBUTION, text)) == []


@pytest.mark.parametrize(
    ("span", "code"),
    [
        (Span(3, "CLAIM", 5, 99), "span-range"),
        (Span(3, "CLAIM", 5, 5), "span-range"),
        (Span(3, "CLAIM", 5, 10), "span-space"),
        (Span(3, "THING", 0, 5), "span-label"),
        (Span(3, "CLAIM", 0, 5, attributes={"stance": "angry"}), "span-attribute"),
        (Span(3, "CLAIM", 0, 5, attributes={"mood": "angry"}), "span-attribute"),
        (Span(3, "SPEAKER", 0, 5, attributes={"name": 7}), "span-attribute"),
        (Span(3, "CLAIM", 0, 15, ((0, 5), (4, 15))), "span-fragments"),
        (Span(3, "CLAIM", 0, 15, ((0, 5),)), "span-fragments"),
        (Span(3, "CLAIM", 0, 15, ((0, 5), (11, 14))), "span-fragments"),
    ],
)
def test_it_names_what_is_wrong_with_a_span(span: Span, code: str) -> None:
    assert codes(span) == [code]


@pytest.mark.parametrize(
    ("links", "code"),
    [
        ((Link(1, "said_by", 1, 2),), "link-ends"),
        ((Link(1, "said_by", 2, 9),), "link-ends"),
        ((Link(1, "denies", 2, 1),), "link-kind"),
        ((Link(1, "said_by", 2, 1), Link(2, "said_by", 2, 1)), "link-twice"),
    ],
)
def test_it_names_what_is_wrong_with_a_link(links: tuple[Link, ...], code: str) -> None:
    assert codes(SPEAKER, CLAIM, links=links) == [code]


def test_a_schema_survives_json() -> None:
    assert parse(ATTRIBUTION.as_json()) == ATTRIBUTION


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"labels": []},
        {"labels": [{"title": "no name"}]},
        {"labels": [{"name": "A"}], "links": [{"name": "l", "source": "A", "target": "B"}]},
        {"labels": [{"name": "A", "attributes": [{"name": "x", "kind": "choice"}]}]},
        {"labels": "A"},
    ],
)
def test_a_broken_schema_is_refused(data: object) -> None:
    with pytest.raises(Problem) as caught:
        parse(data)
    assert caught.value.code == "schema-invalid"

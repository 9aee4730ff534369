"""Quotation regions on raw text, whatever marks it uses."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.nlp.passages import paragraphs
from annotator.nlp.quotes import outermost, regions


def quoted(text: str) -> list[str]:
    return [text[q.start : q.end] for q in outermost(regions(text, paragraphs(text)))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“It rained,” she said.", ["“It rained,”"]),
        ('"It rained," she said. "It poured."', ['"It rained,"', '"It poured."']),
        ("''It rained,'' she said.", ["''It rained,''"]),
        ("``It rained,'' she said.", ["``It rained,''"]),
        ("« Il pleut », dit-elle.", ["« Il pleut »"]),
        ("„Es regnet“, sagte sie.", ["„Es regnet“"]),
        ("‘It rained,’ she said. ‘It poured.’", ["‘It rained,’", "‘It poured.’"]),
        ("'It rained,' she said.", ["'It rained,'"]),
        ("‘The workers’ rights are gone,’ she said.", ["‘The workers’ rights are gone,’"]),
        ("She didn't say it's John's or the 1990s' fault.", []),
        ("“He said ‘never’ to me,” she said.", ["“He said ‘never’ to me,”"]),
        ("‘He said “never” to me,’ she said.", ["‘He said “never” to me,’"]),
        ("“It never ends", ["“It never ends"]),
        ("“It rained, she said. It was late.", ["“It rained,"]),
        ('The 6" pipe and the 12" pipe', []),
        ("No marks at all.", []),
    ],
)
def test_marks(text: str, expected: list[str]) -> None:
    assert quoted(text) == expected


def test_nested_quotation_has_depth() -> None:
    text = "“He said ‘never,’ and left,” she said."
    assert [(text[q.start : q.end], q.depth) for q in regions(text, paragraphs(text))] == [
        ("“He said ‘never,’ and left,”", 0),
        ("‘never,’", 1),
    ]


def test_open_paragraph_goes_on_in_the_next() -> None:
    text = "“One, two.\n\n“Three.” She left."
    first, second = regions(text, paragraphs(text))
    assert (first.continues, first.closed, second.closed) == (True, False, True)
    assert text[second.start : second.end] == "“Three.”"


@pytest.mark.parametrize(
    "text", ['“One, two.\n\n"Three."', "“One, two.\n\n“LOPEZ: Three.”", "“One, two.\n\n”Three."]
)
def test_another_mark_or_another_name_does_not_go_on(text: str) -> None:
    assert not any(q.continues for q in regions(text, paragraphs(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained,” she said.", ["It rained,”"]),
        ("It was late. It rained,” said Lopez.", ["It rained,”"]),
        ("“It rained,” she said. It poured,” she added.", ["“It rained,”", "It poured,”"]),
        ("It rained,” and it was late.", []),
    ],
)
def test_lost_opening_mark(text: str, expected: list[str]) -> None:
    assert quoted(text) == expected


def test_marks_nest_eight_deep_at_most() -> None:
    text = "“a " * 30 + "b” " * 30
    assert max(q.depth for q in regions(text, paragraphs(text))) == 7


def test_unclosed_quotation_ends_with_its_paragraph() -> None:
    assert quoted("“It never ends.\n\nThe next one has “marks.”") == ["“It never ends.", "“marks.”"]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab. ,\n“”„«»‘’'\"`—", max_size=60))
def test_regions_lie_in_the_text_and_nest(text: str) -> None:
    found = outermost(regions(text, paragraphs(text)))
    assert all(0 <= q.start <= q.inner[0] < q.inner[1] <= q.end <= len(text) for q in found)
    assert all(a.end <= b.start for a, b in pairwise(found))

"""The repaired copy and its map back to the stored text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.nlp.passages import paragraphs
from annotator.nlp.quotes import outermost, regions
from annotator.nlp.repair import repair


def copy_of(text: str) -> str:
    return repair(text, 0, len(text), outermost(regions(text, paragraphs(text)))).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained.Then it stopped.", "It rained. Then it stopped."),
        ("It\u00a0rained.", "It rained."),
        ("It  rained\nagain.", "It rained again."),
        ("It ra\u00adined\u200b.", "It rained."),
        ("the strikesTwo sources said", "the strikes. Two sources said"),
        ("It rained,he said.", "It rained, he said."),
        ("It rained in 2011,he said.", "It rained in 2011, he said."),
        ("It cost 2,011 pounds.", "It cost 2,011 pounds."),
        ("“Rain”he said.", "“Rain” he said."),
        ("He said“rain” twice.", "He said “rain” twice."),
        ("It ended..", "It ended."),
        ("BuzzFeed and the U.S. stay.", "BuzzFeed and the U.S. stay."),
        ("See www.example.com/fooBar now.", "See www.example.com/fooBar now."),
        ("“It rained all day. It poured,” she said.", "“It is so,” she said."),
        ("''It rained all day,'' she said.", "“It is so,” she said."),
    ],
)
def test_copy(text: str, expected: str) -> None:
    assert copy_of(text) == expected


def test_stand_in_maps_to_the_whole_quotation() -> None:
    text = "“It rained all day. It poured,” she said."
    repaired = repair(text, 0, len(text), regions(text, paragraphs(text)))
    at = repaired.text.index("is")
    assert text[slice(*repaired.to_stored(at, at + 2))] == "It rained all day. It poured,"


def test_long_words_are_parted_in_the_copy_only() -> None:
    repaired = repair("a" * 250, 0, 250)
    assert [len(word) for word in repaired.text.split()] == [100, 100, 50]
    assert repaired.to_stored(0, len(repaired.text)) == (0, 250)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abcAB. ,:;\n“”'\"’\u00a0\u200b😀é", max_size=60))
def test_map_is_monotonic_and_stays_inside(text: str) -> None:
    repaired = repair(text, 0, len(text), outermost(regions(text, paragraphs(text))))
    assert len(repaired.text) == len(repaired.starts) == len(repaired.ends)
    assert list(repaired.starts) == sorted(repaired.starts)
    assert all(
        0 <= a <= b <= len(text) for a, b in zip(repaired.starts, repaired.ends, strict=True)
    )


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="abc ABC1", max_size=40).map(lambda t: " ".join(t.lower().split())))
def test_sound_text_is_left_alone(text: str) -> None:
    repaired = repair(text, 0, len(text))
    assert repaired.text == text
    assert all(repaired.to_stored(n, n + 1) == (n, n + 1) for n in range(len(text)))

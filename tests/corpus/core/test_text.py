"""Texts are frozen once, and offsets convert exactly between code points and UTF-16."""

from __future__ import annotations

import pytest
from hypothesis import given

from corpus.core.problems import Problem
from corpus.core.text import MAX_CHARACTERS, Utf16, digest, freeze
from tools.texts import annotated, texts


def test_it_strips_the_bom_and_makes_line_ends_lf() -> None:
    frozen = freeze("\ufeffone\r\ntwo\rthree\u00a0😀".encode())
    assert frozen.text == "one\ntwo\nthree\u00a0😀"
    assert frozen.digest == digest(frozen.text)


def test_it_reads_utf16_when_a_bom_says_so() -> None:
    assert freeze("naïve 😀".encode("utf-16")).text == "naïve 😀"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("café".encode("latin-1"), "text-encoding"),
        ("a\0b", "text-nul"),
        ("a\ud800b", "text-surrogate"),
        (b"", "text-empty"),
        (b" \r\n\t ", "text-empty"),
        ("x" * (MAX_CHARACTERS + 1), "text-too-large"),
    ],
)
def test_it_refuses_what_cannot_be_kept(raw: bytes | str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        freeze(raw)
    assert caught.value.code == code
    assert "\n" not in str(caught.value)


def test_it_never_normalises() -> None:
    assert freeze("e\u0301 ≠ é").text == "e\u0301 ≠ é"


@given(texts)
def test_every_offset_survives_the_way_to_utf16_and_back(text: str) -> None:
    table = Utf16(text)
    units = text.encode("utf-16-le")
    for point in range(len(text) + 1):
        unit = table.to_units(point)
        assert units[: 2 * unit].decode("utf-16-le") == text[:point]
        assert table.to_points(unit) == point


def test_an_offset_inside_a_pair_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        Utf16("a😀b").to_points(2)


@given(annotated())
def test_spans_hold_the_same_words_in_both_counts(case: tuple) -> None:
    text, layer = case
    table, units = Utf16(text), text.encode("utf-16-le")
    for span in layer.spans.values():
        for start, end in span.ranges:
            there = units[2 * table.to_units(start) : 2 * table.to_units(end)].decode("utf-16-le")
            assert there == text[start:end]

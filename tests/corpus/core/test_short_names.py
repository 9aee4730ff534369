"""Short names made from what people read."""

from __future__ import annotations

from itertools import islice

import pytest

from corpus.core.short_names import numbered, short_name


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Harbour news", "harbour-news"),
        ("  Größe über Zürich!  ", "grosse-uber-zurich"),
        ("It’s the mayor's wall", "its-the-mayors-wall"),
        ("Новости порта 2026", "novosti-porta-2026"),
        ("海墙", "haiqiang"),
        ("A/B & C_d", "a-b-c-d"),
        ("…!?", ""),
        ("", ""),
    ],
)
def test_words_of_any_script_become_latin_letters_and_hyphens(words: str, expected: str) -> None:
    assert short_name(words) == expected


def test_a_long_name_ends_with_a_whole_word() -> None:
    assert short_name("alpha beta gamma", longest=12) == "alpha-beta"
    assert short_name("alpha beta gamma", longest=10) == "alpha-beta"
    assert short_name("a" * 90, longest=60) == "a" * 60
    assert len(short_name("word " * 100_000)) <= 60


def test_a_name_is_told_from_others_by_a_number() -> None:
    assert list(islice(numbered("news"), 3)) == ["news", "news-2", "news-3"]
    assert list(islice(numbered("n" * 60), 2)) == ["n" * 60, "n" * 58 + "-2"]

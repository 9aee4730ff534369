"""What moves to a corrected text has the same words there, and keeps its order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.core.span import LayerView, Link, Span
from corpus.core.text_moves import moved_layer, moves_between

WORDS = st.sampled_from(
    ["no", "not", "the", "mayor", "Wall", "3", "3.5", "é", "e\u0301", "😀", "壁"]
)
BREAKS = st.sampled_from([" ", ", ", ". ", "\n", "\n\n", "-"])
TEXTS = st.lists(st.tuples(WORDS, BREAKS).map("".join), min_size=1, max_size=40).map("".join)
ARTICLE = (
    "The mayor said no.\n\nShe said that it would cost more, and more again.\n\n"
    "Tomas Okafor denied that the town was broke.\n"
)


def placed(words: str, old: str, new: str) -> str | None:
    """The words that a span over some words of the old text has in the new one."""
    start = old.index(words)
    place = moves_between(old, new).place((start, start + len(words)))
    return None if place is None else new[slice(*place)]


@given(TEXTS, TEXTS)
def test_what_moves_has_the_same_words_and_stays_in_order(old: str, new: str) -> None:
    moves = moves_between(old, new)
    for block in moves.blocks:
        assert old[block.old : block.old + block.size] == new[block.new : block.new + block.size]
    for one, following in pairwise(moves.blocks):
        assert one.old + one.size <= following.old
        assert one.new + one.size <= following.new


@given(TEXTS)
def test_in_the_same_text_everything_stays(text: str) -> None:
    moves = moves_between(text, text)
    for start in range(len(text)):
        assert moves.place((start, len(text))) == (start, len(text))


@given(st.lists(st.text("abc ", min_size=1, max_size=9), min_size=1, max_size=8), st.data())
def test_all_moves_but_the_words_of_a_paragraph_that_goes_in(
    lines: list[str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(lines)))
    old = "".join(f"{line}\n" for line in lines)
    more = "Something else.\n"
    new = "".join(f"{line}\n" for line in [*lines[:at], more.rstrip(), *lines[at:]])
    moves = moves_between(old, new)
    for one, following in pairwise([*range(len(old)), len(old)]):
        place = moves.place((one, following))
        assert place is not None
        assert place[0] - one in (0, len(more))
    assert sum(block.size for block in moves.blocks) == len(old)


@pytest.mark.parametrize(
    ("words", "old", "new"),
    [
        ("no", "The mayor said no.", "The mayor said no-one."),
        ("not", "It is not here today.", "It is nothing here today."),
        ("3", "It costs 3 euros in all.", "It costs 3.5 euros in all."),
        ("cafe", "In the cafe they met.", "In the cafe\u0301 they met."),
        ("कि", "उसने कहा कि वह", "उसने कहा की वह"),
        ("the wall", "Today the wall fell down.", "Today the old wall fell down."),
    ],
)
def test_a_word_that_became_another_does_not_move(words: str, old: str, new: str) -> None:
    assert placed(words, old, new) is None


@pytest.mark.parametrize(
    ("words", "new"),
    [
        ("no", ARTICLE + "Twice."),
        ("She", ARTICLE.replace("mayor", "new mayor")),
        ("Tomas Okafor", ARTICLE.replace("cost more, and more", "cost less, and less")),
        ("said that it", ARTICLE.replace("The mayor said no.\n\n", "")),
        ("no.\n\nShe", "Harbour\n\n" + ARTICLE),
        ("again", ARTICLE.replace("more, and", "more and")),
    ],
)
def test_words_beside_a_correction_move(words: str, new: str) -> None:
    assert placed(words, ARTICLE, new) == words


@pytest.mark.parametrize("words", ["市長", "言った"])
def test_of_a_text_without_spaces_the_words_beside_a_correction_move(words: str) -> None:
    old = "市長は壁を建てないと言った。"
    assert placed(words, old, old.replace("壁", "高い壁")) == words


def test_texts_of_few_words_that_repeat_are_compared_in_bounded_steps() -> None:
    old, new = "a b " * 50_000, "b a " * 50_000
    assert moves_between(old, new).blocks
    assert moves_between(old, "c a b " * 30_000).too_different


def test_a_text_that_is_another_moves_nothing_and_says_so() -> None:
    moves = moves_between(ARTICLE, "Rain fell on the hills.\nThe mayor was not there.\n")
    assert moves.too_different
    assert not moves.blocks
    assert placed("mayor", ARTICLE, "Rain fell on the hills. A mayor slept.\n") is None


def test_a_passage_that_was_written_anew_keeps_no_word_of_it() -> None:
    new = ARTICLE.replace("The mayor said no.", "Nobody in the council thought the mayor would win")
    assert placed("mayor", ARTICLE, new) is None
    assert placed("broke", ARTICLE, new) == "broke"


def test_a_span_moves_with_all_its_fragments_or_not_at_all() -> None:
    old = "They said it will, she thinks, not hold."
    begin, end = old.index("it will"), old.index("not hold")
    spans = [
        Span(1, "CLAIM", begin, end + 8, ((begin, begin + 7), (end, end + 8))),
        Span(2, "SPEAKER", 0, 4),
        Span(3, "CLAIM", end, end + 8),
    ]
    links = [Link(4, "said_by", 1, 2), Link(5, "said_by", 3, 2)]
    view = LayerView(
        {span.ident: span for span in spans},
        {link.ident: link for link in links},
        attributes={"genre": "news"},
    )
    inside = old.replace("she thinks", "she now thinks")
    moved = moved_layer(view, moves_between(old, inside))
    assert not moved.left
    assert moved.view.spans[1].covered(inside) == "it will … not hold"
    assert moved.view.links == view.links
    assert moved.view.attributes == {"genre": "news"}
    broken = old.replace("it will", "it may")
    moved = moved_layer(view, moves_between(old, broken))
    assert [span.ident for span in moved.left] == [1]
    assert sorted(moved.view.links) == [5]

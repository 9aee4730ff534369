"""Quotes are found where they stand, word for word, and nowhere else."""

from __future__ import annotations

import itertools
import random
import time

from annotator.suggesters.llm.anchoring import Place, Quotable, chosen, fold

TEXT = (
    "“It won’t hold,” said Ann.\nShe said it\u00a0would  cost more. He said so, the end: “It won’t."
)


def words(place: Place | None, text: str = TEXT) -> list[str]:
    assert place is not None
    return [text[start:end] for start, end in place]


def places(quote: str, text: str = TEXT) -> list[list[str]]:
    return [words(place, text) for place in Quotable(text, 0, len(text)).places(quote)]


def test_an_exact_quote_is_found_wherever_it_stands() -> None:
    assert places("“It won’t") == [["“It won’t"]] * 2


def test_quotation_marks_and_white_space_may_differ() -> None:
    assert places('"It won\'t hold," said Ann. She') == [["“It won’t hold,” said Ann.\nShe"]]
    assert places("it would cost more") == [["it\u00a0would  cost more"]]


def test_nothing_else_may_differ() -> None:
    assert places("it would cost most") == []
    assert places("it wont hold") == []
    assert places("IT WON’T HOLD") == []
    assert places("  ") == []


def test_a_part_of_a_word_is_no_mention() -> None:
    assert places("He") == [["He"]]
    assert places("he") == []
    # Scripts without spaces have no words to part.
    assert places("市长", "布兰特市长说") == [["市长"]]


def test_an_ellipsis_parts_fragments_in_order() -> None:
    assert places("She said … He said so") == [["She said", "He said so"]]
    assert places("He said so ... She said") == []
    # One that stands in the text is a character like others.
    assert places("and … so", "and … so on") == [["and … so"]]


def test_the_folded_text_knows_where_each_character_stood() -> None:
    folded, starts, ends = fold("a \n\u00a0“b”")
    assert folded == 'a "b"'
    assert (starts, ends) == ([0, 1, 4, 5, 6], [1, 4, 5, 6, 7])


def starts(text: str, quotes: list[str]) -> list[int | None]:
    quotable = Quotable(text, 0, len(text))
    found = chosen(quotes, [quotable.places(quote) for quote in quotes])
    return [None if place is None else place[0][0] for place in found]


def test_repeated_mentions_follow_the_text() -> None:
    text = "she a she b she c she"
    assert starts(text, ["she", "she", "she"]) == [0, 6, 12]
    assert starts(text, ["b", "she", "c"]) == [10, 12, 16]
    assert starts(text, ["a", "she", "b", "she"]) == [4, 6, 10, 12]


def test_one_step_back_does_not_send_the_rest_back() -> None:
    text = "she a she b she c she d"
    assert starts(text, ["a", "she", "d", "c", "she"]) == [4, 6, 22, 16, 18]


def test_what_is_named_more_often_than_it_stands_there_has_no_place() -> None:
    assert starts("she said she", ["she", "she", "she"]) == [0, 9, None]
    assert starts("she said", ["he", "said"]) == [None, 4]


def test_the_choice_is_the_best_of_all() -> None:
    def cost(chain: tuple[int, ...], names: list[str]) -> tuple[int, int]:
        back = sum(
            b < a or (b == a and names[at] == names[at + 1])
            for at, (a, b) in enumerate(itertools.pairwise(chain))
        )
        way = chain[0] + sum(abs(b - a) for a, b in itertools.pairwise(chain))
        return back, way

    from itertools import product

    draw = random.Random(4)
    for _ in range(300):
        text = "".join(draw.choice("abc") for _ in range(9))
        quotes = [draw.choice("abc") for _ in range(4)]
        options = [[at for at, char in enumerate(text) if char == quote] for quote in quotes]
        if not all(options):
            continue
        best = min(cost(chain, quotes) for chain in product(*options))
        mine = starts(text, quotes)
        if len(set(zip(mine, quotes, strict=True))) == len(quotes) and None not in mine:
            repeated = any(quotes.count(quote) > 1 for quote in quotes)
            if not repeated:
                assert cost(tuple(at for at in mine if at is not None), quotes) == best


def test_hostile_answers_take_time_as_they_are_long() -> None:
    text = "a" * 3600
    quotes = ["a"] * 400
    started = time.process_time()
    starts(text, quotes)
    assert time.process_time() - started < 5


def test_much_white_space_and_many_pieces_in_a_quote_take_no_time() -> None:
    started = time.process_time()
    for quote in ("a" + " " * 100_000 + "b", "It … " * 100_000, "It" * 1_000_000, "It … " * 300):
        assert places(quote, "It is so. " * 400) == []
    assert time.process_time() - started < 1

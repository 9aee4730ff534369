"""Texts are cut into passages that hold all of them, none too long."""

from __future__ import annotations

import itertools
import random

from annotator.suggesters.llm.passages import LONGEST, SHORTEST, halves, passages


def covered(text: str) -> str:
    return "".join(text[p.start : p.end] for p in passages(text))


def test_a_short_text_is_one_passage() -> None:
    (passage,) = passages("  One.\n\nTwo.\n")
    assert (passage.start, passage.end) == (2, 12)


def test_paragraphs_are_kept_whole_where_they_fit() -> None:
    paragraph = "word " * 290 + "end."
    text = "\n\n".join([paragraph] * 5)
    found = list(passages(text))
    assert [text[p.start : p.end] for p in found] == [f"{paragraph}\n\n{paragraph}"] * 2 + [
        paragraph
    ]
    assert text[found[1].context_start : found[1].start].endswith("end.\n\n")


def test_every_word_is_in_one_passage_whatever_the_text_is() -> None:
    draw = random.Random(1)
    for _ in range(60):
        text = "".join(
            draw.choice(["word ", "a. ", "\n", "\n\n", "“Ha!” ", "x" * 5000, " " * 900, "漢" * 700])
            for _ in range(draw.randrange(1, 40))
        )
        found = list(passages(text))
        assert all(0 < p.end - p.start <= LONGEST for p in found)
        assert all(a.end <= b.start for a, b in itertools.pairwise(found))
        assert "".join(covered(text).split()) == "".join(text.split())
        for passage in found:
            parts = halves(text, passage)
            if passage.end - passage.start >= 2 * SHORTEST:
                assert len(parts) > 1
            said = "".join(text[p.start : p.end] for p in parts)
            assert (
                not parts
                or said.split() == text[passage.start : passage.end].split()
                or ("".join(said.split()) == "".join(text[passage.start : passage.end].split()))
            )


def test_a_text_of_100_000_words_is_some_hundred_passages() -> None:
    text = "\n\n".join("word " * 99 + "end." for _ in range(1000))
    assert 150 < len(list(passages(text))) < 300

"""Any text gives a layer that satisfies the schema, the same one twice, and never an exception."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.suggesters.rules import Rules
from corpus.core.layer_check import check
from corpus.core.schema import ATTRIBUTION
from corpus.core.text import freeze

MARKS = ("“", "”", '"', "'", "‘", "’", "''", "``", "«", "»", "„", "‘‘", "’’")
WORDS = (
    *(
        "said ",
        "told ",
        "He ",
        "John Smith ",
        "that ",
        "it was wrong ",
        "according to ",
        "called him a ",
        "who said ",
    ),
    *(
        "accused of ",
        "claim that ",
        "strikesTwo ",
        "LOPEZ: ",
        "I think ",
        "and ",
        "sources say",
        "Asked whether ",
    ),
)
ODD = (
    *(
        ".",
        ",",
        "? ",
        ": ",
        "; ",
        " ",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "(",
        ")",
        "…",
        "—",
        "-",
        "/",
        "@",
        "www.",
        "ab.Cd",
    ),
    *(
        "😀",
        "👩‍👩‍👧",
        "\ufffd",
        "\U0001f1e9",
        "\u0301",
        "שלום ",
        "\u200f",
        "\u202e",
        "\u200b",
        "\u00ad",
        "\ufeff",
    ),
    *("\u00a0", "\u2028", "\u2029", "\x01", "\x1c", "\x1f", "\x7f", "\x85", "漢字", "ﷺ", "ß", "İ"),
)
# Each a shape that has made some parser of quotations slow or wrong.
SHAPES = {
    "only marks": lambda n: "".join(MARKS[i % len(MARKS)] for i in range(n)),
    "opening": lambda n: "“" * n,
    "closing": lambda n: "”" * n,
    "straight": lambda n: '"' * n,
    "straight apart": lambda n: '" ' * n,
    "single": lambda n: "'" * n,
    "single before words": lambda n: "'a " * n,
    "alternating": lambda n: "“”" * n,
    "alternating words": lambda n: "“a b c d,” he said. " * n,
    "nested": lambda n: "“a ‘b " * n + "c’ d” " * n,
    "never closed": lambda n: "“It is so, he said. " * n,
    "never closed in paragraphs": lambda n: "“It is so and so.\n\n" * n,
    "one word": lambda n: "a" * n,
    "one word of links": lambda n: "www.aBcd" * n,
    "no spaces": lambda n: "He said,it is.Then“he”said" * n,
    "emoji": lambda n: "😀" * n,
    "right to left": lambda n: "שלום “שלום” " * n,
    "control": lambda n: "\x01\x1f" * n,
    "invisible": lambda n: "a\u200b\u00ad" * n,
    "combining": lambda n: "e" + "\u0301" * n,
    "lines": lambda n: "a\n" * n,
    "said": lambda n: "He said that " * n,
    "parentheses": lambda n: "(" * n + ")" * n,
}
SUGGESTERS = (
    Rules(),
    Rules(
        nested=True, boundaries={"quotation_marks": False, "final_stop": True, "fragments": False}
    ),
)


def sound(text: str) -> None:
    for rules in SUGGESTERS:
        first, second = rules.suggest([text, text])
        assert list(check(first, ATTRIBUTION, text)) == []
        assert first == second


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from((*MARKS, *WORDS, *ODD))
        | st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
        min_size=1,
        max_size=50,
    )
    .map("".join)
    .filter(lambda text: text.removeprefix("\ufeff").strip())
)
def test_any_text_gives_a_sound_layer(text: str) -> None:
    sound(freeze(text).text)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 3, 150])
def test_hostile_shapes_give_a_sound_layer(shape: str, size: int) -> None:
    sound(freeze(SHAPES[shape](size)).text)


def test_a_word_of_a_hundred_thousand_characters() -> None:
    sound("a" * 100_000)

"""The lexicon of stance: words by the part that they play in taking a side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from .cues import LEXICONS

LISTS = (
    *(
        "attacks",
        "stops",
        "negative-nouns",
        "needs",
        "wanted",
        "enabling",
        "rise",
        "fall",
        "goods",
        "bads",
    ),
    *("negations", "turning", "generic", "allies", "rivals", "backers", "offices", "roles"),
    *("procedure", "measures", "past", "vague"),
)


@dataclass(frozen=True, slots=True)
class StanceLexicon:
    """The words that show a stance.

    `attitude`, `tone` and `feelings` give the side that a verb or a noun takes; `judging` gives +1
    for words that praise and -1 for words that blame, `acts` the same for what does good or harm.
    `cues` are grouped by what they do, `parties` and `synonyms` are groups of words of which each
    stands for the others; `countries` gives the name of the country that a word belongs to.
    """

    attitude: Mapping[str, str]
    tone: Mapping[str, str]
    feelings: Mapping[str, str]
    judging: Mapping[str, int]
    acts: Mapping[str, int]
    cues: Mapping[str, frozenset[str]]
    lists: Mapping[str, frozenset[str]]
    synonyms: tuple[frozenset[str], ...]
    parties: tuple[frozenset[str], ...]
    countries: Mapping[str, str]


@cache
def stance_lexicon() -> StanceLexicon:
    """Return the lexicon of stance."""
    data: dict[str, Any] = json.loads((LEXICONS / "stance.json").read_text(encoding="utf-8"))
    countries = {}
    for country, words in data["countries"].items():
        countries[country] = country
        for word in words:
            countries[word] = country
    return StanceLexicon(
        attitude=_by_word(data["attitude"]),
        tone=_by_word(data["tone"]),
        feelings=_by_word(data["feelings"]),
        judging=_signed(data["good"], data["bad"]),
        acts=_signed(data["help"], data["harm"]),
        cues={name: frozenset(listed) for name, listed in data["cues"].items()},
        lists={name: frozenset(data[name]) for name in LISTS},
        synonyms=tuple(frozenset(group) for group in data["synonyms"]),
        parties=tuple(frozenset(group) for group in data["parties"]),
        countries=countries,
    )


def _by_word(rows: dict[str, list[str]]) -> dict[str, str]:
    sides = {}
    for side, listed in rows.items():
        for word in listed:
            sides[word] = side
    return sides


def _signed(good: list[str], bad: list[str]) -> dict[str, int]:
    return dict.fromkeys(good, 1) | dict.fromkeys(bad, -1)

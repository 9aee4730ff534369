"""The lexicon of stance: which words, cues and phrases speak for which value."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from .cues import LEXICONS

# How a word of a claim weighs: one that judges, and one that only leans.
STRONG_WORD = 0.45
MILD_WORD = 0.35
NOT = r"(?:not|never|cannot|can't|don't|won't|doesn't|shouldn't|mustn't)"
ENDINGS = ("s", "es", "ed", "d", "ing")
LISTS = (
    "attacks",
    "echoes",
    "generic",
    "stops",
    "negations",
    "hedges",
    "procedure",
    "turns",
    "before-turns",
    "after-turns",
    "dates",
    "judging",
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A turn of phrase that speaks for a value with a weight, and why."""

    value: str
    weight: float
    why: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class StanceLexicon:
    """The words that show a stance.

    `cues` are grouped by what they do, `objects` are those of feeling and `claim` the words that
    judge, with a weight, by the side that they take; `speakers` are what a speaker may be called.
    """

    cues: Mapping[str, frozenset[str]]
    objects: Mapping[str, str]
    claim: Mapping[str, tuple[str, float]]
    speakers: Mapping[str, str]
    phrases: tuple[Phrase, ...]
    lists: Mapping[str, frozenset[str]]


@cache
def stance_lexicon() -> StanceLexicon:
    """Return the lexicon of stance."""
    data: dict[str, Any] = json.loads((LEXICONS / "stance.json").read_text(encoding="utf-8"))
    claim = {}
    for word, side in _by_word(data["claim"]).items():
        value, _, mild = side.partition("-")
        claim[word] = (value, MILD_WORD if mild else STRONG_WORD)
    return StanceLexicon(
        cues={name: frozenset(listed) for name, listed in data["cues"].items()},
        objects=_by_word(data["objects"]),
        claim=claim,
        speakers=_by_word(data["speakers"]),
        phrases=tuple(_phrase(*row) for row in data["phrases"]),
        lists={name: frozenset(data[name]) for name in LISTS},
    )


def _by_word(rows: dict[str, list[str]]) -> dict[str, str]:
    sides = {}
    for side, listed in rows.items():
        for word in listed:
            sides[word] = side
    return sides


def _phrase(value: str, weight: float, why: str, pattern: str) -> Phrase:
    """Return a phrase whose pattern matches whole words, with every negation for its NOT."""
    words = pattern.replace("NOT", NOT)
    return Phrase(value, weight, why, re.compile(rf"(?<!\S)(?:{words})(?!\S)"))


@cache
def forms(word: str) -> tuple[str, ...]:
    """Return a word and what it may be a form of: `slammed`, `slamme`, `slamm`, `slam`."""
    readings = [word]
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 2:
            stem = word[: -len(ending)]
            readings += [stem] if ending == "s" else [stem, stem + "e"]
            if len(stem) > 3 and stem[-1] == stem[-2]:
                readings.append(stem[:-1])
    return tuple(readings)


def known_form(word: str, known: Container[str]) -> str:
    """Return the form of a word that a lexicon knows, empty when it knows none."""
    return next((form for form in forms(word) if form in known), "")

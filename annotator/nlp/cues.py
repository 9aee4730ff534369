"""Cues: expressions that report, each in the frame in which it stands.

The same verb counts with a clause, with an infinitive, with an object, beside a quotation, or not
at all; the lexicon gives a weight to each (lemma, frame).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from spacy.tokens import Token

from .passages import Passage
from .tree import has_child, has_child_word

LEXICONS = Path(__file__).parent / "lexicons"
SUBJECTS = ("nsubj", "nsubjpass", "csubj", "expl")
LIGHT_VERBS = frozenset(
    {
        *("make", "issue", "offer", "repeat", "release", "voice", "express", "give", "have"),
        *("raise", "unveil", "outline", "renew", "file", "level", "present"),
    }
)


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue in its frame.

    `head` is its verb, noun or preposition, `name` its lemma with particle or preposition,
    `content` the heads of what is reported (none beside a quotation), `first` and `last` the
    numbers of its outer tokens.
    """

    head: Token
    name: str
    frame: str
    weight: float
    content: tuple[Token, ...]
    first: int
    last: int
    negated: bool = False
    passive: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The weights of cues by frame and lemma, and the words that make a cue none."""

    weights: dict[str, dict[str, float]]
    silent_verbs: frozenset[str]
    silent_acts: frozenset[str]
    empty_objects: frozenset[str]
    opinions: frozenset[str]
    of_somebody: frozenset[str]
    messages: frozenset[str]

    def weight(self, frame: str, name: str) -> float:
        """Return the weight of a lemma in a frame."""
        frames = self.weights[frame]
        return frames.get(name, frames.get("any", 0.0))


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of cues."""
    data: dict[str, Any] = json.loads((LEXICONS / "cues.json").read_text(encoding="utf-8"))
    weights = {frame: _by_lemma(rows) for frame, rows in data["frames"].items()}
    silent = data["no_comment"]
    return Lexicon(
        weights,
        frozenset(silent["verbs"]),
        frozenset(silent["acts"]),
        frozenset(data["object_small"]),
        frozenset(data["opinions"]),
        frozenset(data["of_somebody"]),
        frozenset(data["messages"]),
    )


def _by_lemma(rows: dict[str, list[str]]) -> dict[str, float]:
    """Return the weight of each lemma, the greatest where one is listed twice."""
    weights = {}
    for weight, lemmas in sorted(rows.items()):
        for lemma in lemmas:
            weights[lemma] = float(weight)
    return weights


def in_quote(passage: Passage, token: Token) -> bool:
    """Tell whether a token stands in a quotation."""
    at = passage.starts[token.i]
    return bool(passage.quotes_in(at, at + 1))


def lemma_of(token: Token) -> str:
    """Return the lemma of a token in lower case."""
    return token.lemma_.lower()


def is_negated(verb: Token) -> bool:
    """Tell whether a verb is negated."""
    return has_child(verb, "neg") or has_child_word(verb, "never", "hardly", "nor")


def is_passive(verb: Token) -> bool:
    """Tell whether a verb stands in the passive."""
    return has_child(verb, "auxpass", "nsubjpass")

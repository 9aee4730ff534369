"""Read the stance of a claim: from its cue first, else from plain words in the claim, else none is guessed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from spacy.tokens import Token

from .cues import LEXICONS, Cue

WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")
OPPOSITE = {"support": "oppose", "oppose": "support"}
TARGETED = frozenset({"object", "as", "small-clause"})
ABOUT = frozenset({"about", "over", "at", "for", "with", "in"})
REACH = 3
LONGEST_TARGET = 80


@dataclass(frozen=True, slots=True)
class Stance:
    """A stance, what it is toward where the cue says so, and the word that shows it."""

    value: str
    word: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Stance by cue, by object of `express`, and by word of a claim."""

    cues: dict[str, str]
    objects: dict[str, str]
    claim: dict[str, str]
    negations: frozenset[str]


UNCLEAR = Stance("unclear")


@cache
def words() -> Words:
    """Return the lexicon of stance."""
    data: dict[str, Any] = json.loads((LEXICONS / "stance.json").read_text(encoding="utf-8"))

    def by_word(rows: dict[str, list[str]]) -> dict[str, str]:
        return {word: stance for stance, listed in rows.items() for word in listed}

    return Words(by_word(data["cues"]), by_word(data["objects"]), by_word(data["claim"]), frozenset(data["negations"]))


def stance_of(claim: str, cue: Cue | None) -> Stance:
    """Return the stance of a claim with this cue."""
    if cue is not None:
        found = _from_cue(cue)
        if found is not None:
            return found
    return _from_words(claim)


def _from_cue(cue: Cue) -> Stance | None:
    value = words().cues.get(cue.name)
    thing = cue.content[0] if cue.content else None
    target = _target(thing) if thing is not None and cue.frame in TARGETED else ""
    if value is None and cue.frame == "object" and thing is not None:
        value = words().objects.get(thing.lower_)
        prepositions = [*thing.subtree, *cue.head.rights]
        about = next((c for c in prepositions if c.lower_ in ABOUT and c.dep_ == "prep" and c.i > thing.i), None)
        over = next((c for c in about.children if c.dep_ == "pobj"), None) if about is not None else None
        target = _target(over) if over is not None else ""
    if value is None:
        return None
    if cue.negated:
        value = OPPOSITE[value]
    return Stance(value, cue.name, target)


def _target(head: Token) -> str:
    """Return the words of a noun phrase, unless it is a pronoun or too long to name anything."""
    if head.pos_ in ("PRON", "VERB", "AUX"):
        return ""
    found = " ".join(head.doc[head.left_edge.i : head.right_edge.i + 1].text.split()).strip(" ,.;:“”\"'")
    return found if len(found) <= LONGEST_TARGET else ""


def _from_words(claim: str) -> Stance:
    """Return the stance that the plain words of a claim show; both sides together are mixed."""
    known = words()
    found = [m[0].lower().replace("’", "'") for m in WORD.finditer(claim)]
    seen: dict[str, str] = {}
    for n, word in enumerate(found):
        value = known.claim.get(word)
        if value is not None:
            turned = any(w in known.negations for w in found[max(0, n - REACH) : n])
            seen.setdefault(OPPOSITE[value] if turned else value, word)
    if len(seen) == 2:
        return Stance("mixed", ", ".join(sorted(seen.values())))
    for value, word in seen.items():
        return Stance(value, word)
    return UNCLEAR

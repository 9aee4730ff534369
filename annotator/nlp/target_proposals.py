"""Propose what the stances of a text are toward, where no list gives it.

What a text disputes is what many of its claims speak of and judge, and what the headline names. The
one who says most of it is rarely what it is about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from spacy.tokens import Span as Phrase
from spacy.tokens import Token

from .claim_pieces import pieces_of
from .frames import Frame
from .names import Names
from .passages import Passage
from .predicates import value_of
from .stance_lexicon import stance_lexicon
from .targets import WORD, stem

MOST = 5
LONGEST = 60
# Of how many words a phrase is that still names something.
FEW_WORDS = 6
# How often the text must speak of a thing that its headline names, or does not name.
TAKEN_UP = 1
OFTEN = 3
# What it weighs to stand in the headline, as what is spoken of and as who speaks there; and by the
# logarithm of their number the places that speak of it, the claims of others that do, and those of
# them that judge. Persons and bodies are judged more than things are.
HEADLINE = 3.5
SPEAKS_IN_HEADLINE = 1.5
PLACES = 0.8
CLAIMS = 1.3
JUDGED = 0.8
OWN_CLAIMS = 0.6
THING = 0.8
BARE_THING = 0.6
SAYING = frozenset({"add", "announce", "ask", "call", "say", "see", "tell", "urge", "warn"})
NAMEABLE = re.compile(r"[\w’'\- .&]+$")
BEFORE_A_NOUN = ("DET", "PRON", "PUNCT", "SPACE", "ADV")
FLEETING = frozenset(
    {
        *("DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "ORDINAL", "CARDINAL"),
        *("GPE", "LOC", "FAC", "NORP", "LANGUAGE"),
    }
)


@dataclass(slots=True)
class Candidate:
    """What a text may be about: how it is named, and how often by whom."""

    words: str
    named: bool = False
    headline: float = 0.0
    places: int = 0
    claims: int = 0
    judged: int = 0
    own: int = 0

    @property
    def score(self) -> float:
        """Return how likely stances of the text are toward it."""
        score = self.headline + PLACES * log2(1 + self.places)
        score += CLAIMS * log2(1 + self.claims) + JUDGED * log2(1 + self.judged)
        score -= OWN_CLAIMS * log2(1 + max(0, self.own - self.claims))
        if not self.named:
            score *= THING if self.headline or " " in self.words else BARE_THING
        return score


def propose(
    passages: Sequence[Passage],
    names: Names,
    frames: Sequence[Frame] = (),
    said_by: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return up to five names and noun phrases that a text is about, the most likely first; none
    for a text without a body.
    """
    if len(passages) < 2:
        return ()
    candidates = _things(passages) | _named(passages, names)
    _count_claims(candidates, passages, frames, said_by)
    likely = sorted(candidates.values(), key=lambda candidate: -candidate.score)
    return tuple(dict.fromkeys(candidate.words for candidate in likely))[:MOST]


def _named(passages: Sequence[Passage], names: Names) -> dict[str, Candidate]:
    """Return the persons and bodies of a text by the stem of their last name."""
    bearers: dict[str, Counter[str]] = {}
    fleeting: Counter[str] = Counter()
    for reference in names.references:
        name = reference.person.name
        if name[:1].isupper() and len(name) <= LONGEST:
            key = stem(name.split()[-1])
            bearers.setdefault(key, Counter())[name] += 1
            place = reference.head.ent_type_ in FLEETING and not reference.person.human
            fleeting[key] += place
    found = {}
    for key, ways in bearers.items():
        places = ways.total()
        if 2 * fleeting[key] < places and places > TAKEN_UP:
            name = max(ways, key=lambda name: (ways[name], name.count(" ")))
            found[key] = Candidate(name, named=True, places=places)
    for token in passages[0].doc:
        candidate = found.get(stem(token.lower_))
        if candidate is not None and token.text[:1].isupper():
            candidate.headline = max(candidate.headline, _in_headline(token))
    return found


def _in_headline(name: Token) -> float:
    """Return what it weighs to be named in the headline: little for who speaks in it."""
    after = name.nbor() if name.i + 1 < len(name.doc) else None
    if after is None:
        return HEADLINE
    says = after.text == ":" or after.lemma_.lower() in SAYING
    return SPEAKS_IN_HEADLINE if says else HEADLINE


def _things(passages: Sequence[Passage]) -> dict[str, Candidate]:
    """Return the things of a text by the stem of what they are: those of the headline that the body
    takes up, and those that the body names often.
    """
    spelt: dict[str, Counter[str]] = {}
    titled: dict[str, str] = {}
    for passage in passages:
        for phrase in passage.doc.noun_chunks:
            head = _head_of(phrase)
            words = _words_of(phrase) if head else ""
            if not NAMEABLE.match(words) or len(words) > LONGEST or len(words.split()) > FEW_WORDS:
                continue
            if passage is passages[0]:
                titled[head] = words
            else:
                spelt.setdefault(head, Counter())[words.lower()] += 1
    found = {}
    for head, ways in spelt.items():
        times = ways.total()
        if times < (TAKEN_UP if head in titled else OFTEN):
            continue
        # The fullest of the ways that the text uses most.
        often = max(ways, key=lambda words: (ways[words] + words.count(" ") / 2, len(words)))
        words = titled.get(head, often)
        headline = HEADLINE if head in titled else 0.0
        found[head] = Candidate(words, headline=headline, places=times)
    return found


def _count_claims(
    candidates: dict[str, Candidate],
    passages: Sequence[Passage],
    frames: Sequence[Frame],
    said_by: Sequence[str],
) -> None:
    """Count for each candidate the claims of others that speak of it, and its own."""
    for frame, name in zip(frames, said_by, strict=True):
        speaker = stem(name.split()[-1]) if name else ""
        spoken_of: set[str] = set()
        judges = False
        for piece in pieces_of(frame, passages):
            for token in piece.tokens:
                if token.pos_ in ("NOUN", "PROPN"):
                    spoken_of.add(stem(token.lower_))
                judges = judges or value_of(token) != 0
        if frame.cue is not None:
            attitude = stance_lexicon().attitude.get(frame.cue.name, "")
            judges = judges or bool(attitude)
        for word in spoken_of:
            candidate = candidates.get(word)
            if candidate is not None and word != speaker:
                candidate.claims += 1
                candidate.judged += judges
        if speaker in candidates:
            candidates[speaker].own += 1


def _head_of(phrase: Phrase) -> str:
    """Return the stem of what a noun phrase is about; empty for pronouns, names, places, times,
    amounts, people in general and vague words.
    """
    root = phrase.root
    if root.pos_ not in ("NOUN", "PROPN") or len(root.lower_) <= 2 or not WORD.match(root.text):
        return ""
    if (
        root.ent_type_ in (*FLEETING, "PERSON")
        or root.lemma_.lower() in stance_lexicon().lists["vague"]
    ):
        return ""
    return stem(root.lower_)


def _words_of(phrase: Phrase) -> str:
    """Return a noun phrase without its determiner, quotation marks and loose white space."""
    first = phrase.start
    while first < phrase.root.i and phrase.doc[first].pos_ in BEFORE_A_NOUN:
        first += 1
    words = phrase.doc[first : phrase.end].text.split()
    return " ".join(words).strip(" ,.;:“”‘’\"'")

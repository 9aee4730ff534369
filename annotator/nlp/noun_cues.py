"""Find what a noun reports: `his claim that …`, `a call to …`, `their criticism of …`."""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Token

from .cues import LIGHT_VERBS, Cue, lemma_of, lexicon
from .speakers import is_time
from .tree import child, has_mark

# Nouns before an infinitive that ask for something or bind somebody: `a call to close the bridge`.
CALLING_NOUNS = frozenset(
    {"call", "promise", "pledge", "vow", "threat", "demand", "proposal", "refusal", "plea"}
)
# How much a noun counts of which nothing says whose it is.
NOBODYS = 0.7


def noun_frames(noun: Token) -> Iterator[Cue]:
    """Yield what a noun reports, in each frame that it may stand in."""
    lemma = lemma_of(noun)
    somebodys = _is_somebodys(noun)
    weight = lexicon().weight("noun", lemma)
    for below in noun.children if weight else ():
        clause = below.dep_ in ("acl", "ccomp") and has_mark(below, "that")
        infinitive = below.dep_ == "acl" and below.tag_ == "VB" and lemma in CALLING_NOUNS
        if clause or (infinitive and somebodys):
            sure = weight if somebodys else weight * NOBODYS
            yield Cue(noun, lemma, "noun", sure, (below,), noun.i, noun.i)
    for below in noun.rights:
        name = f"{lemma} {below.lower_}"
        about = child(below, "pobj", "pcomp") if below.dep_ == "prep" else None
        weight = lexicon().weight("noun", name)
        # `his speech on Tuesday`
        if weight and about is not None and not is_time(below):
            sure = weight if somebodys else weight * NOBODYS
            yield Cue(noun, name, "noun", sure, (about,), noun.i, below.i)


def _is_somebodys(noun: Token) -> bool:
    """Tell whether it is said whose a noun is: `her claim`, `a claim by her`, `makes a claim`."""
    if _is_owned(noun):
        return True
    return noun.dep_ in ("dobj", "attr") and lemma_of(noun.head) in LIGHT_VERBS


def _is_owned(noun: Token) -> bool:
    """Tell whether a noun says whose it is: `her claim`, `a claim by the minister`."""
    for below in noun.children:
        if below.dep_ == "poss":
            return True
        if below.dep_ == "prep" and below.lower_ in ("by", "from"):
            return True
    return False

"""Read what the text itself tells of who is for a target and who is against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from spacy.tokens import Token

from .cues import SUBJECTS, lemma_of
from .names import Names
from .passages import Passage
from .predicates import Means, is_turned, meant
from .stance_lexicon import stance_lexicon
from .stance_signs import side
from .target_reading import Mentions
from .tree import child, has_child, has_child_word

# Roles in which a verb shares the subject of the verb above it.
SHARING = ("conj", "xcomp", "advcl")
DEEPEST_SUBJECT = 3
# How surely a word means the target for an attitude to it to count.
SURE = 0.7


@dataclass(frozen=True, slots=True)
class Attitude:
    """An attitude that the text tells of: above 0 for the target, below against it; and the words
    that tell it.
    """

    weight: float
    words: str


def told_attitudes(
    passages: Sequence[Passage], mentions: Mentions, names: Names, keys: Mapping[str, str]
) -> dict[str, Attitude]:
    """Return by speaker key the attitude to the target that the writer tells of, as in `the council
    has fought the bridge`; none of whom the text tells both.

    `keys` gives the key of a speaker by the last word of his or her name, in lower case.
    """
    found: dict[str, list[Attitude]] = {}
    persons = {(id(r.head.doc), r.head.i): r.person.name for r in names.references}
    for passage in passages:
        means = mentions.named(passage)
        if not means:
            continue
        for verb in passage.doc:
            if verb.pos_ != "VERB" or has_child_word(verb, "would", "could", "might", "may"):
                continue
            weight = _taken(verb, means)
            if abs(weight) < SURE:
                continue
            for holder in _holders(verb):
                name = persons.get((id(holder.doc), holder.i), holder.text)
                key = keys.get(name.split()[-1].lower(), "") if name else ""
                if key:
                    found.setdefault(key, []).append(Attitude(weight, f"“{verb.text}”"))
    sided = {}
    for key, attitudes in found.items():
        if len({side(attitude.weight) for attitude in attitudes}) == 1:
            sided[key] = attitudes[0]
    return sided


def _taken(verb: Token, means: Means) -> float:
    """Return the attitude to the target that a verb says its subject takes, 0 for none."""
    attitude = stance_lexicon().attitude
    lemma = lemma_of(verb)
    passive = has_child(verb, "nsubjpass")
    thing = child(verb, "nsubjpass") if passive else child(verb, "dobj")
    value = attitude.get(lemma, "")
    if not value or thing is None:
        thing = None
        for below in verb.children:
            if below.dep_ in ("prep", "prt"):
                value = attitude.get(f"{lemma} {below.lower_}", "")
                thing = child(below, "pobj")
                if value and thing is not None:
                    break
                thing = None
    if thing is None:
        return 0.0
    weight = meant(thing, means)
    if (value == "oppose") != is_turned(verb):
        weight = -weight
    return weight


def _holders(verb: Token) -> Iterator[Token]:
    """Yield who takes the attitude of a verb: its subject or agent, and those named beside it."""
    holder: Token | None = None
    if has_child(verb, "nsubjpass", "auxpass"):
        agent = child(verb, "agent")
        holder = child(agent, "pobj") if agent is not None else None
    else:
        holder = _subject(verb)
    if holder is not None:
        yield holder
        yield from holder.conjuncts


def _subject(verb: Token) -> Token | None:
    """Return the subject of a verb, or of the verb above that shares its own."""
    for _ in range(DEEPEST_SUBJECT):
        subject = child(verb, *SUBJECTS)
        if subject is not None:
            relative = verb.dep_ == "relcl" and subject.lower_ in ("who", "which", "that")
            return verb.head if relative else subject
        if verb.dep_ == "acl":
            return verb.head
        if verb.dep_ not in SHARING:
            return None
        verb = verb.head
    return None

"""Tell who the speakers are to a target: the target, its allies and its rivals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spacy.tokens import Token

from .attitudes import told_attitudes
from .frames import Frame
from .names import Names
from .passages import Passage
from .stance_lexicon import stance_lexicon
from .target_reading import WORD, Mentions, Target, beside_name
from .targets import stem

# How surely a speaker is on one side: who is the target or owns it, speaks for it, is called its
# friend or foe, is told to be for or against it, or belongs to another party than it.
SELF = 1.0
SPEAKS_FOR = 0.9
CALLED = 0.8
TOLD = 0.8
OTHER_PARTY = 0.6

PRONOUNS = frozenset({"he", "she", "they", "it", "him", "her", "them", "who"})


@dataclass(frozen=True, slots=True)
class Relation:
    """Who a speaker is to the target: above 0 on its side, below against it; and why.

    `personal` tells that the speaker stands for a person or body, not for a thing of theirs.
    """

    weight: float = 0.0
    why: str = ""
    personal: bool = True

    @property
    def ally(self) -> bool:
        """Tell whether the speaker is the target or on its side."""
        return self.weight >= SPEAKS_FOR

    @property
    def rival(self) -> bool:
        """Tell whether the speaker is against the target."""
        return self.weight < 0


NO_RELATION = Relation()


def relations_to(
    target: Target,
    mentions: Mentions,
    passages: Sequence[Passage],
    frames: Sequence[Frame],
    said_by: Sequence[str],
    names: Names,
) -> dict[str, Relation]:
    """Return by speaker key who each speaker is to the target; those who are nobody to it are left
    out.
    """
    around = descriptions(passages, frames, said_by)
    party = _party(_around_target(target, names))
    relations = {}
    for key, words in around.items():
        relation = _relation(key, words, target, party)
        if relation.weight:
            relations[key] = relation
    last_words = {key.split()[-1]: key for key in around}
    for key, told in told_attitudes(passages, mentions, names, last_words).items():
        if not relations.get(key, NO_RELATION).ally:
            weight = TOLD if told.weight > 0 else -TOLD
            why = f"the text says of the speaker: {told.words}"
            relations[key] = Relation(weight, why, personal=False)
    for frame, key in zip(frames, said_by, strict=True):
        if not key or frame.speaker is None or target.person is None:
            continue
        if names.person(frame.speaker) is target.person:
            relations[key] = Relation(SELF, "the target speaks")
    return relations


def speaker_keys(frames: Sequence[Frame], said_by: Sequence[str]) -> list[str]:
    """Return one key for each speaker: the name in lower case.

    An unnamed pronoun goes on with the speaker before.
    """
    keys: list[str] = []
    fullest = _fullest(frames, said_by)
    for number, (frame, name) in enumerate(zip(frames, said_by, strict=True)):
        key = " ".join(name.casefold().split())
        key = fullest.get(key.split()[-1], key) if key else key
        if frame.speaker is not None and (not key or key in PRONOUNS):
            near = number > 0 and frame.passage - frames[number - 1].passage <= 1
            key = keys[-1] if near else ""
        keys.append(key)
    return keys


def _fullest(frames: Sequence[Frame], said_by: Sequence[str]) -> dict[str, str]:
    """Return the longest name by surname, of those whom no other speaker shares it with."""
    by_surname: dict[str, str] = {}
    shared: set[str] = set()
    for frame, name in zip(frames, said_by, strict=True):
        words = name.casefold().split()
        if not words or frame.speaker is None or frame.speaker.head.pos_ != "PROPN":
            continue
        known = by_surname.get(words[-1], "").split()
        short, long = sorted((known, words), key=len)
        if short and short != long[-len(short) :]:
            shared.add(words[-1])
        by_surname[words[-1]] = " ".join(long)
    return {surname: name for surname, name in by_surname.items() if surname not in shared}


def descriptions(
    passages: Sequence[Passage], frames: Sequence[Frame], keys: Sequence[str]
) -> dict[str, list[Token]]:
    """Return by speaker the words that describe him or her anywhere in the text."""
    around: dict[str, list[Token]] = {}
    by_surname: dict[str, str] = {}
    for frame, key in zip(frames, keys, strict=True):
        if not key or frame.speaker is None:
            continue
        own = around.setdefault(key, [])
        if frame.speaker.head.pos_ != "PRON":
            own.extend(_near(frame.speaker.head))
        by_surname[key.split()[-1]] = key
    for passage in passages:
        for token in passage.doc:
            key = by_surname.get(token.lower_, "")
            if key and token.pos_ == "PROPN":
                around[key].extend(beside_name(token))
    return around


def _near(head: Token) -> Iterable[Token]:
    """Yield the words of a phrase without what a relative clause in it tells."""
    for token in head.subtree:
        if abs(token.i - head.i) < 14 and token.dep_ not in ("relcl",):
            yield token


def _relation(key: str, around: list[Token], target: Target, party: int) -> Relation:
    """Return who one speaker is to the target."""
    own = {stem(word) for word in WORD.findall(key)}
    if _is_self(own, key, target):
        return Relation(SELF, "the target speaks", personal=not target.owner)
    country = _country_of(target)
    relations = [_called(around, own, target)]
    if country:
        relations.append(_official(around, own, country))
    if not target.names or target.person is None:
        relations.append(_of_the_matter(own))
    other = _party([token.lemma_.lower() for token in around] + key.split())
    if party >= 0 and other >= 0 and other != party:
        relations.append(Relation(-OTHER_PARTY, "the speaker is of another party"))
    return next((relation for relation in relations if relation.weight), NO_RELATION)


def _called(around: list[Token], own: set[str], target: Target) -> Relation:
    """Return what the words beside a name and the target's name tell: `Lopez's lawyer`."""
    lexicon = stance_lexicon()
    names = target.names
    lemmas = {token.lemma_.lower() for token in around} | set(own)
    stems = {stem(token.lower_) for token in around} | own
    if not names & stems:
        return NO_RELATION
    rival = min(lemmas & lexicon.lists["rivals"], default="")
    if rival:
        return Relation(-CALLED, f"the speaker is called “{rival}”")
    ally = min(lemmas & lexicon.lists["allies"], default="")
    if ally and _joined(around, names, lexicon.lists["allies"]):
        return Relation(SPEAKS_FOR, f"the speaker is called “{ally}”")
    if target.owner and names & own:
        return Relation(SPEAKS_FOR, "the speaker is whose it is", personal=False)
    return NO_RELATION


def _of_the_matter(own: set[str]) -> Relation:
    """Return who `critics` and `supporters` are to the matter that a text is about."""
    lexicon = stance_lexicon()
    for name, weight in (("rivals", -CALLED), ("backers", CALLED)):
        word = min(own & lexicon.lists[name], default="")
        if word:
            return Relation(weight, f"the speaker is called “{word}”")
    return NO_RELATION


def _is_self(own: set[str], key: str, target: Target) -> bool:
    """Tell whether a speaker's name is the target's."""
    if target.person is not None:
        full = {stem(word) for word in WORD.findall(target.person.name)} | target.rest
        return stem(target.person.name.split()[-1]) in own and own <= full
    if target.is_named:
        return bool(own) and target.heads <= own | {stem(w) for w in key.split()}
    return bool(target.owner) and bool(own) and own <= target.owner | {"the"}


def _joined(around: list[Token], names: frozenset[str], roles: frozenset[str]) -> bool:
    """Tell whether a word for a part and a name of the target stand in one phrase: `Lopez's
    lawyer`, `spokesman for Lopez`.
    """
    for token in around:
        if token.lemma_.lower() not in roles:
            continue
        for below in token.subtree:
            if below.i == token.i or stem(below.lower_) not in names:
                continue
            # In `the Ohio Party chairman` nobody speaks for Ohio.
            body = below.head if below.dep_ in ("compound", "amod", "nmod") else below
            if body in (token, below) or body.lemma_.lower() in roles:
                return True
            if stem(body.lower_) in names:
                return True
    return False


def _country_of(target: Target) -> str:
    countries = stance_lexicon().countries
    for word in target.owner:
        country = countries.get(word, "") or countries.get(word + ".", "")
        if country:
            return country
    return ""


def _official(around: list[Token], own: set[str], country: str) -> Relation:
    """Return the relation of who holds an office of the country that acts; of another country's
    officials nothing is known.
    """
    lexicon = stance_lexicon()
    words = {token.lower_ for token in around} | own
    named = {lexicon.countries[word] for word in words if word in lexicon.countries}
    others = named - {country}
    nations = [t for t in around if t.ent_type_ in ("NORP", "GPE") and t.dep_ in ("amod", "pobj")]
    foreign = [t for t in nations if lexicon.countries.get(t.lower_, "") != country]
    doubtful = [t for t in around if t.lower_ in ("former", "ex", "expert", "experts")]
    if others or foreign or doubtful or not words & lexicon.lists["offices"]:
        return NO_RELATION
    return Relation(
        SPEAKS_FOR, "the speaker is an official of the country that acts", personal=False
    )


def _around_target(target: Target, names: Names) -> list[str]:
    """Return the words that describe the target's person anywhere in the text."""
    words: list[str] = []
    if target.person is not None:
        for reference in names.references:
            if reference.person is target.person:
                words.extend(token.lemma_.lower() for token in beside_name(reference.head))
    return words


def _party(lemmas: Iterable[str]) -> int:
    """Return the number of the political party that these words name most, -1 when none does or
    two do as often.
    """
    counts = []
    words = list(lemmas)
    for group in stance_lexicon().parties:
        counts.append(sum(word in group for word in words))
    best = max(counts)
    return counts.index(best) if best and counts.count(best) == 1 else -1

"""Read a target once per text: its kind, whose it is, and where the text speaks of it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Token

from .claim_pieces import Piece
from .name_lexicon import name_lexicon
from .names import Names
from .passages import Passage
from .people import Person
from .speakers import Mention
from .stance_lexicon import stance_lexicon
from .targets import head_and_rest, stem

OWNED = re.compile(r"^(?:the\s+)?(.+?)(?:[’']s|(?<=s)[’'])\s+(.+)$", re.IGNORECASE)
ASIDE = re.compile(r"\s*\(([^)]*)\)")
WORD = re.compile(r"[^\W\d_][\w.\-]*")

# How surely words mean the target: its head with a word that tells which, its head alone, a
# synonym or a noun such as `the plan`, and pronouns inside and outside of quotations.
NAMED = 1.0
HEAD_ALONE = 0.95
SYNONYM = 0.8
GENERIC = 0.6
OWNER = 0.65
PERSON_PRONOUN = 0.75
THING_PRONOUN = 0.5
ADDRESSED = 0.5
OURS = 0.75

POINTING = frozenset({"this", "that", "these", "those", "the", "such"})
THINGS = frozenset({"it", "its", "this", "that", "they", "them", "their", "these", "those"})
OWN_THINGS = ("it", "its", "they", "their")
US = frozenset({"we", "our", "us", "i", "my", "me", "ourselves", "myself"})
YOU = frozenset({"you", "your", "yourself"})
GENDERS = {
    **dict.fromkeys(("he", "his", "him", "himself"), "m"),
    **dict.fromkeys(("she", "her", "hers", "herself"), "f"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """A target as the text speaks of it.

    `heads` are the stems that name it, `rest` those that tell which one; `owner` holds the stems of
    whose it is, `person` is the person that it names, or that holds the office it names.
    """

    text: str
    heads: frozenset[str]
    rest: frozenset[str]
    owner: frozenset[str]
    person: Person | None = None

    @property
    def names(self) -> frozenset[str]:
        """Return the stems by which a person or body, or the owner of a thing, is named."""
        if self.person is not None:
            return self.heads | {stem(self.person.name.split()[-1])}
        return self.owner or (self.heads if self.is_named else frozenset())

    @property
    def is_named(self) -> bool:
        """Tell whether it has a name of its own, as persons and bodies have."""
        words = WORD.findall(self.text)
        return not self.owner and bool(words) and all(word[0].isupper() for word in words[-1:])


def read_target(text: str, names: Names, passages: Sequence[Passage]) -> Target:
    """Return what a target's words name in a text."""
    asides = ASIDE.findall(text)
    bare = ASIDE.sub("", text).strip()
    owned = OWNED.match(bare)
    owner: frozenset[str] = frozenset()
    thing = bare
    if owned is not None:
        owner = frozenset(stem(word) for word in WORD.findall(owned[1]))
        thing = owned[2]
    head, rest = head_and_rest(thing)
    for aside in asides:
        also_head, also_rest = head_and_rest(aside)
        head, rest = head | also_head, rest | also_rest
    person = _person(bare, names) if owned is None else _holder(head, owner, names)
    if not owner:
        country = next((word for word in WORD.findall(bare.lower()) if _country(word)), "")
        owner = frozenset({stem(country)}) if country and not _is_name(bare) else owner
    return Target(text, head, rest, owner, person)


def _person(text: str, names: Names) -> Person | None:
    """Return the person that a target names: by the whole name, else by the last name alone."""
    words = text.split()
    for name in (text, words[-1] if words else ""):
        person = names.find(name) if name else None
        if person is not None and person.human and set(person.name.split()) <= set(words):
            return person
    person = names.find(text)
    return person if person is not None and person.human else None


def _is_name(text: str) -> bool:
    return WORD.findall(text)[-1:] == [w for w in WORD.findall(text)[-1:] if w[0].isupper()]


def _country(word: str) -> str:
    return stance_lexicon().countries.get(word.rstrip("."), "") or stance_lexicon().countries.get(
        word, ""
    )


def _holder(office: frozenset[str], owner: frozenset[str], names: Names) -> Person | None:
    """Return who holds an office that the text names: `Dockside's director`."""
    if not office & stance_lexicon().lists["roles"]:
        return None
    for reference in names.references:
        person = reference.person
        if not person.human or not person.name[:1].isupper():
            continue
        titles = {stem(word) for title in person.titles for word in title.split()}
        beside = titles | {stem(token.lower_) for token in beside_name(reference.head)}
        if office & beside:
            return person
    return None


def beside_name(name: Token) -> Iterator[Token]:
    """Yield the words that stand with a name: its title, its apposition, what it is of."""
    for token in name.children:
        if token.dep_ in ("compound", "appos", "amod", "nmod", "poss"):
            yield from token.subtree
    if name.dep_ in ("appos", "compound"):
        head = name.head
        for token in head.subtree:
            if token.i - head.i < 10 and token.i != name.i:
                yield token


class Mentions:
    """Where a text speaks of a target: a weight from 0 to 1 by token of each parse."""

    def __init__(self, target: Target, names: Names, passages: Sequence[Passage]) -> None:
        self.target = target
        self._names = names
        self._passages = passages
        self._of: dict[int, dict[int, float]] = {}
        self._places: list[int] = []
        self._referred: dict[tuple[int, int], Person] = {}
        self._people: list[tuple[int, Person]] = []
        for reference in names.references:
            doc = passages[reference.passage].doc
            if reference.head.doc is doc:
                self._referred[id(doc), reference.head.i] = reference.person
            if reference.person.human:
                self._people.append((reference.place, reference.person))
        self._people.sort(key=lambda pair: pair[0])
        for passage in passages:
            for number in sorted(self.named(passage)):
                self._places.append(passage.starts[number])

    def named(self, passage: Passage) -> dict[int, float]:
        """Return the tokens of a parse that name the target, with how surely they do."""
        known = self._of.get(id(passage.doc))
        if known is None:
            known = {}
            for token in passage.doc:
                weight = self._named_by(token)
                if weight:
                    known[token.i] = weight
            self._of[id(passage.doc)] = known
        return known

    def near(self, place: int, reach: int = 600) -> bool:
        """Tell whether the target is named not long before a place."""
        at = bisect_left(self._places, place)
        return at > 0 and place - self._places[at - 1] < reach

    def in_piece(
        self, piece: Piece, speaker: Mention | None, *, ally: bool, by: Person | None
    ) -> dict[int, float]:
        """Return the tokens of a piece of a claim that mean the target, pronouns included."""
        found = dict(self.named(piece.passage))
        start = piece.passage.starts[piece.tokens[0].i]
        last = self._last_person(start, by) if piece.quoted else None
        for token in piece.tokens:
            weight = self._pronoun(token, piece, start, last, ally=ally)
            if weight > found.get(token.i, 0.0):
                found[token.i] = weight
        return found

    def _pronoun(
        self, token: Token, piece: Piece, start: int, last: Person | None, *, ally: bool
    ) -> float:
        """Return how surely a pronoun means the target."""
        word = token.lower_
        person = self.target.person
        weight = 0.0
        if token.pos_ not in ("PRON", "DET"):
            return weight
        if word in GENDERS and person is not None:
            who = last if piece.quoted else self._referred.get((id(token.doc), token.i))
            weight = PERSON_PRONOUN if who is person else 0.0
        elif word in US:
            weight = OURS if ally and piece.quoted else 0.0
        elif word in YOU and person is not None and not ally and piece.quoted:
            weight = ADDRESSED if self.near(start) else 0.0
        elif word in THINGS and token.pos_ == "PRON" and person is None:
            ours = ally and not piece.quoted and word in OWN_THINGS
            near = THING_PRONOUN if self.near(start, 300) else 0.0
            weight = OURS if ours else near
        return weight

    def _last_person(self, place: int, by: Person | None) -> Person | None:
        """Return who was spoken of last before a place, other than who speaks."""
        at = bisect_left(self._people, place, key=lambda pair: pair[0])
        for _, person in reversed(self._people[max(0, at - 6) : at]):
            if person is not by:
                gender = self.target.person.gender if self.target.person is not None else ""
                if not person.gender or not gender or person.gender == gender:
                    return person
        return None

    def _named_by(self, token: Token) -> float:
        """Return how surely a word names the target."""
        person = self.target.person
        if person is None:
            return _thing_named(token, self.target)
        if self._referred.get((id(token.doc), token.i)) is person:
            return 0.0 if token.lower_ in GENDERS else NAMED
        surname = token.pos_ == "PROPN" and stem(token.lower_) == stem(person.name.split()[-1])
        return NAMED if surname and not _has_other_name(token, self.target) else 0.0


def _thing_named(token: Token, target: Target) -> float:
    """Return how surely a word names a target that is no person."""
    if token.pos_ not in ("NOUN", "PROPN", "ADJ", "VERB"):
        return 0.0
    word = stem(token.lower_)
    weight = 0.0
    if word in target.heads:
        sure = target.is_named or not (target.rest or target.owner) or _tells_which(token, target)
        weight = NAMED if sure else HEAD_ALONE
        if target.is_named and not token.text[:1].isupper():
            weight = 0.0
    elif target.owner and token.pos_ == "PROPN" and word in target.owner:
        # What is said of the owner bears on the thing.
        weight = OWNER
    elif token.pos_ in ("NOUN", "PROPN") and not target.is_named:
        weight = _by_synonym(token, word, target)
    return weight


def _by_synonym(token: Token, word: str, target: Target) -> float:
    """Return how surely a noun such as `these raids` or `the plan` stands for a target."""
    groups = _groups(target.heads)
    generic = not target.owner and word in stance_lexicon().lists["generic"]
    if not generic and not any(word in group for group in groups):
        return 0.0
    pointed = any(below.lower_ in POINTING for below in token.children)
    if any(word in group for group in groups) and (pointed or _tells_which(token, target)):
        return SYNONYM
    return GENERIC if generic and pointed else 0.0


@cache
def _groups(heads: frozenset[str]) -> tuple[frozenset[str], ...]:
    return tuple(group for group in stance_lexicon().synonyms if group & heads)


def _tells_which(token: Token, target: Target) -> bool:
    """Tell whether the words under a noun tell that it is the target's."""
    wanted = target.rest | target.owner
    for below in token.subtree:
        if below.i != token.i and stem(below.lower_.rstrip(".")) in wanted:
            return True
        if below.i != token.i and stem(below.lower_) in wanted:
            return True
    return False


def _has_other_name(token: Token, target: Target) -> bool:
    """Tell whether a surname stands behind another's first name: `Melania Trump`."""
    if target.person is None or token.i == 0:
        return False
    before = token.nbor(-1)
    if before.pos_ != "PROPN" or before.dep_ != "compound" or before.head != token:
        return False
    parts = target.person.name.casefold().split()
    titled = before.lower_.rstrip(".") in ("mr", "mrs", "ms", "dr", "sen", "rep", "gov")
    return before.lower_ in name_lexicon().gender and before.lower_ not in parts and not titled

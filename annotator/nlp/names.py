"""Name the speakers: the fullest name of a person for a surname, a pronoun, a title or an acronym.

A small resolver of our own. It never looks into quotations, and leaves a mention without a name when in doubt.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from spacy.tokens import Span as Phrase
from spacy.tokens import Token

from .cues import LEXICONS
from .passages import Passage
from .speakers import Mention

PRONOUNS = {"he": "m", "his": "m", "him": "m", "she": "f", "her": "f", "hers": "f"}
PLURALS = frozenset({"they", "their", "them"})
OURS = frozenset(
    {"i", "we", "you", "my", "our", "me", "us", "your", "one", "it", "its", "those", "this", "that", "these", "some"}
)
DETERMINERS = re.compile(r"^(?:the|an?|this|that|these|those|his|her|their|its|our|my)\s+", re.I)
NAME = re.compile(r"[^\W\d_][\w.’'\-]*", re.U)
REACH = 3
NAMED = ("PERSON", "ORG")


@dataclass(frozen=True, slots=True)
class Titles:
    """Words that stand before a name, and the gender that some words and first names show."""

    titles: frozenset[str]
    gender: dict[str, str]


@dataclass(slots=True)
class Person:
    """A person or body that a text names: the fullest name, the titles it bears, where it was last seen."""

    name: str
    human: bool
    gender: str = ""
    titles: set[str] = field(default_factory=set)


@cache
def titles() -> Titles:
    """Return the lexicon of titles and first names."""
    data: dict[str, Any] = json.loads((LEXICONS / "names.json").read_text(encoding="utf-8"))
    gender = {word: sign for sign, listed in data["gender"].items() for word in listed}
    return Titles(frozenset(data["titles"]), gender)


class Names:
    """The names of one text, read once, asked for each mention."""

    def __init__(self, passages: list[Passage], mentions: Iterable[tuple[int, Mention]]) -> None:
        self._people: dict[str, Person] = {}
        self._seen: list[tuple[int, int, Person]] = []
        self._named: dict[tuple[int, int], str] = {}
        for number, passage in enumerate(passages):
            for phrase in passage.doc.ents:
                if phrase.label_ in NAMED:
                    self._meet(number, passage, phrase)
        wanted = sorted({(n, m.start, m.end): (n, m) for n, m in mentions}.items(), key=lambda x: x[0][1:])
        for _, (number, mention) in wanted:
            name = self._resolve(number, mention, passages[number].text)
            if name:
                self._named[mention.start, mention.end] = name

    def of(self, mention: Mention) -> str:
        """Return the canonical name of a mention, empty when there is none."""
        return self._named.get((mention.start, mention.end), "")

    def _meet(self, number: int, passage: Passage, phrase: Phrase) -> None:
        """Take note of a name: a longer one with the same surname is the same person."""
        borne, name = _without_titles(_before(phrase) + phrase.text)
        if not name:
            return
        human = phrase.label_ == "PERSON" or bool(borne)
        person = self._same(name, human)
        if person is None:
            person = self._people[name] = Person(name, human)
        elif len(name.split()) > len(person.name.split()) and len(person.name.split()) == 1:
            person.name = name
        person.titles |= borne
        person.gender = person.gender or _gender(borne, person.name)
        self._seen.append((number, passage.starts[phrase.root.i], person))

    def _same(self, name: str, human: bool) -> Person | None:
        """Return the person that bears this name, or this surname."""
        for person in self._people.values():
            if person.name.casefold() == name.casefold():
                return person
        if not human:
            known = self._people.values()
            return next((p for p in known if _is_acronym(name, p.name) or _is_acronym(p.name, name)), None)
        return next((p for p in self._people.values() if p.human and _may_be_same(p.name, name)), None)

    def _resolve(self, number: int, mention: Mention, text: str) -> str:
        head = mention.antecedent or mention.head
        word = head.lower_
        if word in OURS:
            return ""
        if word in PRONOUNS:
            person = self._latest(number, mention.start, gender=PRONOUNS[word])
            return self._remember(number, mention, person) if person else ""
        if word in PLURALS:
            return self._latest_group(mention.start)
        named = self._named_person(head)
        if named is not None:
            return self._remember(number, mention, named)
        return self._described(number, mention, head, text)

    def _remember(self, number: int, mention: Mention, person: Person) -> str:
        self._seen.append((number, mention.start, person))
        self._seen.sort(key=lambda s: s[1])
        return person.name

    def _named_person(self, head: Token) -> Person | None:
        """Return the person that a phrase names by its head, its title or its apposition."""
        places = [head, *(c for c in head.children if c.dep_ == "appos")]
        for token in places:
            if token.pos_ != "PROPN":
                continue
            phrase = next((e for e in token.doc.ents if e.start <= token.i < e.end and e.label_ in NAMED), None)
            text = phrase.text if phrase is not None else _run(token)
            _, name = _without_titles(text)
            human = phrase is None or phrase.label_ == "PERSON"
            person = self._same(name, human) if name else None
            if person is not None:
                return person
            if name and (len(name.split()) > 1 or phrase is not None):
                return self._people.setdefault(name, Person(name, human, _gender(set(), name)))
        return None

    def _described(self, number: int, mention: Mention, head: Token, text: str) -> str:
        """Return the name for a description: the last person with that title, else the words themselves."""
        title = head.lower_
        definite = any(c.lower_ in ("the", "this") for c in head.lefts)
        if head.pos_ == "NOUN" and definite and head.right_edge.i == head.i and title in titles().titles:
            for _, place, person in reversed(self._seen):
                if place < mention.start and title in person.titles:
                    return self._remember(number, mention, person)
        words = text[mention.start : mention.end]
        if not any(c.dep_ == "conj" for c in head.children):
            words = re.split(r",|\s[—–]\s|\(", words)[0]
        if head.pos_ == "PROPN":
            words = _without_titles(words)[1] or words
        return re.sub(r"[’']s?$", "", DETERMINERS.sub("", " ".join(words.split()))).strip(' "“”:;.')

    def _latest(self, number: int, before: int, gender: str) -> Person | None:
        """Return the nearest earlier person that fits a pronoun."""
        fallback = None
        for place, at, person in reversed(self._seen):
            if at >= before or not person.human:
                continue
            if number - place > REACH:
                break
            if person.gender == gender:
                return person
            if not person.gender and fallback is None:
                fallback = person
        return fallback

    def _latest_group(self, before: int) -> str:
        """Return the nearest earlier speaker that is no single person."""
        people = {p.name for p in self._people.values() if p.human}
        earlier = [(start, name) for (start, _), name in self._named.items() if start < before and name not in people]
        return max(earlier)[1] if earlier else ""


def _before(phrase: Phrase) -> str:
    """Return the title words right before a name."""
    doc, at = phrase.doc, phrase.start
    while at > 0 and doc[at - 1].lower_.rstrip(".") in titles().titles:
        at -= 1
    return "".join(t.text_with_ws for t in doc[at : phrase.start])


def _run(token: Token) -> str:
    """Return the proper nouns up to and including a token."""
    first = token.i
    while first > 0 and token.doc[first - 1].pos_ == "PROPN" and token.doc[first - 1].head in (token, token.head):
        first -= 1
    return token.doc[first : token.i + 1].text


def _without_titles(text: str) -> tuple[set[str], str]:
    """Return the titles before a name, in lower case, and the name."""
    borne: set[str] = set()
    parts = re.sub(r"[’']s?$", "", text.strip()).split()
    while parts and parts[0].lower().rstrip(".") in titles().titles:
        borne.add(parts.pop(0).lower().rstrip("."))
    name = " ".join(p.strip('“”"(),:;') for p in parts)
    return borne, name if NAME.match(name) else ""


def _may_be_same(full: str, name: str) -> bool:
    """Tell whether two names share the surname, and the first name where both have one; accents do not count."""
    known, parts = _plain(full).split(), _plain(name).split()
    return known[-1] == parts[-1] and (len(parts) == 1 or len(known) == 1 or known[0] == parts[0])


def _plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c)) or name


def _gender(borne: set[str], name: str) -> str:
    known = titles().gender
    return next((known[w] for w in (*sorted(borne), name.split()[0].lower()) if w in known), "")


def _is_acronym(short: str, full: str) -> bool:
    """Tell whether a name in capitals is made of the initials of the other."""
    letters = short.replace(".", "")
    initials = "".join(w[0] for w in full.split() if w[0].isupper())
    return 2 <= len(letters) <= 6 and letters.isupper() and letters == initials

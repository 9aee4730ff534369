"""The people and bodies that a text names: which short, accented or misspelt names belong to which
full one.

Built once from the whole text, so that a surname in the headline finds the full name further down.
Everything is looked up by surname, first name, initials or spelling, never by going through all the
people: linear in the text.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from spacy.tokens import Token

from .cues import LEXICONS
from .passages import Passage

JOINERS = frozenset(
    {
        "de",
        "del",
        "della",
        "van",
        "von",
        "der",
        "den",
        "la",
        "di",
        "da",
        "dos",
        "bin",
        "ibn",
        "al",
        "el",
    }
)
PLACES = frozenset({"GPE", "NORP", "LOC", "DATE", "TIME", "CARDINAL", "ORDINAL", "LANGUAGE"})
TAIL = re.compile(r"[’']s?$")
ACRONYM = re.compile(r"\s*\(\s*([A-Z]{2,7})\s*\)")
SHORTEST_VARIANT = 4
FEW = 8


@dataclass(frozen=True, slots=True)
class Words:
    """The lexicon: titles before a name, and what a word tells of the person or body it stands for."""

    titles: frozenset[str]
    courtesy: frozenset[str]
    gender: dict[str, str]
    nouns: dict[str, str]
    persons: frozenset[str]
    bodies: frozenset[str]
    spokes: frozenset[str]
    kinds: dict[str, frozenset[str]]
    countries: frozenset[str]
    offices: frozenset[str]


@cache
def words() -> Words:
    """Return the lexicon of names."""
    data: dict[str, Any] = json.loads((LEXICONS / "names.json").read_text(encoding="utf-8"))

    def signs(table: dict[str, list[str]]) -> dict[str, str]:
        return {word: sign for sign, listed in table.items() for word in listed}

    nouns = signs(data["nouns"])
    return Words(
        frozenset(data["titles"]),
        frozenset(data["courtesy"]),
        {plain(word): sign for word, sign in signs(data["gender"]).items()},
        nouns,
        frozenset(data["persons"]) | frozenset(nouns),
        frozenset(data["bodies"]),
        frozenset(data["spokes"]),
        {noun: frozenset(listed) for noun, listed in data["kinds"].items()},
        frozenset(data["countries"]),
        frozenset(data["offices"]),
    )


@dataclass(slots=True, eq=False)
class Person:
    """A person or body of a text: the fullest name, the titles it bears, the gender its names and
    pronouns show.
    """

    name: str
    human: bool
    gender: str = ""
    titles: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Run:
    """A name as it stands in the text: its tokens, the name without titles, and the titles."""

    first: int
    last: int
    name: str
    titles: frozenset[str]
    vote: int


@dataclass(slots=True)
class _Form:
    """All places where a name is spelt alike."""

    name: str
    count: int = 0
    vote: int = 0
    titles: set[str] = field(default_factory=set)
    acronym: str = ""


class People:
    """The people and bodies of one text by their names; `runs` holds each name of each passage."""

    def __init__(self, passages: list[Passage]) -> None:
        self.runs: list[list[Run]] = []
        self.by_title: dict[str, list[Person]] = defaultdict(list)
        self._by_name: dict[str, list[Person]] = defaultdict(list)
        self._by_last: dict[str, list[Person]] = defaultdict(list)
        self._by_first: dict[str, list[Person]] = defaultdict(list)
        self._by_spelling: dict[str, list[Person]] = defaultdict(list)
        forms: dict[str, _Form] = {}
        for passage in passages:
            self.runs.append(list(_runs(passage)))
            for run in self.runs[-1]:
                _count(forms, run, passage)
        for form in sorted(forms.values(), key=lambda f: (-len(f.name.split()), -f.count)):
            self._meet(form)

    def find(self, name: str, borne: Iterable[str] = ()) -> list[tuple[Person, float]]:
        """Return who may bear a name, with how sure that is (0..1): the equally sure ones only, the
        best kind first.
        """
        key = plain(name)
        gender = next((words().gender[t] for t in borne if t in words().gender), "")

        def fitting(people: list[Person]) -> list[Person]:
            return [
                p
                for p in people[:FEW]
                if not (gender and p.human and p.gender and p.gender != gender)
            ]

        for people, sureness in self._readings(key):
            if found := fitting(people):
                return [(p, sureness if len(found) == 1 else sureness - 0.25) for p in found]
        return []

    def meet(self, name: str, human: bool) -> Person:
        """Return a new person with this name."""
        person = Person(name, human, _gender_of(name) if human else "")
        self._index(person, name)
        return person

    def _readings(self, key: str) -> Iterator[tuple[list[Person], float]]:
        """Yield the people that a name may mean, the surest reading first."""
        yield self._by_name.get(key, []), 1.0
        parts = key.split()
        if len(parts) > 2:
            yield self._by_name.get(" ".join(parts[1:]), []), 0.9
            yield self._by_name.get(" ".join(parts[-2:]), []), 0.85
        if len(parts) == 1:
            yield self._by_last.get(key, []), 0.95
            yield self._by_first.get(key, []), 0.85
        else:
            yield (
                [
                    p
                    for p in self._by_last.get(parts[-1], [])[:FEW]
                    if _first_names_fit(key, plain(p.name))
                ],
                0.85,
            )
        for spelling in _spellings(key):
            near = [
                p
                for p in self._by_spelling.get(spelling, ())[:FEW]
                if len(parts) == 1 or _near_full(p, key)
            ]
            yield (near if len(set(map(id, near))) == 1 else []), 0.6

    def _meet(self, form: _Form) -> None:
        """Take note of a name, longer ones first: a shorter or misspelt one of a known person adds
        its titles to it.
        """
        human = form.vote > 0 or bool(form.titles & words().courtesy)
        known = [
            (p, s)
            for p, s in self.find(form.name, sorted(form.titles))
            if p.human == human or s < 1 or not is_body(form.name)
        ]
        alone = len(form.name.split()) == 1
        if alone and form.titles and not human:
            known = [(p, s) for p, s in known if not p.human]
        if len(known) == 1 or (known and alone):
            person, sureness = known[0]
            if len(known) == 1:
                person.titles |= form.titles
                person.human = person.human or (human and not is_body(person.name))
                person.gender = person.gender or (
                    _gender_of(form.name, form.titles) if person.human else ""
                )
            if sureness < 0.95 and len(known) == 1:
                self._by_name[plain(form.name)].append(person)
            if form.acronym:
                self._by_name[plain(form.acronym)].append(person)
            return
        name = form.name
        courtesy = sorted(form.titles & words().courtesy)
        if courtesy and self._by_name.get(plain(name)):
            name = f"{courtesy[0].title()} {name}"
        person = Person(
            name, human, _gender_of(form.name, form.titles) if human else "", set(form.titles)
        )
        self._index(person, form.name)
        if form.acronym:
            self._by_name[plain(form.acronym)].append(person)

    def _index(self, person: Person, name: str) -> None:
        key = plain(name)
        parts = key.split()
        self._by_name[key].append(person)
        if len(parts) > 1:
            self._by_first[parts[0]].append(person)
            if person.human or not is_body(name):
                self._by_last[parts[-1]].append(person)
            for letters in () if person.human else _initials(name):
                self._by_last[letters].append(person)
        for spelling in _spellings(parts[-1]) if person.human or not is_body(name) else ():
            self._by_spelling[spelling].append(person)

    def bear(self, person: Person, title: str) -> None:
        """Note that the text calls a person so: `Karol Weiss, the union's chief negotiator`."""
        if title not in person.titles or person not in self.by_title[title][-1:]:
            person.titles.add(title)
            self.by_title[title].append(person)


def plain(name: str) -> str:
    """Return a name in lower case without accents, stops and apostrophes, to compare it."""
    folded = "".join(
        c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c)
    )
    bare = TAIL.sub("", re.sub(r"^the\s+", "", folded))
    return " ".join(bare.replace(".", "").replace("’", "'").split()) or name.casefold()


def split_titles(text: str) -> tuple[frozenset[str], str]:
    """Return the titles before a name, in lower case, and the name."""
    lexicon = words()
    borne: set[str] = set()
    parts = text.split()
    if len(parts) > 1 and parts[0] in ("The", "the", "X"):
        del parts[0]
    if is_body(" ".join(parts)) and _bare(parts[0]) not in lexicon.courtesy:
        return frozenset(), " ".join(parts)
    while len(parts) > 1 and (
        _bare(parts[0]) in lexicon.titles or (borne and _bare(parts[0]) in ("the", "&"))
    ):
        borne.add(_bare(parts.pop(0)))
    if len(parts) > 2 and parts[0].lower() in lexicon.countries:
        del parts[0]
        while len(parts) > 1 and _bare(parts[0]) in lexicon.titles:
            borne.add(_bare(parts.pop(0)))
    return frozenset(borne), " ".join(parts)


def is_body(name: str) -> bool:
    """Tell whether a word of a name shows that it is no person's."""
    parts = [_bare(TAIL.sub("", p)) for p in name.split()]
    return "&" in parts or any(p in words().bodies for p in parts)


def _bare(word: str) -> str:
    return word.lower().rstrip(".").strip('“”"(),:;')


def _runs(passage: Passage) -> Iterator[Run]:
    """Yield the names of a passage: neighbouring proper nouns with what joins them."""
    doc = passage.doc
    at = 0
    while at < len(doc):
        if not _is_name(doc[at]):
            at += 1
            continue
        last = at
        while (following := _joined(doc[at : last + 1].text, doc[last], passage)) is not None:
            last = following
        run = _run(passage, at, last)
        if run is not None:
            yield run
        at = last + 1


def _is_name(token: Token) -> bool:
    if not token.text[:1].isupper() or token.pos_ == "PRON":
        return False
    return token.pos_ == "PROPN" or token.ent_type_ in ("PERSON", "ORG")


def _joined(so_far: str, token: Token, passage: Passage) -> int | None:
    """Return the next token of a name, none when it ends with this one."""
    doc = passage.doc
    if token.i + 1 >= len(doc):
        return None
    after = doc[token.i + 1]
    if _is_name(after):
        if _bare(after.text) in words().courtesy:
            return None
        new = after.ent_iob_ == "B" and after.ent_type_ == "PERSON" and token.ent_type_ != "PERSON"
        full = after.i + 1 < len(doc) and doc[after.i + 1].ent_iob_ == "I"
        apart = new and (token.ent_type_ != "" or full) and _bare(token.text) not in words().titles
        return None if apart else after.i
    second = doc[after.i + 1] if after.i + 1 < len(doc) else None
    if second is None or not _is_name(second):
        return None
    tight = not token.whitespace_ and not after.whitespace_
    if (after.text in "-–'’" and tight) or after.lower_ in JOINERS or after.text == "&":
        return second.i
    same = after.ent_type_ == "ORG" and after.ent_iob_ == "I" and second.ent_iob_ == "I"
    if (after.lower_ in ("of", "for") and is_body(so_far)) or (
        after.lower_ in ("of", "for", "and") and same
    ):
        return second.i
    plural = after.text in ("'", "’") and so_far.endswith("s")
    return second.i if plural and _ends_in_body(second) else None


def _ends_in_body(token: Token) -> bool:
    doc = token.doc
    last = token.i
    while last + 1 < len(doc) and _is_name(doc[last + 1]):
        last += 1
    return any(_bare(doc[n].text) in words().bodies for n in range(token.i, last + 1))


def _run(passage: Passage, first: int, last: int) -> Run | None:
    """Return the name that stands in these tokens, with the title in small letters before it; none
    for a place.
    """
    doc = passage.doc
    before = first
    while (
        before > 0 and _bare(doc[before - 1].text) in words().titles and not doc[before - 1].is_stop
    ):
        before -= 1
    office = (
        first > 1
        and doc[first - 1].lower_ in ("of", "for")
        and _bare(doc[first - 2].text) in words().titles
    )
    while office and first < last and doc[first].lower_ in words().offices:
        first += 1
    before = max(before, first) if office else before
    borne, name = split_titles(" ".join(doc[before : last + 1].text.split()))
    name = TAIL.sub("", name).strip('“”"(),:;.-–')
    given = [plain(part) in words().gender for part in name.split()]
    if len(given) > 2 and doc[first].is_sent_start and not given[0] and given[1]:
        name = name.split(maxsplit=1)[1]
    if not name or not name[0].isalpha() or _bare(name) in words().titles:
        return None
    kinds = {doc[n].ent_type_ for n in range(first, last + 1)}
    vote = ("PERSON" in kinds) - ("ORG" in kinds) + 2 * bool(borne - {"us", "u.s", "of", "state"})
    vote += 2 * (plain(name).split()[0] in words().gender) - 5 * is_body(name)
    if vote <= 0 and kinds <= PLACES:
        return None
    while first < last and len(doc[first + 1 : last + 1].text) >= len(name):
        first += 1
    return Run(first, last, name, borne, vote)


def _count(forms: dict[str, _Form], run: Run, passage: Passage) -> None:
    key = plain(run.name)
    courtesy = sorted(run.titles & words().courtesy) if len(key.split()) == 1 else []
    form = forms.setdefault(" ".join((key, *courtesy)), _Form(run.name))
    form.count += 1
    form.vote += run.vote
    form.titles |= run.titles
    if found := ACRONYM.match(
        passage.doc[run.last + 1 :].text[:12] if run.last + 1 < len(passage.doc) else ""
    ):
        form.acronym = found[1]


def _gender_of(name: str, titles: Iterable[str] = ()) -> str:
    known = words().gender
    return next((known[w] for w in (*sorted(titles), plain(name).split()[0]) if w in known), "")


def _initials(name: str) -> Iterator[str]:
    """Yield the acronyms that the words of a body's name may give."""
    parts = [w for w in re.split(r"[\s\-]+", name) if w]
    capitals = "".join(w[0] for w in parts if w[0].isupper()).casefold()
    if len(capitals) > 1:
        yield capitals


def _first_names_fit(left: str, right: str) -> bool:
    """Tell whether the first names of two full names are the same, an initial, or a slip of the
    pen.
    """
    one, other = left.split()[0], right.split()[0]
    if one == other or (min(len(one), len(other)) == 1 and one[0] == other[0]):
        return True
    return one[0] == other[0] and bool(set(_spellings(one)) & set(_spellings(other)))


def _near_full(person: Person, key: str) -> bool:
    known = plain(person.name).split()
    return len(known) > 1 and known[0] == key.split()[0]


def _spellings(key: str) -> list[str]:
    """Return keys that two spellings of a surname share: one letter left out, the sound of its end,
    its consonants.
    """
    word = key.split()[-1]
    if len(word) < SHORTEST_VARIANT:
        return []
    sound = re.sub(
        r"(?:e?au[ldtx]*|o[tx]|oh)$",
        "o",
        re.sub(r"(.)\1", r"\1", word.replace("ph", "f").replace("w", "v")),
    )
    skeleton = word[0] + re.sub(r"[aeiouy'\-]", "", sound[1:])
    found = [f"~{sound}", word, *(word[:n] + word[n + 1 :] for n in range(1, len(word)))]
    return [*found, f"#{skeleton}"] if len(skeleton) > 2 else found

"""The people and bodies that a text names: which short, accented or misspelt names belong to which
full one.

Built once from the whole text, so that a surname in the headline finds the full name further down.
Everything is looked up by surname, first name, initials or spelling, never by going through all the
people: linear in the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from spacy.tokens import Doc, Token

from .name_lexicon import TAIL, bare_word, is_body, name_lexicon, plain, split_titles
from .passages import Passage

JOINERS = frozenset(
    {
        *("de", "del", "della", "di", "da", "dos", "la"),
        *("van", "von", "der", "den", "bin", "ibn", "al", "el"),
    }
)
PLACES = frozenset({"GPE", "NORP", "LOC", "DATE", "TIME", "CARDINAL", "ORDINAL", "LANGUAGE"})
ACRONYM = re.compile(r"\s*\(\s*([A-Z]{2,7})\s*\)")
# Words of a title that tell nothing: `US`, `of`, `state`.
EMPTY_TITLES = frozenset({"us", "u.s", "of", "state"})
# Shorter surnames have no misspelt variants.
SHORTEST_VARIANT = 4
# So many people who share a name are compared, so that the work stays linear in the text.
FEW = 8

Guesses = list[tuple["Person", float]]


@dataclass(slots=True, eq=False)
class Person:
    """A person or body of a text by the fullest name, with the titles that it bears.

    `gender` is what names and pronouns show: m, f, or empty.
    """

    name: str
    human: bool
    gender: str = ""
    titles: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Run:
    """A name as it stands in the text: its tokens, the name without titles, and the titles.

    `vote` is above 0 for a person, below for a body.
    """

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

    def find(self, name: str, borne: Iterable[str] = ()) -> Guesses:
        """Return who may bear a name, with how sure that is (0..1).

        These are the equally sure ones only, by the best reading of the name.
        """
        gender = next(
            (name_lexicon().gender[title] for title in borne if title in name_lexicon().gender), ""
        )
        for people, sureness in self._readings(plain(name)):
            fitting = [person for person in people[:FEW] if not _is_other(person, gender)]
            if fitting:
                alone = len(fitting) == 1
                return [(person, sureness if alone else sureness - 0.25) for person in fitting]
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
            same_last = self._by_last.get(parts[-1], [])[:FEW]
            yield [p for p in same_last if _first_names_fit(key, plain(p.name))], 0.85
        for spelling in _spellings(key):
            near = self._by_spelling.get(spelling, [])[:FEW]
            if len(parts) > 1:
                near = [person for person in near if _near_full(person, key)]
            # A slip of the pen is read so only where it can mean one person.
            yield (near if len(set(map(id, near))) == 1 else []), 0.6

    def _meet(self, form: _Form) -> None:
        """Take note of a name, longer ones first.

        A shorter or misspelt one of a known person adds its titles to it.
        """
        human = form.vote > 0 or bool(form.titles & name_lexicon().courtesy)
        known = self._known(form, human)
        alone = len(form.name.split()) == 1
        if len(known) == 1:
            person, sureness = known[0]
            self._join(person, form, human)
            if sureness < 0.95:
                self._by_name[plain(form.name)].append(person)
        elif known and alone:
            # One of several, nobody knows which: no person of its own.
            person = known[0][0]
        else:
            person = self._new(form, human)
        if form.acronym:
            self._by_name[plain(form.acronym)].append(person)

    def _known(self, form: _Form, human: bool) -> Guesses:
        """Return who of the people met so far may be meant by a name."""
        known = []
        titled_body = len(form.name.split()) == 1 and bool(form.titles) and not human
        for person, sureness in self.find(form.name, sorted(form.titles)):
            if person.human != human and sureness >= 1 and is_body(form.name):
                continue
            if titled_body and person.human:
                continue
            known.append((person, sureness))
        return known

    def _join(self, person: Person, form: _Form, human: bool) -> None:
        """Add what a name tells to the person that it means."""
        person.titles |= form.titles
        if human and not is_body(person.name):
            person.human = True
        if person.human and not person.gender:
            person.gender = _gender_of(form.name, form.titles)

    def _new(self, form: _Form, human: bool) -> Person:
        """Return a new person of this name; a namesake keeps the `Mr` or `Mrs` before it."""
        name = form.name
        courtesy = sorted(form.titles & name_lexicon().courtesy)
        if courtesy and self._by_name.get(plain(name)):
            name = f"{courtesy[0].title()} {name}"
        gender = _gender_of(form.name, form.titles) if human else ""
        person = Person(name, human, gender, set(form.titles))
        self._index(person, form.name)
        return person

    def _index(self, person: Person, name: str) -> None:
        """Make a person known by a name, its parts and its spellings."""
        key = plain(name)
        parts = key.split()
        by_surname = person.human or not is_body(name)
        self._by_name[key].append(person)
        if len(parts) > 1:
            self._by_first[parts[0]].append(person)
            if by_surname:
                self._by_last[parts[-1]].append(person)
            acronym = "" if person.human else _initials(name)
            if acronym:
                self._by_last[acronym].append(person)
        if by_surname:
            for spelling in _spellings(parts[-1]):
                self._by_spelling[spelling].append(person)

    def bear(self, person: Person, title: str) -> None:
        """Note that the text calls a person so: `Karol Weiss, the union's chief negotiator`."""
        if title not in person.titles or person not in self.by_title[title][-1:]:
            person.titles.add(title)
            self.by_title[title].append(person)


def _runs(passage: Passage) -> Iterator[Run]:
    """Yield the names of a passage: neighbouring proper nouns with what joins them."""
    doc = passage.doc
    at = 0
    while at < len(doc):
        if not _is_name(doc[at]):
            at += 1
            continue
        last = at
        following = _next_of_name(doc[at], doc[last])
        while following is not None:
            last = following
            following = _next_of_name(doc[at], doc[last])
        run = _run(passage, at, last)
        if run is not None:
            yield run
        at = last + 1


def _is_name(token: Token) -> bool:
    if not token.text[:1].isupper() or token.pos_ == "PRON":
        return False
    return token.pos_ == "PROPN" or token.ent_type_ in ("PERSON", "ORG")


def _next_of_name(first: Token, token: Token) -> int | None:
    """Return the next token of a name from `first` to `token`, none when it ends there."""
    doc = token.doc
    if token.i + 1 >= len(doc):
        return None
    after = doc[token.i + 1]
    if _is_name(after):
        return None if _starts_anew(token, after) else after.i
    second = doc[after.i + 1] if after.i + 1 < len(doc) else None
    if second is None or not _is_name(second):
        return None
    joined = _joins(token, after) or _joins_body(first, token, after, second)
    return second.i if joined else None


def _starts_anew(token: Token, after: Token) -> bool:
    """Tell whether a name right behind another is a name of its own: `Labour Anna Lopez`."""
    if bare_word(after.text) in name_lexicon().courtesy:
        return True
    if after.ent_iob_ != "B" or after.ent_type_ != "PERSON" or token.ent_type_ == "PERSON":
        return False
    full = after.i + 1 < len(after.doc) and after.doc[after.i + 1].ent_iob_ == "I"
    return (token.ent_type_ != "" or full) and bare_word(token.text) not in name_lexicon().titles


def _joins(token: Token, after: Token) -> bool:
    """Tell whether a sign or word joins two parts of any name: `Ann-Marie`, `van der`, `&`."""
    tight = not token.whitespace_ and not after.whitespace_
    return (after.text in "-–'’" and tight) or after.lower_ in JOINERS or after.text == "&"


def _joins_body(first: Token, token: Token, after: Token, second: Token) -> bool:
    """Tell whether a word joins two parts of a body's name: `Ministry of Health`, `Teachers'
    Union`.
    """
    so_far = token.doc[first.i : token.i + 1].text
    if after.lower_ in ("of", "for") and is_body(so_far):
        return True
    inside = after.ent_type_ == "ORG" and after.ent_iob_ == "I" and second.ent_iob_ == "I"
    if inside and after.lower_ in ("of", "for", "and"):
        return True
    return after.text in ("'", "’") and so_far.endswith("s") and _ends_in_body(second)


def _ends_in_body(token: Token) -> bool:
    doc = token.doc
    for n in range(token.i, len(doc)):
        if n > token.i and not _is_name(doc[n]):
            return False
        if bare_word(doc[n].text) in name_lexicon().bodies:
            return True
    return False


def _run(passage: Passage, first: int, last: int) -> Run | None:
    """Return the name that stands in these tokens, none for a place.

    The title in small letters before it goes with it.
    """
    doc = passage.doc
    before, first = _with_titles(doc, first, last)
    borne, name = split_titles(" ".join(doc[before : last + 1].text.split()))
    name = TAIL.sub("", name).strip('“”"(),:;.-–')
    given = [plain(part) in name_lexicon().gender for part in name.split()]
    if len(given) > 2 and doc[first].is_sent_start and not given[0] and given[1]:
        # The parser takes a word in front for a part of the name: `Meanwhile Anna Lopez`.
        name = name.split(maxsplit=1)[1]
    if not name or not name[0].isalpha() or bare_word(name) in name_lexicon().titles:
        return None
    kinds = {token.ent_type_ for token in doc[first : last + 1]}
    vote = ("PERSON" in kinds) - ("ORG" in kinds)
    vote += 2 * bool(borne - EMPTY_TITLES)
    vote += 2 * (plain(name).split()[0] in name_lexicon().gender)
    vote -= 5 * is_body(name)
    if vote <= 0 and kinds <= PLACES:
        return None
    while first < last and len(doc[first + 1 : last + 1].text) >= len(name):
        first += 1
    return Run(first, last, name, borne, vote)


def _with_titles(doc: Doc, first: int, last: int) -> tuple[int, int]:
    """Return where the titles before a name start, and where the name itself does.

    In `secretary of State Anna Lopez` the office is no part of the name.
    """
    titles = name_lexicon().titles
    of_office = first > 1 and doc[first - 1].lower_ in ("of", "for")
    if of_office and bare_word(doc[first - 2].text) in titles:
        start = first
        while start < last and doc[start].lower_ in name_lexicon().offices:
            start += 1
        return start, start
    before = first
    while before > 0 and bare_word(doc[before - 1].text) in titles and not doc[before - 1].is_stop:
        before -= 1
    return before, first


def _is_other(person: Person, gender: str) -> bool:
    """Tell whether a name with this gender cannot be this person's."""
    return bool(gender and person.human and person.gender and person.gender != gender)


def _count(forms: dict[str, _Form], run: Run, passage: Passage) -> None:
    key = plain(run.name)
    courtesy = sorted(run.titles & name_lexicon().courtesy) if len(key.split()) == 1 else []
    form = forms.setdefault(" ".join((key, *courtesy)), _Form(run.name))
    form.count += 1
    form.vote += run.vote
    form.titles |= run.titles
    acronym = ACRONYM.match(passage.doc[run.last + 1 :].text[:12])
    if acronym:
        form.acronym = acronym[1]


def _gender_of(name: str, titles: Iterable[str] = ()) -> str:
    """Return the gender that titles show, else a first name."""
    known = name_lexicon().gender
    for word in (*sorted(titles), plain(name).split()[0]):
        if word in known:
            return known[word]
    return ""


def _initials(name: str) -> str:
    """Return the acronym that the words of a body's name may give, empty when it has but one."""
    parts = re.split(r"[\s\-]+", name)
    capitals = "".join(part[0] for part in parts if part[:1].isupper()).casefold()
    return capitals if len(capitals) > 1 else ""


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
    # How it sounds: no doubled letters, and one o for -eau, -aux, -ot, -oh at the end.
    sound = re.sub(r"(.)\1", r"\1", word.replace("ph", "f").replace("w", "v"))
    sound = re.sub(r"(?:e?au[ldtx]*|o[tx]|oh)$", "o", sound)
    skeleton = word[0] + re.sub(r"[aeiouy'\-]", "", sound[1:])
    one_letter_less = [word[:n] + word[n + 1 :] for n in range(1, len(word))]
    keys = [f"~{sound}", word, *one_letter_less]
    if len(skeleton) > 2:
        keys.append(f"#{skeleton}")
    return keys

"""The lexicon of names, and a name's words: its titles, and whether it is a body's."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

from .cues import LEXICONS

TAIL = re.compile(r"[’']s?$")


@dataclass(frozen=True, slots=True)
class NameLexicon:
    """The lexicon: titles before a name, and what a word tells of whom it stands for."""

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
def name_lexicon() -> NameLexicon:
    """Return the lexicon of names."""
    data: dict[str, Any] = json.loads((LEXICONS / "names.json").read_text(encoding="utf-8"))

    nouns = _by_word(data["nouns"])
    given_names = _by_word(data["gender"])
    return NameLexicon(
        titles=frozenset(data["titles"]),
        courtesy=frozenset(data["courtesy"]),
        gender={plain(word): gender for word, gender in given_names.items()},
        nouns=nouns,
        persons=frozenset(data["persons"]) | frozenset(nouns),
        bodies=frozenset(data["bodies"]),
        spokes=frozenset(data["spokes"]),
        kinds={noun: frozenset(listed) for noun, listed in data["kinds"].items()},
        countries=frozenset(data["countries"]),
        offices=frozenset(data["offices"]),
    )


def _by_word(table: dict[str, list[str]]) -> dict[str, str]:
    signs = {}
    for sign, listed in table.items():
        for word in listed:
            signs[word] = sign
    return signs


def plain(name: str) -> str:
    """Return a name in lower case without accents, stops and apostrophes, to compare it."""
    decomposed = unicodedata.normalize("NFD", name.casefold())
    folded = "".join(char for char in decomposed if not unicodedata.combining(char))
    bare = TAIL.sub("", re.sub(r"^the\s+", "", folded))
    return " ".join(bare.replace(".", "").replace("’", "'").split()) or name.casefold()


def split_titles(text: str) -> tuple[frozenset[str], str]:
    """Return the titles before a name, in lower case, and the name."""
    lexicon = name_lexicon()
    borne: set[str] = set()
    parts = text.split()
    if len(parts) > 1 and parts[0] in ("The", "the", "X"):
        del parts[0]
    if is_body(" ".join(parts)) and bare_word(parts[0]) not in lexicon.courtesy:
        return frozenset(), " ".join(parts)
    _take_titles(parts, borne, joiners=("the", "&"))
    if len(parts) > 2 and parts[0].lower() in lexicon.countries:
        # `French President Anna Lopez`.
        del parts[0]
        _take_titles(parts, borne, joiners=())
    return frozenset(borne), " ".join(parts)


def _take_titles(parts: list[str], borne: set[str], joiners: tuple[str, ...]) -> None:
    """Move the titles at the start of a name, and what joins them, to those borne."""
    while len(parts) > 1:
        first = bare_word(parts[0])
        if first not in name_lexicon().titles and not (borne and first in joiners):
            return
        borne.add(first)
        del parts[0]


def is_body(name: str) -> bool:
    """Tell whether a word of a name shows that it is no person's."""
    bodies = name_lexicon().bodies
    for part in name.split():
        word = bare_word(TAIL.sub("", part))
        if word == "&" or word in bodies:
            return True
    return False


def bare_word(word: str) -> str:
    """Return a word in lower case without the marks around it."""
    return word.lower().rstrip(".").strip('“”"(),:;')

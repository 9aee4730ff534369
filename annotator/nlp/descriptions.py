"""Read noun phrases that name nobody: `the minister`, `the harbour master`, `a person close to the
talks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.tokens import Token

from .name_lexicon import is_body, name_lexicon, plain, split_titles
from .passages import Passage
from .people import Person, Run
from .speakers import Mention

DETERMINERS = re.compile(r"^(?:the|an?|this|that|these|those|his|her|their|its|our|my)\s+", re.I)
CUT = re.compile(r",(?!\d)|\s[—–]\s|\(")
BESIDE_A_BARE_NOUN = ("det", "poss", "punct", "relcl", "appos", "acl", "case")
CLAUSE = re.compile(r",?\s(?:who|which|whose|speaking|citing|published)\s")


def mention_text(passage: Passage, mention: Mention) -> str:
    """Return the words of a mention."""
    return passage.text[mention.start : mention.end]


def holds_office(head: Token, run: Run) -> bool:
    """Tell whether a name follows an office: `the president of Colombia Gustavo Petro`."""
    lexicon = name_lexicon()
    between = head.doc[head.i + 1 : run.first]
    if len(between) == 0:
        is_title = head.lower_ in lexicon.titles and head.lower_ not in lexicon.spokes
        return is_title or head.i < run.first
    if head.lower_ not in lexicon.titles or head.lower_ in lexicon.spokes:
        return False
    if between[-1].pos_ != "PROPN":
        return False
    return all(t.pos_ == "PROPN" or t.lower_ in ("of", "for", "the") for t in between)


def full_noun(noun: Token) -> str:
    """Return a noun with what is compounded to it, in lower case: `harbour master`."""
    compounded = [child.lower_ for child in noun.lefts if child.dep_ == "compound"]
    return " ".join([*compounded, noun.lower_])


def is_definite(head: Token) -> bool:
    """Tell whether a noun phrase means a certain one: `the minister`, `this company`."""
    return any(c.lower_ in ("the", "this", "that") for c in head.lefts)


def is_bare(head: Token) -> bool:
    """Tell whether nothing but a determiner stands with a noun."""
    return all(child.dep_ in BESIDE_A_BARE_NOUN for child in head.children)


def differs(known: Person, head: Token) -> bool:
    """Tell whether a noun bears an adjective that the person known by that noun does not."""
    name = plain(known.name).split()
    adjectives = [child for child in head.children if child.dep_ in ("amod", "compound")]
    return any(adjective.lower_ not in name for adjective in adjectives)


def titles_beside(passage: Passage, runs: list[Run]) -> dict[int, list[str]]:
    """Return the nouns that a passage gives to each name beside it: `Karol Weiss, the chief
    negotiator`.
    """
    nouns: dict[int, list[str]] = {}
    names: dict[int, int] = {}
    for run in runs:
        names.update(dict.fromkeys(range(run.first, run.last + 1), run.last))
    for token in passage.doc:
        if token.pos_ not in ("NOUN", "PROPN") or token.i in names:
            continue
        for name in _names_beside(token, names):
            nouns.setdefault(name, []).extend((token.lower_, full_noun(token)))
    return nouns


def _names_beside(noun: Token, names: dict[int, int]) -> Iterator[int]:
    """Yield the names, by their last token, that a noun stands beside."""
    head = noun.head
    if noun.dep_ == "appos" and head.i in names:
        yield names[head.i]
    for child in noun.children:
        if child.dep_ == "appos" and child.i in names and not is_body(child.text):
            yield names[child.i]
    # `harbour master Anna Lopez`
    before = noun.dep_ in ("compound", "nmod") and head.i in names
    if before and noun.lower_ in name_lexicon().persons:
        yield names[head.i]


def description(text: str, head: Token) -> str:
    """Return a short description: the words of a phrase up to its first comma.

    Article and end marks are left out.
    """
    text = CLAUSE.split(" ".join(text.split()))[0]
    several = any(c.dep_ == "conj" and c.pos_ == head.pos_ for c in head.children)
    if not several:
        text = CUT.split(text)[0]
    if head.pos_ == "PROPN":
        text = split_titles(text)[1] or text
    return shortened(text)


def shortened(text: str) -> str:
    """Return the words of a phrase without its determiner, possessive ending and end marks."""
    return re.sub(r"[’']s?$", "", DETERMINERS.sub("", " ".join(text.split()))).strip(' "“”:;.')

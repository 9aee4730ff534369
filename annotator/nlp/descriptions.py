"""Read noun phrases that name nobody: `the minister`, `the harbour master`, `a person close to the
talks`.
"""

from __future__ import annotations

import re

from spacy.tokens import Token

from .passages import Passage
from .people import Person, Run, is_body, plain, split_titles, words
from .speakers import Mention

DETERMINERS = re.compile(r"^(?:the|an?|this|that|these|those|his|her|their|its|our|my)\s+", re.I)
CUT = re.compile(r",(?!\d)|\s[—–]\s|\(")
CLAUSE = re.compile(r",?\s(?:who|which|whose|speaking|citing|published)\s")


def mention_text(passage: Passage, mention: Mention) -> str:
    """Return the words of a mention."""
    return passage.text[mention.start : mention.end]


def holds_office(head: Token, run: Run) -> bool:
    """Tell whether a name follows an office: `the president of Colombia Gustavo Petro`."""
    between = head.doc[head.i + 1 : run.first]
    if head.lower_ not in words().titles or head.lower_ in words().spokes:
        return len(between) == 0 and head.i < run.first
    office = all(t.lower_ in ("of", "for", "the") or t.pos_ == "PROPN" for t in between)
    return office and (len(between) == 0 or between[-1].pos_ == "PROPN")


def full_noun(noun: Token) -> str:
    """Return a noun with what is compounded to it, in lower case: `harbour master`."""
    return " ".join([*(c.lower_ for c in noun.lefts if c.dep_ == "compound"), noun.lower_])


def is_definite(head: Token) -> bool:
    return any(c.lower_ in ("the", "this", "that") for c in head.lefts)


def is_bare(head: Token) -> bool:
    """Tell whether nothing but a determiner stands with a noun."""
    return all(
        c.dep_ in ("det", "poss", "punct", "relcl", "appos", "acl", "case") for c in head.children
    )


def differs(known: Person, head: Token) -> bool:
    """Tell whether a noun bears an adjective that the person known by that noun does not."""
    parts = plain(known.name).split()
    return any(c.dep_ in ("amod", "compound") and c.lower_ not in parts for c in head.children)


def titles_beside(passage: Passage, runs: list[Run]) -> dict[int, list[str]]:
    """Return the nouns that a passage gives to each name beside it: `Karol Weiss, the chief
    negotiator`.
    """
    found: dict[int, list[str]] = {}
    by_token = {n: run.last for run in runs for n in range(run.first, run.last + 1)}
    for token in passage.doc:
        if token.pos_ not in ("NOUN", "PROPN") or token.i in by_token:
            continue
        called = [token.lower_, full_noun(token)]
        if token.dep_ == "appos" and token.head.i in by_token:
            found.setdefault(by_token[token.head.i], []).extend(called)
        for child in token.children:
            if child.dep_ == "appos" and child.i in by_token and not is_body(child.text):
                found.setdefault(by_token[child.i], []).extend(called)
        if (
            token.dep_ in ("compound", "nmod")
            and token.head.i in by_token
            and token.lower_ in words().persons
        ):
            found.setdefault(by_token[token.head.i], []).extend(called)
    return found


def description(text: str, head: Token) -> str:
    """Return a short description: the words of a phrase up to its first comma, without article and
    end marks.
    """
    text = CLAUSE.split(" ".join(text.split()))[0]
    if not any(c.dep_ == "conj" and c.pos_ == head.pos_ for c in head.children):
        text = CUT.split(text)[0]
    if head.pos_ == "PROPN":
        text = split_titles(text)[1] or text
    return shortened(text)


def shortened(text: str) -> str:
    return re.sub(r"[’']s?$", "", DETERMINERS.sub("", " ".join(text.split()))).strip(' "“”:;.')

"""Steps in a dependency tree: which word stands under another, and in what role."""

from __future__ import annotations

from spacy.tokens import Token

FINITE = ("VBD", "VBZ")
SAYING = ("say", "add", "tell")


def child(token: Token, *roles: str) -> Token | None:
    """Return the first child of a token in one of these roles."""
    for below in token.children:
        if below.dep_ in roles:
            return below
    return None


def child_word(token: Token, *words: str) -> Token | None:
    """Return the first child of a token that is one of these words."""
    for below in token.children:
        if below.lower_ in words:
            return below
    return None


def has_child(token: Token, *roles: str) -> bool:
    """Tell whether a token has a child in one of these roles."""
    return child(token, *roles) is not None


def has_child_word(token: Token, *words: str) -> bool:
    """Tell whether one of these words stands right under a token."""
    return child_word(token, *words) is not None


def has_mark(verb: Token, *words: str) -> bool:
    """Tell whether one of these words opens the clause of a verb: `that`, `if`, `as`."""
    return any(below.dep_ == "mark" and below.lower_ in words for below in verb.children)


def outer_conjunct(reporting: Token, clause: Token) -> Token | None:
    """Return the verb in a reported clause that goes on with the reporting one: `said he would stay
    and called it a mistake`.

    It has no subject, and says something, or is in the past as the reporting verb is and the clause
    is not. Or somebody else says something with it: `said it was late, and critics warned that …`.
    """
    if clause.dep_ != "ccomp" or reporting.i > clause.i:
        return None
    past = reporting.tag_ == "VBD" and clause.tag_ != "VBD"
    for below in clause.rights:
        if below.dep_ == "conj" and below.tag_ == reporting.tag_ and _says_besides(below):
            return below
        if below.dep_ != "conj" or has_child(below, "nsubj", "nsubjpass", "aux"):
            continue
        if below.tag_ in FINITE and (below.lemma_ in SAYING or (past and below.tag_ == "VBD")):
            return below
    return None


def _says_besides(verb: Token) -> bool:
    """Tell whether a verb behind a comma and `and` or `but` has a subject other than a pronoun, and
    a clause with `that`.
    """
    subject = child(verb, "nsubj")
    clause = child(verb, "ccomp")
    if subject is None or subject.pos_ == "PRON" or clause is None or not has_mark(clause, "that"):
        return False
    first = verb.left_edge.i
    return first > 1 and verb.doc[first - 2].text == "," and verb.doc[first - 1].dep_ == "cc"

"""Steps in a dependency tree: which word stands under another, and in what role."""

from __future__ import annotations

from spacy.tokens import Token


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

    It has no subject, it is in the past as the reporting verb is, and the clause is not.
    """
    if reporting.tag_ != "VBD" or clause.dep_ != "ccomp" or clause.tag_ == "VBD":
        return None
    for below in clause.rights:
        bare = below.dep_ == "conj" and below.tag_ == "VBD"
        if bare and not has_child(below, "nsubj", "nsubjpass", "aux"):
            return below
    return None

"""Find who says it: the mention that the reporting clause itself uses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest

from spacy.tokens import Token

from corpus.core.span import Range

from .cues import LIGHT_VERBS, SUBJECTS, Cue, in_quote
from .passages import Passage

NOMINAL = ("NOUN", "PROPN", "PRON", "NUM", "ADJ", "DET", "X")
IMPERSONAL = frozenset({"it", "there", "what", "this", "that"})
RELATIVE = frozenset({"who", "which", "that", "whom"})
TIMES = frozenset(
    {
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        *("today", "yesterday", "tomorrow", "tonight", "morning", "afternoon", "evening", "night"),
        *("week", "month", "year"),
        *(
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
        ),
        *("november", "december"),
    }
)


LONGEST_INSERTION = 25


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention of a speaker: its stored range, how sure it is, and the head of its phrase.

    `antecedent` is the head that a relative pronoun stands for.
    """

    start: int
    end: int
    head: Token
    sureness: float
    antecedent: Token | None = None


def speakers_of(cue: Cue, passage: Passage) -> tuple[Mention, ...]:
    """Return the speakers of a cue: each of several that are named side by side, none when its
    clause names none.
    """
    mention = speaker_of(cue, passage)
    if mention is None:
        return ()
    together = [mention.head, *mention.head.conjuncts]
    if (
        len(together) == 1
        or mention.head.i > together[1].i
        or not all(map(_stands_alone, together))
    ):
        return (mention,)
    # The parser also ties a name to the office before it as if the two were joined, with no word
    # between them.
    if not any(child.dep_ == "cc" for token in together for child in token.children):
        return (mention,)
    parts = []
    for token, following in zip_longest(together, together[1:]):
        start, end = phrase(
            token, passage, until=following.left_edge.i if following is not None else None
        )
        if start >= end or end > mention.end:
            return (mention,)
        parts.append(replace(mention, start=start, end=end, head=token))
    return tuple(parts)


def _stands_alone(token: Token) -> bool:
    """Tell whether a phrase names somebody by itself: a name, or a noun with a determiner of its
    own.
    """
    return token.pos_ == "PROPN" or any(c.dep_ in ("det", "poss") for c in token.lefts)


def speaker_of(cue: Cue, passage: Passage) -> Mention | None:
    """Return the speaker of a cue as one mention, none when its clause names none."""
    head = _speaker_head(cue)
    if head is None:
        return None
    token, sureness = head
    if in_quote(passage, token):
        return None
    start, end = phrase(token, passage, avoid=cue.head.i)
    if start >= end:
        return None
    antecedent = None
    if token.lower_ in RELATIVE:
        antecedent = _antecedent(cue.head)
    return Mention(start, end, token, sureness, antecedent)


def _speaker_head(cue: Cue) -> tuple[Token, float] | None:
    verb = cue.head
    if cue.frame == "according":
        to = next((c for c in verb.children if c.lower_ == "to"), None)
        found = (
            next((c for c in to.children if c.dep_ in ("pobj", "pcomp")), None)
            if to is not None
            else None
        )
        return (found, 1.0) if found is not None else None
    if cue.frame == "noun":
        return _owner(verb)
    if cue.passive:
        agent = next((c for c in verb.children if c.dep_ == "agent"), None)
        found = (
            next((c for c in agent.children if c.dep_ == "pobj"), None)
            if agent is not None
            else None
        )
        return (found, 0.9) if found is not None else None
    return subject_of(verb)


def subject_of(verb: Token, depth: int = 0) -> tuple[Token, float] | None:
    """Return who does what a verb says, through coordination, participles and infinitives."""
    subjects = [c for c in verb.children if c.dep_ in SUBJECTS and c.dep_ != "expl"]
    if subjects:
        near = min(subjects, key=lambda t: abs(t.i - verb.i))
        if near.lower_ in IMPERSONAL and near.dep_ != "nsubj":
            return None
        return near, 1.0
    if depth > 4 or verb.head == verb:
        return _beside(verb)
    head = verb.head
    lent = head.dep_ == "dobj" and (
        head.head.lemma_.lower() in LIGHT_VERBS or any(c.lower_ == "to" for c in verb.lefts)
    )
    if verb.dep_ in ("acl", "relcl") and lent:
        return subject_of(head.head, depth + 1)
    if verb.dep_ in ("acl", "relcl") and head.pos_ in ("NOUN", "PROPN", "PRON"):
        return (
            (head, 0.8)
            if head.dep_ in ("nsubj", "pobj", "dobj", "attr", "appos", "conj", "ROOT")
            else None
        )
    if (
        verb.dep_ == "xcomp"
        and (persuaded := next((c for c in head.children if c.dep_ == "dobj"), None)) is not None
    ):
        return persuaded, 0.6
    if verb.dep_ in ("conj", "xcomp", "advcl", "ccomp", "pcomp", "prep", "parataxis", "dep", "aux"):
        if head.dep_ == "prep" and head.head != head:
            head = head.head
        if head.pos_ in ("VERB", "AUX"):
            found = subject_of(head, depth + 1)
            return (found[0], found[1] * 0.95) if found else None
    return _beside(verb)


def _owner(noun: Token) -> tuple[Token, float] | None:
    """Return whose claim it is: `his claim`, `a claim by her`, `she made the claim`."""
    for child in noun.children:
        if child.dep_ == "poss":
            return child, 0.95
    for child in noun.children:
        if child.dep_ == "prep" and child.lower_ in ("by", "from"):
            found = next((c for c in child.children if c.dep_ == "pobj"), None)
            if found is not None:
                return found, 0.85
    if (
        noun.dep_ in ("dobj", "attr")
        and noun.head.pos_ == "VERB"
        and noun.head.lemma_.lower() in LIGHT_VERBS
    ):
        return subject_of(noun.head)
    return None


def _beside(verb: Token) -> tuple[Token, float] | None:
    """Return the head of the noun phrase right beside a verb whose subject the parser missed."""
    doc = verb.doc
    if verb.i > 0 and (head := phrase_head(doc[verb.i - 1])) is not None:
        return head, 0.6
    if verb.i > 1 and doc[verb.i - 1].text == "," and (head := _before_insertion(verb)) is not None:
        return head, 0.6
    if verb.i + 1 < len(doc) and (head := phrase_head(doc[verb.i + 1])) is not None:
        return head, 0.6
    return None


def _before_insertion(verb: Token) -> Token | None:
    """Return the subject that an insertion in commas parts from its verb: `Lopez, citing the
    report, said`.
    """
    doc, first = verb.doc, max(verb.sent.start, verb.i - LONGEST_INSERTION)
    opened = next((n for n in range(verb.i - 2, first, -1) if doc[n].text == ","), None)
    return phrase_head(doc[opened - 1]) if opened is not None else None


def phrase_head(token: Token) -> Token | None:
    """Return the head of the name or pronoun that a token belongs to."""
    while token.dep_ in ("compound", "det", "amod") and token.head.pos_ in ("NOUN", "PROPN"):
        token = token.head
    # A bare surname in the middle of a sentence is often tagged as an adjective.
    capital = token.is_title and token.i > token.sent.start and token.pos_ in ("NOUN", "ADJ", "X")
    named = token.pos_ == "PROPN" or capital or token.lower_ in ("he", "she", "they", "i", "we")
    return (
        token
        if named and token.lower_ not in TIMES and token.ent_type_ not in ("DATE", "TIME")
        else None
    )


def _antecedent(verb: Token) -> Token | None:
    node = verb
    while node.dep_ not in ("relcl", "acl") and node.head != node:
        node = node.head
    return node.head if node.head != node else None


def phrase(head: Token, passage: Passage, avoid: int = -1, until: int | None = None) -> Range:
    """Return the stored range of a noun phrase: with title and apposition, without what only
    describes it.

    The cue's token `avoid` splits it; it ends before the token `until`, where the next of several
    speakers starts.
    """
    if head.dep_ == "poss":
        return _possessor(head, passage)
    first, last = head.left_edge.i, head.right_edge.i
    if first <= avoid <= last:
        first, last = (first, avoid - 1) if head.i < avoid else (avoid + 1, last)
    if until is not None:
        last = min(last, until - 1)
    for child in head.rights:
        if child.i <= last and _only_describes(child):
            last = min(last, child.left_edge.i - 1)
            break
    last = next(
        (n - 1 for n in range(head.i + 1, last + 1) if in_quote(passage, head.doc[n])), last
    )
    first = next(
        (n + 1 for n in range(head.i - 1, first - 1, -1) if in_quote(passage, head.doc[n])), first
    )
    while first < head.i and head.doc[first].pos_ in ("PUNCT", "CCONJ", "ADV", "SCONJ", "SPACE"):
        first += 1
    while (
        last > head.i
        and head.doc[last].pos_ in ("PUNCT", "CCONJ", "SPACE", "ADP")
        and head.doc[last].text != ")"
    ):
        last -= 1
    return passage.range_of(first, last)


def _possessor(head: Token, passage: Passage) -> Range:
    last = head.right_edge.i
    if head.doc[last].tag_ == "POS" and last > head.left_edge.i:
        last -= 1
    return passage.range_of(head.left_edge.i, last)


def is_time(phrase: Token) -> bool:
    """Tell whether a phrase such as `on Tuesday` or `last month` says when."""
    heads = [phrase, *(c for c in phrase.children if c.dep_ == "pobj")]
    return any(h.lower_ in TIMES for h in heads)


def _only_describes(child: Token) -> bool:
    """Tell whether a modifier after the head is no part of the mention: a clause, a participle, a
    time.
    """
    if child.dep_ in ("prep", "npadvmod") and is_time(child):
        return True
    return child.dep_ in ("relcl", "acl", "advcl", "parataxis", "punct") and (
        child.dep_ != "punct" or child.text in ("—", "–", "--", ":", ";")
    )

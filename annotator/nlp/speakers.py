"""Find who says it: the mention that the reporting clause itself uses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest

from spacy.tokens import Token

from corpus.core.span import Range

from .cues import LIGHT_VERBS, SUBJECTS, Cue, in_quote, lemma_of, lexicon
from .passages import Passage
from .tree import child, child_word, has_child, outer_conjunct

IMPERSONAL = frozenset({"it", "there", "what", "this", "that"})
RELATIVE = frozenset({"who", "which", "that", "whom"})
TIMES = frozenset(
    {
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        *("today", "yesterday", "tomorrow", "tonight", "morning", "afternoon", "evening", "night"),
        *("week", "month", "year"),
        *("january", "february", "march", "april", "may", "june", "july"),
        *("august", "september", "october", "november", "december"),
    }
)
NOUNS = ("NOUN", "PROPN", "PRON")
SPEAKING_PRONOUNS = ("he", "she", "they", "i", "we")
# Roles in which a noun may be who does what its relative clause says.
DOERS = ("nsubj", "pobj", "dobj", "attr", "appos", "conj", "ROOT")
# Roles in which a verb shares the subject of the verb above it.
SHARING = ("conj", "xcomp", "advcl", "ccomp", "pcomp", "prep", "parataxis", "dep", "aux")
DEEPEST_SUBJECT = 4
# Words between a verb and the one whose subject it shares: `was able to`, `stopped short of`.
CARRYING = ("ADJ", "ADV", "ADP")
DASHES = ("-", "--", "–", "—", "―")
# A verb that reports beside a quotation has at least this weight.
REPORTING = 0.85
LOOSE_BEFORE = ("PUNCT", "CCONJ", "ADV", "SCONJ", "SPACE")
LOOSE_BEHIND = ("PUNCT", "CCONJ", "SPACE", "ADP")
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
    if len(together) == 1 or mention.head.i > together[1].i:
        return (mention,)
    if not all(_stands_alone(token) for token in together):
        return (mention,)
    # The parser also ties a name to the office before it as if the two were joined, with no word
    # between them.
    if not any(has_child(token, "cc") for token in together):
        return (mention,)
    speakers = []
    for token, following in zip_longest(together, together[1:]):
        until = following.left_edge.i if following is not None else None
        start, end = phrase(token, passage, until=until)
        if start >= end or end > mention.end:
            return (mention,)
        speakers.append(replace(mention, start=start, end=end, head=token))
    return tuple(speakers)


def _stands_alone(token: Token) -> bool:
    """Tell whether a phrase names somebody by itself: a name, or a noun with a determiner of its
    own.
    """
    if token.pos_ == "PROPN":
        return True
    return any(left.dep_ in ("det", "poss") for left in token.lefts)


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
    antecedent = _antecedent(cue.head) if token.lower_ in RELATIVE else None
    return Mention(start, end, token, sureness, antecedent)


def _speaker_head(cue: Cue) -> tuple[Token, float] | None:
    """Return the head of what names the speaker, with how sure that is."""
    if cue.frame == "noun":
        return _owner(cue.head)
    if cue.frame == "hearsay":
        return None
    if cue.frame == "according":
        to = child_word(cue.head, "to")
        source = child(to, "pobj", "pcomp") if to is not None else None
        return (source, 1.0) if source is not None else None
    if cue.passive:
        by = child(cue.head, "agent")
        agent = child(by, "pobj") if by is not None else None
        return (agent, 0.9) if agent is not None else None
    return subject_of(cue.head)


def subject_of(verb: Token, depth: int = 0) -> tuple[Token, float] | None:
    """Return who does what a verb says, through coordination, participles and infinitives."""
    subjects = [c for c in verb.children if c.dep_ in SUBJECTS and c.dep_ != "expl"]
    if subjects:
        near = _without_dateline(min(subjects, key=lambda token: abs(token.i - verb.i)))
        # `It was said`: the pronoun stands for nobody.
        empty = near.lower_ in IMPERSONAL and near.dep_ != "nsubj"
        return None if empty else (near, 1.0)
    other = _other_doer(verb)
    if other is not None:
        return other
    if depth > DEEPEST_SUBJECT or verb.head == verb:
        return _beside(verb)
    if verb.dep_ in ("acl", "relcl") and (_is_lent(verb) or verb.head.pos_ in NOUNS):
        return _described_by(verb, depth)
    return _shared(verb, depth) if verb.dep_ in SHARING else _beside(verb)


def _other_doer(verb: Token) -> tuple[Token, float] | None:
    """Return who does what a verb says where that is the subject of no verb above it."""
    inserted = _inserted_before(verb)
    if inserted is not None:
        return inserted, 0.9
    # `persuaded Lopez to say`: who is persuaded says it.
    persuaded = child(verb.head, "dobj") if verb.dep_ == "xcomp" else None
    return (persuaded, 0.6) if persuaded is not None else None


def _shared(verb: Token, depth: int) -> tuple[Token, float] | None:
    """Return the subject that a verb shares with the one above it: `was able to say`, `stopped
    short of saying`.
    """
    above = verb.head
    if outer_conjunct(above.head, above) == verb:
        above = above.head
    while above.pos_ in CARRYING and above.head != above:
        above = above.head
    owner = child(above, "poss") if above.pos_ == "NOUN" else None
    if owner is not None:
        # `his way of saying`
        return owner, 0.8
    if above.dep_ == "pobj" and above.head.dep_ == "prep":
        above = above.head.head
    while _goes_on(verb) and above.dep_ == "ccomp" and above.head.i < above.i:
        above = above.head
    if above.pos_ not in ("VERB", "AUX"):
        return _beside(verb)
    subject = subject_of(above, depth + 1)
    return (subject[0], subject[1] * 0.95) if subject else None


def _without_dateline(subject: Token) -> Token:
    """Return who a subject really is: not the place that a text comes from, as in `LIMA -- Anna
    Lopez said`.
    """
    behind = child(subject, "appos")
    if behind is not None and behind.pos_ == "PROPN" and _after_dateline(behind):
        return behind
    return subject


def _after_dateline(head: Token) -> int:
    """Return the number of the token behind the place that a text comes from, 0 when nothing before
    this one is that.
    """
    for token in head.doc[: head.i]:
        if token.text in DASHES:
            return token.i + 1
        if not token.text.isupper():
            break
    return 0


def _inserted_before(verb: Token) -> Token | None:
    """Return who says what stands before a participle: `“…,” Lopez said, going on to …`."""
    doc = verb.doc
    at = verb.i - 1
    while at > 0 and doc[at].pos_ in ("ADV", "PART"):
        at -= 1
    if verb.tag_ != "VBG" or at < 1 or doc[at].text != ",":
        return None
    said = doc[at - 1]
    if said.pos_ != "VERB" or lexicon().weight("quotation", lemma_of(said)) < REPORTING:
        return None
    return child(said, "nsubj")


def _goes_on(verb: Token) -> bool:
    """Tell whether a participle behind a comma goes on with what somebody says: `said it was late,
    adding that …`.
    """
    first = min((c.left_edge.i for c in verb.lefts), default=verb.i)
    behind_comma = first > 0 and verb.doc[first - 1].text == ","
    return behind_comma and verb.tag_ == "VBG" and verb.dep_ == "advcl"


def _described_by(verb: Token, depth: int) -> tuple[Token, float] | None:
    """Return who does what a clause after a noun says: `the man saying …`, `made a call to …`."""
    noun = verb.head
    if _is_lent(verb):
        return subject_of(noun.head, depth + 1)
    return (noun, 0.8) if noun.dep_ in DOERS else None


def _is_lent(verb: Token) -> bool:
    """Tell whether who has an object does the clause after it: `made a call to stop`."""
    noun = verb.head
    if noun.dep_ != "dobj":
        return False
    return noun.head.lemma_.lower() in LIGHT_VERBS or any(c.lower_ == "to" for c in verb.lefts)


def _owner(noun: Token) -> tuple[Token, float] | None:
    """Return whose claim it is: `his claim`, `a claim by her`, `she made the claim`."""
    owner = child(noun, "poss")
    if owner is not None:
        return owner, 0.95
    for by in noun.children:
        if by.dep_ == "prep" and by.lower_ in ("by", "from"):
            author = child(by, "pobj")
            if author is not None:
                return author, 0.85
    verb = noun.head
    made = noun.dep_ in ("dobj", "attr") and verb.pos_ == "VERB"
    if made and verb.lemma_.lower() in LIGHT_VERBS:
        return subject_of(verb)
    return None


def _beside(verb: Token) -> tuple[Token, float] | None:
    """Return the head of the noun phrase right beside a verb whose subject the parser missed."""
    doc = verb.doc
    head = phrase_head(doc[verb.i - 1]) if verb.i > 0 else None
    if head is None and verb.i > 1 and doc[verb.i - 1].text == ",":
        head = _before_insertion(verb)
    if head is None and verb.i + 1 < len(doc):
        head = phrase_head(doc[verb.i + 1])
    return (head, 0.6) if head is not None else None


def _before_insertion(verb: Token) -> Token | None:
    """Return the subject that an insertion in commas parts from its verb: `Lopez, citing the
    report, said`.
    """
    doc = verb.doc
    first = max(verb.sent.start, verb.i - LONGEST_INSERTION)
    for n in range(verb.i - 2, first, -1):
        if doc[n].text == ",":
            return phrase_head(doc[n - 1])
    return None


def phrase_head(token: Token) -> Token | None:
    """Return the head of the name or pronoun that a token belongs to."""
    while token.dep_ in ("compound", "det", "amod") and token.head.pos_ in ("NOUN", "PROPN"):
        token = token.head
    # A bare surname in the middle of a sentence is often tagged as an adjective.
    capital = token.is_title and token.i > token.sent.start and token.pos_ in ("NOUN", "ADJ", "X")
    if token.pos_ != "PROPN" and not capital and token.lower_ not in SPEAKING_PRONOUNS:
        return None
    if token.lower_ in TIMES or token.ent_type_ in ("DATE", "TIME"):
        return None
    return token


def _antecedent(verb: Token) -> Token | None:
    """Return the noun that the relative clause around a verb describes."""
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
    for modifier in head.rights:
        if modifier.i <= last and _only_describes(modifier) and not _restricts(head, modifier):
            last = min(last, modifier.left_edge.i - 1)
            break
    first, last = _unquoted(head, passage, first, last)
    first = max(first, _after_dateline(head))
    while first < head.i and head.doc[first].pos_ in LOOSE_BEFORE:
        first += 1
    while last > head.i and head.doc[last].pos_ in LOOSE_BEHIND and head.doc[last].text != ")":
        last -= 1
    return passage.range_of(first, last)


def _unquoted(head: Token, passage: Passage, first: int, last: int) -> tuple[int, int]:
    """Return the tokens of a phrase around its head up to the next quotation on either side."""
    for n in range(head.i + 1, last + 1):
        if in_quote(passage, head.doc[n]):
            last = n - 1
            break
    for n in range(head.i - 1, first - 1, -1):
        if in_quote(passage, head.doc[n]):
            first = n + 1
            break
    return first, last


def _possessor(head: Token, passage: Passage) -> Range:
    last = head.right_edge.i
    if head.doc[last].tag_ == "POS" and last > head.left_edge.i:
        last -= 1
    return passage.range_of(head.left_edge.i, last)


def is_time(phrase: Token) -> bool:
    """Tell whether a phrase such as `on Tuesday` or `last month` says when."""
    if phrase.lower_ in TIMES:
        return True
    return any(child.dep_ == "pobj" and child.lower_ in TIMES for child in phrase.children)


def _restricts(head: Token, modifier: Token) -> bool:
    """Tell whether a participle, or a clause without a relative word, tells which one is meant: `a
    report released last year`, `everybody I asked`.
    """
    participle = modifier.dep_ == "acl" and modifier.tag_ in ("VBN", "VBG")
    if not participle and (modifier.dep_ != "relcl" or _has_relative(modifier)):
        return False
    first = modifier.left_edge.i
    return first > head.i and modifier.doc[first - 1].text not in (",", "(", *DASHES)


def _has_relative(clause: Token) -> bool:
    return any(token.lower_ in RELATIVE for token in clause.subtree)


def _only_describes(modifier: Token) -> bool:
    """Tell whether a modifier after the head is no part of the mention: a clause, a participle, a
    time.
    """
    if modifier.dep_ in ("prep", "npadvmod"):
        return is_time(modifier)
    if modifier.dep_ == "punct":
        return modifier.text in ("—", "–", "--", ":", ";")
    return modifier.dep_ in ("relcl", "acl", "advcl", "parataxis")

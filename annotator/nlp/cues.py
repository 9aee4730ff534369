"""Find cues: expressions that report, each in the frame in which it stands.

The same verb counts with a clause, with an infinitive, with an object, beside a quotation, or not
at all; the lexicon gives a weight to each (lemma, frame).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from spacy.tokens import Token

from .passages import Passage

LEXICONS = Path(__file__).parent / "lexicons"
CLAUSES = ("ccomp",)
SUBJECTS = ("nsubj", "nsubjpass", "csubj", "expl")
PARTICLES = ("prt", "prep")
LIGHT_VERBS = frozenset(
    {"make", "issue", "offer", "repeat", "release", "voice", "express", "give", "have", "raise"}
)
CALLING_NOUNS = frozenset({"call", "promise", "pledge", "vow", "threat", "demand"})
CALLING = 0.9
REPORTING = 0.85
HYPOTHETICAL = frozenset({"if", "unless", "whether"})


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue in its frame.

    `head` is its verb, noun or preposition, `name` its lemma with particle or preposition,
    `content` the heads of what is reported (none beside a quotation), `first` and `last` the
    numbers of its outer tokens.
    """

    head: Token
    name: str
    frame: str
    weight: float
    content: tuple[Token, ...]
    first: int
    last: int
    negated: bool = False
    passive: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The weights of cues by frame and lemma, and the words that make a cue none."""

    weights: dict[str, dict[str, float]]
    silent_verbs: frozenset[str]
    silent_acts: frozenset[str]
    empty_objects: frozenset[str]
    opinions: frozenset[str]
    of_somebody: frozenset[str]
    messages: frozenset[str]

    def weight(self, frame: str, name: str) -> float:
        """Return the weight of a lemma in a frame."""
        frames = self.weights[frame]
        return frames.get(name, frames.get("any", 0.0))


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of cues."""
    data: dict[str, Any] = json.loads((LEXICONS / "cues.json").read_text(encoding="utf-8"))
    weights = {
        frame: {lemma: float(weight) for weight, lemmas in sorted(rows.items()) for lemma in lemmas}
        for frame, rows in data["frames"].items()
    }
    silent = data["no_comment"]
    return Lexicon(
        weights,
        frozenset(silent["verbs"]),
        frozenset(silent["acts"]),
        frozenset(data["object_small"]),
        frozenset(data["opinions"]),
        frozenset(data["of_somebody"]),
        frozenset(data["messages"]),
    )


def find(passage: Passage) -> list[Cue]:
    """Return the cues of a passage that report something in their own sentence, in text order."""
    found = []
    for token in passage.doc:
        if in_quote(passage, token):
            continue
        if token.lower_ == "according":
            best = next(_according(token), None)
        elif token.pos_ in ("VERB", "AUX"):
            best = max(_verb_frames(token), key=lambda c: c.weight, default=None)
        elif token.pos_ in ("NOUN", "PROPN"):
            best = next(_noun_frames(token), None)
        else:
            best = None
        if best is not None and best.weight > 0:
            found.append(best)
    return found


def in_quote(passage: Passage, token: Token) -> bool:
    """Tell whether a token stands in a quotation."""
    at = passage.starts[token.i]
    return bool(passage.quotes_in(at, at + 1))


def lemma_of(token: Token) -> str:
    """Return the lemma of a token in lower case."""
    return token.lemma_.lower()


def is_silent(verb: Token) -> bool:
    """Tell whether a verb belongs to a refusal to comment, which says nothing."""
    words = lexicon()
    lemma = lemma_of(verb)
    if lemma in words.silent_verbs:
        return any(
            c.dep_ in ("xcomp", "ccomp") and lemma_of(c) in words.silent_acts for c in verb.children
        )
    head = verb.head
    if verb.dep_ in ("xcomp", "conj") and head != verb and lemma_of(head) in words.silent_verbs:
        return lemma in words.silent_acts
    return lemma in ("respond", "reply", "return", "answer") and is_negated(verb)


def is_negated(verb: Token) -> bool:
    """Tell whether a verb is negated."""
    return any(c.dep_ == "neg" or c.lower_ in ("never", "hardly", "nor") for c in verb.children)


def is_passive(verb: Token) -> bool:
    """Tell whether a verb stands in the passive."""
    return any(c.dep_ in ("auxpass", "nsubjpass") for c in verb.children)


def verb_cue(verb: Token, frame: str, content: tuple[Token, ...], name: str = "") -> Cue:
    """Return the cue of a verb in a frame, with its auxiliaries left out and its particle taken in."""
    name = name or _with_particle(verb)
    weight = lexicon().weight(frame, name)
    negated = is_negated(verb)
    if negated and name in ("say", "tell", "know", "think", "believe", "see", "show", "mention"):
        weight *= 0.5
    last = (
        verb.i + 1
        if verb.i + 1 < len(verb.doc) and verb.nbor(1).lower_ == name.partition(" ")[2]
        else verb.i
    )
    return Cue(verb, name, frame, weight, content, verb.i, last, negated, is_passive(verb))


def _with_particle(verb: Token) -> str:
    """Return the lemma of a verb, with its particle where the lexicon knows the two together."""
    lemma = lemma_of(verb)
    for child in verb.children:
        if child.dep_ == "prt" and any(
            f"{lemma} {child.lower_}" in f for f in lexicon().weights.values()
        ):
            return f"{lemma} {child.lower_}"
    return lemma


def _verb_frames(verb: Token) -> Iterator[Cue]:
    asked = (
        verb.tag_ == "VBN"
        and verb.dep_ == "advcl"
        and not any(c.dep_ == "aux" for c in verb.children)
    )
    if (
        verb.dep_ in ("aux", "auxpass")
        or asked
        or is_silent(verb)
        or _is_hypothetical(verb)
        or _names_itself(verb)
    ):
        return
    if is_passive(verb):
        yield from _passive_frames(verb)
        return
    words = lexicon()
    clauses = tuple(c for c in verb.children if c.dep_ in CLAUSES)
    if clauses:
        object_first = _object_of(verb) if lemma_of(verb) in words.weights["small-clause"] else None
        if object_first is None:
            yield verb_cue(verb, "clause", clauses)
        yield verb_cue(verb, "small-clause", clauses)
    elif _is_aside(verb):
        yield verb_cue(verb, "clause", (verb.head,))
    infinitives = [
        c for c in verb.children if c.dep_ == "xcomp" and any(a.lower_ == "to" for a in c.children)
    ]
    thing = _object_of(verb)
    if infinitives:
        name = next((n for n in _with_prepositions(verb) if n in words.weights["infinitive"]), "")
        over = _preposition_object(verb, name)
        includes = lemma_of(verb) not in ("tell", "ask", "promise")
        objects = tuple(t for t in (thing, over) if t is not None and includes)
        yield verb_cue(verb, "infinitive", (*objects, *infinitives), name)
    small = [
        c
        for c in verb.children
        if c.dep_ in ("oprd", "xcomp", "acomp") and c.i > verb.i and c not in infinitives
    ]
    if small:
        yield verb_cue(verb, "small-clause", (*((thing,) if thing is not None else ()), *small))
    elif thing is not None and any(c.dep_ == "appos" for c in thing.rights) and _is_calling(verb):
        # The parser reads `dubbed the bridge “a disaster”` as one thing beside another.
        yield verb_cue(verb, "small-clause", (thing,))
    yield from _object_frames(verb, thing)


def _object_frames(verb: Token, thing: Token | None) -> Iterator[Cue]:
    words = lexicon()
    as_phrases = tuple(
        c for c in verb.children if c.lower_ == "as" and c.dep_ == "prep" and c.i > verb.i
    )
    for name in _with_prepositions(verb):
        preposition = name.partition(" ")[2]
        over = _preposition_object(verb, name)
        if as_phrases and preposition != "as" and over is not None:
            yield verb_cue(verb, "as", (over, *as_phrases), name)
        if name in words.weights["object"] and over is not None:
            heads = (thing, over.head) if thing is not None else (over,)
            yield verb_cue(verb, "object", heads, name)
    if thing is None:
        return
    for child in thing.rights:
        # The parser ties the act to the accused: `accused [the firm of lying]`.
        name = f"{lemma_of(verb)} {child.lower_}"
        if child.dep_ == "prep" and name in words.of_somebody:
            yield verb_cue(verb, "object", (thing, child), name)
    if as_phrases:
        yield verb_cue(verb, "as", (thing, *as_phrases))
    if thing.lower_ not in words.empty_objects:
        if thing.i > verb.i + 1 and verb.nbor(1).dep_ == "mark":
            return
        if _is_message(thing) and any(
            c.dep_ == "acl" and c.tag_ == "VBG" and _reports(c) for c in thing.rights
        ):
            return
        yield verb_cue(verb, "object", (thing,))
        if _holds_quote(thing) and lemma_of(verb) in words.weights["quotation"]:
            yield verb_cue(verb, "quotation", (thing,))


def _passive_frames(verb: Token) -> Iterator[Cue]:
    """Yield what is reported of a subject: `was accused of lying`, `is said to be ill`, `it was
    reported that`.
    """
    subjects = [
        c
        for c in verb.children
        if c.dep_ == "nsubjpass" and c.lower_ not in ("it", "who", "which", "that")
    ]
    clauses = tuple(
        c for c in verb.children if c.dep_ in ("ccomp", "xcomp", "oprd") and c.i > verb.i
    )
    if clauses:
        told = lemma_of(verb) in ("tell", "ask", "remind", "warn", "urge", "order")
        yield verb_cue(verb, "passive", clauses if told else (*subjects, *clauses))
    for name in _with_prepositions(verb):
        over = _preposition_object(verb, name)
        if over is not None and name in lexicon().weights["passive"]:
            yield verb_cue(verb, "passive", (*subjects, over), name)


def _noun_frames(noun: Token) -> Iterator[Cue]:
    """Yield `his claim that …`, `a call to …`."""
    lemma = lemma_of(noun)
    weight = lexicon().weight("noun", lemma)
    if not weight:
        return
    owned = any(c.dep_ == "poss" for c in noun.children) or any(
        c.dep_ == "prep" and c.lower_ in ("by", "from") for c in noun.children
    )
    made = noun.dep_ in ("dobj", "attr") and lemma_of(noun.head) in LIGHT_VERBS
    for child in noun.children:
        said = child.dep_ in ("acl", "ccomp") and any(
            c.dep_ == "mark" and c.lower_ == "that" for c in child.children
        )
        asked = child.dep_ == "acl" and child.tag_ == "VB" and lemma in CALLING_NOUNS
        if said or (asked and (owned or made)):
            sure = weight if owned or made else weight * 0.7
            yield Cue(noun, lemma, "noun", sure, (child,), noun.i, noun.i)


def _according(token: Token) -> Iterator[Cue]:
    to = next((c for c in token.children if c.lower_ == "to"), None)
    if to is not None and any(c.dep_ in ("pobj", "pcomp") for c in to.children):
        head = token.head if token.head.i != token.i else token
        weight = lexicon().weight("according", "according to")
        yield Cue(token, "according to", "according", weight, (head,), token.i, to.i)


def _is_aside(verb: Token) -> bool:
    """Tell whether the clause around a verb is what it reports: `The strikes, he said, were
    illegal`.
    """
    if verb.dep_ == "parataxis":
        return True
    comes_as = any(c.lower_ == "as" and c.dep_ == "mark" for c in verb.children)
    return verb.dep_ == "advcl" and comes_as and _object_of(verb) is None


def _is_hypothetical(verb: Token) -> bool:
    return verb.dep_ == "advcl" and any(
        c.dep_ == "mark" and c.lower_ in HYPOTHETICAL for c in verb.children
    )


def _is_calling(verb: Token) -> bool:
    return lexicon().weight("small-clause", lemma_of(verb)) >= CALLING


def _names_itself(verb: Token) -> bool:
    """Tell whether a participle only gives a name: `a brochure called “Late”`, unless it says who
    calls it so.
    """
    said_by = any(
        c.dep_ in ("agent", "aux", "auxpass") or c.dep_ in SUBJECTS for c in verb.children
    )
    return verb.tag_ == "VBN" and verb.dep_ == "acl" and not said_by and _is_calling(verb)


def _is_message(noun: Token) -> bool:
    return lemma_of(noun) in lexicon().messages


def _reports(verb: Token) -> bool:
    """Tell whether a verb reports in one of its frames as a rule."""
    frames = ("clause", "small-clause", "object", "infinitive")
    return any(lexicon().weights[f].get(lemma_of(verb), 0.0) >= REPORTING for f in frames)


def _holds_quote(head: Token) -> bool:
    return any(head.doc[n].text == "”" for n in range(head.left_edge.i, head.right_edge.i + 1))


def _object_of(verb: Token) -> Token | None:
    return next((c for c in verb.children if c.dep_ == "dobj"), None)


def _with_prepositions(verb: Token) -> Iterator[str]:
    """Yield the lemma of a verb with each preposition or particle right of it."""
    lemma = _with_particle(verb)
    for child in verb.rights:
        if child.dep_ in PARTICLES:
            yield f"{lemma} {child.lower_}"


def _preposition_object(verb: Token, name: str) -> Token | None:
    """Return what stands after the preposition of a name such as `call for`."""
    wanted = name.rpartition(" ")[2] if " " in name else ""
    for child in verb.rights:
        if wanted and child.lower_ == wanted:
            if child.dep_ == "prt":
                return _object_of(verb)
            return next((c for c in child.children if c.dep_ in ("pobj", "pcomp", "amod")), None)
    return None

"""Read the stance that the reporting words show toward a target."""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Token

from .cues import Cue, lemma_of
from .frames import Frame
from .parties import Relation
from .predicates import Means, meant
from .stance_lexicon import stance_lexicon
from .stance_signs import OPPOSITE, Sign, side
from .tree import child

# Weights of signs: an attitude to the target, what is demanded, a feeling about it, the tone of a
# clause that speaks of it, and a denial of what is held against it.
OBJECT = 0.85
DEMANDED = 0.7
FEELING = 0.8
TONE = 0.42
DENIED = 0.6

TARGETED = frozenset({"object", "as", "small-clause", "infinitive", "passive"})
FEELING_VERBS = frozenset(
    {"express", "voice", "have", "show", "share", "raise", "declare", "state", "feel"}
)
LONGEST_TARGET = 80


def is_reversed(cue: Cue) -> bool:
    """Tell whether a cue is negated, or refused: `declined to endorse X`."""
    above = cue.head.head
    refused = cue.head.dep_ in ("xcomp", "ccomp") and above != cue.head
    refusals = stance_lexicon().cues["refusal"]
    return cue.negated != (refused and lemma_of(above) in refusals)


def cue_signs(frame: Frame, means: Means, relation: Relation, *, mentioned: bool) -> Iterator[Sign]:
    """Yield the signs of a claim's cue.

    `means` gives how surely the tokens of the cue's own parse mean the target, `mentioned` tells
    that the claim speaks of it.
    """
    cue = frame.cue
    if cue is None:
        return
    lexicon = stance_lexicon()
    words = f"“{cue.head.text}”"
    name = cue.name
    if name in lexicon.cues["denial"]:
        yield from _denial(cue, words, relation, mentioned=mentioned)
        return
    thing = _object(cue)
    weight = meant(thing, means) if thing is not None else 0.0
    feeling = lexicon.feelings.get(thing.lower_, "") if thing is not None else ""
    if feeling and lemma_of(cue.head) in FEELING_VERBS:
        over = _about(thing, cue.head)
        toward = meant(over, means) if over is not None else 0.0
        if toward or mentioned:
            value = OPPOSITE[feeling] if is_reversed(cue) != (toward < 0) else feeling
            yield Sign(value, FEELING if toward else TONE, f"{words} {thing.text if thing else ''}")
        return
    if name in lexicon.cues["demand"] and cue.frame != "clause":
        yield from _demand(cue, words, thing, means)
        return
    value = lexicon.attitude.get(name, "") or lexicon.attitude.get(lemma_of(cue.head), "")
    if value and weight and cue.frame in TARGETED:
        turned = is_reversed(cue) != (weight < 0)
        why = f"not {words}" if turned else words
        yield Sign(OPPOSITE[value] if turned else value, OBJECT * abs(weight), why)
        return
    if value and weight == 0.0 and thing is not None and cue.frame in TARGETED:
        # It judges something else.
        return
    value = lexicon.tone.get(name, "") or value
    if value and mentioned and not relation.ally:
        sided = OPPOSITE[value] if is_reversed(cue) else value
        yield Sign(sided, TONE, words)


def _denial(cue: Cue, words: str, relation: Relation, *, mentioned: bool) -> Iterator[Sign]:
    """Yield the sign of a denial, which counts only where an ally denies, or somebody else what is
    said in the target's favour.
    """
    if relation.ally:
        value = "mixed" if cue.negated else "support"
        yield Sign(value, DENIED, f"{words} what is held against it")


def _demand(cue: Cue, words: str, thing: Token | None, means: Means) -> Iterator[Sign]:
    """Yield the sign of a demand: for the target, or for its end."""
    lexicon = stance_lexicon()
    heads = [thing] if thing is not None else []
    heads.extend(head for head in cue.content if head is not thing)
    for head in heads:
        stops = lemma_of(head) in lexicon.lists["stops"]
        if means.get(head.i, 0.0):
            value = "oppose" if is_reversed(cue) else "support"
            if len(heads) > 1:
                continue
            yield Sign(value, DEMANDED * means[head.i], words)
            return
        over = _governed(head)
        weight = next((means[t.i] for t in over if means.get(t.i, 0.0)), 0.0)
        if stops and (weight or any(meant(other, means) for other in heads if other is not head)):
            value = "support" if is_reversed(cue) else "oppose"
            yield Sign(value, DEMANDED * (weight or 0.8), f"{words} “{head.text}”")
            return
        toward = meant(head, means)
        if toward:
            direction = -toward if is_reversed(cue) else toward
            yield Sign(side(direction), DEMANDED * abs(toward), words)
            return


def _governed(head: Token) -> list[Token]:
    """Return what an end or a wish is of: `a ban on X`, `to scrap X`, `X to resign`."""
    over = []
    for below in head.children:
        if below.dep_ in ("dobj", "nsubj", "nsubjpass", "poss"):
            over.append(below)
        elif below.dep_ == "prep":
            thing = child(below, "pobj")
            if thing is not None:
                over.append(thing)
    return over


def _object(cue: Cue) -> Token | None:
    """Return what a cue is about: its object, or that of its preposition."""
    if cue.content and cue.frame in TARGETED:
        return cue.content[0]
    thing = child(cue.head, "dobj")
    return thing


def _about(thing: Token | None, verb: Token) -> Token | None:
    """Return what a feeling is about: `doubts about X`."""
    if thing is None:
        return None
    for token in (*thing.children, *verb.children):
        if token.dep_ == "prep" and token.i > thing.i and token.lower_ not in ("on", "to"):
            found = child(token, "pobj")
            if found is not None:
                return found
    return None


def named_object(cue: Cue) -> tuple[str, Sign] | None:
    """Return what an attitude of the cue is to, with its sign: `condemned the new bridge`.

    None where it names nothing by a name or with an article.
    """
    lexicon = stance_lexicon()
    thing = _object(cue)
    value = lexicon.attitude.get(cue.name, "")
    if thing is None or not value or thing.pos_ not in ("NOUN", "PROPN"):
        return None
    if thing.lower_ in lexicon.lists["attacks"] or cue.frame not in TARGETED:
        return None
    told = any(below.dep_ in ("det", "poss") for below in thing.children)
    if thing.pos_ == "NOUN" and not told:
        return None
    words = " ".join(thing.doc[thing.left_edge.i : thing.right_edge.i + 1].text.split())
    words = words.strip(" ,.;:“”\"'")
    if not words or len(words) > LONGEST_TARGET:
        return None
    turned = is_reversed(cue)
    why = f"{'not ' if turned else ''}“{cue.head.text}”"
    return words, Sign(OPPOSITE[value] if turned else value, OBJECT, why)

"""Find what a verb reports, in each frame that it may stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from spacy.tokens import Token

from .cues import SUBJECTS, Cue, is_negated, is_passive, lemma_of, lexicon
from .tree import child, has_child, has_child_word, has_mark

EMPTY_SUBJECTS = ("it", "who", "which", "that")
PARTICLES = ("prt", "prep")
# Verbs before a clause that address somebody: the subject of their passive hears what is said.
ADDRESSING = ("tell", "ask", "remind", "warn", "urge", "order")
# Verbs that hardly report anything when they are negated: `did not say that`.
SPEAKING = ("say", "tell", "know", "think", "believe", "see", "show", "mention")
# Words between a verb and the noun for whom it is meant: `told some of the drivers`.
NAMING_HEARERS = ("NOUN", "PROPN", "PRON", "NUM", "ADP")
NAMING = frozenset({"name", "identify", "quote", "cite"})
# `said the same`, `said the same thing`: no other object of `say` counts.
SAME = "say the same"
ANSWERING = ("respond", "reply", "return", "answer")
# From these weights on a verb names things, or reports, as a rule.
CALLING = 0.9
REPORTING = 0.85
REPORTING_FRAMES = ("clause", "small-clause", "object", "infinitive")
QUESTIONS = frozenset({"if", "whether", "when", "where", "why", "how", "who", "what"})
HYPOTHETICAL = frozenset({"if", "unless", "whether"})


def is_silent(verb: Token) -> bool:
    """Tell whether a verb belongs to a refusal to comment, which says nothing."""
    words = lexicon()
    lemma = lemma_of(verb)
    if any(below.dep_ == "xcomp" and _stays_unnamed(below) for below in verb.rights):
        return True
    if lemma in words.silent_verbs:
        # The verb may be the refusal, `declined to comment`, …
        return any(
            below.dep_ in ("xcomp", "ccomp") and lemma_of(below) in words.silent_acts
            for below in verb.children
        )
    head = verb.head
    if verb.dep_ in ("xcomp", "conj") and head != verb and lemma_of(head) in words.silent_verbs:
        # … or what is refused.
        return lemma in words.silent_acts
    return lemma in ANSWERING and is_negated(verb)


def _stays_unnamed(verb: Token) -> bool:
    """Tell whether somebody is not to be named: `who asked not to be named`."""
    return lemma_of(verb) in NAMING and is_passive(verb)


def verb_cue(verb: Token, frame: str, content: tuple[Token, ...], name: str = "") -> Cue:
    """Return the cue of a verb in a frame: without its auxiliaries, with its particle."""
    name = name or _with_particle(verb)
    weight = lexicon().weight(frame, name)
    negated = is_negated(verb)
    # `did not say when it would open` tells what is left open.
    left_open = frame == "clause" and bool(content) and _asks(content[0])
    if negated and name in SPEAKING and not left_open:
        weight *= 0.5
    last = verb.i
    if verb.i + 1 < len(verb.doc) and verb.nbor(1).lower_ == name.partition(" ")[2]:
        last += 1
    return Cue(verb, name, frame, weight, content, verb.i, last, negated, is_passive(verb))


def _asks(clause: Token) -> bool:
    """Tell whether a clause is a question: `when it would open`, `if it would`."""
    return any(token.lower_ in QUESTIONS for token in clause.lefts)


def _with_particle(verb: Token) -> str:
    """Return the lemma of a verb, with its particle where the lexicon knows the two together."""
    lemma = lemma_of(verb)
    for below in verb.children:
        if below.dep_ == "prt":
            name = f"{lemma} {below.lower_}"
            if any(name in weights for weights in lexicon().weights.values()):
                return name
    return lemma


def verb_frames(verb: Token) -> Iterator[Cue]:
    """Yield what a verb reports, in each frame that it may stand in."""
    if _reports_nothing(verb):
        return
    if is_passive(verb):
        yield from _passive_frames(verb)
        return
    if verb.tag_ == "VBN" and verb.dep_ == "acl" and has_child(verb, "agent"):
        # `the ban proposed by Lopez`
        yield _by_somebody(verb, (verb.head,))
        return
    thing = child(verb, "dobj")
    yield from _clause_frames(verb, thing)
    infinitives = _infinitives(verb)
    if infinitives:
        name = _infinitive_name(verb)
        objects = []
        # What is said to somebody is not about him or her: `told Lopez to leave`.
        if lemma_of(verb) not in ("tell", "ask", "promise"):
            over = _preposition_object(verb, name)
            objects = [token for token in (thing, over) if token is not None]
        yield verb_cue(verb, "infinitive", (*objects, *infinitives), name)
    gerunds = _gerunds(verb)
    if gerunds:
        yield verb_cue(verb, "object", tuple(gerunds))
    small = _small_clauses(verb, infinitives)
    if small:
        yield verb_cue(verb, "small-clause", (*((thing,) if thing is not None else ()), *small))
    elif thing is not None and _is_calling(verb) and _calls_it(verb, thing):
        # The parser reads `dubbed the bridge “a disaster”` as one thing beside another.
        yield verb_cue(verb, "small-clause", (thing, *_second_objects(verb, thing)))
    yield from _object_frames(verb, thing)


def _reports_nothing(verb: Token) -> bool:
    """Tell whether a verb is no cue where it stands, whatever it is elsewhere."""
    if verb.dep_ in ("aux", "auxpass"):
        return True
    # `Asked about the bridge, she left`: who was asked says nothing by that.
    if verb.tag_ == "VBN" and verb.dep_ == "advcl" and not has_child(verb, "aux"):
        return True
    # `Explained: why the bridge was closed` heads a text.
    if verb.i == 0 and len(verb.doc) > 1 and verb.nbor(1).text == ":":
        return True
    hypothetical = verb.dep_ == "advcl" and has_mark(verb, *HYPOTHETICAL)
    return is_silent(verb) or hypothetical or _names_itself(verb)


def _clause_frames(verb: Token, thing: Token | None) -> Iterator[Cue]:
    clauses = tuple(below for below in verb.children if below.dep_ == "ccomp")
    clauses = clauses or _mistaken_clauses(verb)
    if clauses:
        # `called the bridge a disaster` may be parsed as a clause: the object decides.
        calls = thing is not None and lemma_of(verb) in lexicon().weights["small-clause"]
        if not calls:
            yield verb_cue(verb, "clause", clauses)
        yield verb_cue(verb, "small-clause", clauses)
    elif _is_aside(verb) or _is_inserted(verb):
        yield verb_cue(verb, "clause", (verb.head,))


def _mistaken_clauses(verb: Token) -> tuple[Token, ...]:
    """Return the clause that the parser took for one that says when or why: `said after the vote
    she would stay`.
    """
    if not _reports(verb):
        return ()
    behind = _clause_behind_hearer(verb)
    if behind is not None:
        return (behind,)
    if has_child(verb, "dobj", "xcomp"):
        return ()
    for below in verb.rights:
        bare = below.dep_ == "advcl" and has_child(below, "nsubj", "nsubjpass")
        if bare and not any(left.dep_ in ("mark", "advmod") for left in below.lefts):
            return (below,)
    return ()


def _clause_behind_hearer(verb: Token) -> Token | None:
    """Return the clause with `that` that the parser ties to the noun before it: `told a meeting of
    drivers that …`.
    """
    for clause in verb.subtree:
        noun = clause.head
        tied = clause.dep_ in ("acl", "relcl") and noun.dep_ in ("dobj", "pobj")
        if clause.i < verb.i or not tied or not has_mark(clause, "that"):
            continue
        if lexicon().weight("noun", lemma_of(noun)):
            continue
        while noun != verb and noun.pos_ in NAMING_HEARERS:
            noun = noun.head
        if noun == verb:
            return clause
    return None


def _infinitives(verb: Token) -> list[Token]:
    """Return the infinitives with `to` that a verb governs.

    The parser may read `warned Lopez to leave` as why she was warned.
    """
    addressed = lemma_of(verb) in ADDRESSING and has_child(verb, "dobj")
    roles = ("xcomp", "advcl") if addressed else ("xcomp",)
    return [below for below in verb.children if below.dep_ in roles and has_child_word(below, "to")]


def _gerunds(verb: Token) -> list[Token]:
    """Return the gerunds that a verb governs: `proposed closing the bridge`."""
    return [below for below in verb.rights if below.dep_ == "xcomp" and below.tag_ == "VBG"]


def _infinitive_name(verb: Token) -> str:
    """Return the name of a verb with its preposition where the lexicon has it: `call on`."""
    for name in _with_prepositions(verb):
        if name in lexicon().weights["infinitive"]:
            return name
    return ""


def _small_clauses(verb: Token, infinitives: list[Token]) -> list[Token]:
    """Return what follows a verb as a predicate without a verb of its own: `called it unfair`."""
    return [
        below
        for below in verb.rights
        if below.dep_ in ("oprd", "xcomp", "acomp") and below not in infinitives
    ]


def _calls_it(verb: Token, thing: Token) -> bool:
    """Tell whether a verb has a thing and what it is called, as the parser may tie them."""
    if any(below.dep_ == "appos" for below in thing.rights):
        return True
    return sum(below.dep_ in ("dobj", "dative") for below in verb.rights) > 1


def _second_objects(verb: Token, thing: Token) -> tuple[Token, ...]:
    return tuple(below for below in verb.rights if below.dep_ == "dobj" and below != thing)


def _object_frames(verb: Token, thing: Token | None) -> Iterator[Cue]:
    """Yield what a verb says of a thing: `condemned X`, `accused X of Y`, `described X as Y`."""
    words = lexicon()
    as_phrases = _as_phrases(verb)
    for name in _with_prepositions(verb):
        preposition = name.partition(" ")[2]
        over = _preposition_object(verb, name)
        if over is None:
            continue
        if as_phrases and preposition != "as":
            yield verb_cue(verb, "as", (over, *as_phrases), name)
        if name in words.weights["object"]:
            heads = (thing, over.head) if thing is not None else (over,)
            yield verb_cue(verb, "object", heads, name)
    if thing is None:
        return
    for below in thing.rights:
        # The parser ties the act to the accused: `accused [the firm of lying]`.
        name = f"{lemma_of(verb)} {below.lower_}"
        if below.dep_ == "prep" and name in words.of_somebody:
            yield verb_cue(verb, "object", (thing, below), name)
    if as_phrases:
        yield verb_cue(verb, "as", (thing, *as_phrases))
    if thing.lower_ in words.empty_objects or _is_clause_subject(verb, thing):
        return
    if _is_reporting_message(thing):
        return
    yield verb_cue(verb, "object", (thing,), SAME if _says_the_same(verb, thing) else "")
    if _holds_quote(thing) and lemma_of(verb) in words.weights["quotation"]:
        yield verb_cue(verb, "quotation", (thing,))


def _says_the_same(verb: Token, thing: Token) -> bool:
    same = thing.lower_ == "same" or has_child_word(thing, "same")
    return same and lemma_of(verb) == "say"


def _as_phrases(verb: Token) -> tuple[Token, ...]:
    """Return the phrases with `as` that follow a verb."""
    return tuple(below for below in verb.rights if below.lower_ == "as" and below.dep_ == "prep")


def _is_clause_subject(verb: Token, thing: Token) -> bool:
    """Tell whether an object stands in a clause that the parser missed: `said that the bridge`."""
    return thing.i > verb.i + 1 and verb.nbor(1).dep_ == "mark"


def _is_reporting_message(noun: Token) -> bool:
    """Tell whether an object is a message that reports itself: `sent a letter saying that …`."""
    if lemma_of(noun) not in lexicon().messages:
        return False
    return any(
        below.dep_ == "acl" and below.tag_ == "VBG" and _reports(below) for below in noun.rights
    )


def _passive_frames(verb: Token) -> Iterator[Cue]:
    """Yield what is reported of a subject: `was accused of lying`, `is said to be ill`, `it was
    reported that`.
    """
    subjects = []
    clauses = []
    for below in verb.children:
        if below.dep_ == "nsubjpass" and below.lower_ not in EMPTY_SUBJECTS:
            subjects.append(below)
        elif below.dep_ in ("ccomp", "xcomp", "oprd") and below.i > verb.i:
            clauses.append(below)
    if subjects and not clauses and has_child(verb, "agent"):
        yield _by_somebody(verb, tuple(subjects))
    if clauses:
        # Who was told something is no part of it.
        hears = lemma_of(verb) in ADDRESSING
        content = clauses if hears else subjects + clauses
        yield verb_cue(verb, "passive", tuple(content))
    for name in _with_prepositions(verb):
        over = _preposition_object(verb, name)
        if over is not None and name in lexicon().weights["passive"]:
            yield verb_cue(verb, "passive", (*subjects, over), name)


def _by_somebody(verb: Token, things: tuple[Token, ...]) -> Cue:
    """Return the cue of a passive that names who says it: `the ban was proposed by Lopez`."""
    cue = verb_cue(verb, "passive", things, f"{lemma_of(verb)} by")
    return replace(cue, passive=True, last=verb.i)


def _is_aside(verb: Token) -> bool:
    """Tell whether the clause around a verb is what it reports: `The strikes, he said, were
    illegal`.
    """
    if verb.dep_ == "parataxis":
        return True
    return verb.dep_ == "advcl" and has_mark(verb, "as") and not has_child(verb, "dobj")


def _is_inserted(verb: Token) -> bool:
    """Tell whether the parser took an inserted clause for a part of what it reports: `If it rains,
    Lopez said in a tweet, it will stay closed`.
    """
    if verb.dep_ != "ccomp" or verb.head.i < verb.i or not has_child(verb, "nsubj"):
        return False
    after = verb.right_edge.i + 1
    return _reports(verb) and after < len(verb.doc) and verb.doc[after].text == ","


def _is_calling(verb: Token) -> bool:
    return lexicon().weight("small-clause", lemma_of(verb)) >= CALLING


def _names_itself(verb: Token) -> bool:
    """Tell whether a participle only gives a name: `a brochure called “Late”`.

    Not so where it says who calls it that.
    """
    if verb.tag_ != "VBN" or verb.dep_ != "acl":
        return False
    by_somebody = has_child(verb, "agent", "aux", "auxpass", *SUBJECTS)
    return not by_somebody and _is_calling(verb)


def _reports(verb: Token) -> bool:
    """Tell whether a verb reports in one of its frames as a rule."""
    lemma = lemma_of(verb)
    weights = lexicon().weights
    return any(weights[frame].get(lemma, 0.0) >= REPORTING for frame in REPORTING_FRAMES)


def _holds_quote(head: Token) -> bool:
    return any(token.text == "”" for token in head.doc[head.left_edge.i : head.right_edge.i + 1])


def _with_prepositions(verb: Token) -> Iterator[str]:
    """Yield the lemma of a verb with each preposition or particle right of it."""
    lemma = _with_particle(verb)
    for below in verb.rights:
        if below.dep_ in PARTICLES:
            yield f"{lemma} {below.lower_}"


def _preposition_object(verb: Token, name: str) -> Token | None:
    """Return what stands after the preposition of a name such as `call for`."""
    preposition = name.rpartition(" ")[2] if " " in name else ""
    for below in verb.rights:
        if preposition and below.lower_ == preposition:
            if below.dep_ == "prt":
                return child(verb, "dobj")
            return child(below, "pobj", "pcomp", "amod")
    return None

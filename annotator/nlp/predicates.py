"""Read what the words of a claim say of a target: who is judged, who acts, what shall stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from spacy.tokens import Token

from .cues import SUBJECTS, lemma_of
from .stance_lexicon import stance_lexicon
from .stance_signs import OPPOSITE, Sign, side
from .tree import child, has_child, has_mark

# Weights of signs: a word that judges the target, what the target does, an attitude to it, that it
# must stop or is needed, what it should do instead, and harm that is done to it.
JUDGED = 0.7
ACTS = 0.62
ATTITUDE = 0.7
STOPPED = 0.7
NEEDED = 0.5
ADVISED = 0.4
PATIENT = 0.25
# What is left of a weight in a condition or a question, and with every step of a looser tie.
SUPPOSED = 0.5
LOOSE = 0.85
OWNED = 0.85

LIGHT = frozenset({"have", "make", "do", "show", "cause", "create", "bring", "pose", "be", "get"})
LIGHT_PREPOSITIONS = frozenset({"in", "under", "at", "beyond", "without", "of", "on"})
ABOUT = frozenset({"of", "for", "with", "about", "against", "in", "over", "on", "to", "by"})
MODALS = frozenset({"must", "should", "ought", "needs", "need"})
INTENTIONS = frozenset({"will", "'ll", "’ll", "would", "shall"})
CAUSES = frozenset({"under", "with", "after", "from", "through", "because", "since"})
COPULAS = frozenset({"be", "seem", "look", "become", "remain", "appear", "sound", "feel", "prove"})
DEEPEST = 6

Means = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a word says something of: a token, how close the tie is, and whether it is turned."""

    token: Token
    weight: float
    turned: bool = False


def predicate_signs(tokens: Sequence[Token], means: Means) -> Iterator[Sign]:
    """Yield the signs of what the words of a claim say of the target.

    `means` gives how surely a token means the target.
    """
    if not any(token.i in means for token in tokens):
        return
    inside = {token.i for token in tokens}
    for token in tokens:
        if means.get(token.i, 0.0) >= 0.85:
            # The target's own words judge nothing.
            continue
        yield from _judging(token, means, inside)
        yield from _acting(token, means, inside)
        yield from _moving(token, means)
        yield from _attitude(token, means)
        yield from _stopping(token, means)


def judging_words(tokens: Sequence[Token], means: Means) -> float:
    """Return which side the judging words of a claim take, whomever they judge: above 0 praise."""
    total = 0.0
    for token in tokens:
        if token.i not in means:
            value = value_of(token)
            total += -value if value and is_turned(token) else value
    return total


def value_of(token: Token) -> int:
    """Return +1 for a word that praises, -1 for one that blames, else 0."""
    lexicon = stance_lexicon()
    word = token.lower_
    if token.pos_ == "PROPN" and (token.dep_ == "compound" or token.is_title):
        # `Justice Lopez`, `the Labour Hope Fund`.
        return 0
    if token.pos_ in ("ADJ", "NOUN", "ADV", "PROPN", "VERB"):
        value = lexicon.judging.get(word, 0) or lexicon.judging.get(lemma_of(token), 0)
        if not value and token.pos_ == "NOUN" and lemma_of(token) in lexicon.lists["wanted"]:
            # `has no clue`, `there is no reason for X`: praise only where it is missing.
            value = 1 if is_turned(token) else 0
        if value or token.pos_ != "ADV" or not word.endswith("ly"):
            return value
        return lexicon.judging.get(word[:-2], 0)
    return 0


def _judging(token: Token, means: Means, inside: set[int]) -> Iterator[Sign]:
    """Yield the sign of a word that judges the target."""
    value = value_of(token)
    if not value or (token.pos_ == "VERB" and has_child(token, "dobj")) or _is_felt_about(token):
        return
    for bearer in _bearers(token, 0):
        weight = meant(bearer.token, means) * bearer.weight
        if weight:
            direction = value * (1 if weight > 0 else -1)
            turned = is_turned(token) != bearer.turned
            if turned:
                direction = -direction
            strength = abs(weight) * JUDGED * _certainty(token)
            why = f"{'not ' if turned else ''}“{token.text}” of “{bearer.token.text}”"
            yield Sign(side(direction), strength, why)
            return


def _is_felt_about(token: Token) -> bool:
    """Tell whether a word only tells what a feeling is about: `concern about the legal basis`."""
    feelings = stance_lexicon().feelings
    return any(above.lower_ in feelings for above in token.ancestors)


def _bearers(word: Token, depth: int) -> Iterator[Bearer]:
    """Yield what a word is said of, the closest first."""
    if depth > DEEPEST:
        return
    head = word.head
    if word.dep_ in ("amod", "compound", "nmod") and head != word:
        yield Bearer(head, 0.9)
        yield from _looser(_bearers(head, depth + 1))
    yield from _below(word)
    if head != word:
        yield from _above(word, depth)


def _below(word: Token) -> Iterator[Bearer]:
    """Yield what a word is said of by the words under it: `failure of X`, `X's lies`."""
    for below in word.children:
        if below.dep_ == "poss":
            yield Bearer(below, 0.9)
        elif below.dep_ == "prep" and below.lower_ in ABOUT:
            thing = child(below, "pobj")
            if thing is not None:
                yield Bearer(thing, 0.85)
        elif below.dep_ == "relcl" and word.pos_ in ("NOUN", "PROPN"):
            subject = child(below, *SUBJECTS)
            if subject is not None:
                yield Bearer(subject, 0.5)
        elif below.dep_ in SUBJECTS and word.pos_ in ("ADJ", "NOUN", "VERB"):
            yield Bearer(below, 1.0)
        elif below.dep_ in ("xcomp", "ccomp", "advcl") and word.pos_ == "ADJ":
            # `It is wrong for X to pay`, `it is wrong to close X`.
            thing = child(below, *SUBJECTS) or child(below, "dobj")
            if thing is not None:
                yield Bearer(thing, 0.8)


def _above(word: Token, depth: int) -> Iterator[Bearer]:
    """Yield what a word is said of by the clause that it stands in."""
    head = word.head
    role = word.dep_
    if role == "oprd" or (role == "pobj" and head.lower_ == "as"):
        # `called X a liar`, `described X as a liar`
        named = head if role == "oprd" else head.head
        thing = child(named, "dobj", "nsubjpass")
        if thing is not None:
            yield Bearer(thing, 1.0)
    elif role in ("acomp", "attr"):
        yield from _of_clause(head, depth)
        yield from _of_infinitive(head)
    elif role == "dobj":
        yield from _of_object(word, head, depth)
    elif role == "pobj" and head.lower_ in LIGHT_PREPOSITIONS and head.head.pos_ in ("VERB", "AUX"):
        turned = head.lower_ in ("without", "beyond")
        for bearer in _of_clause(head.head, depth):
            yield Bearer(bearer.token, bearer.weight * LOOSE, bearer.turned != turned)
    elif role == "appos":
        yield Bearer(head, 0.9)
    elif role in ("advmod", "conj"):
        clause = head.pos_ in ("VERB", "AUX")
        yield from _looser(_of_clause(head, depth) if clause else _bearers(head, depth + 1))
    elif role in SUBJECTS and lemma_of(head) in COPULAS:
        thing = child(head, "attr")
        if thing is not None:
            yield Bearer(thing, 0.9)


def _of_infinitive(verb: Token) -> Iterator[Bearer]:
    """Yield who does what a clause judges: `it was wrong for X to pay`."""
    for clause in verb.children:
        subject = child(clause, *SUBJECTS)
        if clause.dep_ in ("advcl", "xcomp", "ccomp") and has_mark(clause, "for") and subject:
            yield Bearer(subject, 0.9)


def _looser(bearers: Iterator[Bearer]) -> Iterator[Bearer]:
    for bearer in bearers:
        yield Bearer(bearer.token, bearer.weight * LOOSE, bearer.turned)


def _of_object(word: Token, verb: Token, depth: int) -> Iterator[Bearer]:
    """Yield who does something of a kind that a word judges: `does harm`, `cuts costs`."""
    lexicon = stance_lexicon()
    lemma = lemma_of(verb)
    falls = lemma in lexicon.lists["fall"]
    if falls or lemma in lexicon.lists["rise"] or lemma in LIGHT:
        for bearer in _of_clause(verb, depth):
            yield Bearer(bearer.token, bearer.weight, bearer.turned != falls)


def _of_clause(verb: Token, depth: int) -> Iterator[Bearer]:
    """Yield what the clause of a verb is about: its subject, or that of the verb above."""
    subject = child(verb, *SUBJECTS)
    if subject is not None:
        if subject.lower_ in ("who", "which", "that") and verb.dep_ == "relcl":
            yield Bearer(verb.head, 0.9)
        else:
            yield Bearer(subject, 1.0)
            for also in subject.conjuncts:
                yield Bearer(also, LOOSE)
            enabled = lemma_of(verb.head) in stance_lexicon().lists["enabling"]
            if verb.dep_ in ("ccomp", "xcomp") and enabled and depth <= DEEPEST:
                # `X helped them grow`.
                yield from _looser(_of_clause(verb.head, depth + 1))
    elif depth <= DEEPEST:
        yield from _of_clause_above(verb, depth)


def _of_clause_above(verb: Token, depth: int) -> Iterator[Bearer]:
    """Yield what the clause of a verb without a subject of its own is about."""
    if verb.dep_ in ("relcl", "acl") and verb.head.lower_ in ("nothing", "little"):
        # `does nothing to boost jobs`
        yield from _of_clause(verb.head.head, depth + 1)
    elif verb.dep_ in ("relcl", "acl"):
        yield Bearer(verb.head, 0.85)
    elif verb.dep_ in ("xcomp", "conj", "advcl", "pcomp", "ccomp", "prep", "aux"):
        above = verb.head
        if above == verb:
            return
        if verb.dep_ == "xcomp":
            thing = child(above, "dobj")
            if thing is not None:
                yield Bearer(thing, 0.8)
                return
        if above.pos_ in ("VERB", "AUX", "ADJ", "ADP"):
            loose = 1.0 if verb.dep_ in ("xcomp", "conj") else LOOSE
            for bearer in _of_clause(above, depth + 1):
                yield Bearer(bearer.token, bearer.weight * loose, bearer.turned)


def meant(token: Token, means: Means) -> float:
    """Return how surely a noun phrase means the target or what is its own.

    Below 0 for what ends or attacks it: `the ban on X`.
    """
    own = means.get(token.i, 0.0)
    if own:
        return own
    negative = token.lower_ in stance_lexicon().lists["negative-nouns"]
    for below in token.children:
        thing: Token | None = None
        if below.dep_ in ("poss", "compound", "nmod"):
            thing = below
        elif below.dep_ == "prep" and below.lower_ in ("of", "on", "to", "by", "against", "for"):
            thing = child(below, "pobj")
        if thing is not None and means.get(thing.i, 0.0):
            weight = means[thing.i] * OWNED
            by = below.dep_ == "poss" or below.lower_ == "by"
            return -weight if negative and not by else weight
    return 0.0


def _acting(verb: Token, means: Means, inside: set[int]) -> Iterator[Sign]:
    """Yield the sign of what the target does, or of what is done to it."""
    if verb.pos_ not in ("VERB", "AUX"):
        return
    lexicon = stance_lexicon()
    lemma = lemma_of(verb)
    value = lexicon.acts.get(lemma, 0)
    particle = child(verb, "prt")
    if particle is not None:
        value = lexicon.acts.get(f"{lemma} {particle.lower_}", 0)
    thing = child(verb, "dobj")
    effect = _effect(verb, thing)
    if effect:
        value = effect
    if not value:
        return
    turned = is_turned(verb)
    direction = -value if turned else value
    passive = has_child(verb, "nsubjpass", "auxpass")
    not_ = "does not " if turned else ""
    if passive:
        agent = child(verb, "agent")
        doer = child(agent, "pobj") if agent is not None else None
        doers = [Bearer(doer, 1.0)] if doer is not None else []
    else:
        doers = list(_of_clause(verb, 0))
    for bearer in doers:
        weight = meant(bearer.token, means) * bearer.weight
        if weight:
            why = f"“{bearer.token.text}” {not_}“{verb.text}”"
            strength = abs(weight) * ACTS * _certainty(verb)
            yield Sign(side(direction * weight), strength, why)
            return
    patient = child(verb, "nsubjpass") if passive else thing
    if patient is not None and not effect and meant(patient, means) > 0:
        why = f"“{verb.text}” is done to “{patient.text}”"
        yield Sign(side(-direction), PATIENT * meant(patient, means), why)


def _effect(verb: Token, thing: Token | None) -> int:
    """Return whether a verb makes good things rise and bad ones fall (+1), or the other way round
    (-1).
    """
    if thing is None:
        return 0
    lexicon = stance_lexicon()
    lemma = lemma_of(verb)
    rises = lemma in lexicon.lists["rise"]
    if not rises and lemma not in lexicon.lists["fall"]:
        return 0
    noun = lemma_of(thing)
    good = noun in lexicon.lists["goods"]
    if not good and noun not in lexicon.lists["bads"]:
        return 0
    return 1 if good == rises else -1


def _moving(verb: Token, means: Means) -> Iterator[Sign]:
    """Yield the sign of good and bad things that rise or fall with the target: `taxes would go up
    under X`.
    """
    if verb.pos_ != "VERB":
        return
    lists = stance_lexicon().lists
    particle = child(verb, "prt")
    lemma = f"{lemma_of(verb)} {particle.lower_}" if particle is not None else lemma_of(verb)
    subject = child(verb, "nsubj", "nsubjpass")
    rises = lemma in lists["rise"]
    if subject is None or not (rises or lemma in lists["fall"]):
        return
    noun = lemma_of(subject)
    good = noun in lists["goods"]
    if not good and noun not in lists["bads"]:
        return
    for below in verb.children:
        if below.dep_ == "prep" and below.lower_ in CAUSES:
            thing = child(below, "pobj")
            weight = meant(thing, means) if thing is not None else 0.0
            if weight:
                better = (good == rises) != is_turned(verb)
                why = f"“{subject.text}” “{verb.text}” {below.text} it"
                yield Sign(side(weight if better else -weight), ACTS * abs(weight), why)


def _attitude(verb: Token, means: Means) -> Iterator[Sign]:
    """Yield the sign of an attitude to the target within a claim: `we will vote against X`."""
    lexicon = stance_lexicon()
    if verb.pos_ not in ("VERB", "NOUN", "ADP", "ADJ"):
        return
    lemma = lemma_of(verb)
    things: list[tuple[str, Token]] = []
    value = lexicon.attitude.get(lemma, "")
    thing = child(verb, "dobj", "nsubjpass")
    if verb.pos_ == "VERB" and value and thing is not None:
        things.append((value, thing))
    for below in verb.children:
        pobj = child(below, "pobj") if below.dep_ == "prep" else None
        if pobj is None:
            continue
        together = lexicon.attitude.get(f"{lemma} {below.lower_}", "")
        feeling = lexicon.feelings.get(verb.lower_, "") or lexicon.feelings.get(lemma, "")
        if together:
            things.append((together, pobj))
        elif feeling and verb.pos_ == "NOUN" and below.lower_ in ABOUT:
            things.append((feeling, pobj))
        elif lemma == "be" and below.lower_ in ("against", "for"):
            things.append(("oppose" if below.lower_ == "against" else "support", pobj))
    for taken, thing in things:
        weight = meant(thing, means)
        if weight:
            turned = is_turned(verb) != (weight < 0)
            why = f"{'not ' if turned else ''}“{verb.text}” “{thing.text}”"
            sided = OPPOSITE[taken] if turned else taken
            holder = child(verb, *SUBJECTS)
            ours = holder is None or holder.pos_ == "PRON"
            yield Sign(sided, ATTITUDE * abs(weight) * (1.0 if ours else 0.7), why)
            return


def _stopping(verb: Token, means: Means) -> Iterator[Sign]:
    """Yield the sign of what must stop, is needed, or should be done otherwise by the target."""
    if verb.pos_ not in ("VERB", "AUX"):
        return
    lexicon = stance_lexicon()
    lemma = lemma_of(verb)
    subject = child(verb, *SUBJECTS)
    thing = child(verb, "dobj")
    turned = is_turned(verb)
    about = subject if subject is not None and meant(subject, means) else thing
    if about is None:
        return
    weight = meant(about, means)
    if not weight:
        return
    if lemma in lexicon.lists["needs"] and about is (thing or child(verb, "nsubjpass")):
        yield Sign(side(-weight if turned else weight), NEEDED * abs(weight), f"“{verb.text}” it")
        return
    required = any(b.lower_ in MODALS and b.dep_ == "aux" for b in verb.children)
    if not required and about is thing and lemma in lexicon.lists["stops"]:
        required = _is_intended(verb)
    above = verb.head
    if verb.dep_ == "xcomp" and lemma_of(above) in ("have", "need", "ought", "want"):
        required = True
        if not weight:
            about = child(above, *SUBJECTS) or about
    if not required:
        return
    if lemma in lexicon.lists["stops"]:
        direction = weight if turned else -weight
        yield Sign(side(direction), STOPPED * abs(weight), f"it must “{verb.text}”")
    elif about is subject and not has_child(verb, "nsubjpass"):
        yield Sign("oppose", ADVISED * abs(weight), f"what it should do: “{verb.text}”")
    elif about is thing or has_child(verb, "nsubjpass"):
        direction = -weight if turned else weight
        yield Sign(side(direction), ADVISED * abs(weight), f"it should be “{verb.text}”")


def _is_intended(verb: Token) -> bool:
    """Tell whether somebody means to do something: `we will scrap X`, `a plan to scrap X`."""
    token = verb
    for _ in range(DEEPEST):
        if any(b.lower_ in INTENTIONS and b.dep_ == "aux" for b in token.children):
            return True
        if token.dep_ not in ("conj", "xcomp", "advcl", "acl"):
            return False
        token = token.head
    return False


def is_turned(word: Token) -> bool:
    """Tell whether what a word says is negated in its own clause."""
    lexicon = stance_lexicon()
    turned = False
    token = word
    for _ in range(DEEPEST):
        for below in token.children:
            before = below.dep_ in ("neg", "det", "preconj") or below.lower_ in ("never", "hardly")
            if before and below.i != word.i and _negates(below):
                turned = not turned
                break
        head = token.head
        thing = child(head, "dobj") if token.dep_ in ("xcomp", "advcl") else None
        nothing = head if token.dep_ in ("relcl", "acl") else thing
        if nothing is not None and nothing.lower_ in ("nothing", "little"):
            turned = not turned
        if head == token or token.dep_ in ("ccomp", "advcl", "relcl", "acl", "ROOT", "conj"):
            break
        if token.dep_ in (*SUBJECTS, "poss"):
            break
        if token.dep_ in ("xcomp", "pobj", "pcomp", "dobj"):
            fails = lemma_of(head) in lexicon.lists["turning"] and head.i != word.i
            if fails and (token.dep_ != "dobj" or lemma_of(head) in ("lack", "deny")):
                turned = not turned
        if head.pos_ == "NOUN" and token.dep_ != "prep" and token.dep_ != "amod":
            break
        token = head
    return turned


def _negates(token: Token) -> bool:
    word = token.lower_
    return word in stance_lexicon().lists["negations"] or word == "n’t"


def _certainty(word: Token) -> float:
    """Return how much of its weight a word keeps: less in a condition or a question."""
    token = word
    for _ in range(DEEPEST):
        if any(b.dep_ == "mark" and b.lower_ in ("if", "whether") for b in token.children):
            return SUPPOSED
        if token.head == token:
            break
        token = token.head
    sentence_end = word.sent[-1].text if word.doc.has_annotation("SENT_START") else ""
    return SUPPOSED if sentence_end == "?" else 1.0

"""Read the stance of each claim of a text: weigh the signs that its cue, its words and its speaker
give.

Each sign speaks for one value with a weight from 0 to 1 and says why. Signs for the same value add
up as independent chances do; a value is given when it leads by enough, else the stance stays
unclear.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from spacy.tokens import Token

from .cues import LEXICONS, Cue, lemma_of
from .frames import Frame
from .passages import Passage
from .targets import is_head, mentioned

OPPOSITE = {"support": "oppose", "oppose": "support"}
TARGETED = frozenset({"object", "as", "small-clause"})
ABOUT = frozenset({"about", "over", "at", "for", "with", "in"})
FEELING = frozenset(
    {"express", "voice", "have", "show", "share", "raise", "declare", "state", "feel"}
)
PRONOUNS = frozenset({"he", "she", "they", "it", "him", "her", "them", "who"})
OURS = frozenset({"i", "we", "you"})
NAME = re.compile(r"[^\W\d_]+")
TOKEN = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*|[.?!;:]")
STOPS = frozenset(".?!;:")
COPULAS = frozenset(
    {
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "it's",
        "that's",
        "he's",
        "she's",
        "they're",
        "we're",
        "i'm",
    }
)
ENDINGS = ("s", "es", "ed", "d", "ing")
NOT = r"(?:not|never|cannot|can't|don't|won't|doesn't|shouldn't|mustn't)"
REACH = 4
LONGEST_TARGET = 80

# Weights of signs, set by hand and checked on half of the seeds: what a cue says of its object,
# what it says of a clause, words and phrases of the claim, the speaker's part, the speaker's claims
# before and behind, and how much of their weight is left when they stand in another paragraph.
CUE, MILD_CUE, HEARSAY, OTHERWISE, ANSWER = 0.8, 0.5, 0.6, 0.4, 0.6
PREDICATE, STRONG_WORD, MILD_WORD, CONDITION, PROCEDURE = 0.56, 0.45, 0.35, 0.56, 0.6
ROLE, BEFORE, BEHIND, APART = 0.3, 0.5, 0.4, 0.6
OUTRIGHT, CONTRAST, TAKEN, PLAIN = 0.6, 0.6, 0.45, 0.5
LEANING = 0.4
SURE, ENOUGH = 0.55, 0.42


@dataclass(frozen=True, slots=True)
class Stance:
    """A stance, the reasons for it, and what it is toward where the text says so."""

    value: str
    why: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason for one value, with a weight from 0 to 1."""

    value: str
    weight: float
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one claim and its cue show by themselves, and what its cue names as the target."""

    frame: Frame
    words: list[str]
    signs: list[Sign]
    target: str

    @property
    def lean(self) -> float:
        """Return which side the surer signs take, from -1 (oppose) to 1 (support)."""
        scores = _scores([s for s in self.signs if s.weight >= MILD_CUE])
        return scores.get("support", 0.0) - scores.get("oppose", 0.0)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words that show a stance: cues, objects of feeling, claim words and speakers by side,
    phrases, and lists.
    """

    cues: Mapping[str, frozenset[str]]
    objects: Mapping[str, str]
    claim: Mapping[str, tuple[str, float]]
    speakers: Mapping[str, str]
    phrases: tuple[tuple[str, float, str, re.Pattern[str]], ...]
    lists: Mapping[str, frozenset[str]]


UNCLEAR = Stance("unclear")


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of stance."""
    data: dict[str, Any] = json.loads((LEXICONS / "stance.json").read_text(encoding="utf-8"))

    def by_word(rows: dict[str, list[str]]) -> dict[str, str]:
        return {word: side for side, listed in rows.items() for word in listed}

    claim = {}
    for word, side in by_word(data["claim"]).items():
        value, _, mild = side.partition("-")
        claim[word] = (value, MILD_WORD if mild else STRONG_WORD)
    return Lexicon(
        {name: frozenset(listed) for name, listed in data["cues"].items()},
        by_word(data["objects"]),
        claim,
        by_word(data["speakers"]),
        tuple(
            (value, weight, why, re.compile(rf"(?<!\S)(?:{pattern.replace('NOT', NOT)})(?!\S)"))
            for value, weight, why, pattern in data["phrases"]
        ),
        {
            name: frozenset(data[name])
            for name in (
                "attacks",
                "echoes",
                "generic",
                "stops",
                "negations",
                "hedges",
                "procedure",
                "turns",
                "before-turns",
                "after-turns",
                "dates",
                "judging",
            )
        },
    )


def stances(
    text: str,
    passages: Sequence[Passage],
    frames: Sequence[Frame],
    names: Sequence[str],
    targets: Sequence[str] = (),
) -> list[Stance]:
    """Return the stance of each frame of a text.

    `names` holds the name of each frame's speaker, empty when there is none; `targets` is the list
    to choose from.
    """
    readings = [_read(frame, text, targets) for frame in frames]
    keys = _keys(frames, names)
    roles = _roles(passages, frames, keys)
    sides: dict[str, float] = {}
    for key, reading in zip(keys, readings, strict=True):
        sides[key] = sides.get(key, 0.0) + reading.lean
    found = []
    for n, reading in enumerate(readings):
        others = [*_from_others(n, readings, keys), *roles.get(keys[n], ())]
        if not reading.signs and _is_plain(reading, sides.get(keys[n], 0.0)):
            others = [
                Sign("neutral", PLAIN, "reports a date or a figure, by one who takes no side")
            ]
        found.append(_decide(reading, others, targets))
    return found


def _is_plain(reading: Reading, side: float) -> bool:
    """Tell whether a claim is reported in plain words, with a date or a figure, by somebody who
    takes no side.
    """
    frame, lists = reading.frame, lexicon().lists
    plain = (
        frame.kind == "indirect"
        and frame.cue is not None
        and frame.cue.name in lexicon().cues["plain"]
    )
    dated = any(w in lists["dates"] or w[:1].isdigit() for w in reading.words)
    judged = lists["negations"] | lists["judging"]
    return (
        plain
        and dated
        and abs(side) < LEANING
        and not any(w in judged or w.endswith("n't") for w in reading.words)
    )


def _scores(signs: Sequence[Sign]) -> dict[str, float]:
    """Return the weight of each value: signs for the same value count as independent chances."""
    missed: dict[str, float] = {}
    for sign in signs:
        missed[sign.value] = missed.get(sign.value, 1.0) * (1 - sign.weight)
    return {value: 1 - chance for value, chance in missed.items()}


def _decide(reading: Reading, others: list[Sign], targets: Sequence[str]) -> Stance:
    """Return the value that leads by enough, with its reasons; what the cue says outright comes
    first.

    What surrounds a claim is asked only when the claim by itself is not sure.
    """
    own = [s for s in reading.signs if s.weight >= OUTRIGHT] or reading.signs
    for signs, lead in ((own, SURE), ([*own, *others], ENOUGH)):
        scores = _scores(signs)
        best = max(scores, key=lambda value: scores[value], default="")
        against = max((score for value, score in scores.items() if value != best), default=0.0)
        if best and scores[best] - against >= lead:
            why = "; ".join(s.why for s in signs if s.value == best)
            return Stance(best, why, _toward(reading, targets))
    return UNCLEAR


def _toward(reading: Reading, targets: Sequence[str]) -> str:
    """Return what a stance is toward: what the cue names, as the list has it; empty for what the
    text is about.
    """
    named = NAME.findall(reading.target)
    listed = mentioned(named, targets) or ("" if named else mentioned(reading.words, targets))
    about = targets and named and _known_form(named[-1].casefold(), lexicon().lists["generic"])
    return listed or ("" if about else reading.target)


def _read(frame: Frame, text: str, targets: Sequence[str]) -> Reading:
    """Return what a claim shows by itself; a quotation is not parsed, so its words are read as they
    stand.
    """
    said = [
        w.replace("’", "'").casefold()
        for start, end in frame.ranges
        for w in TOKEN.findall(text[start:end])
    ]
    signs: list[Sign] = []
    target = ""
    if frame.cue is not None:
        signs, target = _from_cue(frame.cue, frame, targets)
    if not any(s.weight >= OUTRIGHT for s in signs):
        turn = _contrast(said, frame)
        signs = [turn] if turn else [*signs, *_from_words(said), *_from_phrases(said, frame)]
    return Reading(frame, said, signs, target)


def _contrast(said: list[str], frame: Frame) -> Sign | None:
    """Return the sign of a claim that turns in its middle: `the price was fair but the date was
    not`.

    Whoever reports indirectly keeps a `but` for what weighs two sides; people who are quoted use it
    for anything, so there one side must show before it.
    """
    lists = lexicon().lists
    at = next(
        (n for n, w in enumerate(said) if w in lists["turns"] and n > 2 and len(said) - n > 3), 0
    )
    if (
        not at
        or said[at - 1] in STOPS
        or said[at - 1] in lists["before-turns"]
        or said[at + 1] in lists["after-turns"]
    ):
        return None
    before = said[:at]
    sides = [
        s for s in [*_from_words(before), *_from_phrases(before, frame)] if s.value in OPPOSITE
    ]
    if frame.kind != "indirect" and not any(s.weight >= TAKEN for s in sides):
        return None
    return Sign("mixed", CONTRAST, f"two sides, with “{said[at]}”")


def _keys(frames: Sequence[Frame], names: Sequence[str]) -> list[str]:
    """Return one word for each speaker: the last of the name; an unnamed pronoun goes on with the
    speaker before.
    """
    found: list[str] = []
    for n, (frame, name) in enumerate(zip(frames, names, strict=True)):
        said = NAME.findall(name)
        key = said[-1].casefold() if said else ""
        if frame.speaker is not None and (not key or key in PRONOUNS):
            near = (
                n > 0
                and frame.passage == frames[n - 1].passage
                and frame.speaker.head.lower_ not in OURS
            )
            key = found[-1] if near else ""
        found.append(key)
    return found


def _roles(
    passages: Sequence[Passage], frames: Sequence[Frame], keys: Sequence[str]
) -> dict[str, list[Sign]]:
    """Return by speaker what the words around the name tell of the speaker's part: `critics`, `the
    owner`.
    """
    known = lexicon().speakers
    around: dict[str, list[str]] = {key: [] for key in keys if key}
    for frame, key in zip(frames, keys, strict=True):
        if key and frame.speaker is not None:
            around[key] += [lemma_of(t) for t in frame.speaker.head.subtree]
    for passage in passages:
        for token in passage.doc:
            if token.pos_ == "PROPN" and token.lower_ in around:
                around[token.lower_] += [lemma_of(t) for t in _described(token)]
    found = {}
    for key, near in around.items():
        role = next((w for w in near if w in known), "")
        if role:
            found[key] = [Sign(known[role], ROLE, f"the speaker is called “{role}”")]
    return found


def _described(name: Token) -> Iterator[Token]:
    """Yield the words that stand with a name: its title, its apposition, whose it is."""
    close = [c for c in name.children if c.dep_ in ("compound", "appos", "amod", "nmod")]
    if name.dep_ == "appos":
        close.append(name.head)
    yield from close
    for token in close:
        yield from (c for c in token.children if c.dep_ in ("compound", "poss"))


def _from_cue(cue: Cue, frame: Frame, targets: Sequence[str]) -> tuple[list[Sign], str]:
    """Return the signs that a cue gives, and what it names as the target."""
    known, lists = lexicon().cues, lexicon().lists
    name, told = cue.name, f"“{cue.head.text}”"
    thing = cue.content[0] if cue.content and cue.frame in TARGETED else None
    nominal = thing is not None
    target, object_ = (_target(thing), lemma_of(thing)) if thing is not None else ("", "")
    if (
        thing is not None
        and lemma_of(cue.head) in FEELING
        and (side := lexicon().objects.get(thing.lower_, ""))
    ):
        about = _after(thing, [*thing.subtree, *cue.head.rights])
        value = OPPOSITE[side] if cue.negated else side
        return [Sign(value, CUE, f"{told} {thing.text}")], _target(
            about
        ) if about is not None else ""
    if cue.passive and frame.speaker is None and name in known["hearsay"]:
        return [Sign("oppose", HEARSAY, f"held against somebody by hearsay: {told}")], ""
    if name in known["denial"]:
        if cue.negated:
            return [Sign("mixed", CUE, f"does not deny: {told}")], ""
        return [Sign("support", CUE, f"{told} what is held against the speaker")], ""
    if cue.negated and name in known["dispute"]:
        return [Sign("mixed", CUE, f"does not dispute: {told}")], ""
    if name in known["demand"] and cue.frame != "clause":
        stop = next((t for t in cue.content if lemma_of(t) in lists["stops"]), None)
        if stop is not None and not is_head(stop.lower_, targets):
            return [Sign("oppose", CUE, f"{told} “{stop.text}”")], _complement(stop)
        meant = not targets or mentioned(
            (t.lower_ for head in cue.content for t in head.subtree), targets
        )
        weight = CUE if meant and nominal else MILD_CUE if meant else OTHERWISE
        return [Sign("oppose" if cue.negated or not meant else "support", weight, told)], target
    if (name in known["oppose"] or name in known["naming"]) and object_ in lists["attacks"]:
        return [Sign("support", CUE, f"{told} what is held against the speaker: “{object_}”")], ""
    if name in known["naming"] and nominal:
        return [Sign("oppose", MILD_CUE, f"{told} it a name")], target
    if object_ in lists["echoes"] and name in known["dispute"]:
        return [], target
    for value in ("oppose", "support"):
        if name in known[value]:
            side = OPPOSITE[value] if cue.negated else value
            sure = nominal or cue.frame in ("passive", "small-clause", "as")
            stop = next(
                (t for t in cue.content if cue.frame != "clause" and lemma_of(t) in lists["stops"]),
                None,
            )
            if stop is not None and not is_head(stop.lower_, targets):
                return [Sign(OPPOSITE[side], MILD_CUE, f"{told} “{stop.text}”")], _complement(stop)
            return [
                Sign(side, CUE if sure else MILD_CUE, ("not " if cue.negated else "") + told)
            ], target
    for group, value in (("warning", "oppose"), ("insistence", "support")):
        if name in known[group]:
            return [Sign(value, MILD_CUE, told)], ""
    return [], ""


def _after(thing: Token, around: list[Token]) -> Token | None:
    about = next(
        (c for c in around if c.lower_ in ABOUT and c.dep_ == "prep" and c.i > thing.i), None
    )
    return (
        next((c for c in about.children if c.dep_ == "pobj"), None) if about is not None else None
    )


def _complement(stop: Token) -> str:
    """Return what shall stop: `a ban on X`, `the resignation of X`, `to scrap X`."""
    for child in stop.rights:
        if child.dep_ == "dobj":
            return _target(child)
        if child.dep_ == "prep" and child.lower_ in ("of", "on", "to", "in", "into", "from"):
            over = next((c for c in child.children if c.dep_ == "pobj"), None)
            return _target(over) if over is not None else ""
    return ""


def _target(head: Token) -> str:
    """Return the words of a noun phrase, unless it is a pronoun or too long to name anything."""
    if head.pos_ in ("PRON", "VERB", "AUX"):
        return ""
    found = " ".join(head.doc[head.left_edge.i : head.right_edge.i + 1].text.split()).strip(
        " ,.;:“”\"'"
    )
    return found if len(found) <= LONGEST_TARGET else ""


def _from_words(said: list[str]) -> Iterator[Sign]:
    """Yield the signs of the words that judge; one side with a `but` behind it is mixed."""
    known = lexicon()
    seen: dict[str, dict[str, float]] = {"support": {}, "oppose": {}}
    praised = 0
    for n, word in enumerate(said):
        form = _known_form(word, known.claim)
        if not form:
            continue
        value, weight = known.claim[form]
        # What is too generous is not praised.
        turned = _is_turned(said, n) or (value == "support" and n > 0 and said[n - 1] == "too")
        value = OPPOSITE[value] if turned else value
        if weight == STRONG_WORD and COPULAS.intersection(said[max(0, n - REACH) : n]):
            weight = PREDICATE
        praised = praised or (n + 1 if value == "support" else 0)
        seen[value][("not … " if turned else "") + word] = weight
    if praised and any(w in known.lists["hedges"] for w in said[praised:]):
        yield Sign(
            "mixed",
            CONDITION,
            "praise with a condition: " + ", ".join(f"“{w}”" for w in seen["support"]),
        )
        return
    for value, found in seen.items():
        if found:
            missed = 1.0
            for weight in found.values():
                missed *= 1 - weight
            yield Sign(
                value,
                min(1 - missed, OUTRIGHT - 0.01),
                "the words " + ", ".join(f"“{w}”" for w in found),
            )


def _is_turned(said: list[str], n: int) -> bool:
    """Tell whether a negation stands before a word in its own clause."""
    for word in reversed(said[max(0, n - REACH) : n]):
        if word in STOPS or word in lexicon().lists["hedges"]:
            return False
        if word in lexicon().lists["negations"] or word.endswith("n't"):
            return True
    return False


@cache
def forms(word: str) -> tuple[str, ...]:
    """Return a word and what it may be a form of: `slammed`, `slamme`, `slamm`, `slam`."""
    found = [word]
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 2:
            stem = word[: -len(ending)]
            found += [stem] if ending == "s" else [stem, stem + "e"]
            if len(stem) > 3 and stem[-1] == stem[-2]:
                found.append(stem[:-1])
    return tuple(found)


def _known_form(word: str, known: Container[str]) -> str:
    return next((form for form in forms(word) if form in known), "")


def _from_phrases(said: list[str], frame: Frame) -> Iterator[Sign]:
    """Yield the signs of turns of phrase, and of plain accounts of procedure."""
    known = lexicon()
    joined = " ".join(said)
    for value, weight, why, pattern in known.phrases:
        # People who are quoted tell of dates and procedure to make a point.
        told = frame.kind != "direct" or value != "neutral" or weight >= OUTRIGHT
        if told and (match := pattern.search(joined)):
            yield Sign(value, weight, f"{why}: “{match[0]}”")
    if frame.kind == "direct" or any(_known_form(w, known.claim) for w in said):
        return
    at = next((n for n, w in enumerate(said) if w in ("will", "would", "'ll")), len(said))
    act = next((w for w in said[at + 1 : at + 4] if _known_form(w, known.lists["procedure"])), "")
    if act:
        yield Sign("neutral", PROCEDURE, f"tells of procedure: “{act}”")


def _from_others(n: int, readings: Sequence[Reading], keys: Sequence[str]) -> Iterator[Sign]:
    """Yield what the other claims of the speaker, and the claim that this one answers, show."""
    reading, key = readings[n], keys[n]
    cue = reading.frame.cue
    known = lexicon().cues
    if cue is not None and cue.name in known["concession"]:
        # What somebody concedes goes on with nothing they said.
        return
    if (
        cue is not None
        and cue.name in known["dispute"]
        and set(reading.words) & lexicon().lists["echoes"]
    ):
        before = readings[n - 1].lean if n and keys[n - 1] != key else 0.0
        value, weight = (
            ("support" if before < 0 else "oppose", ANSWER)
            if abs(before) > LEANING
            else ("oppose", OTHERWISE)
        )
        yield Sign(value, weight, f"what was said before, “{cue.head.text}”")
    if not key:
        return
    for m, weight, why in (
        (n - 1, BEFORE, "goes on with the claim before"),
        (n + 1, BEHIND, "leads to the claim behind"),
    ):
        if 0 <= m < len(readings) and keys[m] == key and abs(readings[m].lean) > LEANING:
            near = 1.0 if readings[m].frame.passage == reading.frame.passage else APART
            lean = readings[m].lean
            yield Sign("support" if lean > 0 else "oppose", weight * near * abs(lean), why)

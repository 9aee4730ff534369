"""Read the stance of each claim of a text: weigh the signs that its cue, its words and its speaker
give.

Each sign speaks for one value with a weight from 0 to 1 and says why. Signs for the same value add
up as independent chances do; a value is given when it leads by enough, else there is none:
`unclear` is what a person judges, and no sign speaks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Token

from .cues import lemma_of
from .frames import Frame
from .passages import Passage
from .stance_cues import MILD_CUE, OTHERWISE, CueReading, cue_reading
from .stance_lexicon import known_form, stance_lexicon
from .stance_signs import OUTRIGHT, Sign, scores
from .stance_words import contrast, word_signs, words_of
from .targets import mentioned

PRONOUNS = frozenset({"he", "she", "they", "it", "him", "her", "them", "who"})
OURS = frozenset({"i", "we", "you"})
NAME = re.compile(r"[^\W\d_]+")
BESIDE_A_NAME = ("compound", "appos", "amod", "nmod")

# Weights of signs, set by hand and checked on half of the seeds: an answer to the claim before, the
# speaker's part, the speaker's claims before and behind, how much of their weight is left when they
# stand in another paragraph, and a plain report.
ANSWER = 0.6
ROLE = 0.3
BEFORE = 0.5
BEHIND = 0.4
APART = 0.6
PLAIN = 0.5
# From here a claim leans to a side.
LEANING = 0.4
# By how much a value must lead: by what the claim shows itself, or with what surrounds it.
SURE = 0.55
ENOUGH = 0.42


@dataclass(frozen=True, slots=True)
class Stance:
    """A stance, the reasons for it, and what it is toward where the text says so.

    The value is empty where nothing tells it.
    """

    value: str = ""
    why: str = ""
    target: str = ""


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
        by_value = scores(sign for sign in self.signs if sign.weight >= MILD_CUE)
        return by_value.get("support", 0.0) - by_value.get("oppose", 0.0)


NO_STANCE = Stance()


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
    keys = _speaker_keys(frames, names)
    roles = _roles(passages, frames, keys)
    sides: dict[str, float] = {}
    for key, reading in zip(keys, readings, strict=True):
        sides[key] = sides.get(key, 0.0) + reading.lean
    decided = []
    for number, (key, reading) in enumerate(zip(keys, readings, strict=True)):
        others = list(_from_others(number, readings, keys))
        if key in roles:
            others.append(roles[key])
        if not reading.signs and _is_plain(reading) and abs(sides[key]) < LEANING:
            why = "reports a date or a figure, by one who takes no side"
            others = [Sign("neutral", PLAIN, why)]
        decided.append(_decide(reading, others, targets))
    return decided


def _read(frame: Frame, text: str, targets: Sequence[str]) -> Reading:
    """Return what a claim shows by itself."""
    words = words_of(frame, text)
    by_cue = CueReading([])
    if frame.cue is not None:
        by_cue = cue_reading(frame.cue, frame, targets)
    if any(sign.weight >= OUTRIGHT for sign in by_cue.signs):
        return Reading(frame, words, by_cue.signs, by_cue.target)
    turn = contrast(words, frame)
    signs = [turn] if turn else [*by_cue.signs, *word_signs(words, frame)]
    return Reading(frame, words, signs, by_cue.target)


def _is_plain(reading: Reading) -> bool:
    """Tell whether a claim is reported in plain words, with a date or a figure."""
    frame = reading.frame
    lexicon = stance_lexicon()
    if frame.kind != "indirect" or frame.cue is None:
        return False
    if frame.cue.name not in lexicon.cues["plain"]:
        return False
    dated = False
    for word in reading.words:
        if word in lexicon.lists["negations"] or word in lexicon.lists["judging"]:
            return False
        if word.endswith("n't"):
            return False
        dated = dated or word in lexicon.lists["dates"] or word[:1].isdigit()
    return dated


def _decide(reading: Reading, others: list[Sign], targets: Sequence[str]) -> Stance:
    """Return the value that leads by enough, with its reasons.

    What the cue says outright comes first. What surrounds a claim counts only when the claim by
    itself is not sure.
    """
    own = [sign for sign in reading.signs if sign.weight >= OUTRIGHT] or reading.signs
    for signs, lead in ((own, SURE), ([*own, *others], ENOUGH)):
        by_value = scores(signs)
        best = max(by_value, key=lambda value: by_value[value], default="")
        if not best:
            continue
        against = max((by_value[value] for value in by_value if value != best), default=0.0)
        if by_value[best] - against >= lead:
            why = "; ".join(sign.why for sign in signs if sign.value == best)
            return Stance(best, why, _toward(reading, targets))
    return NO_STANCE


def _toward(reading: Reading, targets: Sequence[str]) -> str:
    """Return what a stance is toward; empty for what the text is about.

    That is what the cue names, as the list has it.
    """
    named = NAME.findall(reading.target)
    if not named:
        return mentioned(reading.words, targets) or reading.target
    listed = mentioned(named, targets)
    if listed:
        return listed
    # `the plan`, `the idea`: with a list they stand for its first entry.
    generic = known_form(named[-1].casefold(), stance_lexicon().lists["generic"])
    return "" if targets and generic else reading.target


def _speaker_keys(frames: Sequence[Frame], names: Sequence[str]) -> list[str]:
    """Return one word for each speaker: the last of the name.

    An unnamed pronoun goes on with the speaker before.
    """
    keys: list[str] = []
    for number, (frame, name) in enumerate(zip(frames, names, strict=True)):
        words = NAME.findall(name)
        key = words[-1].casefold() if words else ""
        if frame.speaker is not None and (not key or key in PRONOUNS):
            ours = frame.speaker.head.lower_ in OURS
            near = number > 0 and frame.passage == frames[number - 1].passage
            key = keys[-1] if near and not ours else ""
        keys.append(key)
    return keys


def _roles(
    passages: Sequence[Passage], frames: Sequence[Frame], keys: Sequence[str]
) -> dict[str, Sign]:
    """Return by speaker what the words around the name tell of his or her part: `critics`, `the
    owner`.
    """
    around: dict[str, list[str]] = {key: [] for key in keys if key}
    for frame, key in zip(frames, keys, strict=True):
        if key and frame.speaker is not None:
            around[key] += map(lemma_of, frame.speaker.head.subtree)
    for passage in passages:
        for token in passage.doc:
            if token.pos_ == "PROPN" and token.lower_ in around:
                around[token.lower_] += map(lemma_of, _beside_name(token))
    known = stance_lexicon().speakers
    roles = {}
    for key, words in around.items():
        role = next((word for word in words if word in known), "")
        if role:
            roles[key] = Sign(known[role], ROLE, f"the speaker is called “{role}”")
    return roles


def _beside_name(name: Token) -> Iterator[Token]:
    """Yield the words that stand with a name: its title, its apposition, whose it is."""
    close = [token for token in name.children if token.dep_ in BESIDE_A_NAME]
    if name.dep_ == "appos":
        close.append(name.head)
    yield from close
    for token in close:
        for below in token.children:
            if below.dep_ in ("compound", "poss"):
                yield below


def _from_others(number: int, readings: Sequence[Reading], keys: Sequence[str]) -> Iterator[Sign]:
    """Yield what the other claims of the speaker, and the claim that this one answers, show."""
    reading = readings[number]
    key = keys[number]
    cue = reading.frame.cue
    lexicon = stance_lexicon()
    if cue is not None and cue.name in lexicon.cues["concession"]:
        # What somebody concedes goes on with nothing they said.
        return
    echoes = not lexicon.lists["echoes"].isdisjoint(reading.words)
    if cue is not None and echoes and cue.name in lexicon.cues["dispute"]:
        answered = number > 0 and keys[number - 1] != key
        before = readings[number - 1].lean if answered else 0.0
        yield _answer(before, f"what was said before, “{cue.head.text}”")
    if not key:
        return
    for beside, weight, why in (
        (number - 1, BEFORE, "goes on with the claim before"),
        (number + 1, BEHIND, "leads to the claim behind"),
    ):
        if not 0 <= beside < len(readings) or keys[beside] != key:
            continue
        lean = readings[beside].lean
        if abs(lean) > LEANING:
            near = 1.0 if readings[beside].frame.passage == reading.frame.passage else APART
            yield Sign("support" if lean > 0 else "oppose", weight * near * abs(lean), why)


def _answer(before: float, why: str) -> Sign:
    """Return the sign of a claim that disputes the one before, by the side that one leans to."""
    if abs(before) <= LEANING:
        return Sign("oppose", OTHERWISE, why)
    return Sign("support" if before < 0 else "oppose", ANSWER, why)

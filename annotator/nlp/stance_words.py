"""Read the stance that the words of a claim show, without a parse: quotations have none."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from .frames import Frame
from .stance_lexicon import STRONG_WORD, known_form, stance_lexicon
from .stance_signs import OPPOSITE, OUTRIGHT, Sign

# Weights of signs, set by hand and checked on half of the seeds: a word that judges as the
# predicate of a sentence, praise with a condition, an account of procedure, and a claim that turns
# in its middle.
PREDICATE = 0.56
CONDITION = 0.56
PROCEDURE = 0.6
CONTRAST = 0.6
# How sure a side must show before a `but` in somebody's own words.
TAKEN = 0.45

TOKEN = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*|[.?!;:]")
STOPS = frozenset(".?!;:")
COPULAS = frozenset(
    {
        *("is", "are", "was", "were", "be", "been"),
        *("i'm", "he's", "she's", "it's", "that's", "they're", "we're"),
    }
)
FUTURE = ("will", "would", "'ll")
REACH = 4


def words_of(frame: Frame, text: str) -> list[str]:
    """Return the words and stops of a claim, folded, as the lexicon has them."""
    words: list[str] = []
    for start, end in frame.ranges:
        for word in TOKEN.findall(text[start:end]):
            words.append(word.replace("’", "'").casefold())
    return words


def word_signs(words: list[str], frame: Frame) -> Iterator[Sign]:
    """Yield the signs of the words that judge, and of turns of phrase."""
    yield from _judging(words)
    yield from _phrases(words, frame)


def contrast(words: list[str], frame: Frame) -> Sign | None:
    """Return the sign of a claim that turns in its middle: `the price was fair but the date was
    not`.

    Whoever reports indirectly keeps a `but` for what weighs two sides; people who are quoted use it
    for anything, so there one side must show before it.
    """
    at = _turning_point(words)
    if not at:
        return None
    if frame.kind != "indirect":
        sides = [sign for sign in word_signs(words[:at], frame) if sign.value in OPPOSITE]
        if not any(sign.weight >= TAKEN for sign in sides):
            return None
    return Sign("mixed", CONTRAST, f"two sides, with “{words[at]}”")


def _turning_point(words: list[str]) -> int:
    """Return where the first `but` with words enough on both sides stands, 0 when there is none."""
    lists = stance_lexicon().lists
    at = 0
    for number, word in enumerate(words):
        if word in lists["turns"] and number > 2 and len(words) - number > 3:
            at = number
            break
    if not at or words[at - 1] in STOPS:
        return 0
    # `anything but`, `but for`: these turn nothing.
    if words[at - 1] in lists["before-turns"] or words[at + 1] in lists["after-turns"]:
        return 0
    return at


def _judging(words: list[str]) -> Iterator[Sign]:
    """Yield the signs of the words that judge; one side with a `but` behind it is mixed."""
    known = stance_lexicon()
    seen: dict[str, dict[str, float]] = {"support": {}, "oppose": {}}
    praised = 0
    for number, word in enumerate(words):
        form = known_form(word, known.claim)
        if not form:
            continue
        value, weight = known.claim[form]
        # What is too generous is not praised.
        too = value == "support" and number > 0 and words[number - 1] == "too"
        turned = too or _is_turned(words, number)
        if turned:
            value = OPPOSITE[value]
        if weight == STRONG_WORD and COPULAS.intersection(words[max(0, number - REACH) : number]):
            weight = PREDICATE
        if value == "support" and not praised:
            praised = number + 1
        seen[value][f"not … {word}" if turned else word] = weight
    if praised and not known.lists["hedges"].isdisjoint(words[praised:]):
        yield Sign("mixed", CONDITION, f"praise with a condition: {_listed(seen['support'])}")
        return
    for value, weights in seen.items():
        if weights:
            chance = 1 - math.prod(1 - weight for weight in weights.values())
            # However many there are, words alone are never said outright.
            yield Sign(value, min(chance, OUTRIGHT - 0.01), f"the words {_listed(weights)}")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


def _is_turned(words: list[str], number: int) -> bool:
    """Tell whether a negation stands before a word in its own clause."""
    lists = stance_lexicon().lists
    for word in reversed(words[max(0, number - REACH) : number]):
        if word in STOPS or word in lists["hedges"]:
            return False
        if word in lists["negations"] or word.endswith("n't"):
            return True
    return False


def _phrases(words: list[str], frame: Frame) -> Iterator[Sign]:
    """Yield the signs of turns of phrase, and of plain accounts of procedure."""
    known = stance_lexicon()
    joined = " ".join(words)
    for phrase in known.phrases:
        # People who are quoted tell of dates and procedure to make a point.
        if frame.kind == "direct" and phrase.value == "neutral" and phrase.weight < OUTRIGHT:
            continue
        match = phrase.pattern.search(joined)
        if match:
            yield Sign(phrase.value, phrase.weight, f"{phrase.why}: “{match[0]}”")
    if frame.kind == "direct" or any(known_form(word, known.claim) for word in words):
        return
    act = _procedure(words)
    if act:
        yield Sign("neutral", PROCEDURE, f"tells of procedure: “{act}”")


def _procedure(words: list[str]) -> str:
    """Return the act of procedure that somebody will do, as in `will publish`; empty when none."""
    procedure = stance_lexicon().lists["procedure"]
    for number, word in enumerate(words):
        if word in FUTURE:
            for act in words[number + 1 : number + 4]:
                if known_form(act, procedure):
                    return act
            return ""
    return ""

"""Read the stance of each claim of a text toward a target, or leave it open.

Signs come from the reporting words, from what the claim says of the target, from who speaks, and
from the speaker's other claims. Each speaks for one value with a weight from 0 to 1 and says why;
signs for the same value add up as independent chances do. A value is given when it leads by enough,
else there is none: `unclear` is what a person judges, and no sign speaks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Token

from .claim_pieces import Piece, pieces_of
from .cues import Cue, lemma_of
from .frames import Frame
from .names import Names
from .parties import NO_RELATION, Relation, relations_to, speaker_keys
from .passages import Passage
from .predicates import judging_words, predicate_signs
from .stance_cues import cue_signs, named_object
from .stance_lexicon import stance_lexicon
from .stance_signs import OPPOSITE, Sign, lean, scores
from .target_reading import Mentions, read_target
from .targets import mentioned as target_in

# Weights of signs: an ally who promises, speaks of the own side, or says anything that is not
# plain fact; a rival who speaks of the target or of anything; the speaker's other claims; a plain
# report.
ALLY_PLEDGES = 0.55
ALLY_SPEAKS = 0.5
ALLY_FACTS = 0.2
ALLY_OTHERWISE = 0.35
RIVAL_ON_TARGET = 0.6
RIVAL_SPEAKS = 0.3
OTHER_CLAIMS = 0.5
PLAIN = 0.6
FIGURES = 0.75
BAD_WORDS = 0.43
# What is left of a sign that the speaker doubts or denies.
DOUBTED = 0.7
# From which lean on the other claims of a speaker show a side.
LEANING = 0.5
# By how much a value must lead.
LEAD = 0.42


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
    """What one claim shows by itself: its signs, and whether it speaks of the target."""

    frame: Frame
    signs: tuple[Sign, ...]
    relation: Relation
    mentions: bool
    tokens: tuple[Token, ...]
    quoted: bool
    judged: float


NO_STANCE = Stance()


def stances(
    passages: Sequence[Passage],
    frames: Sequence[Frame],
    said_by: Sequence[str],
    names: Names,
    targets: Sequence[str] = (),
    proposed: Sequence[str] = (),
) -> list[Stance]:
    """Return the stance of each frame of a text.

    `said_by` holds the name of each frame's speaker, empty when there is none; `targets` is the
    list to choose from, `proposed` what to take where there is no list.
    """
    keys = speaker_keys(frames, said_by)
    pieces = [pieces_of(frame, passages) for frame in frames]
    wanted = list(targets or proposed[:1])
    chosen: list[int] = []
    for frame, own in zip(frames, pieces, strict=True):
        chosen.append(_choice(frame, own, wanted))
    found = [NO_STANCE] * len(frames)
    for number in sorted(set(chosen)):
        if not wanted:
            break
        read = _toward(wanted[number], passages, frames, keys, pieces, names)
        for place, stance in enumerate(read):
            if chosen[place] == number and stance.value:
                named = bool(targets) or _speaks_of(pieces[place], wanted[number])
                found[place] = replace(stance, target=wanted[number] if named else "")
    if not targets:
        found = [_by_object(f, s) for f, s in zip(frames, found, strict=True)]
    return found


def _choice(frame: Frame, pieces: Sequence[Piece], targets: Sequence[str]) -> int:
    """Return the number of the target that a claim and its cue speak of, else of the first."""
    if len(targets) < 2:
        return 0
    words = [token.text for piece in pieces for token in piece.tokens]
    if frame.cue is not None:
        words.extend(token.text for head in frame.cue.content for token in head.subtree)
    named = target_in(words, targets)
    return targets.index(named) if named else 0


def _speaks_of(pieces: Sequence[Piece], target: str) -> bool:
    words = [token.text for piece in pieces for token in piece.tokens]
    return bool(target_in(words, [target]))


def _by_object(frame: Frame, stance: Stance) -> Stance:
    """Return the stance to what the cue itself names, where nothing is known of a list."""
    if stance.value or frame.cue is None:
        return stance
    named = named_object(frame.cue)
    if named is None:
        return stance
    target, sign = named
    return Stance(sign.value, sign.why, target)


def _toward(
    target: str,
    passages: Sequence[Passage],
    frames: Sequence[Frame],
    keys: Sequence[str],
    pieces: Sequence[list[Piece]],
    names: Names,
) -> list[Stance]:
    """Return the stances of all frames toward one target."""
    read = read_target(target, names, passages)
    mentions = Mentions(read, names, passages)
    relations = relations_to(read, mentions, passages, frames, keys, names)
    readings = []
    for frame, key, own in zip(frames, keys, pieces, strict=True):
        relation = relations.get(key, NO_RELATION) if not frame.author else NO_RELATION
        readings.append(_read(frame, own, relation, mentions, names, passages))
    sides = _sides(keys, readings)
    decided = []
    for key, reading in zip(keys, readings, strict=True):
        signs = [*reading.signs, *_by_relation(reading)]
        if not _is_past(reading):
            signs.extend(_by_others(reading, sides.get(key, [])))
        signs.extend(_tone(reading, signs))
        signs.extend(_plain(reading, signs))
        decided.append(_decide(signs))
    return decided


def _read(
    frame: Frame,
    pieces: list[Piece],
    relation: Relation,
    mentions: Mentions,
    names: Names,
    passages: Sequence[Passage],
) -> Reading:
    """Return what a claim and its cue show by themselves."""
    by = names.person(frame.speaker) if frame.speaker is not None else None
    signs: list[Sign] = []
    tokens: list[Token] = []
    judged = 0.0
    speaks = False
    for piece in pieces:
        means = mentions.in_piece(piece, frame.speaker, ally=relation.ally, by=by)
        if frame.speaker is not None and frame.speaker.head.doc is piece.passage.doc:
            # Who speaks is not spoken of.
            means.pop(frame.speaker.head.i, None)
        own = {token.i for token in piece.tokens}
        inside = {n: weight for n, weight in means.items() if n in own}
        speaks = speaks or bool(inside)
        outer = means if frame.cue is not None and _is_object(frame) else inside
        signs.extend(predicate_signs(piece.tokens, outer))
        judged += judging_words(piece.tokens, inside)
        tokens.extend(piece.tokens)
    said = list(signs)
    if frame.cue is not None:
        doc = frame.cue.head.doc
        passage = next((p for p in passages if p.doc is doc), None)
        if passage is not None:
            means = mentions.named(passage)
            signs.extend(cue_signs(frame, means, relation, mentioned=speaks))
    quoted = any(piece.quoted for piece in pieces)
    if frame.cue is not None and _is_doubted(frame.cue):
        signs = [_turned(sign) if sign in said else sign for sign in signs]
    if relation.ally:
        signs = list(_of_ally(signs, frame))
    return Reading(frame, tuple(signs), relation, speaks, tuple(tokens), quoted, judged)


def _is_doubted(cue: Cue) -> bool:
    """Tell whether a cue doubts or denies the clause that it reports."""
    cues = stance_lexicon().cues
    doubts = cue.name in cues["denial"] or cue.name in cues["doubt"]
    return doubts and cue.frame == "clause" and not cue.negated


def _turned(sign: Sign) -> Sign:
    """Return what a sign shows where it is doubted: the other side, less surely."""
    value = OPPOSITE.get(sign.value, sign.value)
    return replace(sign, value=value, weight=sign.weight * DOUBTED, why=f"doubts {sign.why}")


def _is_object(frame: Frame) -> bool:
    """Tell whether a cue names what the claim says something of: `called X a liar`."""
    return frame.cue is not None and frame.cue.frame in ("object", "as", "small-clause")


def _of_ally(signs: Sequence[Sign], frame: Frame) -> Iterator[Sign]:
    """Yield the signs of an ally's claim: its own side's bad words mean little unless it admits
    them.
    """
    concedes = frame.cue is not None and frame.cue.name in stance_lexicon().cues["concession"]
    for sign in signs:
        if sign.value == "oppose":
            yield replace(sign, weight=sign.weight if concedes else sign.weight * 0.3)
        elif not concedes:
            yield sign


def _sides(keys: Sequence[str], readings: Sequence[Reading]) -> dict[str, list[Reading]]:
    """Return by speaker the claims that show a side of the target, past ones left out."""
    sides: dict[str, list[Reading]] = {}
    for key, reading in zip(keys, readings, strict=True):
        if key and abs(lean(reading.signs)) >= LEANING and not _is_past(reading):
            sides.setdefault(key, []).append(reading)
    return sides


def _is_past(reading: Reading) -> bool:
    """Tell whether a claim was made at another time: `had earlier said`, `once called`."""
    cue = reading.frame.cue
    if cue is None:
        return False
    past = stance_lexicon().lists["past"]
    for below in cue.head.children:
        if below.lower_ in past or (below.dep_ == "aux" and below.lower_ == "had"):
            return True
    return False


def _by_relation(reading: Reading) -> Iterator[Sign]:
    """Yield the sign of who speaks."""
    relation = reading.relation
    frame = reading.frame
    if relation.rival:
        weight = RIVAL_ON_TARGET if reading.mentions else RIVAL_SPEAKS
        if not reading.mentions and reading.judged < 0:
            weight += 0.1
        yield Sign("oppose", weight * min(1.0, abs(relation.weight) + 0.2), relation.why)
    elif relation.weight > 0:
        cues = stance_lexicon().cues
        name = frame.cue.name if frame.cue is not None else ""
        if name in cues["concession"]:
            return
        if relation.ally and name in cues["pledge"]:
            yield Sign("support", ALLY_PLEDGES, f"{relation.why} and stands by it: “{name}”")
        else:
            yield Sign("support", _weight_of_ally(reading), relation.why)


def _weight_of_ally(reading: Reading) -> float:
    """Return what it weighs that an ally says it: much where the target is spoken of or something
    is argued, little for plain facts.
    """
    if _is_factual(reading):
        return ALLY_FACTS
    if reading.mentions or (reading.judged and reading.relation.personal):
        return ALLY_SPEAKS
    return ALLY_OTHERWISE


def _by_others(reading: Reading, sided: Sequence[Reading]) -> Iterator[Sign]:
    """Yield the sign of what the same speaker says of the target elsewhere."""
    cue = reading.frame.cue
    if cue is not None and cue.name in stance_lexicon().cues["concession"]:
        return
    leans = [lean(other.signs) for other in sided if other is not reading]
    if not leans or (_is_factual(reading) and not reading.quoted):
        return
    if min(leans) < 0 < max(leans):
        return
    strongest = max(leans, key=abs)
    own = lean(reading.signs)
    if abs(own) >= LEAD and own * strongest < 0:
        # What the claim itself says goes first.
        return
    weight = OTHER_CLAIMS * abs(strongest)
    if not reading.mentions:
        weight *= 0.8
    value = "support" if strongest > 0 else "oppose"
    yield Sign(value, weight, "goes on with what the speaker says elsewhere", False)


def _is_factual(reading: Reading) -> bool:
    """Tell whether a claim tells of figures, dates or procedure without a word that judges."""
    lexicon = stance_lexicon()
    if reading.judged:
        return False
    for token in reading.tokens:
        if token.like_num or token.lower_ in lexicon.lists["measures"]:
            return True
    return _procedure(reading.tokens)


def _procedure(tokens: Sequence[Token]) -> bool:
    """Tell whether somebody will take a step of procedure: `will publish its report`."""
    steps = stance_lexicon().lists["procedure"]
    for token in tokens:
        if token.pos_ == "VERB" and lemma_of(token) in steps:
            for below in token.children:
                if below.dep_ == "aux" and below.lower_ in ("will", "would", "'ll"):
                    return True
    return False


def _tone(reading: Reading, signs: Sequence[Sign]) -> Iterator[Sign]:
    """Yield the weak sign of bad words in a claim that speaks of the target without a tie between
    the two that the parse shows.
    """
    if not reading.mentions or reading.judged >= 0 or reading.relation.weight > 0:
        return
    by_value = scores(signs)
    if not by_value.get("support") and by_value.get("oppose", 0.0) < LEAD:
        yield Sign("oppose", BAD_WORDS, "bad words where the target is spoken of", False)


def _plain(reading: Reading, signs: Sequence[Sign]) -> Iterator[Sign]:
    """Yield the sign of a plain report that takes no side: figures, dates or procedure, or a
    topic other than the target.
    """
    cue = reading.frame.cue
    if cue is None or reading.relation.rival or abs(lean(signs)) > 0.25:
        return
    cues = stance_lexicon().cues
    topic = cue.frame in ("object", "noun") and cue.name in cues["topic"]
    if topic and not reading.mentions and not reading.judged:
        yield Sign("neutral", PLAIN, f"only speaks of something else: “{cue.head.text}”")
    direct = reading.quoted and reading.frame.kind == "direct"
    if cue.name in cues["plain"] and not direct and _is_factual(reading):
        yield Sign("neutral", FIGURES, "reports a date, a figure or a procedure in plain words")


def _decide(signs: Sequence[Sign]) -> Stance:
    """Return the value that leads by enough, with its reasons, the surest first."""
    by_value = scores(signs)
    best = max(by_value, key=lambda value: by_value[value], default="")
    if not best:
        return NO_STANCE
    against = max((by_value[value] for value in by_value if value != best), default=0.0)
    lead = by_value[best] - against
    if lead < LEAD:
        return NO_STANCE
    told = sorted((s for s in signs if s.value == best), key=lambda sign: -sign.weight)
    why = "; ".join(dict.fromkeys(sign.why for sign in told))
    return Stance(best, why)

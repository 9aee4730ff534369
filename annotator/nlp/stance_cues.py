"""Read the stance that a cue itself shows, and what it names as the target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spacy.tokens import Token

from .cues import Cue, lemma_of
from .frames import Frame
from .stance_lexicon import stance_lexicon
from .stance_signs import OPPOSITE, Sign
from .targets import is_head, mentioned
from .tree import child

# Weights of signs, set by hand and checked on half of the seeds: what a cue says of its object,
# what it says of a clause, what is held against somebody by hearsay, and a demand for something
# else than the target.
CUE = 0.8
MILD_CUE = 0.5
HEARSAY = 0.6
OTHERWISE = 0.4

TARGETED = frozenset({"object", "as", "small-clause"})
SURE_FRAMES = ("passive", "small-clause", "as")
ABOUT = frozenset({"about", "over", "at", "for", "with", "in"})
STOPPED_BY = ("of", "on", "to", "in", "into", "from")
FEELING = frozenset(
    {"express", "voice", "have", "show", "share", "raise", "declare", "state", "feel"}
)
LONGEST_TARGET = 80


@dataclass(frozen=True, slots=True)
class CueReading:
    """What a cue shows: its signs, and the words of its target where it names one."""

    signs: list[Sign]
    target: str = ""


@dataclass(frozen=True, slots=True)
class _Act:
    """A cue as the rules see it: its words in quotation marks, and the object that it has."""

    cue: Cue
    frame: Frame
    words: str
    thing: Token | None
    target: str
    targets: Sequence[str]

    @property
    def object_lemma(self) -> str:
        return lemma_of(self.thing) if self.thing is not None else ""

    def is_in(self, *groups: str) -> bool:
        """Tell whether the lexicon has the cue in one of these groups."""
        known = stance_lexicon().cues
        return any(self.cue.name in known[group] for group in groups)

    def stop(self) -> Token | None:
        """Return what shall end or is welcome to: `a ban`, `the resignation`, `to scrap`.

        None when that is the target: who calls for the target `ban on sampling` supports it.
        """
        stops = stance_lexicon().lists["stops"]
        for head in self.cue.content:
            if lemma_of(head) in stops:
                return None if is_head(head.lower_, self.targets) else head
        return None


def cue_reading(cue: Cue, frame: Frame, targets: Sequence[str]) -> CueReading:
    """Return the signs that a cue gives, and what it names as the target."""
    thing = cue.content[0] if cue.content and cue.frame in TARGETED else None
    target = _words_of(thing) if thing is not None else ""
    act = _Act(cue, frame, f"“{cue.head.text}”", thing, target, targets)
    for rule in (
        _feeling,
        _hearsay,
        _denial,
        _demand,
        _defence,
        _naming,
        _echo,
        _side,
        _tone,
    ):
        reading = rule(act)
        if reading is not None:
            return reading
    return CueReading([])


def _feeling(act: _Act) -> CueReading | None:
    """Read `voiced doubts about X`, `has no sympathy for X`."""
    thing = act.thing
    if thing is None or lemma_of(act.cue.head) not in FEELING:
        return None
    side = stance_lexicon().objects.get(thing.lower_, "")
    if not side:
        return None
    about = _object_after(thing, [*thing.subtree, *act.cue.head.rights])
    value = OPPOSITE[side] if act.cue.negated else side
    sign = Sign(value, CUE, f"{act.words} {thing.text}")
    return CueReading([sign], _words_of(about) if about is not None else "")


def _hearsay(act: _Act) -> CueReading | None:
    """Read `is accused of X`, said by nobody."""
    if not act.cue.passive or act.frame.speaker is not None or not act.is_in("hearsay"):
        return None
    why = f"held against somebody by hearsay: {act.words}"
    return CueReading([Sign("oppose", HEARSAY, why)])


def _denial(act: _Act) -> CueReading | None:
    """Read `denied that X`, which defends the speaker, and `did not deny`, which leaves it open."""
    if act.is_in("denial"):
        if act.cue.negated:
            return CueReading([Sign("mixed", CUE, f"does not deny: {act.words}")])
        return CueReading([_held_against(act)])
    if act.cue.negated and act.is_in("dispute"):
        return CueReading([Sign("mixed", CUE, f"does not dispute: {act.words}")])
    return None


def _demand(act: _Act) -> CueReading | None:
    """Read `called for X`; who calls for the end of X is against X."""
    if not act.is_in("demand") or act.cue.frame == "clause":
        return None
    stop = act.stop()
    if stop is not None:
        return CueReading([Sign("oppose", CUE, f"{act.words} “{stop.text}”")], _stopped(stop))
    if act.targets and not mentioned(_all_words(act.cue.content), act.targets):
        # Who demands something else does not want the target.
        return CueReading([Sign("oppose", OTHERWISE, act.words)], act.target)
    value = "oppose" if act.cue.negated else "support"
    weight = CUE if act.thing is not None else MILD_CUE
    return CueReading([Sign(value, weight, act.words)], act.target)


def _defence(act: _Act) -> CueReading | None:
    """Read `rejected the criticism`."""
    attacked = act.object_lemma in stance_lexicon().lists["attacks"]
    if not attacked or not act.is_in("oppose", "naming"):
        return None
    return CueReading([_held_against(act, f": “{act.object_lemma}”")])


def _naming(act: _Act) -> CueReading | None:
    """Read `called the bridge a disaster`."""
    if act.thing is None or not act.is_in("naming"):
        return None
    return CueReading([Sign("oppose", MILD_CUE, f"{act.words} it a name")], act.target)


def _echo(act: _Act) -> CueReading | None:
    """Read `disputed the claim`: what it says depends on the claim before, so it has no sign."""
    if act.object_lemma not in stance_lexicon().lists["echoes"] or not act.is_in("dispute"):
        return None
    return CueReading([], act.target)


def _side(act: _Act) -> CueReading | None:
    """Read `backed X` and `condemned X`; who welcomes the end of X is against X."""
    for value in ("oppose", "support"):
        if not act.is_in(value):
            continue
        side = OPPOSITE[value] if act.cue.negated else value
        stop = act.stop() if act.cue.frame != "clause" else None
        if stop is not None:
            sign = Sign(OPPOSITE[side], MILD_CUE, f"{act.words} “{stop.text}”")
            return CueReading([sign], _stopped(stop))
        sure = act.thing is not None or act.cue.frame in SURE_FRAMES
        why = f"not {act.words}" if act.cue.negated else act.words
        return CueReading([Sign(side, CUE if sure else MILD_CUE, why)], act.target)
    return None


def _tone(act: _Act) -> CueReading | None:
    """Read `warned that X` and `insisted that X`."""
    for group, value in (("warning", "oppose"), ("insistence", "support")):
        if act.is_in(group):
            return CueReading([Sign(value, MILD_CUE, act.words)])
    return None


def _held_against(act: _Act, what: str = "") -> Sign:
    return Sign("support", CUE, f"{act.words} what is held against the speaker{what}")


def _all_words(heads: Iterable[Token]) -> list[str]:
    words: list[str] = []
    for head in heads:
        words.extend(token.lower_ for token in head.subtree)
    return words


def _object_after(thing: Token, around: Iterable[Token]) -> Token | None:
    """Return what a feeling is about: `doubts about X`."""
    for token in around:
        if token.lower_ in ABOUT and token.dep_ == "prep" and token.i > thing.i:
            return child(token, "pobj")
    return None


def _stopped(stop: Token) -> str:
    """Return what shall stop: `a ban on X`, `the resignation of X`, `to scrap X`."""
    for below in stop.rights:
        if below.dep_ == "dobj":
            return _words_of(below)
        if below.dep_ == "prep" and below.lower_ in STOPPED_BY:
            over = child(below, "pobj")
            return _words_of(over) if over is not None else ""
    return ""


def _words_of(head: Token) -> str:
    """Return the words of a noun phrase, unless it is a pronoun or too long to name anything."""
    if head.pos_ in ("PRON", "VERB", "AUX"):
        return ""
    phrase = head.doc[head.left_edge.i : head.right_edge.i + 1].text
    words = " ".join(phrase.split()).strip(" ,.;:“”\"'")
    return words if len(words) <= LONGEST_TARGET else ""

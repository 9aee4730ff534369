"""Tell who speaks in a conversation: the quotations that no reporting clause gives to anybody.

In a dialogue the speakers take turns, a speaker called upon answers, and who acts beside a
quotation speaks it. (The first two are the sieves of Muzny et al. 2017, "A two-stage sieve approach
for quote attribution", section 4.)
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate

from corpus.core.span import Range

from .frames import Frame
from .names import Names, Reference
from .passages import Passage
from .people import Person
from .speakers import Mention, phrase

OPEN_RULES = ("carried", "alone")
APART = 300
TIGHT = 3
CHAIN = 20
TURNS = 8
SHARE = 0.4
VOCATIVE = re.compile(
    r"(?:^|[,!?—-])\s*((?:[A-Z][\w.’'\-]*\s+){0,2}[A-Z][\w’'\-]+)\s*(?=[,.!?;—]|$)"
)
PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
MARKS = "“”\"'‘’«»`"


@dataclass(slots=True)
class Turn:
    """A quotation in the order of the text, with who is thought to speak it, and why."""

    frame: Frame
    mention: Mention | None
    person: Person | None
    sureness: float
    why: str = ""

    @property
    def start(self) -> int:
        return self.frame.start

    @property
    def end(self) -> int:
        return self.frame.end


def in_turn(passages: list[Passage], found: list[Frame], added: list[Frame]) -> list[Frame]:
    """Return the added frames, with the speakers that the course of the conversation gives them."""
    if not any(f.rule in OPEN_RULES for f in added):
        return added
    known = [f for f in (*found, *added) if f.rule not in OPEN_RULES]
    names = Names(passages, (f.speaker for f in known if f.speaker))
    talk = _Talk(passages, names, (*found, *added))
    if not talk.is_conversation():
        return added
    talk.follow()
    return [talk.spoken(frame) for frame in added]


class _Talk:
    """The quotations of one text, and what is told between them."""

    def __init__(self, passages: list[Passage], names: Names, frames: Iterable[Frame]) -> None:
        self._passages = passages
        self._names = names
        self._text = passages[0].text
        self._places = [r.place for r in names.references]
        self._turns = [
            self._turn(f) for f in sorted(frames, key=lambda f: f.start) if _is_quoted(passages, f)
        ]
        self._inside = _merged(names.quoted)
        self._before = [0, *accumulate(b - a for a, b in self._inside)]
        self._by_person: dict[int, list[Reference]] = {}
        for reference in names.references:
            self._by_person.setdefault(id(reference.person), []).append(reference)
        self._by_frame = {id(t.frame): t for t in self._turns}

    def is_conversation(self) -> bool:
        """Tell whether so many quotations have no reporting clause that people must be talking to
        each other.
        """
        return sum(t.frame.rule in OPEN_RULES for t in self._turns) >= SHARE * len(self._turns)

    def _narrated(self, start: int, end: int) -> int:
        """Return how many characters between two places stand outside quotations."""
        return max(0, end - start - (self._quoted_before(end) - self._quoted_before(start)))

    def _quoted_before(self, place: int) -> int:
        at = bisect_left(self._inside, (place, place))
        over = max(0, self._inside[at - 1][1] - place) if at else 0
        return self._before[at] - over

    def _tight(self, number: int) -> bool:
        """Tell whether nothing stands between a turn and the next."""
        return self._narrated(self._turns[number].end, self._turns[number + 1].start) <= TIGHT

    def follow(self) -> None:
        """Go through the conversation and give each open turn its speaker."""
        for number, turn in enumerate(self._turns):
            if turn.frame.rule in OPEN_RULES:
                self._told(number, turn) or self._taken(number, turn)
        for number in range(len(self._turns) - 2, -1, -1):
            turn = self._turns[number]
            if turn.frame.rule in OPEN_RULES and turn.mention is None:
                self._led_up(number, turn)

    def spoken(self, frame: Frame) -> Frame:
        """Return a frame with the speaker found for it."""
        turn = self._by_frame.get(id(frame))
        if turn is None or turn.mention is None or not turn.why:
            return frame
        mention = replace(turn.mention, sureness=turn.sureness)
        return replace(frame, speakers=(mention,), weight=0.8, rule="turn", why=turn.why)

    def _turn(self, frame: Frame) -> Turn:
        if frame.rule in OPEN_RULES:
            return Turn(frame, None, None, 0)
        person = self._names.person(frame.speaker) if frame.speaker else None
        return Turn(frame, frame.speaker, person, 1)

    def _told(self, number: int, turn: Turn) -> bool:
        """Take whom the narration right beside the quotation shows: `Tommy rose. “Good night.”`"""
        following = (
            self._turns[number + 1].start if number + 1 < len(self._turns) else len(self._text)
        )
        passage = self._passages[turn.frame.passage]
        after = self._subject(turn.end, min(passage.end, following), first=True)
        if after is not None and after.place - turn.end < 40:
            return self._give(turn, after, 0.7, "quotation beside what its speaker does")
        earlier = self._turns[number - 1].end if number else 0
        before = self._subject(max(passage.start, earlier), turn.start, first=False)
        if before is not None and not self._reports(number - 1, before):
            return self._give(turn, before, 0.7, "quotation after what its speaker does")
        return False

    def _taken(self, number: int, turn: Turn) -> bool:
        """Take who answers: who was called upon, who acted just before, or the other of the two who
        talk.
        """
        if number == 0:
            return False
        last = self._turns[number - 1]
        if self._narrated(last.end, turn.start) > APART:
            return False
        between = self._subject(last.end, turn.start, first=False)
        tagged = last.mention is not None and last.mention.start >= last.frame.ranges[0][1]
        if between is not None and not self._reports(number - 1, between):
            return self._give(turn, between, 0.6, "quotation after what its speaker does")
        if tagged and last.frame.rule not in OPEN_RULES and not self._answers(number):
            turn.mention, turn.person, turn.sureness = last.mention, last.person, 0.6
            turn.why = "quotation that goes on after one with a speaker"
            return True
        called = self._called(number - 1)
        if called is not None and called is not last.person and self._point(turn, called):
            return True
        before_last = self._turns[number - 2] if number > 1 else None
        other = None
        if before_last is not None and self._tight(number - 2) and _are_two(before_last, last):
            other = before_last
        other = other or self._other(number, last)
        if other is None or other.mention is None:
            return False
        turn.mention, turn.person, turn.sureness = other.mention, other.person, 0.5
        turn.why = "answer in a conversation of two"
        return True

    def _point(self, turn: Turn, person: Person) -> bool:
        """Let a turn point to the nearest mention of a person, an earlier one if there is any."""
        own = self._by_person.get(id(person), [])
        at = bisect_left(own, turn.start, key=lambda r: r.place)
        if not own:
            return False
        return self._give(turn, own[at - 1 if at else 0], 0.6, "answer of somebody called by name")

    def _led_up(self, number: int, turn: Turn) -> None:
        """Take who does not speak next, where the conversation starts with nobody named."""
        following = self._turns[number + 1]
        if following.mention is None or self._narrated(turn.end, following.start) > APART:
            return
        after = self._turns[number + 2] if number + 2 < len(self._turns) else None
        other = None
        if (
            after is not None
            and after.mention
            and self._tight(number + 1)
            and after.person is not following.person
        ):
            other = after
        other = other or self._other(number + 1, following)
        if other is not None:
            turn.mention, turn.person, turn.sureness = other.mention, other.person, 0.45
            turn.why = "first word in a conversation of two"

    def _answers(self, number: int) -> bool:
        """Tell whether a quotation answers the one before, and does not go on with it."""
        last, turn = self._turns[number - 1], self._turns[number]
        if turn.frame.passage == last.frame.passage:
            return False
        end = number
        while end + 1 < len(self._turns) and end - number < CHAIN and self._tight(end):
            end += 1
            if self._turns[end].frame.rule not in OPEN_RULES:
                break
        known = self._turns[end].person if self._turns[end].frame.rule not in OPEN_RULES else None
        if known is not None and last.person is not None:
            return (known is last.person) == ((end - number) % 2 == 1)
        called = self._called(number)
        if called is not None and called is last.person:
            return True
        alternating = number > 1 and self._turns[number - 2].person not in (None, last.person)
        if alternating and PARAGRAPH.search(self._text, last.end, turn.start):
            return True
        said = self._text[last.start : last.end].rstrip(MARKS + " ")
        return said.endswith("?")

    def _called(self, number: int) -> Person | None:
        """Return whom a quotation calls by name."""
        turn = self._turns[number]
        said = self._text[turn.start : turn.end].strip(MARKS + " ")
        for match in VOCATIVE.finditer(said):
            person = self._names.find(match[1])
            if person is not None and person.human:
                return person
        return None

    def _near(self, number: int) -> list[Turn]:
        return (
            self._turns[max(0, number - TURNS) : number][::-1]
            + self._turns[number + 1 : number + TURNS]
        )

    def _other(self, number: int, last: Turn) -> Turn | None:
        """Return the nearest turn of somebody else than the speaker of this one."""
        if last.person is None:
            return None
        avoid = (last.person, self._called(number))
        return next(
            (t for t in self._near(number) if t.person is not None and t.person not in avoid), None
        )

    def _subject(self, start: int, end: int, first: bool) -> Reference | None:
        """Return the first or last person whom the narration in a range is about."""
        a, b = bisect_left(self._places, start), bisect_left(self._places, end)
        inside = self._names.references[a:b]
        for reference in inside if first else reversed(inside):
            if reference.subject and reference.person.human:
                return reference
        return None

    def _reports(self, number: int, reference: Reference) -> bool:
        """Tell whether a person is named by the reporting clause of a turn."""
        mention = self._turns[number].mention if number >= 0 else None
        return mention is not None and mention.start <= reference.place < mention.end

    def _give(self, turn: Turn, reference: Reference, sureness: float, why: str) -> bool:
        passage = self._passages[reference.passage]
        start, end = phrase(reference.head, passage)
        if start >= end:
            return False
        turn.mention = Mention(start, end, reference.head, sureness)
        turn.person, turn.sureness, turn.why = reference.person, sureness, why
        return True


def _are_two(left: Turn, right: Turn) -> bool:
    """Tell whether two turns are not known to be spoken by the same person."""
    if left.mention is None or left.mention is right.mention:
        return False
    return right.person is None or left.person is not right.person


def _merged(ranges: Iterable[Range]) -> list[Range]:
    found: list[Range] = []
    for start, end in ranges:
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _is_quoted(passages: list[Passage], frame: Frame) -> bool:
    return any(q.start == frame.start for q in passages[frame.passage].quotes)

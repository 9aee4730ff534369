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

# Rules that leave open who speaks.
OPEN_RULES = ("carried", "alone")
# Characters of narration that part two turns, and that do not.
APART = 300
TIGHT = 3
# What an actor does starts so near to the end of the quotation.
BESIDE = 40
# So many turns are searched for one with a speaker, and for one of somebody else.
CHAIN = 20
TURNS = 8
# From this share of open turns on people must be talking to each other.
SHARE = 0.4
VOCATIVE = re.compile(
    r"(?:^|[,!?—-])\s*((?:[A-Z][\w.’'\-]*\s+){0,2}[A-Z][\w’'\-]+)\s*(?=[,.!?;—]|$)"
)
PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
MARKS = "“”\"'‘’«»`"


@dataclass(slots=True)
class Turn:
    """A quotation in the order of the text, with who is thought to speak it, and why.

    `why` is empty where a reporting clause tells.
    """

    frame: Frame
    mention: Mention | None
    person: Person | None
    sureness: float
    why: str = ""

    @property
    def start(self) -> int:
        """Return where the quotation starts."""
        return self.frame.start

    @property
    def end(self) -> int:
        """Return where the quotation ends."""
        return self.frame.end

    @property
    def is_open(self) -> bool:
        """Tell whether no reporting clause says who speaks."""
        return self.frame.rule in OPEN_RULES

    def follow(self, other: Turn, sureness: float, why: str) -> None:
        """Give this turn the speaker of another."""
        self.mention = other.mention
        self.person = other.person
        self.sureness = sureness
        self.why = why


def in_turn(passages: list[Passage], frames: list[Frame], added: list[Frame]) -> list[Frame]:
    """Return the added frames, with the speakers that the course of the conversation gives them."""
    if not any(frame.rule in OPEN_RULES for frame in added):
        return added
    every = [*frames, *added]
    known = [f.speaker for f in every if f.speaker is not None and f.rule not in OPEN_RULES]
    names = Names(passages, known)
    talk = _Talk(passages, names, every)
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
        self._places = [reference.place for reference in names.references]
        self._turns: list[Turn] = []
        for frame in sorted(frames, key=lambda frame: frame.start):
            if _is_quoted(passages, frame):
                self._turns.append(self._turn(frame))
        self._by_frame = {id(turn.frame): turn for turn in self._turns}
        self._by_person: dict[int, list[Reference]] = {}
        for reference in names.references:
            self._by_person.setdefault(id(reference.person), []).append(reference)
        # The quoted ranges, and how many characters of them stand before each.
        self._inside = _merged(names.quoted)
        self._before = [0, *accumulate(end - start for start, end in self._inside)]

    def is_conversation(self) -> bool:
        """Tell whether so many quotations have no reporting clause that people must be talking to
        each other.
        """
        return sum(turn.is_open for turn in self._turns) >= SHARE * len(self._turns)

    def _narrated(self, start: int, end: int) -> int:
        """Return how many characters between two places stand outside quotations."""
        return max(0, end - start - (self._quoted_before(end) - self._quoted_before(start)))

    def _quoted_before(self, place: int) -> int:
        """Return how many characters before a place are quoted."""
        at = bisect_left(self._inside, (place, place))
        over = max(0, self._inside[at - 1][1] - place) if at else 0
        return self._before[at] - over

    def _tight(self, number: int) -> bool:
        """Tell whether nothing stands between a turn and the next."""
        return self._narrated(self._turns[number].end, self._turns[number + 1].start) <= TIGHT

    def follow(self) -> None:
        """Go through the conversation and give each open turn its speaker."""
        for number, turn in enumerate(self._turns):
            if turn.is_open and not self._narrated_speaker(number, turn):
                self._answering_speaker(number, turn)
        for number in range(len(self._turns) - 2, -1, -1):
            turn = self._turns[number]
            if turn.is_open and turn.mention is None:
                self._speaker_before(number, turn)

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

    def _narrated_speaker(self, number: int, turn: Turn) -> bool:
        """Take whom the narration right beside the quotation shows: `Tommy rose. “Good night.”`"""
        passage = self._passages[turn.frame.passage]
        last = number + 1 == len(self._turns)
        following = len(self._text) if last else self._turns[number + 1].start
        after = self._subject(turn.end, min(passage.end, following), first=True)
        # What follows a quotation that nothing closes is another's.
        closed = passage.quotes_in(turn.start, turn.end)[-1].closed
        if closed and after is not None and after.place - turn.end < BESIDE:
            return self._give(turn, after, 0.7, "quotation beside what its speaker does")
        earlier = self._turns[number - 1].end if number else 0
        before = self._subject(max(passage.start, earlier), turn.start, first=False)
        if before is not None and not self._reports(number - 1, before):
            return self._give(turn, before, 0.7, "quotation after what its speaker does")
        return False

    def _answering_speaker(self, number: int, turn: Turn) -> None:
        """Take who answers: who was called upon, who acted just before, or the other of the two who
        talk.
        """
        if number == 0:
            return
        last = self._turns[number - 1]
        if self._narrated(last.end, turn.start) > APART:
            return
        between = self._subject(last.end, turn.start, first=False)
        if between is not None and not self._reports(number - 1, between):
            self._give(turn, between, 0.6, "quotation after what its speaker does")
        elif _has_clause_behind(last) and not self._answers(number):
            turn.follow(last, 0.6, "quotation that goes on after one with a speaker")
        elif not self._called_speaker(number, turn, last):
            other = self._turn_before_last(number, last) or self._other(number, last)
            if other is not None and other.mention is not None:
                turn.follow(other, 0.5, "answer in a conversation of two")

    def _called_speaker(self, number: int, turn: Turn, last: Turn) -> bool:
        """Take whom the turn before calls by name, at the nearest mention, if possible before."""
        called = self._called(number - 1)
        if called is None or called is last.person:
            return False
        mentions = self._by_person.get(id(called), [])
        if not mentions:
            return False
        at = bisect_left(mentions, turn.start, key=lambda reference: reference.place)
        nearest = mentions[at - 1 if at else 0]
        return self._give(turn, nearest, 0.6, "answer of somebody called by name")

    def _turn_before_last(self, number: int, last: Turn) -> Turn | None:
        """Return the turn before the last one where nothing stands between and two are talking."""
        if number < 2 or not self._tight(number - 2):
            return None
        before_last = self._turns[number - 2]
        return before_last if _are_two(before_last, last) else None

    def _speaker_before(self, number: int, turn: Turn) -> None:
        """Take who does not speak next, where the conversation starts with nobody named."""
        following = self._turns[number + 1]
        if following.mention is None or self._narrated(turn.end, following.start) > APART:
            return
        other = None
        if number + 2 < len(self._turns) and self._tight(number + 1):
            after = self._turns[number + 2]
            if after.mention is not None and after.person is not following.person:
                other = after
        other = other or self._other(number + 1, following)
        if other is not None:
            turn.follow(other, 0.45, "first word in a conversation of two")

    def _answers(self, number: int) -> bool:
        """Tell whether a quotation answers the one before, and does not go on with it."""
        last = self._turns[number - 1]
        turn = self._turns[number]
        if turn.frame.passage == last.frame.passage:
            return False
        # In a chain of turns the speakers alternate, back from the next one that is known.
        end = self._end_of_chain(number)
        known = None if self._turns[end].is_open else self._turns[end].person
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

    def _end_of_chain(self, number: int) -> int:
        """Return the last of the turns from this one on with nothing between them, up to the first
        with a known speaker.
        """
        end = number
        while end + 1 < len(self._turns) and end - number < CHAIN and self._tight(end):
            end += 1
            if not self._turns[end].is_open:
                break
        return end

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
        """Return the turns around one, those before it first, the nearest first."""
        before = self._turns[max(0, number - TURNS) : number]
        return before[::-1] + self._turns[number + 1 : number + TURNS]

    def _other(self, number: int, last: Turn) -> Turn | None:
        """Return the nearest turn of somebody else than the speaker of this one."""
        if last.person is None:
            return None
        avoid = (last.person, self._called(number))
        for turn in self._near(number):
            if turn.person is not None and turn.person not in avoid:
                return turn
        return None

    def _subject(self, start: int, end: int, first: bool) -> Reference | None:
        """Return the first or last person whom the narration in a range is about."""
        first_at = bisect_left(self._places, start)
        inside = self._names.references[first_at : bisect_left(self._places, end)]
        for reference in inside if first else reversed(inside):
            if reference.subject and reference.person.human:
                return reference
        return None

    def _reports(self, number: int, reference: Reference) -> bool:
        """Tell whether a person is named by the reporting clause of a turn."""
        mention = self._turns[number].mention if number >= 0 else None
        return mention is not None and mention.start <= reference.place < mention.end

    def _give(self, turn: Turn, reference: Reference, sureness: float, why: str) -> bool:
        """Give a turn the speaker that a reference means; tell whether that can be marked."""
        passage = self._passages[reference.passage]
        start, end = phrase(reference.head, passage)
        if start >= end:
            return False
        turn.mention = Mention(start, end, reference.head, sureness)
        turn.person = reference.person
        turn.sureness = sureness
        turn.why = why
        return True


def _has_clause_behind(turn: Turn) -> bool:
    """Tell whether a reporting clause names the speaker of a turn behind its first words."""
    if turn.is_open or turn.mention is None:
        return False
    return turn.mention.start >= turn.frame.ranges[0][1]


def _are_two(left: Turn, right: Turn) -> bool:
    """Tell whether two turns are not known to be spoken by the same person."""
    if left.mention is None or left.mention is right.mention:
        return False
    return right.person is None or left.person is not right.person


def _merged(ranges: Iterable[Range]) -> list[Range]:
    """Return sorted ranges, those that meet as one."""
    merged: list[Range] = []
    for start, end in ranges:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _is_quoted(passages: list[Passage], frame: Frame) -> bool:
    """Tell whether a claim starts with a quotation."""
    return any(quote.start == frame.start for quote in passages[frame.passage].quotes)

"""Name the speakers: the fullest name of a person for a surname, a pronoun, a title or an acronym.

A small resolver of our own. It walks through the text once, remembers who was spoken of last, never
looks into quotations for that, and leaves a mention without a name when in doubt.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from spacy.tokens import Token

from corpus.core.span import Range

from .cues import SUBJECTS
from .descriptions import (
    description,
    differs,
    full_noun,
    holds_office,
    is_bare,
    is_definite,
    mention_text,
    shortened,
    titles_beside,
)
from .passages import Passage
from .people import People, Person, Run, split_titles, words
from .speakers import Mention

PRONOUNS = {
    "he": "m",
    "his": "m",
    "him": "m",
    "himself": "m",
    "she": "f",
    "her": "f",
    "hers": "f",
    "herself": "f",
}
PLURALS = frozenset({"they", "their", "them"})
THING = frozenset({"it", "its"})
OURS = frozenset(
    {
        "i",
        "we",
        "you",
        "my",
        "our",
        "me",
        "us",
        "your",
        "one",
        "those",
        "this",
        "that",
        "these",
        "some",
    }
)
MARK = re.compile('[“”"]')
LINES = 15
REACH = 4
FAR = 1_500
WINDOW = 40
DOUBT = 0.35


@dataclass(frozen=True, slots=True)
class Name:
    """A canonical name, and how sure it is that the mention means it (0..1)."""

    text: str
    sureness: float


@dataclass(frozen=True, slots=True)
class Reference:
    """A place outside quotations that speaks of somebody; `subject` tells that the clause is about
    him or her.
    """

    passage: int
    sentence: int
    place: int
    head: Token
    person: Person
    subject: bool


class Names:
    """The names of one text, read once, asked for each mention."""

    def __init__(self, passages: list[Passage], mentions: Iterable[Mention]) -> None:
        self._passages = passages
        self._people = People(passages)
        self._named: dict[tuple[int, int], Name] = {}
        self._persons: dict[tuple[int, int], Person] = {}
        self.references: list[Reference] = []
        self._recent: deque[Reference] = deque(maxlen=WINDOW)
        self._by_title: dict[str, Person] = {}
        self._by_noun: dict[str, Person] = {}
        self._described: dict[str, Person] = {}
        self._group: tuple[int, Name] | None = None
        self._sentence = 0
        self._narrator = Person("", True, "?")
        self._quoted = _Quoted(passages)
        wanted: list[dict[int, dict[Range, Mention]]] = [{} for _ in passages]
        numbers = {id(passage.doc): number for number, passage in enumerate(passages)}
        for mention in mentions:
            number = numbers.get(id(mention.head.doc), -1)
            placed = mention
            if number < 0:
                number, placed = _in_whole(mention, passages)
            wanted[number].setdefault(placed.head.i, {})[placed.start, placed.end] = placed
        titled = [
            titles_beside(passage, runs)
            for passage, runs in zip(passages, self._people.runs, strict=True)
        ]
        for number, passage in enumerate(passages):
            self._learn(number, passage, titled[number])
        for number, passage in enumerate(passages):
            self._walk(number, passage, wanted[number], titled[number])

    def of(self, mention: Mention) -> Name | None:
        """Return the canonical name of a mention, none when there is none or too much doubt."""
        return self._named.get((mention.start, mention.end))

    def person(self, mention: Mention) -> Person | None:
        """Return the person that a mention was taken for."""
        return self._persons.get((mention.start, mention.end))

    @property
    def quoted(self) -> list[Range]:
        """Return the quoted ranges of the text, in order."""
        return self._quoted.ranges

    def find(self, name: str) -> Person | None:
        """Return the one person that a name in the text may mean."""
        found = self._people.find(split_titles(name)[1], split_titles(name)[0])
        return found[0][0] if len(found) == 1 else None

    def _learn(self, number: int, passage: Passage, titled: dict[int, list[str]]) -> None:
        """Learn from the whole text who bears which title, and the gender that pronouns near a name
        show.
        """
        alone: Person | None = None
        runs = {r.last: r for r in self._people.runs[number]}
        for sentence in passage.doc.sents:
            first = sentence[0]
            lone = alone
            subjects = []
            for token in sentence:
                if (run := runs.get(token.i)) is not None:
                    found = self._people.find(run.name, run.titles)
                    if len(found) != 1:
                        continue
                    person = found[0][0]
                    for title in (*sorted(run.titles), *titled.get(run.last, ())):
                        self._people.bear(person, title)
                    if token.dep_ in SUBJECTS and person.human:
                        subjects.append(person)
                elif token.lower_ in ("his", "her", "himself", "herself") and len(subjects) == 1:
                    subjects[0].gender = subjects[0].gender or PRONOUNS[token.lower_]
            if lone is not None and first.lower_ in ("he", "she"):
                lone.gender = lone.gender or PRONOUNS[first.lower_]
            alone = subjects[0] if len(subjects) == 1 else None

    def _walk(
        self,
        number: int,
        passage: Passage,
        wanted: dict[int, dict[Range, Mention]],
        titled: dict[int, list[str]],
    ) -> None:
        """Go through a passage and resolve what it says outside quotations, and its mentions
        anywhere.
        """
        runs = {r.last: r for r in self._people.runs[number]}
        for token in passage.doc:
            if token.is_sent_start:
                self._sentence += 1
            place = passage.starts[token.i]
            mentions = wanted.get(token.i, {})
            for mention in mentions.values():
                self._settle(number, passage, mention)
            if self._quoted.covers(place) or (mentions and self._is_last(number, place)):
                continue
            self._pass(number, token, place, runs.get(token.i), titled)

    def _pass(
        self, number: int, token: Token, place: int, run: Run | None, titled: dict[int, list[str]]
    ) -> None:
        """Remember whom a token outside quotations speaks of."""
        if run is not None:
            found = self._one(run.name, run.titles)
            if found is not None:
                for title in titled.get(run.last, ()):
                    self._by_title[title] = found[0]
                if not (token.dep_ in ("compound", "poss", "nmod") and not found[0].human):
                    self._remember(number, token, place, found[0])
        elif token.lower_ == "i" and token.dep_ in SUBJECTS:
            self._remember(number, token, place, self._narrator)
        elif token.lower_ in PRONOUNS:
            answer = self._latest(number, token, place)
            if answer is not None:
                self._remember(number, token, place, answer[0])
        elif token.pos_ == "NOUN" and token.lower_ in words().persons and token.dep_ in SUBJECTS:
            if any(c.dep_ == "appos" and c.pos_ == "PROPN" for c in token.children):
                return
            person = self._by_description(token)
            if person is not None:
                self._remember(number, token, place, person)
        elif (
            token.pos_ in ("NOUN", "PROPN")
            and token.lower_ in self._by_noun
            and token.dep_ in SUBJECTS
            and is_definite(token)
        ):
            self._remember(number, token, place, self._by_noun[token.lower_])

    def _is_last(self, number: int, place: int) -> bool:
        return (
            bool(self._recent)
            and self._recent[-1].passage == number
            and self._recent[-1].place == place
        )

    def _remember(self, number: int, token: Token, place: int, person: Person) -> None:
        subject = token.dep_ in SUBJECTS or (token.dep_ == "conj" and token.head.dep_ in SUBJECTS)
        reference = Reference(number, self._sentence, place, token, person, subject)
        self._recent.append(reference)
        self.references.append(reference)
        for title in person.titles:
            self._by_title[title] = person
        if not person.human:
            lexicon = words()
            parts = {w.casefold() for w in person.name.split()}
            self._by_noun.update(dict.fromkeys((w for w in parts if w in lexicon.bodies), person))
            for noun, signs in lexicon.kinds.items():
                if parts & signs:
                    self._by_noun[noun] = person

    def _settle(self, number: int, passage: Passage, mention: Mention) -> None:
        """Resolve a mention of a speaker."""
        name, person = self._resolve(number, passage, mention)
        if person is not None:
            self._persons[mention.start, mention.end] = person
            self._remember(number, mention.head, passage.starts[mention.head.i], person)
        if name is None or not name.text or name.sureness < DOUBT:
            return
        self._named[mention.start, mention.end] = name
        if person is None or not person.human:
            self._group = (number, name)

    def _resolve(
        self, number: int, passage: Passage, mention: Mention
    ) -> tuple[Name | None, Person | None]:
        head = mention.antecedent or mention.head
        word = head.lower_
        if word in OURS:
            return None, self._narrator if word in ("i", "my", "me") else None
        if word in PRONOUNS or word in THING:
            answer = self._latest(number, head, mention.start)
            return (Name(answer[0].name, answer[1]), answer[0]) if answer else (None, None)
        if word in PLURALS:
            near = self._group is not None and number - self._group[0] <= REACH
            return (Name(self._group[1].text, 0.6), None) if near and self._group else (None, None)
        others = [c for c in head.conjuncts if c.i > head.i and passage.starts[c.i] < mention.end]
        found = self._named_in(number, passage, mention, head)
        if others and any(c.dep_ == "cc" for token in (head, *others) for c in token.children):
            return self._together(number, passage, mention, head, others, found)
        if found is not None:
            return Name(found[0].name, found[1]), found[0]
        if head.lower_ in words().spokes:
            body = self._spoken_for(number, passage, mention, head)
            if body is not None:
                return Name(body.name, 0.75), body
        described = self._by_description(head) if head.pos_ in ("NOUN", "PROPN") else None
        if described is not None and (described.human or is_definite(head)):
            known = described.name != shortened(mention_text(passage, mention))
            return Name(described.name, 0.7 if known else 0.8), described
        noun = self._by_noun.get(word)
        if noun is not None and is_definite(head) and is_bare(head):
            return Name(noun.name, 0.7), noun
        return Name(description(mention_text(passage, mention), head), 0.8), None

    def _named_in(
        self, number: int, passage: Passage, mention: Mention, head: Token
    ) -> tuple[Person, float] | None:
        """Return whom a phrase names: by its head, by its apposition, or by the name after a title."""
        runs = [
            r
            for r in self._people.runs[number]
            if mention.start <= passage.starts[r.last] < mention.end
        ]
        of_head = next((r for r in runs if r.first <= head.i <= r.last), None)
        beside = [c.i for c in head.children if c.dep_ in ("appos", "flat")]
        last = runs[-1] if runs else None
        titled = head.pos_ == "PROPN" or (last is not None and holds_office(head, last))
        apposed = next((r for r in runs if any(r.first <= n <= r.last for n in beside)), None)
        ends = (
            last if last is not None and passage.ends[last.last] == mention.end and titled else None
        )
        for run in (of_head, apposed, ends):
            if run is None or (
                run is of_head and run.last != head.i and passage.doc[run.last].dep_ == "compound"
            ):
                continue
            found = self._one(run.name, run.titles)
            if found is None:
                continue
            if run is of_head and ends is not None and not found[0].human and ends is not of_head:
                later = self._one(ends.name, ends.titles)
                if later is not None and later[0].human:
                    return later
            if run is of_head or run is not ends or found[0].human:
                return found
        return (
            self._one(head.text)
            if of_head is None and head.text[:1].isupper() and head.pos_ != "PRON"
            else None
        )

    def _one(self, name: str, titles: Iterable[str] = ()) -> tuple[Person, float] | None:
        """Return who bears a name; of several, the one spoken of last."""
        found = self._people.find(name, titles)
        if len(found) < 2:
            return found[0] if found else None
        able = {id(p): (p, s) for p, s in found}
        return next(
            (able[id(r.person)] for r in reversed(self._recent) if id(r.person) in able), found[0]
        )

    def _together(
        self,
        number: int,
        passage: Passage,
        mention: Mention,
        head: Token,
        others: list[Token],
        found: tuple[Person, float] | None,
    ) -> tuple[Name | None, Person | None]:
        """Return the names of several who speak together, each as full as the text has it."""
        first = found or self._meant(head)
        if first is None:
            return Name(description(mention_text(passage, mention), head), 0.7), None
        named = [first]
        for other in others:
            run = next((r for r in self._people.runs[number] if r.first <= other.i <= r.last), None)
            one = self._one(run.name, run.titles) if run is not None else self._meant(other)
            if one is None:
                return Name(description(mention_text(passage, mention), head), 0.7), None
            named.append(one)
        parts = [person.name for person, _ in named]
        text = ", ".join(parts[:-1]) + " and " + parts[-1]
        return Name(text, min(sureness for _, sureness in named) * 0.9), None

    def _meant(self, noun: Token) -> tuple[Person, float] | None:
        """Return whom a definite noun stands for, if the text names that person."""
        person = self._by_title.get(noun.lower_) if is_definite(noun) else None
        return (person, 0.7) if person is not None else None

    def _spoken_for(
        self, number: int, passage: Passage, mention: Mention, head: Token
    ) -> Person | None:
        """Return the body that somebody without a name speaks for: `a spokeswoman of Dockside`."""
        for run in self._people.runs[number]:
            if mention.start <= passage.starts[run.last] < mention.end:
                found = self._one(run.name, run.titles)
                if found is None:
                    return self._people.meet(run.name, human=False)
                return None if found[0].human else found[0]
        inside = (
            c
            for c in head.subtree
            if c.i != head.i and mention.start <= passage.starts[c.i] < mention.end
        )
        return next((self._by_noun[c.lower_] for c in inside if c.lower_ in self._by_noun), None)

    def _by_description(self, head: Token) -> Person | None:
        """Return whom a noun such as `the minister` or `the old man` means."""
        noun, full = head.lower_, full_noun(head)
        if noun not in words().persons and noun not in self._by_title:
            return None
        owned = any(c.dep_ == "poss" for c in head.children)
        bare = is_bare(head) or full in self._by_title
        if (
            is_definite(head)
            or (owned and bare)
            or (head.left_edge == head and head.tag_ in ("NN", "NNP"))
        ):
            person = self._by_title.get(full) if bare and not owned else None
            if (
                person is None
                and bare
                and not owned
                and len(self._people.by_title.get(full, ())) == 1
            ):
                person = self._people.by_title[full][0]
            if person is not None and person.human:
                return person
            if (known := self._described.get(noun)) is not None and not differs(known, head):
                return known
        text = head.doc[head.left_edge.i : head.right_edge.i + 1].text
        person = Person(description(text, head), True, words().nouns.get(noun, ""))
        self._described[noun] = person
        return person

    def _latest(self, number: int, token: Token, before: int) -> tuple[Person, float] | None:
        """Return the earlier person that a pronoun most likely means, with how sure that is."""
        wanted = PRONOUNS.get(token.lower_, "")
        human = bool(wanted)
        scores: dict[int, tuple[float, Person]] = {}
        for reference in reversed(self._recent):
            person = reference.person
            if number - reference.passage > REACH and before - reference.place > FAR:
                break
            if (
                reference.place >= before
                or person.human != human
                or (person.gender and person.gender != wanted)
            ):
                continue
            score = 2.0 * reference.subject - (self._sentence - reference.sentence)
            score -= 1.5 if human and not person.gender else 0
            score += 1.0 if not human or person.name[:1].isupper() else 0
            if id(person) not in scores or scores[id(person)][0] < score:
                scores[id(person)] = score, person
        if not scores:
            return None
        ranked = sorted(scores.values(), key=lambda s: -s[0])
        best, person = ranked[0]
        clear = len(ranked) == 1 or best - ranked[1][0] >= 1
        if human and not person.gender and clear:
            person.gender = wanted
        return person, (0.8 if clear else 0.6) if human else 0.6


def _in_whole(mention: Mention, passages: list[Passage]) -> tuple[int, Mention]:
    """Return the number of the passage around a mention that was found within a quotation, and the
    mention as its.
    """
    number = bisect_right(passages, mention.start, key=lambda p: p.start) - 1
    tokens = passages[number].tokens_in(mention.start, mention.end)
    return number, replace(mention, head=passages[number].doc[tokens.start : tokens.stop].root)


class _Quoted:
    """The quoted parts of a text, asked from left to right; with the lines that a quotation left
    open runs on over.
    """

    def __init__(self, passages: list[Passage]) -> None:
        self.ranges: list[Range] = []
        open_at: int | None = None
        for number, passage in enumerate(passages):
            marks = [m.group() for m in MARK.finditer(passage.text, passage.start, passage.end)]
            if open_at is not None and marks:
                closes = marks[0] == "”" or (marks[0] == '"' and len(marks) % 2 == 1)
                if closes and number - open_at <= LINES:
                    found = MARK.search(passage.text, passage.start, passage.end)
                    end = found.end() if found else passage.end
                    self.ranges.append((passages[open_at].end, end))
                    marks = marks[1:]
                    open_at = None
            self.ranges += [(q.start, q.end) for q in passage.quotes]
            if marks:
                left_open = len(marks) % 2 == 1 if marks[0] == '"' else marks[-1] == "“"
                open_at = number if left_open else None
        self.ranges.sort()
        self._at = 0
        self._reached = 0

    def covers(self, place: int) -> bool:
        """Tell whether a place, not before the last one asked for, is quoted."""
        while self._at < len(self.ranges) and self.ranges[self._at][0] <= place:
            self._reached = max(self._reached, self.ranges[self._at][1])
            self._at += 1
        return place < self._reached

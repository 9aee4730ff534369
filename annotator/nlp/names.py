"""Name the speakers: the fullest name of a person for a surname, a pronoun, a title or an acronym.

A small resolver of our own. It walks through the text once, remembers who was spoken of last, never
looks into quotations for that, and leaves a mention without a name when in doubt.
"""

from __future__ import annotations

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
from .name_lexicon import name_lexicon, split_titles
from .passages import Passage
from .people import People, Person, Run
from .quoted_text import QuotedText
from .speakers import Mention
from .tree import has_child

PRONOUNS = {
    **dict.fromkeys(("he", "his", "him", "himself"), "m"),
    **dict.fromkeys(("she", "her", "hers", "herself"), "f"),
}
PLURALS = frozenset({"they", "their", "them"})
THING = frozenset({"it", "its"})
# Whom these mean, the text around a mention does not tell.
OURS = frozenset(
    {
        *("i", "we", "you", "my", "our", "me", "us", "your"),
        *("one", "those", "this", "that", "these", "some"),
    }
)
NOMINAL = ("NOUN", "PROPN")
# A pronoun reaches back over so many paragraphs or characters, whichever is more, and over so many
# references.
REACH = 4
FAR = 1_500
WINDOW = 40
DOUBT = 0.35

# Whom a phrase may mean, and how sure that is.
Guess = tuple[Person, float]


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
    """The names of one text, read once, for each mention."""

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
        self._quoted = QuotedText(passages)
        wanted = _by_head(mentions, passages)
        titled = []
        for number, passage in enumerate(passages):
            titles = titles_beside(passage, self._people.runs[number])
            self._learn(number, passage, titles)
            titled.append(titles)
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
        titles, bare = split_titles(name)
        guesses = self._people.find(bare, titles)
        return guesses[0][0] if len(guesses) == 1 else None

    def _learn(self, number: int, passage: Passage, titled: dict[int, list[str]]) -> None:
        """Learn from the whole text who bears which title, and the gender that pronouns near a name
        show.
        """
        runs = {run.last: run for run in self._people.runs[number]}
        # The one person whom the sentence before is about, and `he` at the start of this one means.
        alone: Person | None = None
        for sentence in passage.doc.sents:
            subjects: list[Person] = []
            for token in sentence:
                run = runs.get(token.i)
                if run is not None:
                    person = self._bearer(run, titled)
                    if person is not None and person.human and token.dep_ in SUBJECTS:
                        subjects.append(person)
                elif token.lower_ in ("his", "her", "himself", "herself") and len(subjects) == 1:
                    subjects[0].gender = subjects[0].gender or PRONOUNS[token.lower_]
            first = sentence[0].lower_
            if alone is not None and first in ("he", "she"):
                alone.gender = alone.gender or PRONOUNS[first]
            alone = subjects[0] if len(subjects) == 1 else None

    def _bearer(self, run: Run, titled: dict[int, list[str]]) -> Person | None:
        """Return the one person of a name, who from now on bears the titles that stand with it."""
        guesses = self._people.find(run.name, run.titles)
        if len(guesses) != 1:
            return None
        person = guesses[0][0]
        for title in (*sorted(run.titles), *titled.get(run.last, ())):
            self._people.bear(person, title)
        return person

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
        runs = {run.last: run for run in self._people.runs[number]}
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
        person = None
        if run is not None:
            person = self._passed_name(token, run, titled)
        elif token.lower_ == "i" and token.dep_ in SUBJECTS:
            person = self._narrator
        elif token.lower_ in PRONOUNS:
            guess = self._latest(number, token, place)
            person = guess[0] if guess is not None else None
        elif token.pos_ in NOMINAL and token.dep_ in SUBJECTS:
            person = self._passed_noun(token)
        if person is not None:
            self._remember(number, token, place, person)

    def _passed_name(self, token: Token, run: Run, titled: dict[int, list[str]]) -> Person | None:
        """Return who is spoken of by name; a body that only describes another noun is not."""
        guess = self._one(run.name, run.titles)
        if guess is None:
            return None
        person = guess[0]
        for title in titled.get(run.last, ()):
            self._by_title[title] = person
        if token.dep_ in ("compound", "poss", "nmod") and not person.human:
            return None
        return person

    def _passed_noun(self, noun: Token) -> Person | None:
        """Return who is spoken of by a noun: `the minister`, `the party`."""
        if noun.pos_ == "NOUN" and noun.lower_ in name_lexicon().persons:
            # A name beside it is passed on its own.
            if any(c.dep_ == "appos" and c.pos_ == "PROPN" for c in noun.children):
                return None
            return self._by_description(noun)
        return self._by_noun.get(noun.lower_) if is_definite(noun) else None

    def _is_last(self, number: int, place: int) -> bool:
        """Tell whether the last reference stands in this place."""
        if not self._recent:
            return False
        last = self._recent[-1]
        return last.passage == number and last.place == place

    def _remember(self, number: int, token: Token, place: int, person: Person) -> None:
        subject = token.dep_ in SUBJECTS or (token.dep_ == "conj" and token.head.dep_ in SUBJECTS)
        reference = Reference(number, self._sentence, place, token, person, subject)
        self._recent.append(reference)
        self.references.append(reference)
        for title in person.titles:
            self._by_title[title] = person
        if not person.human:
            # `the ministry` and `the company` from now on mean this one.
            name = set(person.name.casefold().split())
            for noun in name & name_lexicon().bodies:
                self._by_noun[noun] = person
            for noun, signs in name_lexicon().kinds.items():
                if name & signs:
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
        """Return the name and the person of a mention, as far as they are known."""
        head = mention.antecedent or mention.head
        word = head.lower_
        if word in OURS:
            return None, self._narrator if word in ("i", "my", "me") else None
        if word in PRONOUNS or word in THING:
            guess = self._latest(number, head, mention.start)
            return _named(guess) if guess is not None else (None, None)
        if word in PLURALS:
            return self._latest_group(number), None
        others = [c for c in head.conjuncts if c.i > head.i and passage.starts[c.i] < mention.end]
        guess = self._named_in(number, passage, mention, head)
        if others and any(has_child(token, "cc") for token in (head, *others)):
            return self._together(number, passage, mention, head, others, guess)
        if guess is not None:
            return _named(guess)
        return self._unnamed(number, passage, mention, head)

    def _latest_group(self, number: int) -> Name | None:
        """Return the name that `they` most likely means."""
        if self._group is None or number - self._group[0] > REACH:
            return None
        return Name(self._group[1].text, 0.6)

    def _unnamed(
        self, number: int, passage: Passage, mention: Mention, head: Token
    ) -> tuple[Name, Person | None]:
        """Return the name of a mention without one: of whom its noun means, else its own words."""
        text = mention_text(passage, mention)
        if head.lower_ in name_lexicon().spokes:
            body = self._spoken_for(number, passage, mention, head)
            if body is not None:
                return Name(body.name, 0.75), body
        described = self._by_description(head) if head.pos_ in NOMINAL else None
        if described is not None and (described.human or is_definite(head)):
            known = described.name != shortened(text)
            return Name(described.name, 0.7 if known else 0.8), described
        body = self._by_noun.get(head.lower_)
        if body is not None and is_definite(head) and is_bare(head):
            return Name(body.name, 0.7), body
        return Name(description(text, head), 0.8), None

    def _named_in(
        self, number: int, passage: Passage, mention: Mention, head: Token
    ) -> Guess | None:
        """Return whom a phrase names: by its head, its apposition, or the name after a title."""
        runs = self._runs_in(number, passage, mention)
        of_head = _run_with(runs, [head.i])
        apposed = _run_with(runs, [c.i for c in head.children if c.dep_ in ("appos", "flat")])
        ends = runs[-1] if runs and passage.ends[runs[-1].last] == mention.end else None
        if ends is not None and head.pos_ != "PROPN" and not holds_office(head, ends):
            ends = None
        for run in (of_head, apposed, ends):
            if run is None or (run is of_head and _only_modifies(run, head, passage)):
                continue
            guess = self._one(run.name, run.titles)
            if guess is None:
                continue
            human = guess[0].human
            if run is of_head and not human and ends is not None and ends is not of_head:
                # `Labour leader Anna Lopez`: the name after the body is whom the phrase names.
                later = self._one(ends.name, ends.titles)
                if later is not None and later[0].human:
                    return later
            if human or run is of_head or run is not ends:
                return guess
        if of_head is None and head.text[:1].isupper() and head.pos_ != "PRON":
            return self._one(head.text)
        return None

    def _runs_in(self, number: int, passage: Passage, mention: Mention) -> list[Run]:
        """Return the names that stand in a mention."""
        return [
            run
            for run in self._people.runs[number]
            if mention.start <= passage.starts[run.last] < mention.end
        ]

    def _one(self, name: str, titles: Iterable[str] = ()) -> Guess | None:
        """Return who bears a name; of several, the one spoken of last."""
        guesses = self._people.find(name, titles)
        if len(guesses) < 2:
            return guesses[0] if guesses else None
        by_person = {id(person): (person, sureness) for person, sureness in guesses}
        for reference in reversed(self._recent):
            if id(reference.person) in by_person:
                return by_person[id(reference.person)]
        return guesses[0]

    def _together(
        self,
        number: int,
        passage: Passage,
        mention: Mention,
        head: Token,
        others: list[Token],
        guess: Guess | None,
    ) -> tuple[Name, None]:
        """Return the names of several who speak together, each as full as the text has it."""
        guesses = [guess or self._meant(head)]
        for other in others:
            run = _run_with(self._people.runs[number], [other.i])
            guesses.append(
                self._one(run.name, run.titles) if run is not None else self._meant(other)
            )
        named = [guess for guess in guesses if guess is not None]
        if len(named) < len(guesses):
            return Name(description(mention_text(passage, mention), head), 0.7), None
        *first, last = (person.name for person, _ in named)
        sureness = min(sureness for _, sureness in named) * 0.9
        return Name(f"{', '.join(first)} and {last}", sureness), None

    def _meant(self, noun: Token) -> Guess | None:
        """Return whom a definite noun stands for, if the text names that person."""
        person = self._by_title.get(noun.lower_) if is_definite(noun) else None
        return (person, 0.7) if person is not None else None

    def _spoken_for(
        self, number: int, passage: Passage, mention: Mention, head: Token
    ) -> Person | None:
        """Return the body that somebody without a name speaks for: `a spokeswoman of Dockside`."""
        runs = self._runs_in(number, passage, mention)
        if runs:
            guess = self._one(runs[0].name, runs[0].titles)
            if guess is None:
                return self._people.meet(runs[0].name, human=False)
            return None if guess[0].human else guess[0]
        for token in head.subtree:
            inside = mention.start <= passage.starts[token.i] < mention.end
            if inside and token.i != head.i and token.lower_ in self._by_noun:
                return self._by_noun[token.lower_]
        return None

    def _by_description(self, head: Token) -> Person | None:
        """Return whom a noun such as `the minister` or `the old man` means."""
        noun = head.lower_
        if noun not in name_lexicon().persons and noun not in self._by_title:
            return None
        full = full_noun(head)
        owned = has_child(head, "poss")
        bare = is_bare(head) or full in self._by_title
        alone = head.left_edge == head and head.tag_ in ("NN", "NNP")
        if is_definite(head) or (owned and bare) or alone:
            titled = self._titled(full) if bare and not owned else None
            if titled is not None and titled.human:
                return titled
            known = self._described.get(noun)
            if known is not None and not differs(known, head):
                return known
        text = head.doc[head.left_edge.i : head.right_edge.i + 1].text
        person = Person(description(text, head), True, name_lexicon().nouns.get(noun, ""))
        self._described[noun] = person
        return person

    def _titled(self, title: str) -> Person | None:
        """Return who was last called so, else the only one that the text ever calls so."""
        person = self._by_title.get(title)
        bearers = self._people.by_title.get(title, ())
        if person is None and len(bearers) == 1:
            return bearers[0]
        return person

    def _latest(self, number: int, token: Token, before: int) -> Guess | None:
        """Return the earlier person that a pronoun most likely means, with how sure that is."""
        gender = PRONOUNS.get(token.lower_, "")
        human = bool(gender)
        scores: dict[int, tuple[float, Person]] = {}
        for reference in reversed(self._recent):
            person = reference.person
            if number - reference.passage > REACH and before - reference.place > FAR:
                break
            if reference.place >= before or person.human != human:
                continue
            if person.gender and person.gender != gender:
                continue
            score = self._salience(reference, human)
            if id(person) not in scores or scores[id(person)][0] < score:
                scores[id(person)] = score, person
        if not scores:
            return None
        ranked = sorted(scores.values(), key=lambda scored: -scored[0])
        best, person = ranked[0]
        clear = len(ranked) == 1 or best - ranked[1][0] >= 1
        if human and not person.gender and clear:
            person.gender = gender
        return person, 0.8 if human and clear else 0.6

    def _salience(self, reference: Reference, human: bool) -> float:
        """Return how likely a pronoun means a reference: a subject, in a sentence near by."""
        person = reference.person
        score = 2.0 * reference.subject - (self._sentence - reference.sentence)
        if human and not person.gender:
            score -= 1.5
        if not human or person.name[:1].isupper():
            score += 1.0
        return score


def _named(guess: Guess) -> tuple[Name, Person]:
    person, sureness = guess
    return Name(person.name, sureness), person


def _run_with(runs: list[Run], tokens: list[int]) -> Run | None:
    """Return the first name that holds one of these tokens."""
    for run in runs:
        if any(run.first <= n <= run.last for n in tokens):
            return run
    return None


def _only_modifies(run: Run, head: Token, passage: Passage) -> bool:
    """Tell whether a name before the head only describes it: `the Lopez report`."""
    return run.last != head.i and passage.doc[run.last].dep_ == "compound"


def _by_head(
    mentions: Iterable[Mention], passages: list[Passage]
) -> list[dict[int, dict[Range, Mention]]]:
    """Return the mentions of each passage by the token of their head, each range once."""
    placed: list[dict[int, dict[Range, Mention]]] = [{} for _ in passages]
    numbers = {id(passage.doc): number for number, passage in enumerate(passages)}
    for mention in mentions:
        number = numbers.get(id(mention.head.doc))
        if number is None:
            number, mention = _in_whole(mention, passages)
        placed[number].setdefault(mention.head.i, {})[mention.start, mention.end] = mention
    return placed


def _in_whole(mention: Mention, passages: list[Passage]) -> tuple[int, Mention]:
    """Return the number of the passage around a mention that was found within a quotation, and the
    mention as its.
    """
    number = bisect_right(passages, mention.start, key=lambda p: p.start) - 1
    tokens = passages[number].tokens_in(mention.start, mention.end)
    return number, replace(mention, head=passages[number].doc[tokens.start : tokens.stop].root)

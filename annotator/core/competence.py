"""How far each annotator is to be trusted in each facet, estimated from agreement alone.

The model is that of Dawid and Skene (1979, section 3) with one parameter for each person, the
`one-coin` form (Zhang et al. 2016, section 2): in a facet a person gives the true answer with the
same probability everywhere, their competence, and else one of the other answers, each as likely.
True answers and competences are found in turn, by expectation and maximisation: what is probably
true is what competent people say, and competent is who says what is probably true. Answers are
equally likely beforehand, and each person begins with the same few imagined answers, most of them
right, so that who answered seldom is trusted like anybody.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

# Imagined answers of each person before any real one: right ones, and wrong ones.
RIGHT = 4.0
WRONG = 1.0
# Nobody counts for less than a throw of a coin, and nobody for certain.
LEAST = 0.5
MOST = 0.99
ROUNDS = 100
# The estimate stands once no competence moves by more than this.
STILL = 1e-5

# What each person answers to one question.
Votes = Mapping[str, Hashable]
# The same with answers numbered in the order of the people: most questions are alike then.
Pattern = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Competence:
    """How often each person is right, by facet; `documents` and `people` say what tells it."""

    by_facet: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    documents: int = 0
    people: int = 0

    def of(self, facet: str, person: str) -> float:
        """Return how often a person is right in a facet; a newcomer is trusted like anybody."""
        return self.by_facet.get(facet, {}).get(person, RIGHT / (RIGHT + WRONG))

    def posterior(self, facet: str, votes: Votes) -> dict[Hashable, float]:
        """Return how probable each answer is that somebody gave."""
        trust = {person: self.of(facet, person) for person in votes}
        return _posterior(votes, trust)


class Ballots:
    """The answers of all people to all questions, each pattern of them counted once."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[Pattern]] = defaultdict(Counter)
        self._people: set[str] = set()

    def add(self, facet: str, votes: Votes) -> None:
        """Count the answers to one question; one that a single person answered tells nothing."""
        if len(votes) < 2:
            return
        numbers: dict[Hashable, int] = {}
        pattern = []
        for person in sorted(votes):
            number = numbers.setdefault(votes[person], len(numbers))
            pattern.append((person, number))
        self._counts[facet][tuple(pattern)] += 1
        self._people.update(votes)

    def competence(self, *, documents: int = 0) -> Competence:
        """Return the competence of each person in each facet, estimated from all answers."""
        estimated = {facet: _estimate(counts) for facet, counts in self._counts.items()}
        return Competence(estimated, documents, len(self._people))


def _estimate(counts: Mapping[Pattern, int]) -> dict[str, float]:
    """Return the competence of each person; linear in the number of different patterns."""
    questions = [(dict(pattern), times) for pattern, times in counts.items()]
    answered: Counter[str] = Counter()
    for votes, times in questions:
        for person in votes:
            answered[person] += times
    trust = dict.fromkeys(answered, RIGHT / (RIGHT + WRONG))
    for _ in range(ROUNDS):
        right: dict[str, float] = defaultdict(float)
        for votes, times in questions:
            probable = _posterior(votes, trust)
            for person, answer in votes.items():
                right[person] += times * probable[answer]
        before = trust
        trust = {}
        for person, number in answered.items():
            share = (RIGHT + right[person]) / (RIGHT + WRONG + number)
            trust[person] = min(MOST, max(LEAST, share))
        if all(abs(trust[person] - before[person]) < STILL for person in trust):
            break
    return trust


def _posterior(votes: Mapping[str, Hashable], trust: Mapping[str, float]) -> dict[Hashable, float]:
    """Return how probable each given answer is, where people are right so often."""
    answers = list(dict.fromkeys(votes.values()))
    # That all answers given are wrong is not considered.
    others = max(1, len(answers) - 1)
    logs = {}
    for answer in answers:
        log = 0.0
        for person, said in votes.items():
            share = trust[person]
            log += math.log(share if said == answer else (1 - share) / others)
        logs[answer] = log
    return _normalised(logs)


def _normalised(logs: Mapping[Hashable, float]) -> dict[Hashable, float]:
    highest = max(logs.values(), default=0.0)
    shares = {answer: math.exp(log - highest) for answer, log in logs.items()}
    total = sum(shares.values())
    return {answer: share / total for answer, share in shares.items()}


def best(posterior: Mapping[Hashable, float]) -> tuple[Hashable, float]:
    """Return the most probable answer and its probability; of equals the first."""
    return max(posterior.items(), key=lambda answer: answer[1])


def together(probabilities: Iterable[float]) -> float:
    """Return how probable it is that several answers are right at once."""
    return round(math.prod(probabilities), 2)

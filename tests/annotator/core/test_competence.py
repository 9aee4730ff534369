"""How far people are trusted, against what is reckoned by hand and what was simulated."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from annotator.core.competence import Ballots, Competence, best, together

FACET = "stance"


def test_the_posterior_is_what_is_reckoned_by_hand() -> None:
    competence = Competence({FACET: {"ann": 0.9, "ben": 0.8, "cem": 0.6}})
    two = competence.posterior(FACET, {"ann": "for", "ben": "against", "cem": "for"})
    # 0.9 · 0.2 · 0.6 = 0.108 for it and 0.1 · 0.8 · 0.4 = 0.032 against it.
    assert two == pytest.approx({"for": 0.108 / 0.14, "against": 0.032 / 0.14})
    # Of three answers a wrong one is either of two: 0.9 · 0.1 · 0.2 for it, 0.05 · 0.8 · 0.2
    # against it, 0.05 · 0.1 · 0.6 for both.
    three = competence.posterior(FACET, {"ann": "for", "ben": "against", "cem": "both"})
    parts = {"for": 0.018, "against": 0.008, "both": 0.003}
    assert three == pytest.approx({answer: part / 0.029 for answer, part in parts.items()})
    assert best(three) == ("for", pytest.approx(0.018 / 0.029))


def test_who_is_always_agreed_with_is_trusted_by_the_number_of_answers() -> None:
    ballots = Ballots()
    for number in range(10):
        ballots.add(FACET, {"ann": number, "ben": number})
    # Ten right ones after four imagined right ones of five.
    assert ballots.competence().by_facet[FACET] == pytest.approx({"ann": 14 / 15, "ben": 14 / 15})


def test_a_newcomer_is_trusted_like_anybody_and_nobody_less_than_a_coin() -> None:
    ballots = Ballots()
    for number in range(50):
        ballots.add(FACET, {"ann": number, "ben": number, "cem": number + 1})
    competence = ballots.competence(documents=7)
    assert competence.of(FACET, "cem") == 0.5
    assert competence.of(FACET, "dan") == competence.of("label", "ann") == 0.8
    assert (competence.documents, competence.people) == (7, 3)


def test_two_who_differ_are_left_equal() -> None:
    ballots = Ballots()
    for number in range(20):
        ballots.add(FACET, {"ann": number, "ben": number + number % 2})
    votes = {"ann": "for", "ben": "against"}
    assert ballots.competence().posterior(FACET, votes) == pytest.approx(
        {"for": 0.5, "against": 0.5}
    )


def test_what_one_person_answered_alone_tells_nothing() -> None:
    ballots = Ballots()
    ballots.add(FACET, {"ann": "for"})
    assert ballots.competence() == Competence()


def test_known_competences_are_found_and_beat_a_majority() -> None:
    luck = random.Random(20)
    known = {"ann": 0.95, "ben": 0.9, "cem": 0.75, "dan": 0.6, "eva": 0.6}
    answers = ("support", "oppose", "neutral", "mixed")
    ballots = Ballots()
    questions = []
    for _ in range(2000):
        truth = luck.choice(answers)
        wrong = [answer for answer in answers if answer != truth]
        votes = {}
        for person, share in known.items():
            # Two of three look at a question.
            if luck.random() < 2 / 3:
                votes[person] = truth if luck.random() < share else luck.choice(wrong)
        questions.append((truth, votes))
        ballots.add(FACET, votes)
    competence = ballots.competence()
    for person, share in known.items():
        assert competence.of(FACET, person) == pytest.approx(share, abs=0.05), person
    weighted = majority = sure = right = 0
    for truth, votes in questions:
        if len(votes) < 2:
            continue
        answer, probability = best(competence.posterior(FACET, votes))
        weighted += answer == truth
        # Of answers that are equally frequent, one by lot.
        said = luck.sample(list(votes.values()), len(votes))
        majority += Counter(said).most_common(1)[0][0] == truth
        if 0.8 <= probability < 0.95:
            sure += 1
            right += answer == truth
    assert weighted > majority + 50
    # What it calls so probable is so often right.
    assert 0.75 < right / sure < 1


def test_neither_the_order_of_people_nor_that_of_questions_matters() -> None:
    luck = random.Random(3)
    rows = []
    for _ in range(300):
        rows.append({person: luck.choice("xxxy") for person in "abcd"})
    forth, back = Ballots(), Ballots()
    for row in rows:
        forth.add(FACET, row)
    for row in reversed(rows):
        back.add(FACET, dict(reversed(row.items())))
    one, other = forth.competence(), back.competence()
    assert one.by_facet[FACET] == pytest.approx(other.by_facet[FACET])


def test_several_answers_together_are_less_probable() -> None:
    assert together([0.9, 0.8]) == 0.72
    assert together([]) == 1

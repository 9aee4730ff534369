"""Nobody learns of a colleague's work before gold, whatever address is asked for.

Worlds differ in what colleagues did with a document that is not gold yet, and in nothing else:
whether they handed in, how many spans they made, which stance these have. Who reviews the same
document must be told the same in all of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from difflib import unified_diff
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from annotator.models import Layer
from annotator.services import adjudicate, agreement, assignments, notes, review
from corpus.models import Corpus
from corpus.services.members import add_member
from tests.acts import add_document, added, person, state
from tests.annotator.every_address import (
    Answer,
    Asked,
    ask,
    everything,
    lists,
    narrowed,
    parts,
    signed_in,
    undone,
)
from tests.annotator.every_address import told as told_by

pytestmark = pytest.mark.django_db

HELD, PRACTISED, DONE = "doc-held", "doc-practised", "doc-done"
TEXT = "Mayor Ada Lind said that the harbour wall will not hold. Tom Okafor denied that."
PLACES = ("Ada Lind", "the harbour wall", "Tom Okafor")


def claims(*stances: str) -> list[dict[str, Any]]:
    """Decisions that add a claim with each of these stances, one after another."""
    decisions = []
    for ident, (words, stance) in enumerate(zip(PLACES, stances, strict=False), start=1):
        start = TEXT.index(words)
        row = added(ident, "CLAIM", start, start + len(words), words)
        row["after"]["attributes"] = {"stance": stance, "kind": "direct"}
        decisions.append(row)
    return decisions


def work(document: Any, user: Any, *stances: str) -> Layer:
    layer = review.open_layer(document, by=user)
    return review.decide(layer, claims(*stances), by=user, at=0)


def hand_in(document: Any, user: Any, *stances: str) -> None:
    layer = work(document, user, *stances)
    review.hand_in(layer, by=user, at=layer.version)


@pytest.fixture
def erin(corpus: Corpus) -> Any:
    """She reviews."""
    user = person("erin")
    add_member(corpus, user, "reviewer")
    return user


@pytest.fixture
def fay(corpus: Corpus) -> Any:
    """She reviews, and adjudicates, also what she reviewed herself; names are hidden from her."""
    user = person("fay")
    add_member(corpus, user, "reviewer")
    add_member(corpus, user, "adjudicator")
    return user


@pytest.fixture
def documents(
    corpus: Corpus, alice: Any, bob: Any, carol: Any, erin: Any, fay: Any, tmp_path: Path
) -> dict[str, Any]:
    """A document for three, of whom two have opened it; one that others
    are yet to settle; and one with gold.
    """
    Corpus.objects.update(reviewers_per_document=3, own_disputes=True)
    corpus.refresh_from_db()
    names = (HELD, PRACTISED, DONE)
    made = {name: add_document(corpus, tmp_path, name, f"{TEXT} {name}\n") for name in names}
    for user in (bob, carol):
        review.open_layer(made[HELD], by=user)
    # Numbers of layers and places are the same in all worlds.
    for user, stance in ((bob, "oppose"), (carol, "support"), (erin, "oppose")):
        hand_in(made[DONE], user, stance)
    (dispute,) = state(alice, made[DONE])["disputes"]
    settle(made[DONE], alice, dispute)
    return made


def settle(document: Any, by: Any, dispute: dict[str, Any], number: int = 1) -> None:
    gold = Layer.objects.get(kind="gold", document=document)
    adjudicate.settle(
        document,
        by=by,
        at=gold.version,
        client_id=uuid.uuid4(),
        dispute=dispute["ident"],
        choice="version",
        number=number,
    )


# What colleagues did, while it is still open what comes of it.
def nothing(document: Any, bob: Any, carol: Any) -> None:
    """They have it in hand."""


def one_in(document: Any, bob: Any, carol: Any) -> None:
    hand_in(document, bob, "support")
    notes.comment(document, by=bob, subject=1, body="Is that a claim?")
    notes.flag(document, by=bob, subject=1, note="not in the guideline")


def another_in(document: Any, bob: Any, carol: Any) -> None:
    hand_in(document, bob, "oppose", "neutral", "oppose")
    work(document, carol, "support", "support")


BEFORE = [nothing, one_in, another_in]


# What became of a document before it is given to somebody for practice.
def agreed(document: Any, manager: Any, people: Any) -> None:
    for user in people:
        hand_in(document, user, "oppose")


def disputed(document: Any, manager: Any, people: Any) -> None:
    for user, stance in zip(people, ("support", "oppose", "neutral"), strict=True):
        hand_in(document, user, stance, "support")
        notes.flag(document, by=user, subject=1, note=f"{stance}?")


def settled(document: Any, manager: Any, people: Any) -> None:
    hand_in(document, people[0])
    for user in people[1:]:
        hand_in(document, user, "support", "neutral", "mixed")
    for dispute in state(manager, document)["disputes"]:
        settle(document, manager, dispute)
    notes.comment(document, by=manager, subject=1, body="settled so")


SETTLED = [agreed, disputed, settled]


def taken(document: Any, user: Any) -> None:
    """It is in hand, for practice or not."""
    assert assignments.take_place(document, by=user, extra=True) is not None


def opened(document: Any, user: Any) -> None:
    answer = ask(signed_in(user), "get", at("api-workspace", document))
    assert answer.status_code == 200, answer.content


def handed_in(document: Any, user: Any) -> None:
    hand_in(document, user, "oppose")


def at(name: str, document: Any) -> str:
    return reverse(name, kwargs={"slug": "harbour", "external_id": document.external_id})


Asking = Callable[[Any], dict[Asked, Answer]]


def queues(user: Any) -> dict[Asked, Answer]:
    """What the queue of disputes answers to each filter, and what else takes words to be asked."""
    asked: list[dict[str, str]] = [{}, {"by": "document"}, {"facet": "stance", "value": "support"}]
    asked += [{"facet": "missing"}, {"label": "CLAIM"}, {"suggested": "no"}, {"assigned": "any"}]
    asked = [{**one, "state": state} for state in ("open", "settled") for one in asked]
    answers: dict[Asked, Answer] = {}
    for name in ("disputes", "disputes-csv", "settle-queue", "api-dispute-queue"):
        answers |= narrowed(user, name, asked)
    return answers


def leaks(one: dict[Asked, Answer], other: dict[Asked, Answer]) -> dict[Asked, list[str]]:
    """What two worlds say differently, by what was asked in both."""
    found = {}
    for asked, here in one.items():
        there = other.get(asked, here)
        if here != there:
            said = [[*map(str, answer[:3]), *parts(answer[3])] for answer in (here, there)]
            found[asked] = list(unified_diff(*said, n=0, lineterm=""))
    return found


def compared(worlds: list[Any], act: Callable[[Any], None], asking: Asking, user: Any) -> None:
    answers = []
    for world in worlds:
        with undone():
            act(world)
            answers.append(asking(user))
    for one, other in pairwise(answers):
        assert leaks(one, other) == {}


def told(user: Any) -> dict[Asked, Answer]:
    """What somebody is told, whatever they ask, unless asking ended their own review."""
    final = Layer.objects.filter(owner=user, document__external_id=PRACTISED, final=True)
    answers = everything(user, [HELD, PRACTISED], but_when=final.exists)
    return answers | lists(user, combined=False) | queues(user)


def listed_in_admin(user: Any) -> dict[Asked, Answer]:
    """What the lists of Django's admin show, and the page of each row that there may be."""
    answers: dict[Asked, Answer] = {}
    for name in ("adjudication", "dispute", "layer", "decision", "comment", "flag"):
        url = reverse(f"admin:annotator_{name}_changelist")
        for query in ({}, {"state": "settled"}, {"show": "all"}, {"o": "1"}):
            answers[name, "get", "", str(query)] = told_by(signed_in(user).get(url, query))
        newest = apps.get_model("annotator", name).objects.order_by("-pk")
        for pk in newest.values_list("pk", flat=True)[:5]:
            url = reverse(f"admin:annotator_{name}_change", args=[pk])
            answers[name, "get", "", str(pk)] = told_by(signed_in(user).get(url))
    return answers


def test_an_admin_of_the_site_who_reviews_is_shown_nothing_in_its_admin(
    documents: Any, alice: Any, bob: Any, carol: Any, erin: Any, fay: Any
) -> None:
    fay.is_staff = fay.is_superuser = True
    fay.save()

    def planned(colleagues: Any) -> None:
        colleagues(documents[HELD], bob, carol)
        opened(documents[HELD], fay)

    compared(BEFORE, planned, listed_in_admin, fay)

    def practised(colleagues: Any) -> None:
        colleagues(documents[PRACTISED], alice, (bob, carol, erin))
        taken(documents[PRACTISED], fay)

    compared(SETTLED, practised, listed_in_admin, fay)


def test_work_in_progress_is_shown_to_no_admin_who_may_get_a_place(
    documents: Any, bob: Any, carol: Any, fay: Any
) -> None:
    fay.is_staff = fay.is_superuser = True
    fay.save()

    def asking(user: Any) -> dict[Asked, Answer]:
        # How many reviews are in is for managers to know.
        answers = listed_in_admin(user).items()
        return {asked: answer for asked, answer in answers if asked[0] != "adjudication"}

    compared(BEFORE, lambda world: world(documents[HELD], bob, carol), asking, fay)


@pytest.mark.parametrize(("name", "stage"), [("erin", handed_in), ("fay", opened)])
def test_who_reviews_is_told_nothing_of_what_colleagues_did(
    documents: Any, bob: Any, carol: Any, erin: Any, fay: Any, name: str, stage: Any
) -> None:
    user = {"erin": erin, "fay": fay}[name]

    def act(colleagues: Any) -> None:
        colleagues(documents[HELD], bob, carol)
        stage(documents[HELD], user)
        agreement.measure(documents[HELD].corpus)

    compared([nothing, another_in], act, told, user)


@pytest.mark.parametrize("stage", [taken, handed_in])
def test_who_practises_and_adjudicates_is_told_nothing_of_what_was_settled(
    documents: Any, alice: Any, bob: Any, carol: Any, erin: Any, fay: Any, stage: Any
) -> None:
    def act(colleagues: Any) -> None:
        document = documents[PRACTISED]
        colleagues(document, alice, (bob, carol, erin))
        taken(document, fay)
        stage(document, fay)
        agreement.measure(document.corpus)

    compared([agreed, settled], act, told, fay)


def test_who_manages_and_reviews_is_told_no_measure_of_what_colleagues_did(
    documents: Any, alice: Any, bob: Any, carol: Any
) -> None:
    """How many reviews are in is for managers to know; what stands in them is not yet."""
    corpus = documents[HELD].corpus
    add_member(corpus, alice, "reviewer")

    def act(colleagues: Any) -> None:
        colleagues(documents[HELD], bob, carol)
        opened(documents[HELD], alice)
        agreement.measure(corpus)

    def asking(user: Any) -> dict[Asked, Answer]:
        answers: dict[Asked, Answer] = {}
        for name in ("agreement", "api-agreement"):
            url = reverse(name, kwargs={"slug": corpus.slug})
            answers[name, "get", "", ""] = told_by(signed_in(user).get(url))
        assert [answer[0] for answer in answers.values()] == [200, 200]
        return answers

    def both_in(document: Any, bob: Any, carol: Any) -> None:
        hand_in(document, bob, "support")
        hand_in(document, carol, "oppose")

    compared([nothing, another_in, both_in], act, asking, alice)

"""A check looks to its reviewer like any other document, whatever address is asked for.

Two documents, a check and a fresh one, lie before the same reviewer. What they do with the one in
one world they do with the other in another world; every answer must be the same once the names and
words of the two are exchanged.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotator.models import Assignment, Sample
from annotator.selectors.filters import DocumentFilter
from annotator.services import assignment_plan, review
from corpus.models import Corpus
from corpus.services.members import add_member
from tests.acts import add_document, added, person
from tests.annotator.every_address import (
    CHOICES,
    OTHERS,
    Answer,
    Asked,
    ask,
    everything,
    lists,
    parts,
    signed_in,
    undone,
)

pytestmark = pytest.mark.django_db

CHECK, FRESH = "doc-check", "doc-fresh"
FIRST = (
    "Mayor Ada Lind said that the harbour wall will not hold another winter. The council voted on"
    " Monday, and Tom Okafor denied that the town was broke."
)
LOWER = "abcdefghijklmnopqrstuvwxyz"
# As long as the first and with as many words, but no near-duplicate of it.
SECOND = FIRST.translate(str.maketrans(LOWER + LOWER.upper(), LOWER[3:] + "abc" + LOWER.upper()))


@pytest.fixture
def erin(corpus: Corpus) -> Any:
    user = person("erin")
    add_member(corpus, user, "reviewer")
    return user


@pytest.fixture
def world(
    corpus: Corpus, alice: Any, bob: Any, carol: Any, erin: Any, tmp_path: Path
) -> dict[str, Any]:
    """A check that two settled, a fresh document, and others of which one is settled."""
    documents = {
        CHECK: add_document(corpus, tmp_path, CHECK, FIRST),
        FRESH: add_document(corpus, tmp_path, FRESH, SECOND),
    }
    for name in ("other-1", "other-2", "other-3", "other-4"):
        documents[name] = add_document(corpus, tmp_path, name, f"{name} says nothing at all.")
    for name in (CHECK, "other-1"):
        for user in (bob, carol):
            hand_in(documents[name], user)
    assignment_plan.set_sample(corpus, CHECK, "check", by=alice)
    # What comes after a document that is handed in is not left to chance: no check is due.
    Corpus.objects.update(check_percent=0)
    Assignment.objects.filter(document=documents["other-3"]).update(priority=9)
    # One of erin's own is settled, so that filters have something to show.
    hand_in(documents["other-2"], erin)
    hand_in(documents["other-2"], bob)
    assert Sample.objects.count() == 1
    return documents


def hand_in(document: Any, user: Any) -> None:
    layer = review.open_layer(document, by=user)
    words = document.body.text[:3]
    review.decide(layer, [added(1, "SPEAKER", words=words)], by=user, at=0)
    review.submit(layer, by=user, at=1)


def exchanged(said: str) -> str:
    """Call each of the two documents by the name and the words of the other."""
    other = {CHECK: FRESH, FIRST: SECOND, FIRST[:3]: SECOND[:3]}
    # A text comes with its digest, and ends in a line break.
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in (FIRST, SECOND)]
    other[digests[0]] = digests[1]
    other |= {b: a for a, b in other.items()}
    # The title is the beginning of the text, as long as a title may be.
    either = "|".join(map(re.escape, sorted(other, key=len, reverse=True)))
    return re.sub(either, lambda found: other[found.group()], said)


def other_names(row: Answer) -> Answer:
    status, headers, tagged, said = row
    return status, [exchanged(one) for one in headers], tagged, exchanged(said)


def addressed(user: Any) -> dict[Asked, Answer]:
    return everything(user, [CHECK, FRESH])


def alike(one: dict[Asked, Answer], other: dict[Asked, Answer]) -> None:
    """Both worlds say the same of the two documents, each called by the name of the other."""
    swapped = {CHECK: FRESH, FRESH: CHECK}
    for (name, method, document, rest), answer in one.items():
        there = other[name, method, swapped.get(document, document), rest]
        here = other_names(answer)
        asked = f"{method} {name} {document} {rest}"
        assert here[:3] == there[:3], asked
        lines = unified_diff(parts(here[3]), parts(there[3]), asked, n=0, lineterm="")
        assert not (differ := list(lines)), differ


def untouched(client: Client, name: str) -> None:
    """Nothing was done with it."""


def opened(client: Client, name: str) -> None:
    answer = ask(client, "get", at("api-workspace", name))
    assert answer.status_code == 200, answer.content


def worked(client: Client, name: str) -> None:
    opened(client, name)
    words = FIRST[:3] if name == CHECK else SECOND[:3]
    decision = {**added(1, "SPEAKER", words=words), "client_id": str(uuid.UUID(int=1))}
    data = {"version": 0, "decisions": [decision]}
    assert ask(client, "post", at("api-decisions", name), data).status_code == 200
    comment = {"subject": 1, "body": "who is that?"}
    assert ask(client, "post", at("api-comments", name), comment).status_code == 200
    assert ask(client, "post", at("api-flags", name), {"subject": 1}).status_code == 200


def handed_in(client: Client, name: str) -> None:
    worked(client, name)
    assert ask(client, "post", at("api-submit", name), {"version": 1}).status_code == 200


def taken_back(client: Client, name: str) -> None:
    handed_in(client, name)
    assert ask(client, "post", at("api-reopen", name)).status_code == 200


def skipped(client: Client, name: str) -> None:
    opened(client, name)
    data = {"document": name, "reason": "my brother is in it"}
    assert client.post(reverse("skip", kwargs={"slug": "harbour"}), data).status_code == 302


def at(name: str, document: str) -> str:
    return reverse(name, kwargs={"slug": "harbour", "external_id": document})


STAGES = [untouched, opened, worked, handed_in, taken_back, skipped]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
@pytest.mark.parametrize("asked", [addressed, lists], ids=lambda asked: asked.__name__)
def test_no_answer_tells_a_check_from_a_fresh_document(
    world: Any, erin: Any, stage: Any, asked: Any
) -> None:
    answers = []
    for name in (CHECK, FRESH):
        with undone():
            stage(signed_in(erin), name)
            answers.append(asked(erin))
    alike(*answers)


def test_every_filter_of_the_documents_is_asked() -> None:
    assert set(CHOICES) | set(OTHERS) == set(DocumentFilter.base_filters)

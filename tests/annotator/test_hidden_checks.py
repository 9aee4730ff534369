"""A check looks to its reviewer like any other document, whatever address is asked for.

Two documents, a check and a fresh one, lie before the same reviewer. What they do with the one in
one world they do with the other in another world; every answer must be the same once the names and
words of the two are exchanged.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import unified_diff
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from annotator.api.urls import urlpatterns as endpoints
from annotator.models import Assignment, Sample
from annotator.selectors.filters import DocumentFilter
from annotator.services import assignment_plan, review
from annotator.urls import pages
from corpus.models import Corpus
from corpus.services.members import add_member
from exports.urls import urlpatterns as exports
from tests.acts import add_document, added, person

pytestmark = pytest.mark.django_db

CHECK, FRESH = "doc-check", "doc-fresh"
FIRST = (
    "Mayor Ada Lind said that the harbour wall will not hold another winter. The council voted on"
    " Monday, and Tom Okafor denied that the town was broke."
)
LOWER = "abcdefghijklmnopqrstuvwxyz"
# As long as the first and with as many words, but no near-duplicate of it.
SECOND = FIRST.translate(str.maketrans(LOWER + LOWER.upper(), LOWER[3:] + "abc" + LOWER.upper()))
WORDS = (FIRST[:3], SECOND[:3])

# What stands for the parts of an address, beside the document: "each" is tried with each layer.
PARTS: dict[str, list[Any]] = {
    "slug": ["harbour"],
    "username": ["bob"],
    "role": ["reviewer"],
    "name": ["1"],
    "secret": ["none"],
    "pk": [1, 2, 3],
}
# Addresses that answer alike to everybody, or end what they are asked within.
ELSEWHERE = {
    "login",
    "logout",
    "password",
    "healthz",
    "readyz",
    "metrics",
    "tour",
    "schema",
    "docs",
    "api-templates",
    "api-token",
}
METHODS = ("get", "post")
CHOICES = {
    name: ["", *(value for value, _ in field.extra["choices"])]
    for name, field in DocumentFilter.base_filters.items()
    if "choices" in field.extra
}
# Filters without a list of choices, each with something that both documents have.
OTHERS = {"query": "doc", "outlet": "", "since": "", "until": "2030-01-01"}
VARIES = [
    (r'(name="csrfmiddlewaretoken" value|name="csrf" content)="\w+"', "token"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(\+00:00|Z)?", "then"),
    (r'"saved_at": ?"[\d:]+"', "then"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "uuid"),
]
HEADERS = ("Content-Type", "Location", "Allow", "Retry-After", "Vary", "Cache-Control")


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
    # What comes after a document that is handed in is not left to chance.
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


def normal(said: str) -> str:
    for pattern, name in VARIES:
        said = re.sub(pattern, name, said)
    return re.sub(r"\s+", " ", said)


def told(answer: Any) -> tuple[Any, ...]:
    """What an answer says: status, headers, and its words."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    said = normal(body.decode())
    headers = [normal(answer.headers.get(name, "")) for name in HEADERS]
    return answer.status_code, headers, answer.has_header("ETag"), said


def parts(said: str) -> list[str]:
    """Cut a page at its tags, and JSON at its objects: two lists are alike in whatever order."""
    return sorted(re.split(r"(?=<)|(?<=\}), ?(?=\{)|(?<=\[)|(?=\])", said))


def other_names(row: tuple[Any, ...]) -> tuple[Any, ...]:
    status, headers, tagged, said = row
    return status, [exchanged(one) for one in headers], tagged, exchanged(said)


def addresses() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every address of the product, of both documents; a new one must be fit for it."""
    for pattern in (*pages, *endpoints, *exports):
        name = getattr(pattern, "name", None)
        if name is None or name in ELSEWHERE or name == "admin":
            continue
        wanted = list(pattern.pattern.converters)
        documents = [CHECK, FRESH] if "external_id" in wanted else [""]
        given = [documents if part == "external_id" else PARTS[part] for part in wanted]
        for values in product(*given):
            arguments = dict(zip(wanted, values, strict=True))
            yield name, arguments.get("external_id", ""), arguments


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside is as if it had never been."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def everything(erin: Any) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What every address answers to erin, each asked as if it were the only one."""
    client = signed_in(erin)
    answers: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for name, document, arguments in addresses():
        url = reverse(name, kwargs=arguments)
        for method in METHODS if document else METHODS[:1]:
            with undone():
                answer = ask(client, method, url)
                key = (name, method, document, str(arguments.get("pk", "")))
                answers[key] = told(answer)
    return answers


def ask(client: Client, method: str, url: str, data: Any = None, **query: Any) -> Any:
    if method == "get":
        return client.get(url, query)
    return client.post(url, data=data or {}, content_type="application/json")


def alike(one: dict[Any, Any], other: dict[Any, Any]) -> None:
    """Both worlds say the same of the two documents, each called by the name of the other."""
    swapped = {CHECK: FRESH, FRESH: CHECK}
    for (name, method, document, *rest), answer in one.items():
        there = other[name, method, swapped.get(document, document), *rest]
        here = other_names(answer)
        asked = f"{method} {name} {document} {rest}"
        assert here[:3] == there[:3], asked
        lines = unified_diff(parts(here[3]), parts(there[3]), asked, n=0, lineterm="")
        assert not (differ := list(lines)), differ


def lists(erin: Any) -> dict[Any, Any]:
    """What the lists of documents answer to every filter, the page to one at a time."""
    client = signed_in(erin)
    answers = {}
    alone = [{name: value} for name, values in CHOICES.items() for value in values]
    alone += [{name: value} for name, value in OTHERS.items()]
    together = [dict(zip(CHOICES, values, strict=True)) for values in product(*CHOICES.values())]
    for name, asked in (("documents", alone), ("api-documents", [*alone, *together])):
        for filters in asked:
            url = reverse(name, kwargs={"slug": "harbour"})
            given = {key: value for key, value in filters.items() if value}
            answers[name, "get", "", str(given)] = told(ask(client, "get", url, **given))
    return answers


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
@pytest.mark.parametrize("asked", [everything, lists], ids=lambda asked: asked.__name__)
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

"""Every address of the product asked by one person, and what it answers, fit to be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import reverse

from annotator.api.urls import urlpatterns as endpoints
from annotator.selectors.filters import DocumentFilter
from annotator.urls import pages
from exports.urls import urlpatterns as exports

# What an address answered: status, headers, whether it has an ETag, and its words.
Answer = tuple[int, list[str], bool, str]
# The name of the address, the method, the document, and what else was asked.
Asked = tuple[str, str, str, str]

# What stands for the parts of an address, beside the document.
PARTS: dict[str, list[Any]] = {
    "slug": ["harbour"],
    "username": ["bob"],
    "role": ["reviewer"],
    "name": ["1"],
    # No text has this digest.
    "sha256": ["0" * 64],
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


def normal(said: str) -> str:
    for pattern, name in VARIES:
        said = re.sub(pattern, name, said)
    return re.sub(r"\s+", " ", said)


def told(answer: Any) -> Answer:
    """What an answer says: status, headers, and its words."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    said = normal(body.decode())
    headers = [normal(answer.headers.get(name, "")) for name in HEADERS]
    return answer.status_code, headers, answer.has_header("ETag"), said


def parts(said: str) -> list[str]:
    """Cut a page at its tags, and JSON at its objects: two lists are alike in whatever order."""
    return sorted(re.split(r"(?=<)|(?<=\}), ?(?=\{)|(?<=\[)|(?=\])", said))


def addresses(documents: list[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every address of the product, of each document; a new one must be fit for it."""
    for pattern in (*pages, *endpoints, *exports):
        name = getattr(pattern, "name", None)
        if name is None or name in ELSEWHERE or name == "admin":
            continue
        wanted = list(pattern.pattern.converters)
        named = documents if "external_id" in wanted else [""]
        given = [named if part == "external_id" else PARTS[part] for part in wanted]
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


def everything(
    user: Any, documents: list[str], *, but_when: Callable[[], bool] = lambda: False
) -> dict[Asked, Answer]:
    """What every address answers to somebody, each asked as if it were the only one.

    Left out is what has been asked when this holds afterwards.
    """
    client = signed_in(user)
    answers: dict[Asked, Answer] = {}
    for name, document, arguments in addresses(documents):
        url = reverse(name, kwargs=arguments)
        for method in METHODS if document else METHODS[:1]:
            with undone():
                answer = ask(client, method, url)
                if not but_when():
                    answers[name, method, document, str(arguments.get("pk", ""))] = told(answer)
    return answers


def ask(client: Client, method: str, url: str, data: Any = None, **query: Any) -> Any:
    if method == "get":
        return client.get(url, query)
    return client.post(url, data=data or {}, content_type="application/json")


def lists(user: Any, *, combined: bool = True) -> dict[Asked, Answer]:
    """What the lists of documents answer to every filter: the page to one at a time, the API also
    to several at once.
    """
    alone = [{name: value} for name, values in CHOICES.items() for value in values]
    alone += [{name: value} for name, value in OTHERS.items()]
    together = [dict(zip(CHOICES, values, strict=True)) for values in product(*CHOICES.values())]
    answers = narrowed(user, "documents", alone)
    return answers | narrowed(user, "api-documents", together if combined else alone)


def narrowed(user: Any, name: str, asked: list[dict[str, str]]) -> dict[Asked, Answer]:
    """What a list of the corpus answers to each of several filters."""
    client = signed_in(user)
    url = reverse(name, kwargs={"slug": "harbour"})
    answers: dict[Asked, Answer] = {}
    for filters in asked:
        given = {key: value for key, value in filters.items() if value}
        with undone():
            answers[name, "get", "", str(given)] = told(ask(client, "get", url, **given))
    return answers

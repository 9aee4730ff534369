"""What holds for all pages: few queries, empty states, odd addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotator.services import agreement, review
from corpus.models import Corpus, Document
from tests.acts import (
    SLUG,
    add_document,
    fill,
    page,
    shorter,
    submit_as,
)


@pytest.mark.parametrize(
    ("name", "who", "says"),
    [
        ("corpora", "dave", "You are not a member of any corpus"),
        ("corpus", "alice", "/corpora/harbour/import/"),
        ("corpus", "bob", "Its manager brings them in"),
        ("queue", "bob", "Nothing left to review"),
        ("documents", "alice", "/corpora/harbour/import/"),
        ("documents", "bob", "The manager of this corpus brings them in"),
        ("disputes", "alice", "No open disputes"),
        ("guideline", "bob", "No guideline yet"),
        ("flags", "alice", "Nothing is flagged"),
        ("profile", "dave", "Choose a corpus"),
    ],
)
def test_empty_states_say_what_to_do(
    corpus: Corpus, alice: Any, bob: Any, dave: Any, as_user: Any, name: str, who: str, says: str
) -> None:
    people = {"alice": alice, "bob": bob, "dave": dave}
    url = reverse(name, kwargs=SLUG if name not in ("corpora", "profile") else {})
    assert says in as_user(people[who]).get(url).content.decode()


def test_what_is_not_there_is_said_on_a_page_of_ours(
    bob: Any, as_user: Any, client: Client
) -> None:
    answer = as_user(bob).get("/no/such/page/")
    assert answer.status_code == 404 and "There is nothing here" in answer.content.decode()
    strict = Client(enforce_csrf_checks=True)
    assert "out of date" in strict.post(reverse("login"), {"username": "bob"}).content.decode()


BUDGETS = {
    "corpora": 10,
    "corpus": 22,
    "queue": 14,
    "documents": 12,
    "disputes": 18,
    "guideline": 6,
    "flags": 8,
    "profile": 8,
}


@pytest.mark.parametrize("name", BUDGETS)
def test_pages_take_the_same_few_queries_however_much_there_is(
    corpus: Corpus,
    document: Any,
    alice: Any,
    bob: Any,
    carol: Any,
    as_user: Any,
    tmp_path: Path,
    name: str,
    django_assert_max_num_queries: Any,
) -> None:
    url = reverse(name, kwargs=SLUG if name not in ("corpora", "profile") else {})
    clients = [as_user(carol if name in ("queue", "profile") else alice)]

    def look() -> int:
        with django_assert_max_num_queries(BUDGETS[name]) as asked:
            assert clients[0].get(url).status_code == 200
        return len(asked)

    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    review.open_layer(add_document(corpus, tmp_path, "one-more"), by=carol)
    add_document(corpus, tmp_path, "free")
    before = look()
    fill(corpus, tmp_path, 60)
    for n in range(4):
        review.open_layer(
            Document.objects.select_related("corpus").get(external_id=f"d{n:03}"), by=carol
        )
    assert look() == before


def test_the_pages_of_a_team_ask_as_often_for_many_as_for_one(
    document: Any,
    corpus: Corpus,
    tmp_path: Any,
    alice: Any,
    bob: Any,
    carol: Any,
    as_user: Any,
    django_assert_max_num_queries: Any,
) -> None:
    for n in range(5):
        other = add_document(corpus, tmp_path, f"d{n}")
        review.open_layer(other, by=bob)
    client = as_user(alice)
    with django_assert_max_num_queries(10):
        page(client, "assignments")
    with django_assert_max_num_queries(7):
        page(client, "members")
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    agreement.measure(corpus)
    with django_assert_max_num_queries(9):
        page(client, "agreement")


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("documents", "until=9999-12-31"),
        ("documents", "since=0001-01-01&until=0001-01-01"),
        ("documents", "after=99999999999999999999"),
        ("documents", "outlet=%00"),
        ("disputes", "after=1-9999999999999999999999999999"),
        ("disputes", "facet=%00"),
        ("my-gold", "before=0001-01-01T00:00:00%2B14:00"),
        ("my-gold", "before=9999-12-31T23:59:59-14:00"),
        ("flags", "before=-1&section=%ff"),
    ],
)
def test_an_odd_address_is_answered_in_words(
    document: Any, alice: Any, bob: Any, as_user: Any, name: str, query: str
) -> None:
    client = as_user(bob if name == "my-gold" else alice)
    answer = client.get(reverse(name, kwargs={"slug": "harbour"}) + f"?{query}")
    assert answer.status_code == (400 if "%00" in query else 200)


def test_a_nul_in_a_path_or_a_form_is_refused(document: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    assert client.get("/corpora/harbour/documents/a%00b/review/").status_code == 400
    address = reverse("invite", kwargs={"slug": "harbour"})
    answer = client.post(address, {"role": "reviewer", "note": "a\0b"})
    assert answer.status_code == 400
    assert "holds a NUL" in answer.content.decode()

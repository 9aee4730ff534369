"""The audit log over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from corpus.models import Corpus
from corpus.services import audit
from tests.acts import SLUG

URL = reverse("api-audit", kwargs=SLUG)


def test_what_was_done_is_listed_newest_first_a_page_at_a_time(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    for number in range(70):
        audit.note(corpus, "changed", by=alice, fields=f"name {number}")
    client, seen, after, pages = as_user(alice), [], "", 0
    while after is not None:
        page = client.get(URL, {"after": after}).json()
        seen += [(event["name"], event["sentence"]) for event in page["events"]]
        after = page["next"]
        pages += 1
    assert pages == 2
    assert seen == [("alice", f"changed name {number}") for number in reversed(range(70))]


def test_it_is_narrowed_by_person_act_and_day(
    corpus: Corpus, alice: Any, bob: Any, as_user: Any
) -> None:
    audit.note(corpus, "changed", by=alice, fields="name")
    audit.note(corpus, "joined", by=bob, role="reviewer")
    client = as_user(alice)

    def acts(**query: str) -> list[str]:
        return [event["act"] for event in client.get(URL, query).json()["events"]]

    assert acts() == acts(since="2020-01-01", name="") == ["joined", "changed"]
    assert (acts(name="bob"), acts(act="changed")) == (["joined"], ["changed"])
    assert acts(until="2020-01-01") == []


@pytest.mark.parametrize("query", [{"since": "yesterday"}, {"name": "x" * 151}])
def test_a_filter_that_cannot_be_is_refused(
    corpus: Corpus, alice: Any, as_user: Any, query: dict[str, str]
) -> None:
    answer = as_user(alice).get(URL, query)
    assert (answer.status_code, answer.json()["code"]) == (400, "request-invalid")

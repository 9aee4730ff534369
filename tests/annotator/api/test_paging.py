"""Lists over the API come a page at a time, each row once and in order."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotator.models import Comment, Flag, Layer
from annotator.services import review
from annotator.services.runs import file_run
from corpus.models import Corpus, Invitation, Role, Webhook
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member
from tests.acts import DOC, SLUG

NUMBER = 120


def pages(client: Client, name: str, key: str, place: dict[str, str], **query: Any) -> list[Any]:
    """Return the rows of a list page by page; `next` of the last page is null."""
    found = []
    after: Any = ""
    while after is not None:
        asked = {**query, "after": after}
        answer = client.get(reverse(name, kwargs=place), asked).json()
        found.append(answer[key])
        after = answer["next"]
    return found


def joined(parts: list[list[Any]]) -> list[Any]:
    assert len(parts) > 1
    return [row for part in parts for row in part]


def test_corpora_by_name_also_where_several_have_the_same(
    corpus: Corpus, bob: Any, dave: Any, as_user: Any
) -> None:
    for number in range(NUMBER):
        made = create_corpus(f"c{number:03}", name=f"Name {number % 5}")
        if number != 60:
            add_member(made, bob, Role.REVIEWER)
    rows = joined(pages(as_user(bob), "api-corpora", "corpora", {}))
    assert [row["slug"] for row in rows[:3]] == ["harbour", "c000", "c005"]
    names = [(row["name"], row["slug"]) for row in rows]
    assert names == sorted(set(names)) and len(names) == NUMBER
    assert "c060" not in {row["slug"] for row in rows}
    assert pages(as_user(dave), "api-corpora", "corpora", {}) == [[]]


def test_comments_and_those_on_one_frame(document: Any, bob: Any, as_user: Any) -> None:
    layer = review.open_layer(document, by=bob)
    for number in range(NUMBER):
        ident = 4 if number == 110 else 1
        Comment.objects.create(
            layer=layer, ident=ident, user=bob, body=f"{number}", client_id=uuid.uuid4()
        )
    rows = joined(pages(as_user(bob), "api-comments", "comments", DOC))
    assert [row["body"] for row in rows] == [str(number) for number in range(NUMBER)]
    [[one]] = pages(as_user(bob), "api-comments", "comments", DOC, subject=4)
    assert one["body"] == "110"


def test_flags(document: Any, bob: Any, as_user: Any) -> None:
    layer = review.open_layer(document, by=bob)
    for number in range(NUMBER):
        Flag.objects.create(corpus=document.corpus, layer=layer, ident=number, user=bob)
    rows = joined(pages(as_user(bob), "api-flags", "flags", DOC))
    assert [row["subject"] for row in rows] == list(range(NUMBER))


def test_invitations_newest_first(corpus: Corpus, alice: Any, as_user: Any) -> None:
    later = timezone.now() + timedelta(days=1)
    for number in range(NUMBER):
        Invitation.objects.create(
            corpus=corpus,
            role="reviewer",
            digest=f"{number:064}",
            note=f"{number}",
            expires_at=later,
        )
    rows = joined(pages(as_user(alice), "api-invitations", "invitations", SLUG))
    assert [row["note"] for row in rows] == [str(number) for number in reversed(range(NUMBER))]


def test_webhooks(corpus: Corpus, alice: Any, as_user: Any) -> None:
    for number in range(NUMBER):
        url = f"https://example.org/{number}"
        Webhook.objects.create(corpus=corpus, url=url, acts=["submitted"], secret="x")
    rows = joined(pages(as_user(alice), "api-webhooks", "webhooks", SLUG))
    assert [row["url"] for row in rows] == [
        f"https://example.org/{number}" for number in range(NUMBER)
    ]


def test_layers(document: Any, alice: Any, as_user: Any) -> None:
    schema = document.corpus.schema
    for number in range(NUMBER):
        run = file_run(schema, f"{number}.jsonl")
        Layer.objects.create(
            document=document, run=run, schema=schema, kind="suggestion", state="closed"
        )
    rows = joined(pages(as_user(alice), "api-layers", "layers", DOC))
    authors = [row["author"] for row in rows]
    assert authors == ["file:suggested.jsonl", *(f"file:{n}.jsonl" for n in range(NUMBER))]
    one = reverse("api-layer", kwargs={**DOC, "pk": rows[-1]["id"]})
    assert as_user(alice).get(one).json()["author"] == authors[-1]


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "nowhere"])
def test_a_key_that_is_none_begins_at_the_beginning(
    after: str, corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert client.get(reverse("api-corpora"), {"after": after}).json()["corpora"]
    assert client.get(reverse("api-webhooks", kwargs=SLUG), {"after": after}).status_code == 200

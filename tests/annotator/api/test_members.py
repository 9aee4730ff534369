"""Members and invitations over the API."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from django.urls import reverse

from corpus.models import Corpus, Invitation, Membership, Role
from corpus.services.members import add_member
from tests.acts import SLUG, audit_log, person


def post(client: Client, name: str, **body: Any) -> Any:
    url = reverse(name, kwargs=SLUG)
    return client.post(url, json.dumps(body), content_type="application/json")


def roles(corpus: Corpus) -> set[tuple[str, str]]:
    return set(Membership.objects.filter(corpus=corpus).values_list("user__username", "role"))


def test_roles_are_given_and_taken(corpus: Corpus, alice: Any, dave: Any, as_user: Any) -> None:
    client = as_user(alice)
    for _ in range(2):
        assert post(client, "api-members", username="dave", role="reviewer").status_code == 204
    assert ("dave", "reviewer") in roles(corpus)
    gone = reverse("api-member-role", kwargs={**SLUG, "username": "dave", "role": "reviewer"})
    for _ in range(2):
        assert client.delete(gone).status_code == 204
    assert roles(corpus) == {("alice", "manager")}
    assert [act for _, act in audit_log(corpus)] == [
        "made dave a reviewer",
        "took the role reviewer from dave",
    ]


def test_what_cannot_be_is_refused(corpus: Corpus, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    nobody = post(client, "api-members", username="nobody", role="reviewer")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "not-found")
    king = post(client, "api-members", username="alice", role="king")
    assert (king.status_code, king.json()["code"]) == (400, "request-invalid")
    unknown = reverse("api-member-role", kwargs={**SLUG, "username": "alice", "role": "king"})
    assert client.delete(unknown).json()["code"] == "request-invalid"
    last = reverse("api-member-role", kwargs={**SLUG, "username": "alice", "role": "manager"})
    assert client.delete(last).json()["code"] == "last-manager"


def test_members_are_listed_a_page_at_a_time(
    corpus: Corpus, alice: Any, bob: Any, as_user: Any
) -> None:
    for number in range(120):
        add_member(corpus, person(f"m{number:03}"), Role.REVIEWER)
    add_member(corpus, bob, Role.ADJUDICATOR)
    client, seen, after, pages = as_user(alice), [], "", 0
    while after is not None:
        answer = client.get(reverse("api-members", kwargs=SLUG), {"after": after}).json()
        seen += answer["members"]
        after = answer["next"]
        pages += 1
    assert pages == 2
    assert [row["username"] for row in seen[:3]] == ["alice", "bob", "m000"] and len(seen) == 122
    assert seen[1]["roles"] == ["adjudicator", "reviewer"]


def test_an_invitation_makes_whoever_opens_it_a_member(
    corpus: Corpus, alice: Any, dave: Any, as_user: Any
) -> None:
    client = as_user(alice)
    invited = post(client, "api-invitations", role="adjudicator", note="for Dave")
    assert (invited.status_code, invited.json()["note"]) == (201, "for Dave")
    url = reverse("api-invitations", kwargs=SLUG)
    (row,) = client.get(url).json()["invitations"]
    assert (row["role"], row["note"]) == ("adjudicator", "for Dave")
    as_user(dave).post(invited.json()["link"].removeprefix("http://testserver"))
    assert ("dave", "adjudicator") in roles(corpus)
    assert client.get(url).json() == {"invitations": [], "next": None}


def test_an_invitation_is_ended(corpus: Corpus, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    post(client, "api-invitations", role="reviewer")
    pk = Invitation.objects.get().pk
    for _ in range(2):
        answer = client.delete(reverse("api-invitation", kwargs={**SLUG, "pk": pk}))
        assert answer.status_code == 204
    assert not Invitation.objects.exists()

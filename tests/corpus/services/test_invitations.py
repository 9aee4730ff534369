"""Invitations: a link makes one person a member, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from corpus.core.problems import Problem
from corpus.models import Corpus, Invitation
from corpus.permissions import roles
from corpus.services import invitations

NEW = {"username": "erin", "password1": "a long pass phrase", "password2": "a long pass phrase"}


def code(act: Any) -> str:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value.code


def link(client: Client, corpus: Corpus, role: str = "reviewer") -> str:
    answer = client.post(
        reverse("invite", kwargs={"slug": corpus.slug}), {"role": role, "note": "Erin"}
    )
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    path: str = answer.context["link"].removeprefix("http://testserver")
    return path


def test_an_invitation_makes_an_account_and_a_member_once(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    path = link(as_user(alice), corpus)
    newcomer = Client()
    page = newcomer.get(path)
    assert page.status_code == 200
    # The address is a secret: it goes to no other site.
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert newcomer.post(path, NEW).headers["Location"] == "/corpora/harbour/"
    assert newcomer.get("/corpora/harbour/").status_code == 200
    assert roles(get_user_model().objects.get(username="erin"), corpus) == {"reviewer"}
    assert Client().get(path).status_code == 404
    assert Client().post(path, {**NEW, "username": "mallory"}).status_code == 404
    assert not get_user_model().objects.filter(username="mallory").exists()


def test_the_log_does_not_tell_what_opens_an_invitation(
    corpus: Corpus, alice: Any, as_user: Any, caplog: pytest.LogCaptureFixture
) -> None:
    path = link(as_user(alice), corpus)
    with caplog.at_level("INFO"):
        Client().get(path)
    assert "/invitations/…/" in caplog.text
    assert path not in caplog.text


def test_a_weak_password_makes_no_account_and_uses_nothing_up(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    path = link(as_user(alice), corpus)
    for weak, said in (("12345", "too common"), ("wx7-Kq2-vb9", "at least 12 characters")):
        answer = Client().post(path, {**NEW, "password1": weak, "password2": weak})
        assert answer.status_code == 200
        assert f"{said}." in answer.content.decode()
    assert not get_user_model().objects.filter(username="erin").exists()
    assert Client().get(path).status_code == 200


def test_who_is_signed_in_joins_with_their_account(
    corpus: Corpus, alice: Any, dave: Any, as_user: Any
) -> None:
    path = link(as_user(alice), corpus, "adjudicator")
    client = as_user(dave)
    assert client.get("/corpora/harbour/").status_code == 404
    assert client.get(path).status_code == 200
    assert roles(dave, corpus) == frozenset()
    client.post(path)
    assert roles(dave, corpus) == {"adjudicator"}


def test_an_invitation_that_has_ended_says_so(corpus: Corpus, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    path = link(client, corpus)
    row = Invitation.objects.get()
    assert row.digest not in path
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = Client().get(path)
    assert answer.status_code == 404
    assert "Ask for a new one" in answer.content.decode()
    other = link(client, corpus)
    client.post(
        reverse(
            "end-invitation", kwargs={"slug": corpus.slug, "pk": Invitation.objects.latest("pk").pk}
        )
    )
    assert Client().get(other).status_code == 404
    assert Client().get("/invitations/nonsense/").status_code == 404


@pytest.mark.parametrize("name", ["gold", "suggestions", "Gold"])
def test_nobody_is_called_like_a_layer(corpus: Corpus, alice: Any, as_user: Any, name: str) -> None:
    path = link(as_user(alice), corpus)
    answer = Client().post(path, {**NEW, "username": name})
    assert answer.status_code == 200 and "choose another user name" in answer.content.decode()
    assert not get_user_model().objects.filter(username=name).exists()
    assert Client().post(path, NEW).status_code == 302


def test_only_a_manager_invites_and_withdraws(corpus: Corpus, bob: Any, dave: Any) -> None:
    for act in (
        lambda by: invitations.invite(corpus, "manager", by=by),
        lambda by: invitations.withdraw(corpus, 1, by=by),
    ):
        assert code(lambda act=act: act(bob)) == "not-allowed"
        assert code(lambda act=act: act(dave)) == "not-found"

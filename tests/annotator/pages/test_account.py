"""One's own account: work, password and API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotator.services.accounts import account, make_token
from corpus.core.problems import Problem
from corpus.models import Token
from tests.acts import (
    PASSWORD,
    submit_as,
)


def test_the_profile_shows_work_and_roles(document: Any, bob: Any, as_user: Any) -> None:
    submit_as(document, bob)
    html = as_user(bob).get(reverse("profile")).content.decode()
    assert "Reviewer" in html and "Harbour" in html and "My decisions per day" in html


def status(token: str) -> int:
    asked = Client().get(reverse("api-corpora"), headers={"Authorization": f"Token {token}"})
    return int(asked.status_code)


def test_a_token_has_a_name_is_shown_once_and_ends(
    document: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    client, url = as_user(bob), reverse("token")
    first, second = (
        client.post(url, {"act": "new", "name": name, "days": "30"}).context["token"]
        for name in ("export", "backup")
    )
    assert (status(first), status(second)) == (200, 200)
    # Only a digest is kept.
    assert first not in str(list(Token.objects.values()))
    page = client.get(reverse("profile")).content.decode()
    assert first not in page and "export" in page and f"used {timezone.now():%Y-%m-%d}" in page
    row = Token.objects.get(name="export")
    as_user(carol).post(url, {"act": "end", "token": row.pk})
    assert status(first) == 200
    client.post(url, {"act": "end", "token": row.pk})
    assert (status(first), status(second)) == (403, 200)
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert status(second) == 403
    assert client.get(url).status_code == 405


def test_a_token_of_somebody_who_left_does_not_hold(bob: Any, as_user: Any) -> None:
    token = as_user(bob).post(reverse("token"), {"name": "x"}).context["token"]
    bob.is_active = False
    bob.save()
    assert status(token) == 403


def test_tokens_end_with_the_password(bob: Any, as_user: Any) -> None:
    client = as_user(bob)
    token = client.post(reverse("token"), {"name": "x"}).context["token"]
    new = "a longer sentence now"
    asked = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(reverse("password"), asked).status_code == 302
    assert status(token) == 403
    page = client.get(reverse("profile")).content.decode()
    assert "API tokens that you had have ended" in page
    # However it is changed.
    bob.refresh_from_db()
    token = client.post(reverse("token"), {"name": "y"}).context["token"]
    assert status(token) == 200
    bob.set_password("another one entirely")
    bob.save()
    assert status(token) == 403


def test_tokens_outlast_another_way_to_keep_the_same_password(bob: Any, settings: Any) -> None:
    token = make_token(bob, name="x")
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    kept = bob.password
    assert Client().post("/login/", {"username": "bob", "password": PASSWORD}).status_code == 302
    bob.refresh_from_db()
    assert bob.password != kept
    assert status(token) == 200


def test_tokens_end_when_an_account_is_closed_and_stay_ended(
    admin: Any, bob: Any, as_user: Any
) -> None:
    token = make_token(bob, name="x")
    form = {
        "username": "bob",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
    }
    url = f"/admin/auth/user/{bob.pk}/change/"
    assert as_user(admin).post(url, form).status_code == 302
    assert as_user(admin).post(url, {**form, "is_active": "on"}).status_code == 302
    bob.refresh_from_db()
    assert bob.is_active
    assert status(token) == 403


GOLD = ["gold", "GOLD", "Ｇｏｌｄ", "suggestions"]


@pytest.mark.parametrize("name", GOLD)
def test_nobody_is_called_what_a_layer_is(name: str, admin: Any, as_user: Any) -> None:
    said = "is what a layer is called"
    form = {
        "username": name,
        "password1": PASSWORD,
        "password2": PASSWORD,
        "usable_password": "true",
    }
    assert said in as_user(admin).post("/admin/auth/user/add/", form).content.decode()
    with pytest.raises(CommandError, match=said):
        call_command("createsuperuser", username=name, email="a@example.org", interactive=False)
    with pytest.raises(Problem, match=said):
        account(name)
    assert not User.objects.exclude(pk=admin.pk).exists()


@pytest.mark.parametrize(
    "asked",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "x", "days": "36500"},
        {"name": "x", "days": "0"},
        {"name": "x", "days": "abc"},
    ],
)
def test_what_is_no_token_is_refused(bob: Any, as_user: Any, asked: dict[str, str]) -> None:
    assert as_user(bob).post(reverse("token"), asked).status_code == 400
    assert not Token.objects.exists()


def test_a_password_is_changed_only_with_the_old_one(bob: Any, as_user: Any) -> None:
    client, new = as_user(bob), "a longer sentence now"
    wrong = {"old_password": "not it", "new_password1": new, "new_password2": new}
    assert client.post(reverse("password"), wrong).status_code == 200
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)
    answer = client.post(reverse("password"), {**wrong, "old_password": PASSWORD}, follow=True)
    assert "Your password is changed" in answer.content.decode()
    bob.refresh_from_db()
    assert bob.check_password(new)

"""One's own account: work, password and API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

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

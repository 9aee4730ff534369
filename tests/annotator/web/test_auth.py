"""Wrong passwords, proxies and addresses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotator.web.auth import SessionStore
from tests.acts import (
    PASSWORD,
    person,
)


@pytest.fixture
def proxied(settings: Any) -> None:
    """A site behind a proxy."""
    settings.PROXIES = 1


def sign_in(
    name: str, password: str = "wrong", *, by: str = "203.0.113.7", connection: str = "127.0.0.1"
) -> int:
    """Try to sign in and return the status; `by` is what X-Forwarded-For says."""
    headers = {"X-Forwarded-For": by} if by else {}
    answer = Client().post(
        "/login/", {"username": name, "password": password}, headers=headers, REMOTE_ADDR=connection
    )
    return answer.status_code


def test_behind_a_proxy_nobody_locks_out_somebody_elsewhere(proxied: None, db: None) -> None:
    person("erin")
    for _ in range(10):
        # The first hop is what the stranger says of themselves.
        sign_in("erin", by="198.51.100.1, 203.0.113.7")
    assert sign_in("erin", PASSWORD) == 429
    assert sign_in("erin", PASSWORD, by="203.0.113.7, 198.51.100.1") == 302


def test_behind_two_proxies_the_outer_one_says_who_it_is(settings: Any, db: None) -> None:
    settings.PROXIES = 2
    person("erin")
    for _ in range(10):
        sign_in("erin", by="198.51.100.1, 203.0.113.7, 10.0.0.1")
    assert sign_in("erin", PASSWORD, by="203.0.113.7, 10.0.0.1") == 429
    assert sign_in("erin", PASSWORD, by="203.0.113.7, 198.51.100.1, 10.0.0.1") == 302


def test_without_a_proxy_nobody_chooses_their_address(db: None) -> None:
    person("erin")
    for number in range(10):
        sign_in("erin", by=f"203.0.113.{number}")
    assert sign_in("erin", PASSWORD, by="203.0.113.99") == 429
    assert sign_in("erin", PASSWORD, connection="127.0.0.2") == 302


@pytest.mark.parametrize("by", ["", "unknown", "203.0.113.7:1234", "a, "])
def test_what_is_no_address_is_counted_for_the_connection(proxied: None, db: None, by: str) -> None:
    assert [sign_in("erin", by=by) for _ in range(10)][-1] == 429
    assert sign_in("erin", by="") == 429


def test_one_password_is_not_tried_on_everybody(db: None) -> None:
    person("erin")
    answers = [sign_in(f"name{number}") for number in range(30)]
    assert answers == [200] * 29 + [429]
    asked = Client().post(
        "/api/token/", {"username": "erin", "password": PASSWORD}, REMOTE_ADDR="127.0.0.1"
    )
    assert (asked.status_code, "token" in asked.json()) == (400, False)
    assert sign_in("erin", PASSWORD) == 429
    assert sign_in("erin", PASSWORD, connection="198.51.100.1") == 302


def test_an_address_opens_again_whatever_was_tried_meanwhile(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:

    from axes.handlers import proxy

    person("erin")
    for number in range(30):
        sign_in(f"name{number}")
    later = timezone.now() + timedelta(minutes=10)
    monkeypatch.setattr(proxy, "now", lambda: later)
    assert sign_in("erin", PASSWORD) == 429
    later += timedelta(minutes=6)
    assert sign_in("erin", PASSWORD) == 302


def signed_in(name: str, **asked: str) -> tuple[Client, Any]:
    """Sign in by the page; return the browser and the answer."""
    browser = Client()
    answer = browser.post("/login/", {"username": name, "password": PASSWORD, **asked})
    assert answer.status_code == 302
    return browser, answer


def welcome(browser: Client) -> bool:
    return browser.get("/corpora/").status_code == 200


def test_a_session_begins_with_signing_in_lasts_a_day_and_ends_with_signing_out(db: None) -> None:
    person("erin")
    browser, answer = signed_in("erin")
    cookie = answer.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == 12 * 60 * 60
    assert welcome(browser)
    browser.post("/logout/")
    browser.cookies["sessionid"] = cookie.value
    assert not welcome(browser)


def test_nobody_is_signed_in_under_a_key_that_somebody_gave_them(db: None) -> None:
    person("erin")
    given = SessionStore()
    given.create()
    browser = Client()
    browser.cookies["sessionid"] = given.session_key
    browser.post("/login/", {"username": "erin", "password": PASSWORD})
    assert welcome(browser)
    assert browser.cookies["sessionid"].value != given.session_key
    assert not SessionStore().exists(given.session_key)


def test_another_password_ends_ones_other_sessions(db: None) -> None:
    person("erin")
    here, _ = signed_in("erin")
    elsewhere, _ = signed_in("erin")
    new = "a longer sentence now"
    here.post(
        "/profile/password/",
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )
    assert (welcome(here), welcome(elsewhere)) == (True, False)


@pytest.mark.parametrize(
    "to", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:x"]
)
def test_signing_in_leads_to_no_other_site(db: None, to: str) -> None:
    person("erin")
    _, answer = signed_in("erin", next=to)
    assert answer["Location"] == "/corpora/"


def test_a_long_password_counts_to_its_last_sign(db: None) -> None:
    long = "Ein Satz, größer als jeder andere: 狐が跳ぶ. " * 4
    erin = person("erin")
    erin.set_password(long)
    erin.save()
    assert sign_in("erin", long[:-1] + "x") == 200
    assert sign_in("erin", long) == 302

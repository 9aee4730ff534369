"""What happens to every request."""

from __future__ import annotations

import errno
import logging
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from annotator.services.accounts import make_token
from annotator.web.auth import SessionStore
from tests.acts import (
    PASSWORD,
)


def test_a_database_that_goes_away_leaves_a_whole_answer_and_a_line(
    alice: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = as_user(alice)
    client.raise_request_exception = False

    def away(*_: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(SessionStore, "_get_session_from_db", away)
    with caplog.at_level(logging.INFO, logger="saidby.request"):
        answer = client.get("/corpora/", headers={"X-Request-ID": "proxy-1234"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "the database does not answer" in answer.content.decode().lower()
    assert answer["X-Request-ID"] == "proxy-1234"
    assert answer["X-Frame-Options"] == "DENY" and answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "GET /corpora/ 503" in caplog.text
    answer = client.get("/api/corpora/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "unavailable"


def test_the_line_of_a_request_says_who_asked(
    alice: Any, as_user: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="saidby.request"):
        as_user(alice).get("/corpora/")
        Client().get("/login/")
        Client().post("/login/", {"username": "alice", "password": PASSWORD})
    assert [record.user for record in caplog.records] == [alice.pk, None, alice.pk]


def test_every_page_has_a_strict_policy(document: Any, alice: Any, as_user: Any) -> None:
    policy = as_user(alice).get(reverse("corpora")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "require-trusted-types-for 'script'" in policy
    assert "unsafe-inline" not in policy


def test_what_who_is_signed_in_was_told_is_kept_nowhere(
    document: Any, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    home = f"/corpora/{document.corpus.slug}/"
    for path in ("/corpora/", home, "/api/corpora/", "/corpora/none/", "/api/docs/"):
        assert "no-store" in client.get(path)["Cache-Control"], path
    token = make_token(alice, name="script")
    answer = Client().get("/api/corpora/", headers={"Authorization": f"Token {token}"})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    # Only what names nobody and nothing but colours and labels stays, under an address of its own.
    sheet = client.get(f"{home}labels.css")
    assert "private" in sheet["Cache-Control"]


def test_a_disk_that_is_full_is_told_so(
    document: Any, alice: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_user(alice)
    client.raise_request_exception = False

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("annotator.pages.corpora.render", full)
    answer = client.get("/corpora/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")

"""What happens to every request."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

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
    assert answer.status_code == 500
    assert answer["X-Request-ID"] == "proxy-1234"
    assert answer["X-Frame-Options"] == "DENY" and answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "GET /corpora/ 500" in caplog.text


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

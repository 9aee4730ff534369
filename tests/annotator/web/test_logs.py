"""What the log does not tell."""

from __future__ import annotations

import logging

import pytest
from django.conf import settings as site
from django.test import Client


def test_nobody_writes_lines_into_the_log(db: None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="saidby.request"):
        Client().get("/a%0A2026-01-01 ERROR forged%0D%1B[31m%C2%85%E2%80%A8/")
    [record] = caplog.records
    assert record.getMessage().startswith(
        r"GET /a\n2026-01-01 ERROR forged\r\x1b[31m\x85\u2028/ 404"
    )


@pytest.mark.parametrize("kind", ["line", "json"])
def test_no_line_of_the_log_tells_what_opens_an_invitation(
    db: None, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from logging.config import dictConfig

    told = {
        **site.LOGGING,
        "handlers": {"console": {**site.LOGGING["handlers"]["console"], "formatter": kind}},
    }
    before = logging.root.handlers[:]
    dictConfig(told)
    try:
        Client(enforce_csrf_checks=True).post("/invitations/a-secret/", {"username": "x"})
    finally:
        logging.root.handlers = before
    said = capsys.readouterr().err
    assert "CSRF" in said and "/invitations/" in said
    assert "a-secret" not in said

"""What strangers, proxies and odd settings cannot do to a site."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.db import OperationalError
from django.test import Client

from annotator.web.auth import SessionStore
from corpus import guideline
from tests.acts import PASSWORD, person
from tests.sites import below, free_port

ROOT = Path(__file__).parents[3]


@pytest.fixture
def proxied(settings: Any) -> None:
    """A site behind a proxy with HTTPS."""
    settings.HTTPS = True


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
    from datetime import timedelta

    from axes.handlers import proxy
    from django.utils import timezone

    person("erin")
    for number in range(30):
        sign_in(f"name{number}")
    later = timezone.now() + timedelta(minutes=10)
    monkeypatch.setattr(proxy, "now", lambda: later)
    assert sign_in("erin", PASSWORD) == 429
    later += timedelta(minutes=6)
    assert sign_in("erin", PASSWORD) == 302


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


def setting(**env: str) -> subprocess.CompletedProcess[str]:
    """Start with settings, and return what it says of its hosts or why it does not start."""
    code = "from django.conf import settings as s; print(s.ALLOWED_HOSTS, s.CSRF_TRUSTED_ORIGINS, s.UPLOAD_BYTES)"
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", code],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_spaces_between_hosts_are_nobodys_name() -> None:
    told = setting(SAIDBY_HOSTS="a.example, b.example", SAIDBY_HTTPS="1", SAIDBY_UPLOAD_MB="")
    assert told.stdout.strip() == (
        "['a.example', 'b.example'] ['https://a.example', 'https://b.example'] 500000000"
    )


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "SAIDBY_UPLOAD_MB",
            "5 GB",
            "[settings] SAIDBY_UPLOAD_MB must be a whole number, not '5 GB'",
        ),
        (
            "SAIDBY_JOBS_AN_HOUR",
            "-1",
            "[settings] SAIDBY_JOBS_AN_HOUR must be a whole number, not '-1'",
        ),
        (
            "DATABASE_URL",
            "mysql://me@there/db",
            "[settings] DATABASE_URL must begin with sqlite:/// or postgres://",
        ),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(name: str, value: str, says: str) -> None:
    done = setting(**{name: value})
    assert (done.returncode, done.stderr.strip()) == (1, says)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java&#115;cript&colon;alert(1)",
        "&#1;javascript:x",
        "data:text/html,x",
        "vbscript:x",
        "java\tscript:x",
        "<javascript:x>",
        "`javascript:x`",
        "file:///etc/passwd",
    ],
)
def test_a_link_of_a_guideline_runs_nothing(link: str) -> None:
    html, _ = guideline.read(f"See [the rules]({link}) and [more][m].\n\n[m]: {link}\n")
    assert "href" not in html and "the rules" in html


@pytest.mark.parametrize(
    "link",
    [
        "https://a.example/?q=a:b",
        "http://a.example",
        "mailto:a@b.example",
        "#stance",
        "../queue/",
        "a/b:c",
    ],
)
def test_a_link_of_a_guideline_leads_where_it_says(link: str) -> None:
    assert f'<a href="{link}">there</a>' in guideline.read(f"[there]({link})")[0]


def test_a_guideline_is_markdown_and_its_markup_stays_text() -> None:
    html, sections = guideline.read(
        "# Who & <b>what</b>\n\n> a quotation\n\nWrite `a < b & c`, see <https://a.example/?b=1&c=2>.\n\n"
        "<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n<div>\n*block*\n</div>\n\n"
        "A ![small *map*](https://b.example/pixel.png) here.\n"
    )
    assert [(s.slug, s.title) for s in sections] == [("who-bwhatb", "Who & <b>what</b>")]
    assert "<blockquote>\n<p>a quotation</p>\n</blockquote>" in html
    assert "<code>a &lt; b &amp; c</code>" in html
    assert '<a href="https://a.example/?b=1&amp;c=2">https://a.example/?b=1&amp;c=2</a>' in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt;" in html
    assert "&lt;div&gt;\n<em>block</em>\n&lt;/div&gt;" in html
    assert "<p>A <span>small *map*</span> here.</p>" in html
    assert "pixel.png" not in html


def served(folder: Path, **env: str) -> subprocess.Popen[str]:
    """Begin to serve a site of its own."""
    own = {"DATABASE_URL": f"sqlite:///{folder}/db.sqlite3", "SAIDBY_DATA": str(folder / "data")}
    return subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(free_port())],
        cwd=ROOT,
        env={**os.environ, **own, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_serving_that_cannot_go_on_fails(tmp_path: Path) -> None:
    with served(tmp_path, GUNICORN_CMD_ARGS="--no-such-option") as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.splitlines()[-1] == (
        "[serve-ended] the web server ended 5 times within a minute, so nothing is served. What went wrong stands above"
    )


def test_gunicorn_serves_with_threads_and_logs_as_the_site_does(tmp_path: Path) -> None:
    own = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "SAIDBY_DATA": str(tmp_path / "data"),
    }
    command, port = [sys.executable, "-m", "gunicorn", "annotator.wsgi"], free_port()
    shown = subprocess.run(
        [*command, "--print-config"],
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.search(r"^worker_class += gthread$", shown, re.MULTILINE)
    assert re.search(r"^threads += 8$", shown, re.MULTILINE)
    with subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env={**os.environ, **own, "SAIDBY_JSON_LOGS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        urllib.request.urlopen(f"http://127.0.0.1:{port}/login/").close()
        process.terminate()
        _, said = process.communicate(timeout=60)
    lines = [json.loads(line) for line in said.splitlines()]
    assert any(line["message"].startswith("Listening at") for line in lines)
    assert "GET /login/ 200" in " ".join(
        line["message"] for line in lines if line["name"] == "saidby.request"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_nothing_goes_on_serving_after_a_kill(tmp_path: Path) -> None:
    with served(tmp_path) as process:
        left: list[int] = []
        for _ in range(100):
            left = below(process.pid)
            if len(left) >= 3:  # the web server, the process it answers with, and the worker
                break
            time.sleep(0.2)
        assert len(left) >= 3
        process.send_signal(signal.SIGKILL)
        for _ in range(100):
            if not any(running(pid) for pid in left):
                break
            time.sleep(0.2)
        assert [pid for pid in left if running(pid)] == []


def running(pid: int) -> bool:
    """Tell whether a process lives; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False

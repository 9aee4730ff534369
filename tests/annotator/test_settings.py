"""Settings from the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db.utils import ConnectionHandler

from annotator.settings import database, secret_key

ROOT = Path(__file__).parents[2]


HOSTS = (
    "from django.conf import settings as s;"
    "print(s.ALLOWED_HOSTS, s.CSRF_TRUSTED_ORIGINS, s.UPLOAD_BYTES)"
)


def setting(code: str = HOSTS, **env: str) -> subprocess.CompletedProcess[str]:
    """Start with settings, and return what the code prints or why it does not start."""
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


def test_a_line_break_after_a_key_is_not_of_it() -> None:
    code = "from django.conf import settings as s; print(repr(s.LLM_KEY))"
    assert setting(code, SAIDBY_LLM_KEY="sk-secret\n").stdout.strip() == "'sk-secret'"


@pytest.mark.parametrize(
    ("https", "said", "proxies"), [("0", "", "0"), ("1", "", "1"), ("0", "1", "1"), ("1", "2", "2")]
)
def test_proxies_are_believed_by_themselves_or_with_https(
    https: str, said: str, proxies: str
) -> None:
    code = "from django.conf import settings as s; print(s.PROXIES)"
    told = setting(code, SAIDBY_HTTPS=https, SAIDBY_PROXIES=said)
    assert told.stdout.strip() == proxies


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
            "SAIDBY_LLM_PRICE_IN",
            "15 cents",
            "[settings] SAIDBY_LLM_PRICE_IN must be an amount such as 0.15, not '15 cents'",
        ),
        (
            "SAIDBY_SQLITE_SYNC",
            "off",
            "[settings] SAIDBY_SQLITE_SYNC must be full or normal, not 'off'",
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


def test_a_secret_key_is_made_once_for_each_site_and_its_owner_alone_reads_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SAIDBY_SECRET_KEY", raising=False)
    made = secret_key(tmp_path / "one")
    assert len(made) >= 50
    assert secret_key(tmp_path / "one") == made != secret_key(tmp_path / "two")
    assert (tmp_path / "one" / "secret_key").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("SAIDBY_SECRET_KEY", "given")
    assert secret_key(tmp_path / "one") == "given"


def test_behind_https_cookies_and_answers_are_for_https_alone() -> None:
    code = (
        "from django.test import Client\n"
        "from django.conf import settings as s\n"
        "print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_PATH)\n"
        "site = Client(headers={'Host': 'a.example', 'X-Forwarded-Proto': 'https'})\n"
        "answer = site.get('/login/')\n"
        "print(answer['Strict-Transport-Security'])\n"
        "print(answer.cookies['csrftoken']['secure'], answer.cookies['csrftoken']['samesite'])\n"
        "print(Client(headers={'Host': 'a.example'}).get('/login/')['Location'])\n"
        "print(Client(headers={'Host': 'b.example', 'X-Forwarded-Proto': 'https'})"
        ".get('/login/').status_code)"
    )
    told = setting(code, SAIDBY_HOSTS="a.example", SAIDBY_HTTPS="1")
    assert told.stdout.splitlines() == [
        "__Host-sessionid True /",
        "max-age=31536000; includeSubDomains; preload",
        "True Lax",
        "https://a.example/login/",
        "400",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("setting", "level"), [("", 2), ("full", 2), ("normal", 1)])
def test_a_save_on_sqlite_waits_for_the_disk_unless_told_not_to(
    setting: str, level: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/site.sqlite3")
    monkeypatch.setenv("SAIDBY_SQLITE_SYNC", setting)
    alone = ConnectionHandler({"default": database()})["default"]
    with alone.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (level,)
    alone.close()

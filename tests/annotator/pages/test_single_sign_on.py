"""Single sign-on by settings alone, against a provider of our own."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

from tests.sites import free_port, serve, site


class Provider(ThreadingHTTPServer):
    """An OpenID Connect provider where somebody is signed in, and says yes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.person: dict[str, Any] = {}
        self.refuses = self.fails = False


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        url, asked = self.server.url, {k: v[0] for k, v in parse_qs(query).items()}
        if path == "/.well-known/openid-configuration":
            self.answer(
                {
                    "issuer": url,
                    "authorization_endpoint": f"{url}/authorize",
                    "token_endpoint": f"{url}/token",
                    "userinfo_endpoint": f"{url}/userinfo",
                    "jwks_uri": f"{url}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        elif path == "/authorize":
            said = {"error": "access_denied"} if self.server.refuses else {"code": "once"}
            self.send_response(302)
            self.send_header(
                "Location",
                f"{asked['redirect_uri']}?{urlencode({**said, 'state': asked['state']})}",
            )
            self.end_headers()
        else:
            self.answer(self.server.person)

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.server.fails or (sent["client_id"], sent["client_secret"]) != (
            ["saidby"],
            ["hush"],
        ):
            self.send_error(500)
            return
        now = int(time.time())
        claims = {
            **self.server.person,
            "iss": self.server.url,
            "aud": "saidby",
            "iat": now,
            "exp": now + 60,
        }
        self.answer(
            {"access_token": "a", "token_type": "Bearer", "id_token": jwt.encode(claims, "k" * 32)}
        )

    def answer(self, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Person:
    """A browser that follows addresses and keeps cookies, of ours and of the provider's."""

    def __init__(self, port: int) -> None:
        self.home = f"http://127.0.0.1:{port}"
        self.cookies: SimpleCookie = SimpleCookie()

    def get(self, url: str) -> tuple[str, str]:
        """Return where one ends and what the page says."""
        for _ in range(10):
            found = urlsplit(url if url.startswith("http") else self.home + url)
            answer, body = self._ask(found.netloc, f"{found.path}?{found.query}")
            if answer.status not in (301, 302):
                return found.path, f"{answer.status} {body}"
            url = answer.headers["Location"]
        raise AssertionError(f"it goes round and round, last to {url}")

    def _ask(self, host: str, path: str) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection(host, timeout=20)
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        body = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.load(header)
        connection.close()
        return answer, body

    def sign_in(self) -> tuple[str, str]:
        """Follow the link on the page to sign in."""
        _, page = self.get("/login/")
        link = re.search(r'href="(/sso/[^"]+)"', page)
        assert link and "Sign in with Bay News" in page
        return self.get(link[1])


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def manage(provider: Provider, migrated_file: Path, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    shutil.copy(migrated_file, tmp_path / "site.sqlite3")
    yield from site(
        f"sqlite:///{tmp_path}/site.sqlite3",
        tmp_path,
        SAIDBY_OIDC_URL=provider.url,
        SAIDBY_OIDC_NAME="Bay News",
        SAIDBY_OIDC_CLIENT="saidby",
        SAIDBY_OIDC_SECRET="hush",
    )


def test_people_sign_in_at_their_provider(
    manage: Callable[..., Any], provider: Provider, tmp_path: Path
) -> None:
    # What single sign-on itself keeps.
    manage("migrate", "-v0")
    manage("create_corpus", "port")
    manage(
        code="from corpus.models import *; from django.contrib.auth.models import User;"
        "from corpus.services.members import add_member;"
        "bob = User.objects.create_user('bob', 'bob@bay.example', 'x');"
        "add_member(Corpus.objects.get(), bob, 'reviewer')"
    )
    port = free_port()
    serve(manage, port)
    people = (
        "from django.contrib.auth.models import User;"
        "print(*User.objects.order_by('pk').values_list('username'))"
    )

    # Whose address the provider vouches for keeps the account, and what it may do.
    provider.person = {
        "sub": "1",
        "email": "bob@bay.example",
        "email_verified": True,
        "name": "Bob",
    }
    bob = Person(port)
    assert bob.sign_in()[0] == "/corpora/"
    assert bob.get("/corpora/port/")[1].startswith("200")

    # Somebody new gets an account that may do nothing yet.
    provider.person = {
        "sub": "2",
        "email": "eve@bay.example",
        "email_verified": True,
        "preferred_username": "eve",
    }
    eve = Person(port)
    assert eve.sign_in()[0] == "/corpora/"
    assert eve.get("/corpora/port/")[1].startswith("404")

    # An address that nobody vouches for opens nobody's account.
    provider.person = {
        "sub": "3",
        "email": "bob@bay.example",
        "email_verified": False,
        "preferred_username": "mallory",
    }
    mallory = Person(port)
    where, page = mallory.sign_in()
    assert where == "/login/" and "your e-mail address already" in page
    assert mallory.get("/corpora/")[0] == "/login/"
    assert manage(code=people).split() == ["('bob',)", "('eve',)"]

    provider.refuses = True
    where, page = Person(port).sign_in()
    assert where == "/login/" and "broken off" in page
    provider.refuses, provider.fails = False, True
    where, page = Person(port).sign_in()
    assert "The sign-in failed" in page and not page.startswith("500")

    told = json.loads(manage("backup", str(tmp_path / "site.zip"), "--json"))
    assert told["left_out"]["links to single sign-on"] == 2

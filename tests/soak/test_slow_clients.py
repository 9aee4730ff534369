"""Clients that send slowly take nothing from those that do not, and are sent away in the end."""

from __future__ import annotations

import http.client
import select
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest

from annotator.web.server import PATIENCE_SECONDS
from tests.annotator.web.test_server import SECONDS, THREADS, asked, served
from tests.sites import ROOT, free_port, serve
from tools.bench_http import signed_in

SLOW = 50
FORM = "application/x-www-form-urlencoded"
PERSON = (
    "from django.contrib.auth.models import User; User.objects.create_user('bob', password='x')"
)
ONE_BYTE = (
    "POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    f"Content-Type: {FORM}\r\nContent-Length: 1000\r\n\r\na"
)
HALF_A_HEAD = "GET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/"
A_DRIP_OF_CHUNKS = (
    "POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na"
)
NOTHING = ""


@pytest.fixture
def port(manage: Callable[..., Any]) -> int:
    manage(code=PERSON)
    found = free_port()
    serve(manage, found)
    return found


def slow_clients(port: int, begin: str, stack: ExitStack) -> list[socket.socket]:
    """Open connections that have sent only the beginning of a request."""
    clients = []
    for _ in range(SLOW):
        client = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
        client.sendall(begin.encode())
        clients.append(client)
    return clients


def test_everybody_else_is_answered(port: int) -> None:
    for begin in (ONE_BYTE, HALF_A_HEAD, A_DRIP_OF_CHUNKS, NOTHING):
        with ExitStack() as stack:
            clients = slow_clients(port, begin, stack)
            for _ in range(3):
                with closing(
                    http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                ) as connection:
                    connection.request("GET", "/healthz")
                    assert connection.getresponse().status == 200
            bob = signed_in(port, "bob")
            assert b"Sign out" in bob.ask("GET", "/corpora/")
            assert not bob.failed
            bob.connection.close()
            # They are still there: nobody was answered because they had gone.
            assert select.select(clients, [], [], 0)[0] == []


def test_the_proxy_of_the_documentation_passes_on_what_is_whole(port: int, tmp_path: Path) -> None:
    """One that is let send its body slowly does so to the proxy, and the site never sees it."""
    outside = free_port()
    server = (ROOT / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for theirs, ours in (
        ("http://web:8000", f"http://127.0.0.1:{port}"),
        ("listen 80", f"listen {outside}"),
    ):
        assert theirs in server
        server = server.replace(theirs, ours)
    (tmp_path / "nginx.conf").write_text(
        f"events {{}}\nhttp {{\naccess_log {tmp_path}/access;\n{server}}}\n", encoding="utf-8"
    )
    command = ["nginx", "-p", str(tmp_path), "-e", "stderr", "-c", str(tmp_path / "nginx.conf")]
    with subprocess.Popen([*command, "-g", f"daemon off; pid {tmp_path}/pid;"]) as nginx:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", outside), 1):
                break
            time.sleep(0.05)
        with ExitStack() as stack:
            clients = slow_clients(outside, ONE_BYTE, stack)
            # Its address has as many connections as one may have; others are told so.
            with closing(http.client.HTTPConnection("127.0.0.1", outside, timeout=5)) as other:
                other.request("GET", "/healthz")
                assert other.getresponse().status == 429
            clients.pop().close()
            bob = signed_in(outside, "bob")
            assert b"Sign out" in bob.ask("GET", "/corpora/")
            assert not bob.failed
            bob.connection.close()
        nginx.terminate()


def test_who_goes_on_dripping_is_sent_away(port: int) -> None:
    with ExitStack() as stack:
        open_ones = slow_clients(port, ONE_BYTE, stack)
        deadline = time.monotonic() + 2 * PATIENCE_SECONDS
        while open_ones:
            assert time.monotonic() < deadline, f"{len(open_ones)} are still connected"
            open_ones = [client for client in open_ones if _drip(client)]
            time.sleep(0.5)


def _drip(client: socket.socket) -> bool:
    """Send one byte more; tell whether anybody is there."""
    try:
        client.sendall(b"a")
        client.setblocking(False)
        return client.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        client.setblocking(True)


def test_whoever_reads_nothing_holds_no_thread() -> None:
    with served() as (port, _), ExitStack() as stack:
        for _ in range(THREADS):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), 20))
            client.sendall(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(SECONDS)
        with pytest.raises(TimeoutError):
            asked(port, seconds=SECONDS)
        assert asked(port, seconds=3 * PATIENCE_SECONDS) == (200, "0 of none")

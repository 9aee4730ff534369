"""The web process as clients meet it, with an application that only says what reached it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from annotator.web.body_limits import largest_body
from annotator.web.server import PATIENCE_SECONDS, Pace
from tests.sites import free_port

ROOT = Path(__file__).parents[3]
LIMIT_MB = 20
SECONDS = 1.0
THREADS = 2
BIG = largest_body(upload=False)
UPLOAD = "/corpora/port/import/"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Say how many bytes came of how many that were told; think for a while at `/think`, and send
    what no connection holds at `/long`.
    """
    if environ["PATH_INFO"] == "/think":
        time.sleep(SECONDS)
    if environ["PATH_INFO"] == "/long":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter([bytes(1_000_000)] * 100)
    came = len(environ["wsgi.input"].read())
    told = environ.get("CONTENT_LENGTH") or "none"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{came} of {told}".encode()]


@contextmanager
def served(*options: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "tests.annotator.web.test_server:application"]
    with subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", "--threads", str(THREADS), *options],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "annotator.settings",
            "SAIDBY_UPLOAD_MB": str(LIMIT_MB),
        },
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None:
                break
            time.sleep(0.05)
        try:
            yield port, process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served() as (port, _):
        yield port


def asked(
    port: int, path: str = "/", body: Any = None, seconds: float = 20, **headers: str
) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)) as connection:
        connection.request("POST" if body is not None else "GET", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_the_body_reaches_the_site(port: int) -> None:
    body = b"a" * 300_000
    assert asked(port, "/", body) == (200, "300000 of 300000")
    assert asked(port, "/", iter([body, body])) == (200, "600000 of 600000")
    assert asked(port) == (200, "0 of none")


def test_nothing_tells_what_serves(port: int) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert {name.lower() for name, _ in answer.getheaders()} & {"server", "via"} == set()


def test_a_body_that_is_too_large_is_not_kept_and_the_site_may_refuse_it(port: int) -> None:
    body = b"a" * (BIG + 1)
    assert asked(port, "/", body) == (200, f"0 of {BIG + 1}")
    # Without a sign of who it is nobody uploads.
    assert asked(port, UPLOAD, body) == (200, f"0 of {BIG + 1}")
    assert asked(port, UPLOAD, body, Cookie="sessionid=x") == (200, f"{BIG + 1} of {BIG + 1}")
    status, said = asked(port, "/", iter([body, b"a"]))
    came, _, told = said.split()
    assert (status, came) == (200, "0")
    assert int(told) > BIG


def test_bodies_of_many_clients_do_not_fill_the_disk(port: int) -> None:
    length = LIMIT_MB * 1_000_000
    begin = f"POST {UPLOAD} HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\nContent-Length: {length}\r\n\r\n"
    clients = [socket.create_connection(("127.0.0.1", port), 20) for _ in range(5)]
    told = b""
    for client in clients:
        with suppress(OSError):
            client.sendall(begin.encode() + b"a" * (length - 1))
    for client in clients:
        client.setblocking(False)
        with suppress(OSError):
            told += client.recv(1000)
        client.close()
    assert told.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"Retry-After: 30\r\n" in told
    # The others are waited for: five of them are one more than there is room for.
    assert told.count(b"HTTP/1.1 ") == told.count(b"HTTP/1.1 503 ") < 5


def test_what_is_being_answered_at_the_end_is_answered() -> None:
    with served() as (port, process):
        assert asked(port)[0] == 200
        answers: list[tuple[int, str]] = []
        thread = threading.Thread(target=lambda: answers.append(asked(port, "/think")))
        with socket.create_connection(("127.0.0.1", port), 5) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\n")
            thread.start()
            time.sleep(SECONDS / 4)
            process.send_signal(signal.SIGTERM)
            thread.join()
            assert answers == [(200, "0 of none")]
            # Who has not asked yet is not waited for.
            assert process.wait(SECONDS * 5) == 0


def test_a_body_on_its_way_at_the_end_is_taken_and_answered() -> None:
    begin = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nhal"
    with served() as (port, process):
        assert asked(port)[0] == 200
        with socket.create_connection(("127.0.0.1", port), 20) as client:
            client.sendall(begin)
            time.sleep(SECONDS / 4)
            process.send_signal(signal.SIGTERM)
            time.sleep(SECONDS)
            client.sendall(b"ves")
            assert client.recv(1000).startswith(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n")
            assert process.wait(SECONDS * 5) == 0


def test_a_slow_answer_before_it_is_not_held_against_a_request() -> None:
    pace = Pace()
    pace.begun -= 2 * PATIENCE_SECONDS
    assert not pace.is_too_slow(0, time.monotonic(), waits=False)
    assert not pace.is_too_slow(0, time.monotonic(), waits=True)
    pace.begun -= 2 * PATIENCE_SECONDS
    assert pace.is_too_slow(10, time.monotonic(), waits=True)


def test_a_socket_file_is_served(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with served("--bind", f"unix:{path}"), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(path)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    with served("--certfile", str(tmp_path / "key"), "--keyfile", str(tmp_path / "key")) as (_, it):
        _, said = it.communicate(timeout=20)
        assert it.returncode
        assert "HTTPS is what the proxy in front is for" in said


@pytest.mark.parametrize(
    ("option", "value"), [("max-requests", "100"), ("access-logfile", "-"), ("keep-alive", "5")]
)
def test_what_would_be_left_out_is_refused(option: str, value: str) -> None:
    with served(f"--{option}", value) as (_, process):
        _, said = process.communicate(timeout=20)
        assert process.returncode
        assert f"--{option} does nothing here" in said

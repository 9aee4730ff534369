"""Short requests are answered one after another; what waits for the network or the database holds
up nobody.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from annotator.web.request_lock import ARRIVED, LONGEST_WAIT, SHORT_BODY, FairLock, RequestLock

LONG = 10.0


def in_threads(*acts: Callable[[], Any]) -> list[threading.Thread]:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    return threads


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


class Application:
    """Answers with its body; one whose body begins with `wait` waits until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.running = 0
        self.most = 0
        self.answered: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.running += 1
        self.most = max(self.most, self.running)
        body = environ["wsgi.input"].read()
        if body.startswith(b"wait"):
            self.go.wait(LONG)
        else:
            time.sleep(0.002)
        self.running -= 1
        self.answered.append(body)
        return [body]


def ask(application: RequestLock, body: bytes, **more: str) -> list[bytes]:
    environ = {
        "REQUEST_METHOD": "POST",
        "wsgi.input": BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        **more,
    }
    return list(application(environ, lambda *_: None))


def test_short_requests_run_one_at_a_time_and_in_the_order_they_came() -> None:
    inner = Application()
    served = RequestLock(inner)
    threads = in_threads(lambda: ask(served, b"wait"))
    until(lambda: inner.running == 1)
    for number in range(5):
        body = str(number).encode()
        threads += in_threads(lambda body=body: ask(served, body))
        until(lambda number=number: len(served.lock.waiting) == number + 1)
    inner.go.set()
    for thread in threads:
        thread.join(LONG)
    assert inner.answered == [b"wait", b"0", b"1", b"2", b"3", b"4"]
    assert inner.most == 1
    assert not served.lock.taken


def test_a_request_that_takes_long_holds_the_others_up_for_a_moment_only() -> None:
    inner = Application()
    served = RequestLock(inner)
    (slow,) = in_threads(lambda: ask(served, b"wait"))
    until(lambda: inner.running == 1)
    started = time.monotonic()
    assert ask(served, b"quick") == [b"quick"]
    assert time.monotonic() - started >= LONGEST_WAIT * 0.9
    inner.go.set()
    slow.join(LONG)
    assert ask(served, b"next") == [b"next"]
    assert inner.answered == [b"quick", b"wait", b"next"]


def test_large_bodies_and_those_of_unknown_length_are_out_of_turn() -> None:
    inner = Application()
    served = RequestLock(inner)
    large = b"wait" + b"x" * SHORT_BODY
    threads = in_threads(
        lambda: ask(served, large),
        lambda: ask(served, b"wait for chunks", HTTP_TRANSFER_ENCODING="chunked"),
    )
    until(lambda: inner.running == 2)
    assert not served.lock.taken
    started = time.monotonic()
    assert ask(served, b"quick") == [b"quick"]
    assert time.monotonic() - started < LONGEST_WAIT
    inner.go.set()
    for thread in threads:
        thread.join(LONG)
    assert sorted(map(len, inner.answered)) == [5, 15, len(large)]


def test_a_body_is_read_before_its_turn() -> None:
    inner = Application()
    served = RequestLock(inner)
    sent = threading.Event()

    class Slow:
        def read(self, size: int) -> bytes:
            sent.wait(LONG)
            return b"slow"[:size]

    environ = {"REQUEST_METHOD": "POST", "wsgi.input": Slow(), "CONTENT_LENGTH": "4"}
    (thread,) = in_threads(lambda: served(environ, lambda *_: None))
    assert ask(served, b"quick") == [b"quick"]
    assert not served.lock.taken
    sent.set()
    thread.join(LONG)
    assert inner.answered == [b"quick", b"slow"]


def test_what_has_no_body_is_not_waited_for() -> None:
    class Never:
        def read(self, size: int) -> bytes:
            raise AssertionError("read")

    environ = {"REQUEST_METHOD": "GET", "wsgi.input": Never(), "CONTENT_LENGTH": "5"}
    assert RequestLock(lambda environ, _: [b"well"])(environ, lambda *_: None) == [b"well"]


def test_what_a_request_waited_stands_in_the_log(
    client: Any, caplog: pytest.LogCaptureFixture, db: None
) -> None:
    with caplog.at_level(logging.INFO, logger="saidby.request"):
        client.get("/login/", **{ARRIVED: time.perf_counter() - 2})
    (record,) = caplog.records
    assert record.__dict__["ms"] >= 2000


def test_a_request_that_fails_passes_its_turn_on() -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise ValueError

    served = RequestLock(broken)
    for _ in range(2):
        with pytest.raises(ValueError):
            ask(served, b"")
        assert not served.lock.taken


def test_many_at_once_never_share_a_turn_nor_lose_it() -> None:
    lock = FairLock()
    inside, seen = [0], []

    def work() -> None:
        for _ in range(200):
            with lock.wait(0.0005) as came:
                if came:
                    inside[0] += 1
                    seen.append(inside[0])
                    inside[0] -= 1

    for thread in in_threads(*[work] * 8):
        thread.join(LONG)
    assert set(seen) == {1}
    assert not lock.taken
    assert not lock.waiting

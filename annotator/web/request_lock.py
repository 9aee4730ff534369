"""One short request at a time in each process.

Python runs one thread at a time, whatever their number. Requests that run at once pass its lock to
and fro with each statement they send to the database, and all of them together take half as long
again as one after another. Threads are there for what waits for the network: large uploads, slow
readers.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

# Bytes of a body that is read before its turn; a longer one is read as it comes, out of turn.
SHORT_BODY = 100_000
BODILESS = ("GET", "HEAD", "OPTIONS")
# Where the environment of a request tells when it came, by `time.perf_counter`.
ARRIVED = "saidby.arrived"
# Seconds until a request goes on without its turn: what is before it waits for something itself.
LONGEST_WAIT = 0.1


class FairLock:
    """A lock that goes to whoever has waited longest.

    Nobody waits for it beyond their patience.
    """

    def __init__(self) -> None:
        self.taken = False
        self.waiting: deque[threading.Lock] = deque()
        self.guard = threading.Lock()

    @contextmanager
    def wait(self, patience: float) -> Iterator[bool]:
        """Wait so many seconds at most; tell whether the lock was got."""
        acquired = self._acquire(patience)
        try:
            yield acquired
        finally:
            if acquired:
                self._release()

    def _acquire(self, patience: float) -> bool:
        with self.guard:
            if not self.taken:
                self.taken = True
                return True
            gate = threading.Lock()
            gate.acquire()
            self.waiting.append(gate)
        if gate.acquire(timeout=patience):
            return True
        with self.guard:
            if gate in self.waiting:
                self.waiting.remove(gate)
                return False
        # It came at the last moment.
        return True

    def _release(self) -> None:
        with self.guard:
            if self.waiting:
                self.waiting.popleft().release()
            else:
                self.taken = False


class RequestLock:
    """A WSGI application that answers its short requests in turn."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.lock = FairLock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer as the application does."""
        environ[ARRIVED] = time.perf_counter()
        if environ["REQUEST_METHOD"] not in BODILESS:
            length = environ.get("CONTENT_LENGTH") or "0"
            if (
                not length.isdecimal()
                or int(length) > SHORT_BODY
                or "HTTP_TRANSFER_ENCODING" in environ
            ):
                return self._answer(environ, start_response)
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(length)))
        with self.lock.wait(LONGEST_WAIT):
            return self._answer(environ, start_response)

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer: Iterable[bytes] = self.application(environ, start_response)
        return answer

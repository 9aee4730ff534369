"""One write transaction at a time in each process.

SQLite lets one connection write and has the others ask again after growing pauses, so that under
load some wait for seconds while others come and go. Threads of one process wait for each other
here, and are woken when the lock is free. Between processes the one at the head of that queue asks
again every millisecond, so that it comes when another process has written, however often that does.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

# Seconds between two attempts to write while another process does.
PAUSE = 0.001

_write_lock = threading.Lock()


def _renew_lock() -> None:
    """Begin with a free lock in a forked process: whoever held it is not there."""
    global _write_lock
    _write_lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that holds a lock of its process while it is in a transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._holds_lock = False

    def prepared_cursor(self) -> Any:
        """Return a cursor for statements that come again and again.

        `sqlite3` keeps those of a connection by itself.
        """
        return self.cursor()

    def _start_transaction_under_autocommit(self) -> None:
        deadline = time.monotonic() + self._timeout
        if not self._holds_lock:
            if not _write_lock.acquire(timeout=self._timeout):
                raise OperationalError("database is locked by another thread")
            self._holds_lock = True
        try:
            self._begin(deadline)
        except BaseException:
            self._release()
            raise

    @property
    def _timeout(self) -> float:
        """How many seconds a writer waits."""
        timeout: float = self.settings_dict["OPTIONS"].get("timeout", 5)
        return timeout

    def _begin(self, deadline: float) -> None:
        """Begin a transaction, waiting for those of other processes until a moment."""
        connection: Any = self.connection
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    return super()._start_transaction_under_autocommit()  # type: ignore[misc] # not in the stubs
                except OperationalError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(PAUSE)
        finally:
            connection.execute(f"PRAGMA busy_timeout = {int(1000 * self._timeout)}")

    def _set_autocommit(self, autocommit: bool) -> None:
        try:
            super()._set_autocommit(autocommit)  # type: ignore[misc] # not in the stubs
        finally:
            if autocommit:
                self._release()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc] # not in the stubs
        finally:
            self._release()

    def _release(self) -> None:
        if self._holds_lock:
            self._holds_lock = False
            _write_lock.release()

"""One write transaction at a time in each process.

SQLite lets one connection write and has the others ask again after growing pauses, so that under
load some wait for seconds while others come and go. Threads of one process wait for each other
here, and are woken when the lock is free; between processes SQLite's own waiting goes on as before.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

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
        if not self._holds_lock:
            timeout = self.settings_dict["OPTIONS"].get("timeout", 5)
            if not _write_lock.acquire(timeout=timeout):
                raise OperationalError("database is locked by another thread")
            self._holds_lock = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc] # not in the stubs
        except BaseException:
            self._release()
            raise

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

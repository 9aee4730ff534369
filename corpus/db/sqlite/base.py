"""One write transaction at a time in each process.

SQLite lets one connection write and has the others ask again after growing pauses, so that under
load some wait for seconds while others come and go. Threads of one process wait for each other
here, and are woken when it is their turn; between processes SQLite's own waiting goes on as before.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

_turn = threading.Lock()


def _new_turn() -> None:
    """Begin with nobody's turn in a forked process: whoever had it is not there."""
    global _turn
    _turn = threading.Lock()


os.register_at_fork(after_in_child=_new_turn)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that waits for its turn before it begins a transaction, and passes the turn on
    at its end.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_turn = False

    def prepared_cursor(self) -> Any:
        """Return a cursor for statements that come again and again; `sqlite3` keeps those of a
        connection by itself.
        """
        return self.cursor()

    def _start_transaction_under_autocommit(self) -> None:
        if not self._has_turn:
            if not _turn.acquire(timeout=self.settings_dict["OPTIONS"].get("timeout", 5)):
                raise OperationalError("database is locked by another thread")
            self._has_turn = True
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._pass_on()
            raise

    def _set_autocommit(self, autocommit: bool) -> None:
        try:
            super()._set_autocommit(autocommit)
        finally:
            if autocommit:
                self._pass_on()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _turn.release()

"""Writers of several processes on one SQLite file."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from annotator.settings import database

# Seconds for which another writes, and pauses. SQLite's own pauses are a tenth of one by then.
HELD, FREE = 0.5, 0.02


@pytest.fixture
def connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> Iterator[Any]:
    """A connection as the site has, to a file of its own."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/a.sqlite3")
    made = ConnectionHandler({"default": database()})["default"]
    with django_db_blocker.unblock(), closing(made):
        yield made


def test_who_waits_comes_between_the_writes_of_another(connection: Any, tmp_path: Path) -> None:
    """SQLite's own pauses grow to a tenth of a second, in which others come and go."""
    with connection.cursor() as cursor:
        cursor.execute("create table a (b)")
    ended = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(tmp_path / "a.sqlite3", isolation_level=None)) as other:
            while not ended.wait(FREE):
                other.execute("begin immediate")
                time.sleep(HELD)
                other.execute("commit")

    thread = threading.Thread(target=write)
    thread.start()
    waited = []
    try:
        for _ in range(5):
            begun = time.monotonic()
            connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
            waited.append(time.monotonic() - begun)
            connection.rollback()
            connection.set_autocommit(True)
            time.sleep(2 * FREE)
    finally:
        ended.set()
        thread.join()
    # It may miss the pause once, on a machine that has much to do.
    assert max(waited) < 3 * HELD


def test_who_waits_too_long_is_told(connection: Any, tmp_path: Path) -> None:
    connection.settings_dict["OPTIONS"]["timeout"] = 0.1
    connection.ensure_connection()
    with closing(sqlite3.connect(tmp_path / "a.sqlite3", isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(OperationalError, match="locked"):
            connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        other.execute("commit")
    # Nothing of it stays: the next one writes.
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    connection.rollback()
    connection.set_autocommit(True)

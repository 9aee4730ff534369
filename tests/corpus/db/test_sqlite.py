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

# Seconds after which SQLite itself would ask again in a tenth of one.
HELD = 0.44


@pytest.fixture
def connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> Iterator[Any]:
    """A connection as the site has, to a file of its own."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/a.sqlite3")
    made = ConnectionHandler({"default": database()})["default"]
    with django_db_blocker.unblock(), closing(made):
        yield made


def test_who_waits_comes_at_once_when_another_process_has_written(
    connection: Any, tmp_path: Path
) -> None:
    """SQLite's own pauses grow to a tenth of a second, in which others come and go."""
    with connection.cursor() as cursor:
        cursor.execute("create table a (b)")
    late = []
    for _ in range(5):
        written: list[float] = []
        begun = threading.Event()
        thread = threading.Thread(target=write, args=(tmp_path / "a.sqlite3", begun, written))
        thread.start()
        begun.wait()
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        now = time.monotonic()
        connection.rollback()
        connection.set_autocommit(True)
        thread.join()
        late.append(now - written[0])
    # The best of them, because the machine may have much to do.
    assert min(late) < 0.01


def write(path: Path, begun: threading.Event, written: list[float]) -> None:
    """Write for a while, as another process would; note when that was over."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        begun.set()
        time.sleep(HELD)
        other.execute("commit")
        written.append(time.monotonic())


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

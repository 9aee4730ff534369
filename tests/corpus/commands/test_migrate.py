"""A SQLite site is copied before it is migrated, when there is something to change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_migrating_a_sqlite_site_keeps_a_copy(
    empty_manage: Callable[..., Any], tmp_path: Path
) -> None:
    empty_manage("migrate", "contenttypes", "-v0")
    assert not (tmp_path / "data" / "backups").exists()
    output = empty_manage("migrate", "auth")
    backups = list((tmp_path / "data" / "backups").glob("site-*.sqlite3"))
    assert len(backups) == 1
    assert str(backups[0]) in output


def test_nothing_is_copied_where_there_is_nothing_to_change(
    manage: Callable[..., Any], tmp_path: Path
) -> None:
    assert "No migrations to apply" in manage("migrate")
    assert not (tmp_path / "data" / "backups").exists()

"""Rid the file of a database of what was erased from its tables."""

from __future__ import annotations

from django.db import OperationalError, connection


def compact() -> bool:
    """Write the file of a SQLite database anew, so that no erased word is left in it.

    Returns whether that is so: not where somebody else is at it just then, as the log beside the
    file (`-wal`) stays until they are through, and not on PostgreSQL, where it is for its
    administrator. Outside a transaction; takes as long as the database is large.
    """
    if connection.vendor != "sqlite":
        return False
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, _, _ = cursor.fetchone()
    except OperationalError:
        # Somebody writes for longer than it waits, or the disk has no room for a second file.
        return False
    return not busy

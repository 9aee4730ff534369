"""Statements that the server plans once in each connection.

Django puts the values into the SQL itself, so that PostgreSQL reads and plans every statement anew;
with a few joins that takes longer than finding the rows.

A pooler like PgBouncer may give each transaction another connection to the server, which knows
nothing of what the one before has prepared or left open. Behind one, nothing is kept there.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql import base


class PreparedCursor(psycopg.Cursor[Any]):
    """A cursor that prepares whatever it executes; psycopg knows it again by its SQL."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Execute a statement with values that the server puts in."""
        return super().execute(query, params, prepare=True, **options)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that has prepared statements beside Django's own."""

    # Whether a pooler stands between here and the server.
    is_pooled = False

    def connect(self) -> None:
        """Connect, and find out whether that is to a pooler."""
        super().connect()
        with self.wrap_database_errors:
            row = self.connection.execute("SELECT pg_backend_pid()").fetchone()
        # A pooler answers for many processes of the server, under a number of its own.
        self.is_pooled = row[0] != self.connection.info.backend_pid
        if self.is_pooled:
            # Nothing is prepared then, whoever asks for it.
            self.connection.prepare_threshold = None

    def prepared_cursor(self) -> Any:
        """Return a cursor for statements that come again and again, with other values."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = PreparedCursor(self.connection)
            return self._prepare_cursor(cursor)  # type: ignore[attr-defined] # not in the stubs

    def chunked_cursor(self) -> Any:
        """Return a cursor for many rows, which stay on the server until they are asked for.

        Behind a pooler they all come at once.
        """
        self.ensure_connection()
        return self.cursor() if self.is_pooled else super().chunked_cursor()

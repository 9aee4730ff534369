"""Statements that the server plans once in each connection.

Django puts the values into the SQL itself, so that PostgreSQL reads and plans every statement anew;
with a few joins that takes longer than finding the rows.
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

    def prepared_cursor(self) -> Any:
        """Return a cursor for statements that come again and again, with other values."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = PreparedCursor(self.connection)
            return self._prepare_cursor(cursor)  # type: ignore[attr-defined] # not in the stubs

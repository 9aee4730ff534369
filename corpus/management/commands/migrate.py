"""Migrate; a SQLite file is copied first."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.sqlite3 import base as sqlite
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone


class Command(migrate.Command):
    """`migrate`, as Django has it, after a copy of a SQLite database that holds something."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy when there is something to change, then migrate."""
        connection = connections[options["database"]]
        executor = MigrationExecutor(connection)
        applied = executor.loader.applied_migrations
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        is_file = (
            isinstance(connection, sqlite.DatabaseWrapper) and not connection.is_in_memory_db()
        )
        if is_file and applied and pending:
            to = copy(Path(connection.settings_dict["NAME"]))
            if options["verbosity"]:
                self.stdout.write(f"The database as it was is kept in {to}.")
        super().handle(*args, **options)


def copy(source: Path) -> Path:
    """Copy a SQLite database that may be in use; return where to."""
    folder = settings.DATA_DIR / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    to: Path = folder / f"{source.stem}-{timezone.now():%Y%m%d-%H%M%S-%f}.sqlite3"
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)
    return to

"""Copy a whole site into one file and back, on SQLite and PostgreSQL alike.

The file is a zip with one JSON line a row for each table, and a manifest with the counts, the
digests and the last migration of each app. Because nothing in it belongs to one engine, it is also
the way from SQLite to PostgreSQL.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from corpus.core.callbacks import Progress, unreported
from corpus.core.problems import Problem

APPS = ("corpus", "annotator", "exports")
BATCH = 1000
MANIFEST = "manifest.json"
# In the data folder: where the backups lie that were written here.
KEPT = "backups.jsonl"


def tables() -> list[type[models.Model]]:
    """Return the models whose rows are kept: people, tokens and all that is ours."""
    kept: list[type[models.Model]] = [get_user_model()]
    for app in APPS:
        kept += apps.get_app_config(app).get_models(include_auto_created=True)
    return kept


def migrations() -> dict[str, str]:
    """Return the last applied migration of each app of ours."""
    last: dict[str, str] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        if app in APPS:
            last[app] = name
    return last


def left_out() -> dict[str, int]:
    """Return how much of what a site may hold is not in a backup, by name."""
    people = get_user_model().objects
    counts = {
        "groups of the Django admin": Group.objects.count(),
        "single permissions of people": people.filter(user_permissions__isnull=False).count(),
    }
    if apps.is_installed("allauth.socialaccount"):
        # Made again at the next sign-in, by the address that the provider vouches for.
        links = apps.get_app_config("socialaccount").get_model("SocialAccount")
        counts["links to single sign-on"] = links._default_manager.count()
    return counts


def backup(to: Path, *, progress: Progress = unreported) -> dict[str, Any]:
    """Write every row into a new file; the file appears under its name only when it is whole.

    All tables are read as they stood at one moment. Returns the rows by table and what was left
    out. Raises `Problem` when the file exists or cannot be written.
    """
    if to.exists():
        raise Problem("exists", what="file", name=str(to))
    part = to.with_name(to.name + ".part")
    try:
        part.unlink(missing_ok=True)
        # Passwords' digests and everybody's work stand in it.
        part.touch(mode=0o600)
        with _one_moment(), zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            manifest = _write(archive, progress)
        part.rename(to)
    except OSError as error:
        problem = Problem("file-unreadable", reason=f"cannot write: {error.strerror}")
        raise problem.at(str(to)) from None
    finally:
        part.unlink(missing_ok=True)
    _note(to)
    without = {name: count for name, count in left_out().items() if count}
    return {"rows": manifest["rows"], "left_out": without}


def _note(backup: Path) -> None:
    """Note where a backup lies, so that a text that is withdrawn later can name it."""
    row = {"path": str(backup.resolve()), "at": timezone.now().isoformat()}
    path = Path(settings.DATA_DIR) / KEPT
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        out.write(json.dumps(row) + "\n")


def kept_since(moment: datetime) -> list[str]:
    """Return the paths of backups from this moment on that are still there.

    So are the copies that `migrate` made of a SQLite database; what was moved or lies on another
    machine is not known.
    """
    data = Path(settings.DATA_DIR)
    found = {}
    if (data / KEPT).is_file():
        for line in (data / KEPT).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found[Path(row["path"])] = datetime.fromisoformat(row["at"])
    for path in (data / "backups").glob("*"):
        found[path.resolve()] = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return sorted(str(path) for path, at in found.items() if at >= moment and path.is_file())


@contextmanager
def _one_moment() -> Iterator[None]:
    """Have everything read as it stands now, and let others write meanwhile."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # Not `atomic`, which begins a writer's transaction on SQLite and keeps all others from
            # writing.
            cursor.execute("BEGIN")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic():
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield


def _write(archive: zipfile.ZipFile, progress: Progress) -> dict[str, Any]:
    """Write every table and the manifest; return the manifest."""
    kept = tables()
    rows: dict[str, int] = {}
    digests: dict[str, str] = {}
    columns: dict[str, list[str]] = {}
    for number, model in enumerate(kept):
        progress(number, len(kept))
        label = model._meta.label_lower
        columns[label] = [field.attname for field in model._meta.concrete_fields]
        rows[label], digests[label] = _write_table(archive, model, columns[label])
    progress(len(kept), len(kept))
    manifest = {"rows": rows, "digests": digests, "columns": columns, "migrations": migrations()}
    archive.writestr(MANIFEST, json.dumps(manifest, indent=1, sort_keys=True))
    return manifest


def _write_table(
    archive: zipfile.ZipFile, model: type[models.Model], columns: list[str]
) -> tuple[int, str]:
    """Write every row of a table; return how many there are and their digest."""
    sha = hashlib.sha256()
    count = 0
    rows = model._base_manager.order_by("pk").values_list(*columns)
    with archive.open(f"{model._meta.label_lower}.jsonl", "w", force_zip64=True) as out:
        for values in rows.iterator(BATCH):
            line = json.dumps(values, default=_as_text, ensure_ascii=False).encode() + b"\n"
            sha.update(line)
            out.write(line)
            count += 1
    return count, sha.hexdigest()


def _as_text(value: Any) -> str:
    """Return as text what JSON has no form for; `_for_driver` reads it back."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return str(value)


def restore(path: Path, *, progress: Progress = unreported) -> dict[str, Any]:
    """Fill an empty, migrated database from a backup, in one transaction; return the rows by table.

    Raises `Problem` when the database holds people or corpora, when the backup is of another
    version of Saidby, or when it is damaged; nothing is written then.
    """
    kept = tables()
    if any(model._base_manager.exists() for model in kept):
        raise Problem("restore-not-empty")
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["migrations"] != migrations():
                raise Problem("restore-version", backup=manifest["migrations"], site=migrations())
            with transaction.atomic():
                for number, model in enumerate(kept):
                    progress(number, len(kept))
                    _fill(model, archive, manifest)
                _reset_sequences()
    except OSError as error:
        problem = Problem("file-unreadable", reason=error.strerror or str(error))
        raise problem.at(str(path)) from None
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
        problem = Problem("restore-damaged", reason=f"{type(error).__name__}: {error}")
        raise problem.at(str(path)) from None
    progress(len(kept), len(kept))
    return {"rows": manifest["rows"]}


def _fill(model: type[models.Model], archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    label = model._meta.label_lower
    columns = {field.attname: field for field in model._meta.concrete_fields}
    fields = [columns[name] for name in manifest["columns"][label]]
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    # Plain inserts, because a model's own save would give every row the time of the restore.
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
    sha = hashlib.sha256()
    count = 0

    def rows() -> Iterator[list[Any]]:
        nonlocal count
        with archive.open(f"{label}.jsonl") as lines:
            for line in lines:
                sha.update(line)
                count += 1
                values = json.loads(line)
                yield [
                    _for_driver(field, value) for field, value in zip(fields, values, strict=True)
                ]

    remaining = rows()
    with connection.cursor() as cursor:
        while batch := list(islice(remaining, BATCH)):
            cursor.executemany(sql, batch)
    if (count, sha.hexdigest()) != (manifest["rows"][label], manifest["digests"][label]):
        problem = Problem("restore-damaged", reason=f"{label} is not what was written")
        raise problem.at(str(archive.filename))


def _for_driver(field: Any, value: Any) -> Any:
    """Return a value as the database driver wants it; a JSON value is taken as it stands."""
    if value is not None and not isinstance(field, models.JSONField):
        typed = field.target_field if field.is_relation else field
        value = typed.to_python(value)
    return field.get_db_prep_save(value, connection)


def _reset_sequences() -> None:
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(sql)

"""The cast and a small corpus: Alice manages, Bob and Carol review, Dave is an outsider."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import django
import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.test import Client
from hypothesis import settings as hypothesis_settings
from whitenoise.middleware import WhiteNoiseMiddleware

from annotator.selectors import layer_cache
from annotator.services.decision_log import _origin_keys
from annotator.services.runs import file_run, store
from corpus.models import Corpus, Document, Role
from corpus.selectors import _schema_rows
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member
from tests import sites
from tests.acts import add_document, person, suggested

# Playwright's event loop runs in the thread of the tests, which Django would take for asynchronous
# code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# No deadlines on a shared machine; in CI the same examples every time, so that a change breaks it
# and not chance.
hypothesis_settings.register_profile("saidby", deadline=None)
hypothesis_settings.register_profile("fast", deadline=None, derandomize=True, max_examples=10)
hypothesis_settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "saidby")


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_found_once() -> Iterator[None]:
    """Look for the static files once in a session: each test client makes a middleware of its own,
    which would.
    """
    found: dict[str, Any] = {}
    look = WhiteNoiseMiddleware.add_files_from_finders

    def look_once(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            look(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with patch.object(WhiteNoiseMiddleware, "add_files_from_finders", look_once):
        yield


@pytest.fixture(scope="session", autouse=True)
def _permissions_are_found_once() -> Iterator[None]:
    """Work out the permissions of all tables after the first test that empties them, and put the
    same rows back after each further one: Django works them out anew, a tenth of a second each.
    """
    kept: list[list[Any]] = []

    def put_back(*args: Any, **options: Any) -> None:
        ContentType.objects.clear_cache()
        if kept:
            for rows in kept:
                type(rows[0])._base_manager.bulk_create(rows)
        else:
            emit_post_migrate_signal(*args, **options)
            kept.extend(list(model._base_manager.all()) for model in (ContentType, Permission))

    with patch.object(flush, "emit_post_migrate_signal", put_back):
        yield


@pytest.fixture(autouse=True)
def _fresh_schema_cache() -> None:
    # Rolled-back tests use the same keys again, which never happens on a site.
    _schema_rows.cache_clear()
    _origin_keys.cache_clear()
    layer_cache.forget()


@pytest.fixture(autouse=True)
def _reviews_draw_no_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reviews stand as those of before lots were drawn: the same order whenever it is run."""
    drawn = SimpleNamespace(randbits=lambda bits: None)
    monkeypatch.setattr("annotator.models.layers.secrets", drawn)


@pytest.fixture(autouse=True)
def _fast_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path) -> Any:
    before, settings.DATA_DIR = settings.DATA_DIR, tmp_path / "data"
    yield
    settings.DATA_DIR = before


@pytest.fixture
def alice(db: None, corpus: Corpus) -> Any:
    user = person("alice")
    add_member(corpus, user, Role.MANAGER)
    return user


@pytest.fixture
def bob(db: None, corpus: Corpus) -> Any:
    user = person("bob")
    add_member(corpus, user, Role.REVIEWER)
    return user


@pytest.fixture
def carol(db: None, corpus: Corpus) -> Any:
    user = person("carol")
    add_member(corpus, user, Role.REVIEWER)
    return user


@pytest.fixture
def dave(db: None) -> Any:
    return person("dave")


@pytest.fixture
def admin(db: None) -> Any:
    """Admin of the site, member of nothing."""
    return person("admin", is_staff=True, is_superuser=True)


@pytest.fixture
def corpus(db: None) -> Corpus:
    return create_corpus("harbour", name="Harbour")


@pytest.fixture
def document(corpus: Corpus, tmp_path: Path) -> Document:
    """A document with suggestions."""
    made = add_document(corpus, tmp_path)
    assert corpus.schema is not None
    store(file_run(corpus.schema, "suggested.jsonl"), made, suggested())
    return made


@pytest.fixture
def as_user(client: Client) -> Any:
    """A function that signs a person in and returns the client."""

    def sign_in(user: Any) -> Client:
        fresh = Client()
        fresh.force_login(user)
        return fresh

    return sign_in


@pytest.fixture(scope="session")
def _migrated_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("migrated")


@pytest.fixture(scope="session")
def _kept_file() -> Path:
    """Where the migrated database of these very migrations is kept from one run to the next."""
    digest = hashlib.sha256(django.__version__.encode())
    for path in sorted(sites.ROOT.glob("*/migrations/*.py")):
        digest.update(path.read_bytes())
    return Path(gettempdir()) / f"saidby-migrated-{digest.hexdigest()[:16]}.sqlite3"


@pytest.fixture(scope="session")
def django_db_use_migrations(_kept_file: Path) -> bool:
    return connection.vendor != "sqlite" or not _kept_file.exists()


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_use_migrations: bool,
    django_db_setup: None,
    django_db_blocker: Any,
    _kept_file: Path,
    _migrated_folder: Path,
) -> Iterator[None]:
    """The database of the tests; where it is SQLite, a copy is kept before any test writes."""
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock():
            connection.ensure_connection()
            if django_db_use_migrations:
                _copy_to(_kept_file)
            else:
                with closing(sqlite3.connect(_kept_file)) as kept:
                    kept.backup(connection.connection)
        shutil.copy(_kept_file, _migrated_folder / "migrated.sqlite3")
    yield


def _copy_to(path: Path) -> None:
    """Copy the database to a file that is there at once as a whole."""
    part = path.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(part)) as copy:
        connection.connection.backup(copy)
    part.replace(path)


@pytest.fixture(scope="session")
def migrated_file(django_db_setup: None, _migrated_folder: Path) -> Path:
    """A SQLite file to which every migration is applied."""
    path = _migrated_folder / "migrated.sqlite3"
    return path if path.exists() else sites.migrated(_migrated_folder)


@pytest.fixture
def empty_manage(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A function that runs `manage.py` on a database file of its own, to which no migration is
    applied.
    """
    yield from sites.site(f"sqlite:///{tmp_path}/site.sqlite3", tmp_path)


@pytest.fixture
def manage(
    migrated_file: Path, empty_manage: Callable[..., Any], tmp_path: Path
) -> Callable[..., Any]:
    """A function that runs `manage.py` on a migrated database file of its own."""
    shutil.copy(migrated_file, tmp_path / "site.sqlite3")
    return empty_manage


@pytest.fixture(scope="module")
def one_tokenizer() -> Iterator[None]:
    """Let encoders make spaCy's tokenizer of a language once: it takes ten times as long as what an
    example of a property is about.
    """
    import spacy

    kept = SimpleNamespace(blank=cache(spacy.blank))
    with (
        patch("exports.encoders.spacy_documents.spacy", kept),
        patch("exports.encoders.prodigy.spacy", kept),
    ):
        yield


@pytest.fixture(scope="session")
def migrated_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data of a PostgreSQL server to which every migration is applied."""
    with sites.migrated_postgres(tmp_path_factory.mktemp("migrated")) as data:
        yield data


@pytest.fixture
def server(migrated_data: Path) -> Iterator[sites.Postgres]:
    """A PostgreSQL server of its own, to which every migration is applied, to be killed."""
    with sites.postgres(migrated_data) as server:
        yield server


@pytest.fixture
def manage_on_postgres(server: sites.Postgres, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A function that runs `manage.py` on a migrated PostgreSQL server of its own."""
    yield from sites.site(server.url, tmp_path)

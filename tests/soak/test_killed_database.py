"""The database is killed in the middle of a job: the job goes on by itself, and nothing is half or
there twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.sites import Postgres, free_port
from tests.soak.test_killed_job import (
    BEGIN,
    EXPORT,
    IMPORT,
    LATE,
    MERGE,
    RELEASE,
    UPLOAD,
    check_export,
    check_import,
    check_policy,
    check_release,
    documents,
    reviewed,
)

AWAY = 3


def asked(server: Postgres, query: str, *values: str) -> Any:
    with psycopg.connect(server.url) as connection:
        return connection.execute(query, values).fetchone()


def kill_in_the_middle(manage: Callable[..., Any], server: Postgres, kind: str) -> None:
    """Kill the database while the job runs, bring it back, and wait until the job is done."""
    state = "select state, done from corpus_job where kind = %s order by id desc limit 1"
    manage("serve", "--port", str(free_port()), wait=False)
    _wait(lambda: (asked(server, state, kind) or ("", 0))[1])
    server.kill()
    time.sleep(AWAY)
    server.start()
    assert asked(server, state, kind)[0] == "running", "it had ended before the database was killed"
    # The lease of the job ends: what the clock would do within a minute.
    manage(code=BEGIN + LATE)
    _wait(lambda: asked(server, state, kind)[0] == "done")


def _wait(happened: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < deadline, "it did not happen within two minutes"
        time.sleep(0.005)


@pytest.fixture
def site(manage_on_postgres: Callable[..., Any]) -> Callable[..., Any]:
    return manage_on_postgres


def test_an_import_goes_on(site: Callable[..., Any], server: Postgres, tmp_path: Path) -> None:
    count = 2000
    site("create_corpus", "port")
    site(code=BEGIN + UPLOAD.format(path=str(documents(tmp_path, count))))
    site("run_jobs", "--once")
    site(code=BEGIN + IMPORT)
    kill_in_the_middle(site, server, "import")
    check_import(lambda query: asked(server, query), count)
    site("check_layers")


def test_a_policy_goes_on(site: Callable[..., Any], server: Postgres, tmp_path: Path) -> None:
    count = 80
    reviewed(site, tmp_path, count)
    site(code=BEGIN + MERGE)
    kill_in_the_middle(site, server, "merge")
    check_policy(lambda query: asked(server, query), count)
    site("check_layers")


def test_an_export_is_whole(site: Callable[..., Any], server: Postgres, tmp_path: Path) -> None:
    site("create_corpus", "port")
    site("import_documents", "port", str(documents(tmp_path, 2500)))
    site(code=BEGIN + EXPORT)
    kill_in_the_middle(site, server, "export")
    check_export(site, tmp_path)


def test_a_release_is_whole_and_verifies(
    site: Callable[..., Any], server: Postgres, tmp_path: Path
) -> None:
    count = 120
    site("create_corpus", "port")
    site("import_documents", "port", str(documents(tmp_path, count)), "--spans", "ignore")
    for name in ("ann", "ben"):
        site("import_layer", "port", str(documents(tmp_path, count)), "--as", name, "--submit")
    site(code=BEGIN + RELEASE)
    kill_in_the_middle(site, server, "release")
    assert asked(server, "select count(*) from exports_release") == (1,)
    check_release(site, tmp_path)

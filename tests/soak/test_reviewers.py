"""Eight reviewers decide, undo, hand in and take back while web, workers and database are killed:
what was acknowledged to them is there, once, and nothing else.

`SOAK_SECONDS` says for how long on each engine.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from corpus.jobs.claim import LEASE
from tests.sites import LOST, Postgres, below, free_port, serve
from tests.soak.reviewers import CORPUS, LOG, Reviewer, articles, differences
from tests.soak.test_killed_job import BEGIN, LATE
from tools.bench_http import signed_in

SECONDS = int(os.environ.get("SOAK_SECONDS") or 40)
REVIEWERS = 8
# Seconds between two kills. `serve` gives up on what dies more than four times a minute.
BETWEEN = 6
# More than eight reviewers hand in within a second.
DOCUMENTS_A_SECOND = 2
PEOPLE = (
    "from corpus.models import *; from django.contrib.auth.models import User;"
    "from corpus.services.members import add_member; c = Corpus.objects.get();"
    "add_member(c, User.objects.create_user('alice', password='x'), 'manager');"
    "[add_member(c, User.objects.create_user(f'r{n}', password='x'), 'reviewer')"
    f" for n in range({REVIEWERS})]"
)
JOBS = (
    "from corpus.models import Job; import json;"
    "print(json.dumps(sorted(set(Job.objects.values_list('state', flat=True)))))"
)


# Seconds in which all that was done in ten minutes can be read again, on a busy machine too.
LONG = 900
UNFINISHED = {"queued", "running"}
EXPORT = {"format": "jsonl", "layer": "suggestions", "misaligned": "expand"}


class Site:
    """Two servers with a worker each on one database, reviewers at both, and who kills them."""

    def __init__(
        self, manage: Callable[..., Any], folder: Path, database: Postgres | None = None
    ) -> None:
        self.manage = manage
        self.database = database
        manage("create_corpus", "port")
        path = articles(folder, 100 + SECONDS * DOCUMENTS_A_SECOND)
        manage("import_documents", "port", str(path), seconds=LONG)
        manage(code=PEOPLE)
        ports = [free_port(), free_port()]
        self.served = [serve(manage, port).pid for port in ports]
        self.alice = signed_in(ports[0], "alice")
        self.reviewers = [Reviewer(ports[n % 2], f"r{n}", n) for n in range(REVIEWERS)]
        self.kills = 0

    def work(self) -> None:
        """Let everybody work and kill something every few seconds; then let all come to rest."""
        end = time.monotonic() + SECONDS
        for reviewer in self.reviewers:
            reviewer.start()
        while time.monotonic() < end:
            with suppress(*LOST):
                self.alice.ask("POST", f"{CORPUS}/export/", json.dumps(EXPORT))
            time.sleep(BETWEEN)
            self._kill()
            self.kills += 1
        for reviewer in self.reviewers:
            reviewer.ended.set()
        for reviewer in self.reviewers:
            reviewer.join()
            if reviewer.error:
                raise reviewer.error
        # The lease of what was killed ends: what the clock would do within a minute.
        self.manage(code=BEGIN + LATE)
        deadline = time.monotonic() + 2 * LEASE.total_seconds()
        while self._job_states() & UNFINISHED:
            assert time.monotonic() < deadline, "jobs do not come to an end"
            time.sleep(1)

    def _kill(self) -> None:
        """Kill the web, the process of it that answers, a worker, or the database, in turn."""
        served = self.served[self.kills % len(self.served)]
        acts: list[Callable[[], None]] = [
            lambda: _kill(running(served, b"gunicorn")),
            lambda: _kill(running(served, b"run_jobs")),
            lambda: _kill(running(served, b"gunicorn")[-1:]),
        ]
        if self.database is not None:
            acts += [self._end_connections, self._kill_database]
        acts[self.kills % len(acts)]()

    def _end_connections(self) -> None:
        assert self.database is not None
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where backend_type = 'client backend' and pid <> pg_backend_pid()"
            )

    def _kill_database(self) -> None:
        assert self.database is not None
        self.database.kill()
        time.sleep(1)
        self.database.start()

    def _job_states(self) -> set[str]:
        return set(json.loads(self.manage(code=JOBS)))

    def check(self, tell: Callable[[str], Any]) -> None:
        """Hold what is kept against the models, and the rows against their logs."""
        for browser in (self.alice, *(reviewer.browser for reviewer in self.reviewers)):
            browser.connection.close()
        found = list(differences(self.reviewers, json.loads(self.manage(code=LOG, seconds=LONG))))
        saves = sum(reviewer.saves for reviewer in self.reviewers)
        took = sorted(ms for reviewer in self.reviewers for ms in reviewer.browser.took)
        tell(
            f"{SECONDS} s: {saves} saves, {self.kills} kills, {len(found)} differences;"
            f" {sum(reviewer.unanswered for reviewer in self.reviewers)} requests sent again;"
            f" p50 {took[len(took) // 2]:.0f} ms, p99 {took[int(len(took) * 0.99)]:.0f} ms,"
            f" slowest {took[-1]:.0f} ms"
        )
        assert found == []
        assert all(reviewer.has_work for reviewer in self.reviewers), "they ran out of documents"
        assert self._job_states() == {"done"}
        self.manage("check_layers", seconds=LONG)


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def running(served: int, program: bytes) -> list[int]:
    """Return the processes below `serve` that run a program, the oldest first."""
    found = []
    for pid in below(served):
        with suppress(FileNotFoundError):
            if program in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], Any]:
    """A function that writes a line past what pytest keeps back."""

    def write(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}\n")

    return write


def test_nothing_differs_on_sqlite(
    manage: Callable[..., Any], tmp_path: Path, tell: Callable[[str], Any]
) -> None:
    site = Site(manage, tmp_path)
    site.work()
    site.check(tell)


def test_nothing_differs_on_postgresql(
    manage_on_postgres: Callable[..., Any],
    server: Postgres,
    tmp_path: Path,
    tell: Callable[[str], Any],
) -> None:
    site = Site(manage_on_postgres, tmp_path, server)
    site.work()
    site.check(tell)

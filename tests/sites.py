"""Sites in processes of their own, reached by `manage.py` and over HTTP alone."""

from __future__ import annotations

import http.client
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent

# What a request meets while the server or its database is away.
LOST = (OSError, http.client.HTTPException)


def site(url: str, tmp_path: Path, **settings: str) -> Iterator[Callable[..., Any]]:
    """Yield what runs `manage.py` on a database; what it started in the background ends with the
    test.
    """
    env = {**os.environ, "DATABASE_URL": url, "SAIDBY_DATA": str(tmp_path / "data"), **settings}
    started: list[subprocess.Popen[bytes]] = []

    def run(
        *arguments: str, wait: bool = True, code: str = "", disk: int = 0, seconds: int = 120
    ) -> Any:
        """Run a command for some seconds at most and return its answer; with `disk` no file may
        pass so many bytes, and failing is expected.
        """
        command = [
            sys.executable,
            "manage.py",
            *(["shell", "-v0", "-c", code] if code else arguments),
        ]
        if not wait:
            started.append(subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL))
            return started[-1]

        def limit() -> None:
            if disk:
                resource.setrlimit(resource.RLIMIT_FSIZE, (disk, disk))

        done = subprocess.run(
            command,
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            timeout=seconds,
            preexec_fn=limit,
        )
        if disk:
            return done
        assert done.returncode == 0, done.stderr
        return done.stdout

    yield run
    for process in started:
        for pid in (*below(process.pid), process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def migrated(folder: Path) -> Path:
    """Return a SQLite file with every migration applied, which sites begin with a copy of."""
    path = folder / "migrated.sqlite3"
    run = next(site(f"sqlite:///{path}", folder))
    run("migrate", "-v0")
    return path


def below(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [found for child in children for found in (int(child), *below(int(child)))]


class Postgres:
    """A PostgreSQL server of our own, to be killed; it begins with a copy of another's data, or
    empty.
    """

    def __init__(self, folder: Path, programs: Path, begin: Path | None = None) -> None:
        self.folder, self.programs = folder, programs
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.data = folder / "data"
        if begin is None:
            self._run("initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust")
        else:
            subprocess.run(["cp", "-a", str(begin), str(self.data)], check=True)
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        # It refuses to run as root.
        owner: Any = (
            {"user": "postgres", "group": "postgres", "extra_groups": []}
            if os.getuid() == 0
            else {}
        )
        command = [str(self.programs / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=60, cwd="/", **owner)

    def start(self) -> None:
        """Start it; after a kill it may take some attempts until its remains are gone."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        for attempt in range(10):
            try:
                return self._run(
                    "pg_ctl",
                    "-D",
                    str(self.data),
                    "-w",
                    "-l",
                    str(self.folder / "log"),
                    "-o",
                    options,
                    "start",
                )
            except subprocess.CalledProcessError:
                if attempt == 9:
                    raise
                time.sleep(1)

    def stop(self) -> None:
        """Let it end as it should, with all that it holds on disk."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", "fast", "stop")

    def kill(self) -> None:
        """Kill it and all that it started, without a word."""
        kept = self.data / "postmaster.pid"
        if not kept.exists():
            return
        pid = int(kept.read_text().split()[0])
        for found in (pid, *below(pid)):
            with suppress(ProcessLookupError):
                os.kill(found, signal.SIGKILL)


@contextmanager
def postgres(begin: Path | None = None) -> Iterator[Postgres]:
    """Yield a PostgreSQL server of its own, with a copy of this data."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        assert os.environ.get("CI") != "true", "PostgreSQL's own programs are required in CI"
        pytest.skip("PostgreSQL's own programs are not here")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        made = Postgres(folder, programs[-1].parent, begin)
        yield made
        made.kill()


@contextmanager
def migrated_postgres(folder: Path) -> Iterator[Path]:
    """Yield the data of a PostgreSQL server with every migration applied, which servers begin with
    a copy of.
    """
    with postgres() as made:
        next(site(made.url, folder))("migrate", "-v0", seconds=600)
        made.stop()
        yield made.data


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(manage: Callable[..., Any], port: int) -> subprocess.Popen[bytes]:
    """Serve a site on a port and return the process, once it answers."""
    process = manage("serve", "--port", str(port), wait=False)
    for _ in range(200):
        with (
            closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection,
            suppress(*LOST),
        ):
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return process
        time.sleep(0.2)
    raise AssertionError("it does not serve")

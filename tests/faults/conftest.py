"""Sites in processes of their own."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def manage(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A site of its own, in its own database file, reached by `manage.py` alone."""
    env = {
        **os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3", "SAIDBY_DATA": str(tmp_path / "data"),
    }  # fmt: skip
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str, wait: bool = True, code: str = "", disk: int = 0) -> Any:
        """Run a command and return its answer; with `disk` no file may pass so many bytes, and failing is expected."""
        command = [sys.executable, "manage.py", *(["shell", "-v0", "-c", code] if code else arguments)]
        if not wait:
            started.append(subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL))
            return started[-1]

        def limit() -> None:
            if disk:
                resource.setrlimit(resource.RLIMIT_FSIZE, (disk, disk))

        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, preexec_fn=limit
        )  # fmt: skip
        if disk:
            return done
        assert done.returncode == 0, done.stderr
        return done.stdout

    yield run
    for process in started:
        process.kill()

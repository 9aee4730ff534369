"""The web server: started, broken, killed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.sites import below, free_port

ROOT = Path(__file__).parents[3]


def served(folder: Path, **env: str) -> subprocess.Popen[str]:
    """Begin to serve a site of its own."""
    own = {"DATABASE_URL": f"sqlite:///{folder}/db.sqlite3", "SAIDBY_DATA": str(folder / "data")}
    return subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(free_port())],
        cwd=ROOT,
        env={**os.environ, **own, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_serving_that_cannot_go_on_fails(tmp_path: Path) -> None:
    with served(tmp_path, GUNICORN_CMD_ARGS="--no-such-option") as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.splitlines()[-1] == (
        "[serve-ended] the web server ended 5 times within a minute, so nothing is served."
        " What went wrong stands above"
    )


def test_gunicorn_serves_with_threads_and_logs_as_the_site_does(tmp_path: Path) -> None:
    own = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "SAIDBY_DATA": str(tmp_path / "data"),
    }
    command, port = [sys.executable, "-m", "gunicorn", "annotator.wsgi"], free_port()
    shown = subprocess.run(
        [*command, "--print-config"],
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.search(r"^worker_class += annotator.web.server.BufferingWorker$", shown, re.MULTILINE)
    assert re.search(r"^threads += 8$", shown, re.MULTILINE)
    with subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env={**os.environ, **own, "SAIDBY_JSON_LOGS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        urllib.request.urlopen(f"http://127.0.0.1:{port}/login/").close()
        process.terminate()
        _, said = process.communicate(timeout=60)
    lines = [json.loads(line) for line in said.splitlines()]
    assert any(line["message"].startswith("Listening at") for line in lines)
    assert "GET /login/ 200" in " ".join(
        line["message"] for line in lines if line["name"] == "saidby.request"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_nothing_goes_on_serving_after_a_kill(tmp_path: Path) -> None:
    with served(tmp_path) as process:
        left: list[int] = []
        for _ in range(100):
            left = below(process.pid)
            if len(left) >= 3:  # the web server, the process it answers with, and the worker
                break
            time.sleep(0.2)
        assert len(left) >= 3
        process.send_signal(signal.SIGKILL)
        for _ in range(100):
            if not any(running(pid) for pid in left):
                break
            time.sleep(0.2)
        assert [pid for pid in left if running(pid)] == []


def running(pid: int) -> bool:
    """Tell whether a process lives; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False

"""Commands in processes of their own, on a SQLite file of their own, whatever database the tests
have.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


def run(folder: Path, *args: Any, **more: str) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "SAIDBY_DATA": str(folder / "data"),
        **more,
    }
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *map(str, args)],
        env=env,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )


def test_workers_suggest_the_same_as_one(migrated_file: Path, tmp_path: Path) -> None:
    articles = tmp_path / "harbour"
    articles.mkdir()
    # One more than a process takes at a time.
    for article in sorted((ROOT / "seeds").glob("*.txt"), key=lambda path: path.stat().st_size)[:6]:
        shutil.copy(article, articles)
    shutil.copy(migrated_file, tmp_path / "db.sqlite3")
    done = run(tmp_path, "seed", articles)
    assert done.returncode == 0, done.stderr
    exports = []
    for name, workers in (("one", 1), ("two", 2)):
        shutil.copytree(tmp_path / "data", tmp_path / name / "data")
        shutil.copy(tmp_path / "db.sqlite3", tmp_path / name)
        to = tmp_path / f"{name}.jsonl"
        options = ["--format", "jsonl", "--layer", "suggestions", "--to", to]
        for command in (
            ["suggest", "harbour", "--workers", workers],
            ["export", "harbour", *options],
        ):
            done = run(tmp_path / name, *command)
            assert done.returncode == 0, done.stderr
        exports.append(to.read_bytes())
    assert exports[0].count(b"CLAIM") > 6
    assert exports[0] == exports[1]


def test_errors_are_one_line_and_usage_errors_exit_2(migrated_file: Path, tmp_path: Path) -> None:
    shutil.copy(migrated_file, tmp_path / "db.sqlite3")
    done = run(tmp_path, "suggest", "atlantis", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == "[not-found] there is no corpus 'atlantis' here"
    (tmp_path / "fresh").mkdir()
    done = run(tmp_path / "fresh", "agreement", "atlantis")
    assert (
        done.returncode,
        done.stderr.startswith("[database]"),
        len(done.stderr.splitlines()),
    ) == (1, True, 1)
    done = run(tmp_path / "fresh", "suggest", "atlantis", DATABASE_URL="mongodb://x")
    assert (
        done.returncode,
        done.stderr.startswith("[settings]"),
        len(done.stderr.splitlines()),
    ) == (1, True, 1)
    done = run(tmp_path, "export", "atlantis", "--format", "stone", "--to", "x")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_serve_runs_web_and_worker_and_ctrl_c_ends_both(
    migrated_file: Path, tmp_path: Path
) -> None:
    shutil.copy(migrated_file, tmp_path / "db.sqlite3")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "SAIDBY_DATA": str(tmp_path / "data"),
    }
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for _ in range(100):
            try:
                assert urllib.request.urlopen(f"http://127.0.0.1:{port}/login/").status == 200
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail("nothing answers")
        taken = run(tmp_path, "serve", "--port", port)
        assert (taken.returncode, "[address-taken]" in taken.stderr) == (1, True)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/login/")

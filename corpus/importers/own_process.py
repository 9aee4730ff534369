"""Run a module of ours as a process of its own: to read beside somebody else, or within limits."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import limits

ROOT = Path(__file__).parents[2]
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """Have this process told to end when its parent dies without a word, where the system can."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def command(module: str, *arguments: str | Path) -> tuple[list[str], dict[str, str]]:
    """Return the command line and the environment of a process that is this module."""
    # -P: the folder in which somebody imports may hold a package that is called as one of ours.
    line = [sys.executable, "-P", "-m", module, *map(os.fsdecode, arguments)]
    folders = filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])
    return line, {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}


def answer(module: str, path: Path, *, seconds: int, late: str, failed: str) -> Any:
    """Return what a process that is this module says of a file, as `say` writes it.

    Raises `Problem` with the reason `late` after so many seconds, and with `failed` when the
    process ends by itself without an answer, as one does that wants more memory than it may.
    """
    line, environment = command(module, path.absolute())
    try:
        done = subprocess.run(  # noqa: S603 - it is our own module
            line, capture_output=True, env=environment, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Problem("file-unreadable", reason=late) from None
    if done.returncode:
        raise Problem("file-unreadable", reason=failed)
    return json.loads(done.stdout)


def say(read: Callable[[str], Any], *, memory: int, seconds: int) -> None:
    """Write, in the process itself, what is read of its file, within bytes of memory and time."""
    end_with_parent()
    limits.limit_memory(memory)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    sys.stdout.write(json.dumps(read(sys.argv[1])))

"""What each product is to a benchmark: a site with documents, and people who work there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.bench import ROOT
from tools.bench_http import (
    Browser,
)

# What each is installed from. doccano's own requirements no longer work together, so a second step
# puts them right.
PEERS = {
    "label-studio": [["label-studio==1.23.2"]],
    "doccano": [
        ["doccano==1.8.4"],
        ["setuptools<70", "marshmallow<4", "pandas>=2.0,<2.3", "numpy<2"],
    ],
    "potato": [["potato-annotation==2.12.1"]],
}


LABELS = ("SPEAKER", "CLAIM", "CUE")


START = 120.0


Act = Callable[[int], Any]


BINS: dict[str, Path] = {}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in.

    They open a document by its number, afresh or from another one, and save a change in theirs.
    """

    browser: Browser
    open: Act
    next: Act
    save: Act


@dataclass(frozen=True, slots=True)
class Site:
    """A product with documents in it.

    `person` signs somebody in by number; `bring` and `take` move many documents in and out.
    """

    person: Callable[[int], Person]
    bring: Callable[[Path], Any] | None = None
    take: Callable[[], Any] | None = None


def article() -> tuple[str, list[dict[str, Any]]]:
    """Return a text and what the rules suggest in it, as dictionaries."""
    from annotator.suggesters.rules import Rules

    text = (ROOT / "seeds" / "tidal-barrier-vote.txt").read_text(encoding="utf-8")
    (view,) = Rules().suggest([text])
    spans = [
        {"start": s.start, "end": s.end, "label": s.label, "text": s.covered(text)}
        for s in view.in_order()
    ]
    return text, spans


def install(name: str, folder: Path) -> None:
    """Install a peer into an environment of its own, unless it is there."""
    BINS[name] = folder / name / "bin"
    if not (BINS[name] / name).exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        for step in PEERS[name]:
            pip = [str(BINS[name] / "python"), "-m", "pip", "install", "--quiet", *step]
            subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)


def in_peer(name: str, command: list[str], environment: dict[str, str], given: str = "") -> str:
    """Run a command of a peer's environment and return what it prints."""
    path = f"{BINS[name]}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(BINS[name] / command[0]), *command[1:]],
        env={**os.environ, **environment, "PATH": path},
        input=given,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@contextmanager
def running(
    command: list[str], folder: Path, environment: dict[str, str], port: int, health: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a peer's server until it is no longer needed.

    Raises `TimeoutError` when it never answers.
    """
    path = f"{BINS[command[0]]}{os.pathsep}{os.environ['PATH']}"
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [str(BINS[command[0]] / command[0]), *command[1:]],
            cwd=folder,
            stdout=log,
            stderr=log,
            env={**os.environ, **environment, "PATH": path},
            start_new_session=True,
        )
    try:
        end = time.monotonic() + START
        while time.monotonic() < end:
            try:
                Browser(port).ask("GET", health)
                break
            except OSError:
                time.sleep(0.2)
        else:
            raise TimeoutError(f"{command[0]} does not answer")
        yield server
    finally:
        os.killpg(server.pid, 15)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, 9)

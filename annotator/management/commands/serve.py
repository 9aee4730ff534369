"""Serve web and worker together."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from typing import Any

from django.core.management.base import CommandParser

from corpus.core.problems import Problem
from corpus.importers.own_process import end_with_parent
from corpus.management.base import SaidbyCommand

MINUTE = 60.0
DEATHS_A_MINUTE = 4


class Command(SaidbyCommand):
    """`serve [--host HOST] [--port PORT] [--threads N]`."""

    help = "Serve the site and run a background worker beside it; Ctrl-C ends both."
    json_answer = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the address."""
        super().add_arguments(parser)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--threads", type=int, default=8, help="requests at once (default 8)")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Start both and wait; one that dies is started again, until it has died too often."""
        address = f"{options['host']}:{options['port']}"
        web = [
            sys.executable,
            "-m",
            "gunicorn",
            "annotator.wsgi",
            "--bind",
            address,
            "--threads",
            str(options["threads"]),
            "--workers",
            "1",
            "--log-level",
            "warning",
        ]
        worker = [sys.executable, "manage.py", "run_jobs"]
        _check_free(options["host"], options["port"])
        # Set for both: a process started in the background inherits a SIGINT that is ignored.
        signal.signal(signal.SIGINT, _interrupt)
        signal.signal(signal.SIGTERM, _interrupt)
        children = [Child("web server", web), Child("worker", worker)]
        self.stdout.write(f"Saidby is at http://{address}/ (Ctrl-C ends it)")
        try:
            while True:
                for child in children:
                    child.keep_alive()
                time.sleep(0.2)
        except KeyboardInterrupt:
            pass
        finally:
            for child in children:
                child.process.terminate()
            for child in children:
                child.end()
        return {}, "Ended."


class Child:
    """A process that is started again when it dies, a few times a minute at most."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command
        self.deaths: list[float] = []
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command, start_new_session=True, preexec_fn=end_with_parent)  # noqa: S603

    def keep_alive(self) -> None:
        """Start it again when it is dead; raise `Problem` when it dies at once each time."""
        if self.process.poll() is None:
            return
        now = time.monotonic()
        self.deaths = [*(d for d in self.deaths if now - d < MINUTE), now]
        if len(self.deaths) > DEATHS_A_MINUTE:
            reason = (
                f"the {self.name} ended {len(self.deaths)} times within a minute, "
                "so nothing is served"
            )
            raise Problem("serve-ended", reason=reason)
        self.process = self._start()

    def end(self) -> None:
        """Wait for its end, and force it when it takes too long."""
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def _check_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise Problem("address-taken", address=f"{host}:{port}", reason=error) from None


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt

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
from corpus.management.base import SaidbyCommand


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
        """Start both and wait; when one ends, the other is ended too."""
        address = f"{options['host']}:{options['port']}"
        web = [sys.executable, "-m", "gunicorn", "annotator.wsgi", "--bind", address, "--worker-class", "gthread",
               "--threads", str(options["threads"]), "--workers", "1", "--log-level", "warning"]  # fmt: skip
        worker = [sys.executable, "manage.py", "db_worker", "--interval", "1"]
        _check_free(options["host"], options["port"])
        # Set for both: a process started in the background inherits a SIGINT that is ignored.
        signal.signal(signal.SIGINT, _interrupt)
        signal.signal(signal.SIGTERM, _interrupt)
        children = [subprocess.Popen(command, start_new_session=True) for command in (web, worker)]  # noqa: S603
        self.stdout.write(f"Saidby is at http://{address}/ (Ctrl-C ends it)")
        try:
            while all(child.poll() is None for child in children):
                time.sleep(0.2)
        except KeyboardInterrupt:
            pass
        finally:
            for child in children:
                child.terminate()
            for child in children:
                try:
                    child.wait(10)
                except subprocess.TimeoutExpired:
                    child.kill()
        return {}, "Ended."


def _check_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise Problem("address-taken", address=f"{host}:{port}", reason=error) from None


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt

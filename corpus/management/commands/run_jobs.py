"""Run background jobs: one worker, as many as wanted on as many machines as wanted."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from corpus.jobs import run as jobs
from corpus.jobs import worker as workers
from corpus.management.base import SaidbyCommand
from corpus.webhooks import delivery

DELIVER = timedelta(seconds=5)


class Command(SaidbyCommand):
    """`run_jobs [--once]`."""

    help = (
        "Run background jobs until it is told to stop; jobs whose worker died are taken up again."
    )
    json_answer = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--once`."""
        super().add_arguments(parser)
        parser.add_argument("--once", action="store_true", help="end when nothing waits")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Work; a database that goes away for a while is waited for."""
        name = f"{socket.gethostname()}:{os.getpid()}"
        jobs.recover()
        if not options["once"]:
            threading.Thread(target=_tell, args=(name,), daemon=True).start()
            threading.Thread(target=_deliver, daemon=True).start()
        workers.work(once=options["once"])
        jobs.quietly(lambda: jobs.farewell(name))
        if options["once"]:
            delivery.deliver_due()
        return {}, "Ended."


def _tell(name: str) -> None:
    """Tell of this worker and look for jobs without one, again and again."""
    while True:
        jobs.quietly(lambda: jobs.tell(name))
        jobs.quietly(jobs.recover)
        time.sleep(jobs.BEAT.total_seconds())


def _deliver() -> None:
    """Tell webhooks what is due, again and again, beside the jobs: an address may take its time to
    answer.
    """
    while True:
        # A process that ends begins no new threads; what was not told then is tried again by the
        # next.
        with suppress(RuntimeError):
            jobs.quietly(delivery.deliver_due)
        time.sleep(DELIVER.total_seconds())

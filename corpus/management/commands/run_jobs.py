"""Run background jobs: one worker, as many as wanted on as many machines as wanted."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.db import OperationalError, connection
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from corpus import deliveries, jobs
from corpus.management.base import SaidbyCommand

DELIVER = timedelta(seconds=5)


class Command(SaidbyCommand):
    """`run_jobs [--once]`."""

    help = "Run background jobs until it is told to stop; jobs whose worker died are taken up again."
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
        worker = Worker(
            queue_names=["default"], interval=1, batch=options["once"], backend_name="default", startup_delay=False,
            max_tasks=None, worker_id=get_random_string(32), excluded_queue_names=[],
        )  # fmt: skip
        with _signals_to(worker):
            self._work(worker)
        if options["once"]:
            deliveries.deliver_due()
        return {}, "Ended."

    def _work(self, worker: Worker) -> None:
        while True:
            try:
                return worker.run()
            except OperationalError as error:
                self.stderr.write(f"The database does not answer, trying again: {' '.join(str(error).split())}")
                connection.close()
                time.sleep(2)


@contextmanager
def _signals_to(worker: Worker) -> Iterator[None]:
    """Give the worker both signals to end, and give them back after it: the caller may go on."""
    before = {number: signal.signal(number, worker.shutdown) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(name: str) -> None:
    """Tell of this worker and look for jobs without one, again and again."""
    while True:
        jobs.quietly(lambda: jobs.tell(name))
        jobs.quietly(jobs.recover)
        time.sleep(jobs.BEAT.total_seconds())


def _deliver() -> None:
    """Tell webhooks what is due, again and again, beside the jobs: an address may take its time to answer."""
    while True:
        jobs.quietly(deliveries.deliver_due)
        time.sleep(DELIVER.total_seconds())

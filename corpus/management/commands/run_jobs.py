"""Run background jobs: one worker, as many as wanted on as many machines as wanted."""

from __future__ import annotations

import os
import socket
from typing import Any

from django.core.management.base import CommandParser

from corpus.jobs import claim, worker
from corpus.jobs.run import tolerate_outage
from corpus.management.base import SaidbyCommand
from corpus.webhooks import delivery


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
        claim.recover()
        try:
            if options["once"]:
                worker.work(once=True)
            else:
                worker.start_side_loops(name)
                with worker.short_jobs_beside():
                    worker.work(once=False)
        finally:
            # A worker that is stopped while it waits leaves by SystemExit.
            tolerate_outage(lambda: worker.note_ended(name))
        if options["once"]:
            delivery.deliver_due()
        return {}, "Ended."

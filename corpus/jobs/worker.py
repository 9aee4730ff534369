"""Workers: what takes jobs from the queue that the settings name, the database's own or Redis."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from django.utils.crypto import get_random_string

from corpus.core.problems import Problem

logger = logging.getLogger("saidby.jobs")
AGAIN = 2.0


def work(*, once: bool) -> None:
    """Run jobs until a signal to end comes, or with `once` until none waits; the job at hand is
    finished first.
    """
    with _signals_kept():
        if settings.QUEUE:
            _work_on_redis(once=once)
        else:
            _work_on_database(once=once)


def _work_on_redis(*, once: bool) -> None:
    from redis.exceptions import RedisError

    from corpus.jobs.redis_queue import worker

    while True:
        try:
            worker().work(burst=once, logging_level="WARNING")
        except RedisError as error:
            if once:
                raise Problem("queue-away", reason=error) from None
            logger.warning("the queue does not answer, trying again: %s", error)
            time.sleep(AGAIN)
        else:
            return


def _work_on_database(*, once: bool) -> None:
    from django_tasks_db.management.commands.db_worker import Worker

    worker = Worker(
        queue_names=["default"],
        interval=1,
        batch=once,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, worker.shutdown)
    while True:
        try:
            return worker.run()
        except OperationalError as error:
            logger.warning("the database does not answer, trying again: %s", error)
            connection.close()
            time.sleep(AGAIN)


@contextmanager
def _signals_kept() -> Iterator[Any]:
    """Give both signals to end back afterwards: the caller may go on."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

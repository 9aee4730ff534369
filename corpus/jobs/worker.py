"""Workers: their signs of life, and the loops that take jobs from the queue of the settings.

That queue is the database's own or Redis. Beside the jobs a worker hands in again what others lost
and delivers webhooks. Jobs of the kinds in `settings.SHORT_JOBS` are also taken by a second thread,
so that none waits for the end of a long one.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, OperationalError, close_old_connections, connection
from django.db.models.functions import Now
from django.utils.crypto import get_random_string

from corpus.core.problems import Problem
from corpus.jobs import claim
from corpus.jobs.run import HEARTBEAT, run_job, tolerate_outage
from corpus.models import Document, Job, JobState, Worker
from corpus.webhooks import delivery

# Between two attempts to reach a queue that does not answer.
RECONNECT_SECONDS = 2.0
DELIVERY_SECONDS = 5.0
# Between two looks for a short job.
SHORT_SECONDS = 1.0
# Exporting more documents is no short job.
SMALL = 500
# How long the row of a worker that died is kept.
FORGET = timedelta(days=1)
SIGNALS = (signal.SIGINT, signal.SIGTERM)

logger = logging.getLogger("saidby.jobs")


def note_alive(name: str) -> None:
    """Note that a worker lives."""
    Worker.objects.update_or_create(name=name, defaults={"heartbeat": Now()})
    Worker.objects.filter(heartbeat__lt=Now() - FORGET).delete()


def note_ended(name: str) -> None:
    """Note that a worker has ended as it was to."""
    Worker.objects.filter(name=name).delete()


def living_workers() -> int:
    """Return how many workers have given a sign of life within a lease."""
    return Worker.objects.filter(heartbeat__range=claim.lease()).count()


def is_served() -> bool:
    """Tell whether a worker lives."""
    return living_workers() > 0


def work(*, once: bool) -> None:
    """Run jobs until a signal to end comes, or with `once` until none waits.

    The job at hand is finished first.
    """
    with _signals_given_back():
        if settings.QUEUE:
            _work_on_redis(once=once)
        else:
            _work_on_database(once=once)


def start_side_loops(name: str) -> None:
    """Begin what a worker does beside its jobs, in threads that end with the process."""
    threading.Thread(target=_stay_alive, args=(name,), daemon=True).start()
    threading.Thread(target=_deliver_webhooks, daemon=True).start()


@contextmanager
def short_jobs_beside() -> Iterator[None]:
    """Run short jobs in a thread meanwhile; at the end the one at hand is finished first.

    They are found by their rows, not in the queue, so that it is the same on each engine. What
    stands in the queue of one that has been run is passed over.
    """
    ended = threading.Event()
    thread = threading.Thread(target=_run_short_jobs, args=(ended,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _run_short_jobs(ended: threading.Event) -> None:
    while not ended.wait(SHORT_SECONDS):
        close_old_connections()
        try:
            _run_short_job()
        except DatabaseError as error:
            logger.warning("the database did not answer: %s", error)
            connection.close()
        except Exception:
            # The row of the job says so too.
            logger.exception("a job failed")
    connection.close()


def _run_short_job() -> None:
    """Run the short job that has waited longest, if there is one."""
    queued = Job.objects.filter(state=JobState.QUEUED, kind__in=settings.SHORT_JOBS, parent=None)
    for job in queued.order_by("pk"):
        if job.kind != "export" or _is_small(job.corpus_id):
            run_job.call(job.pk)
            return


def _is_small(corpus: int) -> bool:
    return Document.objects.filter(corpus=corpus)[: SMALL + 1].count() <= SMALL


def _stay_alive(name: str) -> None:
    """Give signs of life, and hand in again the jobs that lack a worker."""
    while True:
        tolerate_outage(lambda: note_alive(name))
        tolerate_outage(claim.recover)
        time.sleep(HEARTBEAT.total_seconds())


def _deliver_webhooks() -> None:
    """Deliver what is due, beside the jobs: a receiver may take its time to answer."""
    while True:
        # A process that ends begins no new threads; what was not delivered then is left to the
        # next.
        with suppress(RuntimeError):
            tolerate_outage(delivery.deliver_due)
        time.sleep(DELIVERY_SECONDS)


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
            time.sleep(RECONNECT_SECONDS)
        else:
            return


def _work_on_database(*, once: bool) -> None:
    from django_tasks_db.management.commands.db_worker import Worker as DatabaseWorker

    worker = DatabaseWorker(
        queue_names=["default"],
        interval=1,
        batch=once,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )
    for number in SIGNALS:
        signal.signal(number, worker.shutdown)
    while True:
        try:
            return worker.run()
        except OperationalError as error:
            logger.warning("the database does not answer, trying again: %s", error)
            connection.close()
            time.sleep(RECONNECT_SECONDS)


@contextmanager
def _signals_given_back() -> Iterator[None]:
    """Set the handlers of both signals to end as they were: the caller may go on."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)

"""The queue on Redis: RQ behind the interface of `django.tasks`, chosen by `SAIDBY_QUEUE`.

What goes over Redis is the path of a task and its arguments as JSON; nothing is unpickled.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

NAME = "saidby"
# A job may take hours; whether its worker lives is in the Job row.
NO_TIMEOUT = -1


class RedisBackend(BaseTaskBackend):
    """Hands tasks to RQ; how they end is in the Job row, not in RQ."""

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Put a task at the end of the queue. Raises what redis raises when it does not answer."""
        self.validate_task(task)
        job = _queue().enqueue(
            call, task.module_path, list(args), dict(kwargs), job_timeout=NO_TIMEOUT, result_ttl=0
        )
        return TaskResult(
            task=task,
            id=job.id,
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=list(args),
            kwargs=dict(kwargs),
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )


def call(path: str, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Run a task by its path; anything else that stands in the queue is refused."""
    named = import_string(path)
    if not isinstance(named, Task):
        raise TypeError(f"{path} is no task")
    # The database may have been restarted while the worker waited.
    close_old_connections()
    named.call(*args, **kwargs)


def worker() -> SimpleWorker:
    """Return a worker that forks for no job, so that the parser is loaded once."""
    queue = _queue()
    return SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer)


def _queue() -> Queue:
    return Queue(NAME, connection=Redis.from_url(settings.QUEUE), serializer=JSONSerializer)

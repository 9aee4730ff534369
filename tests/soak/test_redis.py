"""The queue on Redis by settings alone: two workers, and a Redis that dies and forgets."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.sites import Postgres, free_port, site

DOCUMENTS = 400
SAID = "“We will not close the harbour,” said Mayor Ada Lund. Critics denied that it was safe. "
START = (
    "from corpus.jobs import claim; from corpus.models import *;"
    "from django.contrib.auth.models import User;"
    "u, _ = User.objects.get_or_create(username='root', is_superuser=True);"
    "c = Corpus.objects.get();"
    "print(claim.start(c, {kind!r}, {arguments}, by=u).pk)"
)
STATE = "from corpus.models import Job; j = Job.objects.get(pk={pk}); print(j.state, j.done)"
LAYERS = (
    "from annotator.models import Layer; layers = Layer.objects;"
    "print(layers.count(), layers.values('document').distinct().count())"
)


class Broker:
    """A Redis of our own, which keeps nothing on disk."""

    def __init__(self, program: str) -> None:
        self.program, self.port = program, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [
            self.program,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/")
        with Redis.from_url(self.url) as connection:
            for _ in range(100):
                with suppress(RedisError):
                    connection.ping()
                    return
                time.sleep(0.1)
        raise AssertionError("Redis does not answer")

    def kill(self) -> None:
        """Kill it; all that it held is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def broker() -> Iterator[Broker]:
    program = shutil.which("redis-server")
    if program is None:
        assert os.environ.get("CI") != "true", "redis-server is required in CI"
        pytest.skip("redis-server is not here")
    made = Broker(program)
    yield made
    made.kill()


@pytest.fixture
def manage(server: Postgres, broker: Broker, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A site on a PostgreSQL of its own whose queue is on Redis."""
    yield from site(server.url, tmp_path, SAIDBY_QUEUE=broker.url)


def wait_for(manage: Callable[..., Any], pk: str, *states: str) -> None:
    deadline = time.monotonic() + 120
    while (state := manage(code=STATE.format(pk=pk)).split())[0] not in states:
        assert time.monotonic() < deadline, state
        time.sleep(0.5)


def jobs_by_worker(broker: Broker) -> list[int]:
    """How many jobs each worker has ended, as RQ counts."""
    with Redis.from_url(broker.url) as connection:
        names: Any = connection.smembers("rq:workers")
        counts: Any = [connection.hget(name.decode(), "successful_job_count") for name in names]
    return [int(count or 0) for count in counts]


def test_two_workers_share_a_queue_on_redis_and_nothing_is_lost_with_it(
    manage: Callable[..., Any], broker: Broker, tmp_path: Path
) -> None:
    lines = tmp_path / "documents.jsonl"
    rows = ({"id": f"d{n}", "text": f"Harbour {n}\n\n{SAID * 10}"} for n in range(DOCUMENTS))
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    manage("create_corpus", "port")
    manage("import_documents", "port", str(lines))
    for _ in range(2):
        manage("run_jobs", wait=False)
    deadline = time.monotonic() + 60
    while len(jobs_by_worker(broker)) < 2:
        assert time.monotonic() < deadline, "two workers were to come"
        time.sleep(0.2)

    pk = manage(code=START.format(kind="suggest", arguments={"suggester": "rules.v1"})).strip()
    wait_for(manage, pk, "done")
    assert manage(code=LAYERS).split() == [str(DOCUMENTS), str(DOCUMENTS)]
    done = jobs_by_worker(broker)
    assert len(done) == 2 and min(done) >= 1, f"one worker did it all: {done}"

    # Started while the queue is away, and found again by the workers when it is back.
    broker.kill()
    pk = manage(code=START.format(kind="measure", arguments={})).strip()
    assert manage(code=STATE.format(pk=pk)).split()[0] == "queued"
    manage(
        code="from corpus.models import Job; from datetime import *;"
        "Job.objects.update(heartbeat=datetime(2020, 1, 1, tzinfo=UTC))"
    )
    broker.start()
    wait_for(manage, pk, "done", "failed")
    assert manage(code=STATE.format(pk=pk)).split()[0] == "done"
    manage("check_layers")

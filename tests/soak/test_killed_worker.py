"""Real processes, really killed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = 60


def test_a_suggest_job_goes_on_after_its_worker_was_killed(
    manage: Callable[..., Any], tmp_path: Path
) -> None:
    lines = tmp_path / "documents.jsonl"
    said = "“We will not close the harbour,” said Mayor Ada Lund. Critics denied that it was safe. "
    lines.write_text(
        "".join(
            json.dumps({"id": f"d{n}", "text": f"Harbour {n}\n\n{said * 20}"}) + "\n"
            for n in range(DOCUMENTS)
        ),
        encoding="utf-8",
    )
    manage("create_corpus", "port")
    manage("import_documents", "port", str(lines))
    manage(
        code="from corpus.jobs import claim; from corpus.models import *;"
        "from django.contrib.auth.models import User;"
        "u = User.objects.create_superuser('root'); c = Corpus.objects.get();"
        "claim.start(c, 'suggest', {'suggester': 'rules.v1'}, by=u)"
    )
    worker = manage("run_jobs", wait=False)
    told = (
        "from corpus.models import Job; j = Job.objects.get(); print(j.state, j.done, j.attempts)"
    )
    deadline = time.monotonic() + 90
    while int(manage(code=told).split()[1]) == 0:
        assert time.monotonic() < deadline, "the worker did nothing"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    state, done, _ = manage(code=told).split()
    assert state == "running", f"it had ended before it was killed, at {done}"

    # The lease ends: what the clock would do within a minute.
    manage(
        code="from corpus.models import Job; from datetime import *;"
        "Job.objects.update(heartbeat=datetime(2020, 1, 1, tzinfo=UTC))"
    )
    manage("run_jobs", "--once")
    assert manage(code=told).split()[::2] == ["done", "2"]
    layers = (
        "from annotator.models import Layer; from django.db.models import Count;"
        "print(Layer.objects.count(), Layer.objects.values('document').distinct().count(), "
        "Layer.objects.annotate(n=Count('spans')).filter(n=0).count())"
    )
    assert manage(code=layers).split() == [str(DOCUMENTS), str(DOCUMENTS), "0"]
    manage("check_layers")

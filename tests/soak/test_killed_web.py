"""Web and database are killed while people decide and a job runs: what was acknowledged is there,
once.
"""

from __future__ import annotations

import json
import os
import signal
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.sites import LOST, Postgres, below, free_port, serve
from tools.bench_http import signed_in

SAID = "“We will not close the harbour,” said Mayor Ada Lund. Critics denied that it was safe. "
PEOPLE = (
    "from corpus.models import *; from django.contrib.auth.models import User;"
    "from corpus.services.members import add_member;"
    "bob = User.objects.create_user('bob', password='x');"
    "add_member(Corpus.objects.get(), bob, 'reviewer')"
)


class Reviewer:
    """Decides on one document like the browser does: what was not acknowledged is sent again as it
    was.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.browser = signed_in(port, "bob")
        self.path = "/api/corpora/port/documents/d0"
        work = json.loads(self.browser.ask("GET", f"{self.path}/workspace/"))
        self.version = work["layer"]["version"]
        self.span = next(s for s in work["suggestions"]["spans"] if s["label"] == "CLAIM")
        self.words = work["document"]["text"][self.span["start"] : self.span["end"]]
        self.acknowledged: list[str] = []
        self.refused = 0

    def decide(self) -> None:
        """Save one decision, however often it takes."""
        after = {key: self.span[key] for key in ("label", "start", "end", "fragments")}
        after["attributes"] = {
            **self.span["attributes"],
            "stance": ("support", "oppose")[self.version % 2],
        }
        one = {
            "client_id": str(uuid.uuid4()),
            "verb": "attribute",
            "subject": "span",
            "ident": self.span["ident"],
            "after": after,
            "exact": self.words,
            "elapsed_ms": 900,
        }
        body = json.dumps({"version": self.version, "decisions": [one]})
        deadline = time.monotonic() + 90
        while not (answer := self._send(body)):
            self.refused += 1
            assert time.monotonic() < deadline, "nobody answers any more"
            time.sleep(0.3)
        self.version = answer["version"]
        self.acknowledged.append(one["client_id"])

    def _send(self, body: str) -> dict[str, Any]:
        """Return the answer; nothing when there was none, or a failure of the server."""
        try:
            data = self.browser.ask("POST", f"{self.path}/decisions/", body)
            answer: dict[str, Any] = json.loads(data)
            return answer if "version" in answer else {}
        except (*LOST, ValueError):
            self.browser.connection.close()
            return {}


def ready(manage: Callable[..., Any], folder: Path, documents: int) -> int:
    """Make a corpus with suggestions for one document, serve it, and return its port."""
    lines = folder / "documents.jsonl"
    rows = [{"id": f"d{n}", "text": f"Harbour {n}\n\n{SAID * 20}"} for n in range(documents)]
    manage("create_corpus", "port")
    for part in filter(None, (rows[:1], rows[1:])):
        lines.write_text("".join(json.dumps(row) + "\n" for row in part), encoding="utf-8")
        manage("import_documents", "port", str(lines))
        if len(part) == 1:
            manage("suggest", "port")
    manage(code=PEOPLE)
    return free_port()


def check(manage: Callable[..., Any], reviewer: Reviewer) -> None:
    """Every acknowledged decision is in the log once, in an unbroken row, and the layers are what
    the log says.
    """
    log = (
        "from annotator.models import Decision; import json;"
        "print(json.dumps([[d.seq, str(d.client_id)] for d in Decision.objects.order_by('seq')]))"
    )
    rows = json.loads(manage(code=log))
    assert [seq for seq, _ in rows] == list(range(1, len(rows) + 1))
    clients = [client for _, client in rows]
    assert len(set(clients)) == len(clients)
    assert clients == reviewer.acknowledged
    reviewer.browser.connection.close()
    manage("check_layers")


def test_no_acknowledged_decision_is_lost_when_the_web_process_is_killed(
    manage: Callable[..., Any], tmp_path: Path
) -> None:
    port = ready(manage, tmp_path, 1)
    served = serve(manage, port)
    reviewer = Reviewer(port)
    for _ in range(3):
        for _ in range(10):
            reviewer.decide()
        for pid in _web(served.pid):
            os.kill(pid, signal.SIGKILL)
    for _ in range(5):
        reviewer.decide()
    assert reviewer.refused
    check(manage, reviewer)


def _web(pid: int) -> list[int]:
    """Return the processes of the web server below `serve`."""
    return [p for p in below(pid) if b"gunicorn" in Path(f"/proc/{p}/cmdline").read_bytes()]


def test_work_goes_on_when_the_database_was_killed_and_away_for_half_a_minute(
    manage_on_postgres: Callable[..., Any], server: Postgres, tmp_path: Path
) -> None:
    manage = manage_on_postgres
    port = ready(manage, tmp_path, 200)
    serve(manage, port)
    reviewer = Reviewer(port)
    manage(
        code="from corpus.jobs import claim; from corpus.models import *;"
        "from django.contrib.auth.models import User;"
        "u = User.objects.create_superuser('root'); c = Corpus.objects.get();"
        "claim.start(c, 'suggest', {'suggester': 'rules.v1'}, by=u)"
    )
    told = (
        "from corpus.models import Job; j = Job.objects.get(kind='suggest'); print(j.state, j.done)"
    )
    _wait(lambda: int(manage(code=told).split()[1]) > 0)
    reviewer.decide()
    server.kill()
    time.sleep(30)
    server.start()
    for _ in range(5):
        reviewer.decide()
    # The lease of the job ends: what the clock would do within a minute.
    manage(
        code="from corpus.models import Job; from datetime import *;"
        "Job.objects.filter(state='running').update(heartbeat=datetime(2020, 1, 1, tzinfo=UTC))"
    )
    _wait(lambda: manage(code=told).split()[0] == "done")
    layers = (
        "from annotator.models import Layer; from django.db.models import Count;"
        "l = Layer.objects.filter(kind='suggestion');"
        "print(l.count(), l.values('document').distinct().count(), "
        "l.annotate(n=Count('spans')).filter(n=0).count())"
    )
    assert manage(code=layers).split() == ["200", "200", "0"]
    check(manage, reviewer)


def _wait(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < deadline, "it did not happen within two minutes"
        time.sleep(0.5)

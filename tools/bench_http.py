"""The served product under load: `python -m tools.bench_http`, with 1,000 and with 100,000
documents.

Each size gets a site of its own, on SQLite and, where TEST_POSTGRES_URL or a server on this machine
answers, on PostgreSQL. The site is served as `manage.py serve` serves it and asked over HTTP from
threads of this process, which takes its share of the same processors. Every answer that is not a
success counts as failed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tools.bench import ROOT, record

CLIENTS, SECONDS, EACH = 8, 10.0, 60
IDLE = 1.0
C = "/corpora/scale"
SETUP = """
import django; django.setup()
import logging; logging.getLogger("saidby").setLevel(logging.WARNING)
from tools import bench_http, scale
scale.fill({documents})
bench_http.add_work()
"""


def add_work() -> None:
    """Add the documents that are worked on: an ordinary article each, with suggestions, and eight
    more reviewers.
    """
    from django.contrib.auth import get_user_model

    from annotator.services import imports, runs
    from annotator.suggesters.rules import Rules
    from corpus.models import Corpus, Document
    from corpus.services.members import add_member

    corpus = Corpus.objects.select_related("schema").get(slug="scale")
    text = (ROOT / "seeds" / "tidal-barrier-vote.txt").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "work.jsonl"
        rows = [
            {"id": f"work{n}", "text": text, "meta": {"title": f"Barrier {n}"}}
            for n in range(CLIENTS + EACH)
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        imports.import_documents(corpus, [path])
    (view,) = Rules().suggest([text])
    assert corpus.schema is not None
    run = runs.file_run(corpus.schema, "work")
    runs.store_all(
        [
            (run, d, view)
            for d in Document.objects.filter(corpus=corpus, external_id__startswith="work")
        ]
    )
    for n in range(CLIENTS):
        user = get_user_model().objects.create_user(f"client{n}", password="x")
        add_member(corpus, user, "reviewer")


class Browser:
    """One person's connection, kept alive; notes how long each answer took."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.cookies: dict[str, str] = {}
        self.took: list[float] = []
        self.last = 0.0
        self.failed = 0
        self.status = 0

    def sign_in(self, path: str, **fields: str) -> Browser:
        """Fill in the form of a page as Django writes it."""
        token = re.search(
            r'name="csrfmiddlewaretoken" value="(\w+)"', self.ask("GET", path).decode()
        )
        form = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token[1] if token else ""})
        self.ask("POST", path, form, "application/x-www-form-urlencoded")
        self.took.clear()
        return self

    def ask(
        self, method: str, path: str, body: str | None = None, kind: str = "application/json"
    ) -> bytes:
        """Return the body of the answer."""
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "X-CSRFToken": self.cookies.get("csrftoken", ""),
        }
        if body is not None:
            headers["Content-Type"] = kind
        started = time.perf_counter()
        if started - self.last > IDLE:
            # The server has closed it by now; a browser would notice.
            self.connection.close()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        self.last = time.perf_counter()
        self.took.append(1000 * (time.perf_counter() - started))
        self.status = answer.status
        self.failed += answer.status >= 400
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return data


def signed_in(port: int, name: str) -> Browser:
    """Return a browser in which somebody of our own site is signed in."""
    return Browser(port).sign_in("/login/", username=name, password="x")


class Review:
    """A document that one person decides on, again and again."""

    def __init__(self, browser: Browser, document: str) -> None:
        self.browser, self.path = browser, f"/api{C}/documents/{document}"
        work = json.loads(browser.ask("GET", f"{self.path}/workspace/"))
        self.version = work["layer"]["version"]
        self.span = next(s for s in work["suggestions"]["spans"] if s["label"] == "CLAIM")
        self.words = work["document"]["text"][self.span["start"] : self.span["end"]]
        browser.took.clear()

    def decide(self) -> None:
        """Save one decision: the other stance than before."""
        stance = ("support", "oppose")[self.version % 2]
        after = {key: self.span[key] for key in ("label", "start", "end", "fragments")}
        after["attributes"] = {**self.span["attributes"], "stance": stance}
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
        answer = self.browser.ask("POST", f"{self.path}/decisions/", body)
        self.version = json.loads(answer)["version"]

    def reject_all(self) -> None:
        """Reject what was accepted, so that the review may be handed in."""
        one = {
            "client_id": str(uuid.uuid4()),
            "verb": "reject",
            "subject": "span",
            "ident": self.span["ident"],
            "after": {"rejected": True},
        }
        body = json.dumps({"version": self.version, "decisions": [one]})
        self.version = json.loads(self.browser.ask("POST", f"{self.path}/decisions/", body))[
            "version"
        ]


def measure(url: str, documents: int, folder: Path) -> dict[str, float]:
    """Return the figures of one site by name."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "SAIDBY_DATA": str(folder / f"data{documents}"),
        "DJANGO_SETTINGS_MODULE": "annotator.settings",
    }
    setup = [sys.executable, "-c", SETUP.format(documents=documents)]
    subprocess.run(setup, env=environment, check=True, stderr=subprocess.DEVNULL)
    # On SQLite as `serve` does it; on PostgreSQL a process for each processor, as a team's server
    # would.
    workers = 1 if url.startswith("sqlite") else os.cpu_count() or 1
    with served(environment, workers) as (port, web):
        rows = {"web process idle, MB": _resident(web)}
        bob = signed_in(port, "client0")
        rows |= _times(
            "open",
            bob,
            [partial(bob.ask, "GET", f"{C}/documents/work{n}/review/") for n in range(EACH)],
        )
        review = Review(bob, "work0")
        rows |= _times("save", bob, [review.decide] * EACH)
        alice = signed_in(port, "alice")
        pages = {
            "dashboard": f"{C}/",
            "queue of disputes": f"{C}/disputes/",
            "documents": f"{C}/documents/",
        }
        for name, path in pages.items():
            rows |= _times(name, alice, [partial(alice.ask, "GET", path)] * EACH)
        rows |= _together(port)
        rows["failed"] = rows["failed"] + bob.failed + alice.failed
        rows["web process after, MB"] = _resident(web)
    return rows


def _times(name: str, browser: Browser, acts: list[Callable[[], Any]]) -> dict[str, float]:
    browser.took.clear()
    for act in acts:
        act()
    return {f"{name}, p50 ms": statistics.median(browser.took)}


def _together(port: int) -> dict[str, float]:
    """Let all clients save as fast as they can, each on a document of its own, then hand in."""
    reviews = [Review(signed_in(port, f"client{n}"), f"work{EACH + n}") for n in range(CLIENTS)]
    end = time.perf_counter() + SECONDS

    def work(review: Review) -> None:
        while time.perf_counter() < end:
            review.decide()

    threads = [threading.Thread(target=work, args=(review,)) for review in reviews]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = sorted(ms for review in reviews for ms in review.browser.took)
    for review in reviews:
        review.reject_all()
        review.browser.took.clear()
        review.browser.ask(
            "POST", f"{review.path}/submit/", json.dumps({"version": review.version})
        )
    return {
        f"saves a second, {CLIENTS} clients": len(took) / SECONDS,
        f"save, {CLIENTS} clients, p50 ms": statistics.median(took),
        f"save, {CLIENTS} clients, p99 ms": took[int(len(took) * 0.99)],
        f"save, {CLIENTS} clients, worst ms": took[-1],
        "submit, p50 ms": statistics.median(review.browser.took[0] for review in reviews),
        "failed": float(sum(review.browser.failed for review in reviews)),
    }


@contextmanager
def served(environment: dict[str, str], workers: int) -> Iterator[tuple[int, int]]:
    """Serve the site; yield its port and the process that answers."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "annotator.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        str(CLIENTS),
        "--workers",
        str(workers),
        "--log-level",
        "error",
    ]
    server = subprocess.Popen(
        command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        for _ in range(200):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.1)
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        yield port, int(children[0])
    finally:
        server.terminate()
        server.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _resident(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


@contextmanager
def _databases(folder: Path, documents: int) -> Iterator[dict[str, str]]:
    """Yield the address of an empty database for each engine there is, by name."""
    found = {"SQLite": f"sqlite:///{folder}/load{documents}.sqlite3"}
    server = subprocess.run(
        [ROOT / ".ci" / "postgres"], capture_output=True, text=True, check=False
    ).stdout.strip()
    if not server:
        yield found
        return
    import psycopg

    name = f"saidby_load_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield {**found, "PostgreSQL": f"{server.rpartition('/')[0]}/{name}"}
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def main() -> None:
    """Measure every size on every engine and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=[1000, 100_000])
    for documents in parser.parse_args().documents:
        with (
            tempfile.TemporaryDirectory() as folder,
            _databases(Path(folder), documents) as engines,
        ):
            for engine, url in engines.items():
                rows = measure(url, documents, Path(folder))
                record(
                    {
                        f"{engine}, {documents} documents: {name}": value
                        for name, value in rows.items()
                    }
                )


if __name__ == "__main__":
    main()

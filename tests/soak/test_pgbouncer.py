"""PgBouncer that pools by transaction: each may go to another connection of the server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.sites import Postgres, free_port, site

DOCUMENTS = 8
# Three people at once, with more connections than the pool has, each reviewing whatever is there.
REVIEW = """
import threading
from django.contrib.auth.models import User
from django.db import connection
from annotator.models import Layer
from annotator.services import assignments, review
from corpus.models import Corpus, Document
from corpus.services.members import add_member

corpus = Corpus.objects.get()
people = [User.objects.create_user(name) for name in ("ann", "ben", "cleo")]
for person in people:
    add_member(corpus, person, "reviewer")

failed = []

def work(person):
    try:
        while document := assignments.claim_next(corpus, by=person):
            layer = review.open_layer(document, by=person)
            review.submit(layer, by=person, at=0)
    except Exception as error:
        failed.append(repr(error))
    connection.close()

threads = [threading.Thread(target=work, args=(person,)) for person in people]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
names = [document.external_id for document in Document.objects.iterator(chunk_size=3)]
submitted = Layer.objects.filter(kind="review", state="submitted").count()
print(len(names), submitted, *failed, sep="\\n")
"""


@pytest.fixture
def pooled(server: Postgres) -> Iterator[str]:
    """The address of a pooler with two connections to the server."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        assert os.environ.get("CI") != "true", "pgbouncer is required in CI"
        pytest.skip("pgbouncer is not here")
    port = free_port()
    # Beside the server's, because what is in the test's folder is for its owner alone.
    settings = server.folder / "pgbouncer.ini"
    settings.write_text(
        "[databases]\n"
        f"* = host=127.0.0.1 port={server.port} user=postgres\n"
        "[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        "auth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n",
        encoding="utf-8",
    )
    owner: Any = {}
    if os.getuid() == 0:
        # It refuses to run as root.
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
    url = f"postgres://postgres@127.0.0.1:{port}/postgres"
    with subprocess.Popen([program, "-q", str(settings)], cwd="/", **owner) as pooler:
        try:
            _wait_for(url)
            yield url
        finally:
            pooler.terminate()


def _wait_for(url: str) -> None:
    for _ in range(100):
        with suppress(psycopg.OperationalError), psycopg.connect(url):
            return
        time.sleep(0.1)
    raise AssertionError("pgbouncer does not answer")


@pytest.fixture
def manage(pooled: str, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    yield from site(pooled, tmp_path)


def test_people_review_while_each_transaction_goes_to_another_connection(
    manage: Callable[..., Any], tmp_path: Path
) -> None:
    lines = tmp_path / "documents.jsonl"
    rows = ({"id": f"d{n}", "text": f"Harbour {n}\n\nRain fell on it."} for n in range(DOCUMENTS))
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    manage("create_corpus", "port")
    manage("import_documents", "port", str(lines))
    # Each document is reviewed twice.
    assert manage(code=REVIEW).splitlines() == [str(DOCUMENTS), str(2 * DOCUMENTS)]
    manage("check_layers")

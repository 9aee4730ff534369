"""How the pages fare with very many documents: `python -m tools.scale --documents 100000`.

Fills a database with documents that have places, two submitted reviews each and gold, without going
through the services, then prints the median milliseconds and the number of queries of each page.
SQLite in a temporary folder, or the empty database that DATABASE_URL names.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tools.bench import timed

BATCH = 5000
TIMES = 21


def main() -> None:
    """Fill and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/scale.sqlite3")
        os.environ.update(
            DJANGO_SETTINGS_MODULE="annotator.settings",
            SAIDBY_DATA=folder,
            SAIDBY_HOSTS="testserver",
        )
        import django

        django.setup()
        logging.getLogger("saidby").setLevel(logging.WARNING)
        fill(options.documents)
        measure()


def fill(number: int) -> None:
    """Fill the database."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection

    from annotator.services import overview
    from corpus.services.corpora import create_corpus
    from corpus.services.members import add_member

    call_command("migrate", verbosity=0)
    corpus = create_corpus("scale")
    people = [
        get_user_model().objects.create_user(name, password="x")
        for name in ("bob", "carol", "alice")
    ]
    for user, role in zip(people, ("reviewer", "reviewer", "manager"), strict=True):
        add_member(corpus, user, role)
    for first in range(0, number, BATCH):
        _batch(corpus, people, range(first, min(first + BATCH, number)), number)
        sys.stderr.write(f"\r{min(first + BATCH, number)} documents")
    _days(corpus, people, number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    sys.stderr.write(
        f"\ncounted in the background: {timed(lambda: overview.refresh(corpus), times=1):.0f} ms\n"
    )


def _batch(corpus: Any, people: list[Any], numbers: range, total: int) -> None:
    """Write documents: nine of ten are reviewed and settled, a few have disputes, the last tenth
    waits.
    """
    from django.utils import timezone

    from annotator.models import Adjudication, Assignment, Layer, Span
    from corpus.models import Document, Label

    schema, now = corpus.schema, timezone.now()
    claim, speaker = (Label.objects.get(schema=schema, name=name) for name in ("CLAIM", "SPEAKER"))
    documents = Document.objects.bulk_create(
        Document(
            corpus=corpus,
            external_id=f"d{n:07}",
            title=f"Harbour news, part {n}",
            outlet=f"Outlet {n % 40}",
            published=f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}",
            digest=f"{n:064}",
            length=2000,
            words=400,
        )
        for n in numbers
    )
    done = [n < 0.9 * total for n in numbers]
    pairs = list(zip(documents, numbers, done, strict=True))
    Assignment.objects.bulk_create(
        Assignment(
            corpus=corpus,
            document=d,
            schema=schema,
            slot=slot,
            user=people[slot - 1] if ready else None,
            state="done" if ready else "open",
        )
        for d, _, ready in pairs
        for slot in (1, 2)
    )
    layers = Layer.objects.bulk_create(
        Layer(
            document=d,
            schema=schema,
            kind="review",
            owner=people[slot],
            state="submitted",
            elapsed_ms=90_000 + n % 999,
            submitted_at=now - timedelta(seconds=total - n),
        )
        for d, n, ready in pairs
        if ready
        for slot in (0, 1)
    )
    gold = Layer.objects.bulk_create(
        Layer(document=d, schema=schema, kind="gold") for d, _, ready in pairs if ready
    )
    Adjudication.objects.bulk_create(
        Adjudication(
            corpus=corpus,
            document=d,
            schema=schema,
            submitted=2 if ready else 0,
            state=("ready" if n % 100 == 0 else "done") if ready else "waiting",
            disputes=3 if ready and n % 100 == 0 else 0,
            kinds={"stance": 3} if ready and n % 100 == 0 else {},
        )
        for d, n, ready in pairs
    )
    Span.objects.bulk_create(_spans([*layers, *gold], claim, speaker), batch_size=20_000)


def _spans(layers: list[Any], claim: Any, speaker: Any) -> Iterator[Any]:
    from annotator.models import Span

    for layer in layers:
        for ident in (1, 2):
            yield Span(
                layer=layer,
                ident=ident,
                label=claim,
                start=0,
                end=9,
                attributes={"stance": "oppose"},
            )
        yield Span(layer=layer, ident=3, label=speaker, start=10, end=19)


def _days(corpus: Any, people: list[Any], total: int) -> None:
    from django.utils import timezone

    from annotator.models import Activity

    today = timezone.now().date()
    Activity.objects.bulk_create(
        Activity(
            corpus=corpus,
            user=user,
            day=today - timedelta(days=ago),
            decisions=400,
            elapsed_ms=2_000_000,
            submitted=total // 1000,
        )
        for user in people[:2]
        for ago in range(1000)
    )


def measure() -> None:
    """Print a line for each page."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    c = "/corpora/scale"
    for name, path in [
        ("alice", "/corpora/"),
        ("alice", f"{c}/"),
        ("bob", f"{c}/"),
        ("bob", f"{c}/queue/"),
        ("alice", f"{c}/documents/"),
        ("alice", f"{c}/documents/?after=50000"),
        ("alice", f"{c}/documents/?state=ready"),
        ("alice", f"{c}/documents/?query=part+77"),
        ("alice", f"{c}/documents/?query=nowhere"),
        ("bob", f"{c}/documents/?mine=taken&outlet=Outlet+3"),
        ("alice", f"{c}/disputes/"),
        ("alice", f"{c}/flags/"),
        ("bob", "/profile/"),
    ]:
        client = Client()
        client.force_login(get_user_model().objects.get(username=name))

        def look(client: Client = client, path: str = path) -> None:
            assert client.get(path).status_code == 200, path

        with CaptureQueriesContext(connection) as asked:
            look()
            queries = len(asked)
        sys.stdout.write(
            f"{name:<6} {path:<50} {timed(look, times=TIMES):>8.1f} ms {queries:>3} queries\n"
        )


if __name__ == "__main__":
    main()

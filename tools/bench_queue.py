"""The queue of disputes over 100,000 documents: `python -m tools.bench_queue [DOCUMENTS]` prints
medians and queries.

Rows are made in bulk: two reviews, gold and two or three disputes for each document. The machine is
shared; read the ratios.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

BATCH = 5000
FACETS = ("missing", "boundary", "label", "speaker", "stance", "target")
TEXT = "The council met on Monday. " * 40


def main() -> None:
    """Set up a database of its own (or use DATABASE_URL), fill it, measure and print."""
    folder = Path(tempfile.mkdtemp())
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
    os.environ.update(
        DJANGO_SETTINGS_MODULE="annotator.settings",
        SAIDBY_DATA=str(folder),
        SAIDBY_HOSTS="testserver",
    )
    import django

    django.setup()
    logging.getLogger("saidby").setLevel(logging.WARNING)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from corpus.models import Corpus

    if not Corpus.objects.filter(slug="bench").exists():
        fill(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    logging.disable(logging.INFO)
    for name, wall, cpu, queries in measure():
        sys.stdout.write(
            f"{name:<34} p50 {wall:>7.1f} ms, of CPU {cpu:>7.1f} ms, {queries:>3} queries\n"
        )


def batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield rows a batch at a time."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def fill(documents: int) -> None:
    """Make a corpus with an adjudicator, six reviewers and its queue."""
    from django.contrib.auth import get_user_model
    from django.db import connection, transaction

    from annotator.services.disputes import recount
    from corpus.models import Document
    from corpus.services.corpora import create_corpus
    from corpus.services.members import add_member

    chance = random.Random(7)
    people = [get_user_model().objects.create(username=f"reviewer-{n}") for n in range(6)]
    corpus = create_corpus("bench")
    alice = get_user_model().objects.create(username="alice", is_staff=True, is_superuser=True)
    add_member(corpus, alice, "manager")
    made = (
        Document(
            corpus=corpus,
            external_id=f"d{n:06}",
            title=f"Article {n}",
            outlet=f"Outlet {n % 40}",
            published=f"202{n % 6}-{n % 12 + 1:02}-{n % 28 + 1:02}",
            digest=f"{n:064x}",
            length=len(TEXT),
            words=200,
        )
        for n in range(documents)
    )
    for batch in batches(made):
        with transaction.atomic():
            _fill_batch(corpus, batch, people, chance)
    recount(corpus)
    # A server that has been up for a while knows its tables.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _fill_batch(corpus: Any, batch: list[Any], people: list[Any], chance: random.Random) -> None:
    """Write documents with two reviews, gold and two or three disputes each."""
    from annotator.models import Adjudication, Dispute, Layer
    from annotator.services.disputes import write_tags
    from corpus.models import Document, DocumentText

    Document.objects.bulk_create(batch)
    DocumentText.objects.bulk_create(
        DocumentText(document=document, text=TEXT) for document in batch
    )
    layers, queue = [], []
    for document in batch:
        pair = sorted(chance.sample(people, 2), key=lambda user: user.pk)
        gold = Layer(document=document, schema=corpus.schema, kind="gold")
        layers += [
            gold,
            *(
                Layer(
                    document=document,
                    schema=corpus.schema,
                    kind="review",
                    owner=user,
                    state="submitted",
                )
                for user in pair
            ),
        ]
        queue.append((document, pair, gold))
    Layer.objects.bulk_create(layers)
    rows = [
        Adjudication(
            corpus=corpus,
            document=document,
            schema=corpus.schema,
            gold=gold,
            state="ready",
            submitted=2,
        )
        for document, _, gold in queue
    ]
    Adjudication.objects.bulk_create(rows)
    found = []
    for row, (document, pair, _) in zip(rows, queue, strict=True):
        for place in range(chance.choice((2, 3))):
            facets = sorted(chance.sample(FACETS, chance.choice((1, 1, 2))), key=FACETS.index)
            cost = chance.randint(4, 40) * len(facets)
            found.append(
                Dispute(
                    corpus=corpus,
                    adjudication=row,
                    ident=place + 1,
                    start=27 * place,
                    end=27 * place + 26,
                    facet=facets[0],
                    facets=dict.fromkeys(facets, 1),
                    labels=["CLAIM"],
                    outlet=document.outlet,
                    month=document.published[:7],
                    sides=_sides(chance, facets, pair),
                    pairs=[[user.pk for user in pair]],
                    suggested=chance.random() < 0.7,
                    cost=cost,
                    turn=FACETS.index(facets[0]) * 1_000_000 + 999_999 - cost,
                )
            )
    Dispute.objects.bulk_create(found)
    write_tags(found, replace=False)


def _sides(chance: random.Random, facets: list[str], pair: list[Any]) -> dict[str, Any]:
    """Return who holds what: one value against another, or a name against a name."""
    told = {}
    for facet in facets:
        values = [f"{facet} {n}" for n in range(400 if facet in ("speaker", "target") else 5)]
        a, b = sorted(chance.sample(values, 2))
        first = chance.random() < 0.5
        told[facet] = {
            "sides": [
                {"value": a, "held": ["A"], "suggested": first},
                {"value": b, "held": ["B"], "suggested": not first},
            ],
            "cells": [[0, 1, a, b]],
        }
    return {"people": {"A": pair[0].pk, "B": pair[1].pk}, "facets": told}


def measure() -> Iterator[tuple[str, float, float, int]]:
    """Yield the name, the median milliseconds, those of the processor, and the number of queries of
    each page.
    """
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from annotator.models import Dispute
    from annotator.selectors.disputes import after_of

    client = Client()
    client.force_login(get_user_model().objects.get(username="alice"))
    pair = Dispute.objects.values_list("pairs", flat=True)[0][0]
    middle = after_of(Dispute.objects.order_by("turn")[Dispute.objects.count() // 2])
    queue, api = (
        reverse(name, kwargs={"slug": "bench"}) for name in ("disputes", "api-dispute-queue")
    )
    admin = reverse("admin:annotator_dispute_changelist")
    asked = {
        "queue": queue,
        "queue, facet": f"{queue}?facet=stance",
        "queue, reviewer pair": f"{queue}?pair={pair[0]}-{pair[1]}",
        "queue, outlet and no suggestion": f"{queue}?outlet=Outlet+7&suggested=no",
        "queue, four filters": (
            f"{queue}?facet=target&outlet=Outlet+7&suggested=yes&pair={pair[0]}-{pair[1]}"
        ),
        "queue, deferred (none)": f"{queue}?state=deferred",
        "queue, from the middle": f"{queue}?after={middle}",
        "queue by document": f"{queue}?by=document",
        "queue over the API": api,
        "queue, values": f"{queue}?facet=stance&value=stance+1&against=stance+3",
        "queue, values of two": (
            f"{queue}?facet=stance&value=stance+1&against=stance+3&pair={pair[0]}-{pair[1]}"
        ),
        "queue, side of the suggestion": f"{queue}?side={pair[0]}&facet=stance",
        "queue, month": f"{queue}?month=2023-04",
        "queue, settled (none)": f"{queue}?state=settled",
        "admin": admin,
        "admin, facet": f"{admin}?facet=speaker",
        "admin, values": f"{admin}?facet=stance&value=stance+1&against=stance+3",
        "admin, pair": f"{admin}?pair={pair[0]}-{pair[1]}",
        "admin, label and suggestion": f"{admin}?label=CLAIM&suggested=yes",
        "admin, last page": f"{admin}?p={Dispute.objects.count() // 50}",
        "admin, search": f"{admin}?q=d0001",
        "first dispute of the queue": reverse("settle-queue", kwargs={"slug": "bench"}),
    }
    for name, url in asked.items():
        answer = client.get(url)
        assert answer.status_code in (200, 302), (url, answer.status_code)
        queries: list[str] = []

        def note(execute: Any, sql: str, *args: Any, queries: list[str] = queries) -> Any:
            queries.append(sql)
            return execute(sql, *args)

        with connection.execute_wrapper(note):
            client.get(url)
        spent = []
        for _ in range(40):
            wall, cpu = time.perf_counter(), time.process_time()
            client.get(url)
            spent.append((1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)))
        yield name, median(wall for wall, _ in spent), median(cpu for _, cpu in spent), len(queries)


if __name__ == "__main__":
    main()

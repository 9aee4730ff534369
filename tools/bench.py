"""Benchmarks: `make bench` prints them and writes bench.json. Read the ratios; the machine is
shared.
"""

from __future__ import annotations

import json
import logging
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
DOCUMENTS = 1000


def timed(action: Callable[[], Any], *, times: int) -> float:
    """Return the median milliseconds of an action."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        found.append(1000 * (time.perf_counter() - started))
    return statistics.median(found)


def own_database() -> Path:
    """Set Django up with a database of its own, and return the folder that it is in."""
    folder = Path(tempfile.mkdtemp())
    os.environ.update(
        DJANGO_SETTINGS_MODULE="annotator.settings",
        DATABASE_URL=f"sqlite:///{folder}/bench.sqlite3",
        SAIDBY_DATA=str(folder),
        SAIDBY_HOSTS="testserver",
    )
    import django

    django.setup()
    # A line for each request would bury the figures.
    logging.getLogger("saidby").setLevel(logging.WARNING)
    return folder


def main() -> None:
    """Set up a database of its own, measure, print and write."""
    folder = own_database()
    (ROOT / "bench.json").unlink(missing_ok=True)
    record(measure(folder))


def record(rows: dict[str, float]) -> None:
    """Print figures, and add them to bench.json."""
    path = ROOT / "bench.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps(known | rows, indent=1) + "\n", encoding="utf-8")
    for name, value in rows.items():
        sys.stdout.write(f"{name:<72} {value:>12.2f}\n")
    sys.stdout.flush()


def measure(folder: Path) -> dict[str, float]:
    """Return each figure by its name and unit."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    from annotator.services import imports, runs
    from annotator.services.runs import file_run
    from annotator.suggesters.rules import Rules
    from corpus.services.corpora import create_corpus
    from corpus.services.members import add_member
    from tests.acts import TEXT, accept_all, suggested
    from tools.bench_pages import measure_pages
    from tools.bench_saves import measure_saves
    from tools.bench_transfer import measure_transfer

    call_command("migrate", verbosity=0)
    corpus = create_corpus("bench", reviewers_per_document=1)
    source = folder / "documents.jsonl"
    source.write_text(
        "".join(json.dumps({"id": f"d{n}", "text": f"{TEXT}{n}"}) + "\n" for n in range(DOCUMENTS)),
        encoding="utf-8",
    )
    rows: dict[str, float] = {}
    started = time.perf_counter()
    imports.import_documents(corpus, [source])
    rows["import, documents a second"] = DOCUMENTS / (time.perf_counter() - started)

    started = time.perf_counter()
    assert corpus.schema is not None
    run = file_run(corpus.schema, "bench")
    for document in corpus.documents.select_related("corpus"):
        runs.store(run, document, suggested())
    rows["store suggestions, spans a second"] = (
        DOCUMENTS * len(suggested().spans) / (time.perf_counter() - started)
    )

    bob = get_user_model().objects.create_user("bob", password="x")
    add_member(corpus, bob, "reviewer")
    client = Client()
    client.force_login(bob)
    names = iter(range(DOCUMENTS))

    def address(name: str, number: int) -> str:
        return reverse(name, kwargs={"slug": "bench", "external_id": f"d{number}"})

    rows["open a document the first time, ms"] = timed(
        lambda: client.get(address("api-workspace", next(names))), times=100
    )
    rows["open a document again, ms"] = timed(
        lambda: client.get(address("api-workspace", 1)), times=100
    )
    decisions = accept_all(None)
    version = 0

    def decide() -> None:
        nonlocal version
        one = [{**decisions[version % 6], "client_id": str(uuid.uuid4())}]
        body = json.dumps({"version": version, "decisions": one})
        answer = client.post(
            address("api-decisions", 1), data=body, content_type="application/json"
        )
        version = answer.json()["version"]

    rows["save one decision, ms"] = timed(decide, times=100)
    ready = Rules()
    article = (ROOT / "seeds" / "tidal-barrier-vote.txt").read_text(encoding="utf-8")
    list(ready.suggest([article]))
    spent = time.process_time()
    list(ready.suggest([article] * 20))
    rows["suggest, words a CPU second"] = 20 * len(article.split()) / (time.process_time() - spent)
    return (
        rows
        | lengths(ready, article)
        | measure_transfer(folder, 2 * DOCUMENTS)
        | measure_pages(folder)
        | measure_saves(folder)
    )


def lengths(ready: Any, article: str) -> dict[str, float]:
    """Return the CPU milliseconds that suggesting takes by length, and how many times more ten
    times the length takes.

    Words are the article over and over; marks are nothing but quotation marks, the worst text there
    is. A ratio near ten is linear.
    """
    words, marks = article.split(), "“”\"'«»"
    made: dict[str, Callable[[int], str]] = {
        "words": lambda size: " ".join(words[n % len(words)] for n in range(size)),
        "marks": lambda size: "".join(marks[n % len(marks)] for n in range(size)),
    }
    rows: dict[str, float] = {}
    for unit, text_of in made.items():
        before = 0.0
        for size in (1_000, 10_000, 100_000):
            text = text_of(size)
            started = time.process_time()
            list(ready.suggest([text]))
            spent = 1000 * (time.process_time() - started)
            rows[f"suggest {size} {unit}, CPU ms"] = spent
            if before:
                rows[f"suggest {size} {unit} against {size // 10}, ratio"] = spent / before
            before = spent
    return rows


if __name__ == "__main__":
    main()

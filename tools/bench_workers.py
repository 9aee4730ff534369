"""How much faster a corpus is suggested by two workers than by one: `python -m
tools.bench_workers`.

On SQLite, or on the empty database that `DATABASE_URL` names. The first documents warm each worker
up: they load the parser, and the clock runs from then on.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
START = (
    "from corpus.jobs import claim; from corpus.models import *;"
    "from django.contrib.auth.models import User;"
    "u, _ = User.objects.get_or_create(username='root', is_superuser=True);"
    "claim.start(Corpus.objects.get(slug={slug!r}), 'suggest', {{'suggester': 'rules.v1'}}, by=u)"
)
WATCH = (
    "import sys, time; from corpus.models import *; from annotator.models import Layer;"
    "layers = Layer.objects.filter(document__corpus__slug={slug!r});\n"
    "while layers.count() < {after}: time.sleep(0.1)\n"
    "done, began = layers.count(), time.time()\n"
    "running = Job.objects.filter(corpus__slug={slug!r}, state__in=('queued', 'running'))\n"
    "while running.exists(): time.sleep(0.1)\n"
    "print((layers.count() - done) / (time.time() - began))"
)


def measure_workers(folder: Path, documents: int) -> dict[str, float]:
    """Return documents a second with one worker and with two, and how many times faster two are."""
    environment = {
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        **os.environ,
        "SAIDBY_DATA": str(folder / "data"),
    }

    def manage(*command: str) -> str:
        run = [sys.executable, "manage.py", *command]
        done = subprocess.run(
            run, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    articles = [
        json.loads(line)["text"] for line in (ROOT / "seeds" / "wire.jsonl").open(encoding="utf-8")
    ]
    lines = folder / "documents.jsonl"
    lines.write_text(
        "".join(
            json.dumps({"id": f"d{n}", "text": f"{n}\n\n{articles[n % len(articles)]}"}) + "\n"
            for n in range(documents)
        ),
        encoding="utf-8",
    )
    manage("migrate", "-v0")
    rows: dict[str, float] = {}
    for count, words in ((1, "one worker"), (2, "two workers")):
        slug = f"by-{count}"
        manage("create_corpus", slug)
        manage("import_documents", slug, str(lines))
        with _workers(count, environment):
            manage("shell", "-v0", "-c", START.format(slug=slug))
            rate = float(
                manage("shell", "-v0", "-c", WATCH.format(slug=slug, after=documents // 4))
            )
        rows[f"suggest with {words}, documents a second"] = rate
    one, two = rows.values()
    rows["two workers are faster by"] = two / one
    return rows


@contextmanager
def _workers(count: int, environment: dict[str, str]) -> Iterator[None]:
    """Run so many workers, and end them."""
    command = [sys.executable, "manage.py", "run_jobs"]
    started = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        for _ in range(count)
    ]
    # Each tells of itself when it starts; a job gives parts to those that it knows of.
    time.sleep(8)
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=800)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for title, value in measure_workers(Path(name), options.documents).items():
            sys.stdout.write(f"{title:<50} {value:8.2f}\n")


if __name__ == "__main__":
    main()

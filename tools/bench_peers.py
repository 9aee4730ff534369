"""The same work in Label Studio, doccano, Potato and here, in one run.

Run `python -m tools.bench_peers`.

Each peer is installed from the package registry into an environment of its own, which `--folder`
keeps, and served by its own command on its own default database. All get the same article with the
same spans. Each works by the calls that its own page was seen to make in Chromium, one after
another and without scripts, styles and pictures: "open" is a page that loads with a document,
"next" goes from one document to another within it, "save" changes one span. Ours is served as
`manage.py serve` does it, on SQLite; going to the next document loads the page again.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tools import bench_transfer
from tools.bench import ROOT, record
from tools.bench_http import (
    CLIENTS,
    EACH,
    SECONDS,
    SETUP,
    Browser,
    Review,
    served,
    signed_in,
)
from tools.peers.doccano import doccano
from tools.peers.label_studio import label_studio, tasks
from tools.peers.potato import potato
from tools.peers.site import PEERS, Act, Person, Site, install


@contextmanager
def saidby(folder: Path, documents: int) -> Iterator[Site]:
    """Serve our own site."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "SAIDBY_DATA": str(folder / "data"),
        "DJANGO_SETTINGS_MODULE": "annotator.settings",
    }
    setup = [sys.executable, "-c", SETUP.format(documents=documents)]
    subprocess.run(setup, env=environment, check=True, stderr=subprocess.DEVNULL)
    with served(environment, 1) as (port, _):

        def person(number: int) -> Person:
            browser = signed_in(port, f"client{number}")
            review = Review(browser, f"work{EACH + number}")
            page = "/corpora/scale/documents/work{}/review/"

            def open_page(n: int) -> None:
                browser.ask("GET", page.format(n))

            return Person(browser, open_page, open_page, lambda n: review.decide())

        manage = [sys.executable, "manage.py"]
        out = [
            "export",
            "transfer",
            "--layer",
            "suggestions",
            "--format",
            "labelstudio",
            "--to",
            str(folder / "out.json"),
        ]

        def run(*arguments: str) -> None:
            subprocess.run(
                [*manage, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True
            )

        run("create_corpus", "transfer")
        yield Site(
            person, lambda path: run("import_documents", "transfer", str(path)), lambda: run(*out)
        )


SITES = {"saidby": saidby, "label-studio": label_studio, "doccano": doccano, "potato": potato}


def measure(site: Site, transfer: Path | None) -> dict[str, float]:
    """Return the figures of one product by name."""
    people = [site.person(n) for n in range(CLIENTS)]
    first = people[0]
    opened = [spent(first.browser, first.open, n) for n in range(EACH)]
    gone_on = [spent(first.browser, first.next, n) for n in range(EACH)]
    alone = [spent(first.browser, first.save, n) for n in range(EACH)]
    took: list[float] = []
    end = time.perf_counter() + SECONDS

    def work(person: Person) -> None:
        n = EACH
        while time.perf_counter() < end:
            took.append(spent(person.browser, person.save, n := n + 1))

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    rows = {
        "open, p50 ms": statistics.median(opened),
        "next, p50 ms": statistics.median(gone_on),
        "save, p50 ms": statistics.median(alone),
        "saves a second, 8 clients": len(took) / SECONDS,
        "save, 8 clients, p99 ms": took[int(len(took) * 0.99)],
        "save, 8 clients, worst ms": took[-1],
        "failed": float(sum(person.browser.failed for person in people)),
    }
    if transfer and site.bring and site.take:
        rows["import, s"] = _seconds(partial(site.bring, transfer))
        rows["export, s"] = _seconds(site.take)
    return rows


def spent(browser: Browser, act: Act, number: int) -> float:
    """Return the milliseconds that the calls of an act take together."""
    browser.took.clear()
    act(number)
    return sum(browser.took)


def _seconds(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def main() -> None:
    """Measure each product in turn and print how many times ours is better."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--documents", type=int, default=1000, help="documents on each site (default 1000)"
    )
    parser.add_argument(
        "--transfer",
        type=int,
        default=10_000,
        help="documents with 25 spans in and out (default 10000)",
    )
    parser.add_argument(
        "--folder", type=Path, help="keeps the peers' environments for the next time"
    )
    parser.add_argument("--only", nargs="+", choices=[*SITES], default=[*SITES])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name)
        moved = Path(name) / "tasks.json"
        documents = [json.loads(bench_transfer.row(n)) for n in range(options.transfer)]
        made = tasks((row["text"], row["spans"]) for row in documents)
        moved.write_text(json.dumps(made), encoding="utf-8")
        ours: dict[str, float] = {}
        for product in options.only:
            if product in PEERS:
                install(product, folder)
            data = Path(name) / f"data-{product}"
            data.mkdir()
            with SITES[product](data, options.documents) as site:
                found = measure(site, moved)
            ours = ours or found
            rows = {f"{product}: {title}": value for title, value in found.items()}
            for title in () if found is ours else found.keys() - {"failed"}:
                better = (
                    ours[title] / found[title]
                    if "a second" in title
                    else found[title] / ours[title]
                )
                rows[f"{product}: {title}, ours times better"] = better
            record(dict(sorted(rows.items())))


if __name__ == "__main__":
    main()

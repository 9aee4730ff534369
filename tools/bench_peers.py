"""The same work in Label Studio, doccano, Potato and here, in one run: `python -m
tools.bench_peers`.

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
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
    free_port,
    served,
    signed_in,
)

# What each is installed from. doccano's own requirements no longer work together, so a second step
# puts them right.
PEERS = {
    "label-studio": [["label-studio==1.23.2"]],
    "doccano": [
        ["doccano==1.8.4"],
        ["setuptools<70", "marshmallow<4", "pandas>=2.0,<2.3", "numpy<2"],
    ],
    "potato": [["potato-annotation==2.12.1"]],
}
LABELS = ("SPEAKER", "CLAIM", "CUE")
START = 120.0
DONE = 50

Act = Callable[[int], Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in: opens a document by number, afresh or from another, and saves one
    change in theirs.
    """

    browser: Browser
    open: Act
    next: Act
    save: Act


@dataclass(frozen=True, slots=True)
class Site:
    """A product with documents in it: who works there, by number, and what brings many documents in
    and out.
    """

    person: Callable[[int], Person]
    bring: Callable[[Path], Any] | None = None
    take: Callable[[], Any] | None = None


def article() -> tuple[str, list[dict[str, Any]]]:
    """Return a text, and what the rules suggest in it as spans with `start`, `end`, `label` and
    `text`.
    """
    from annotator.suggesters.rules import Rules

    text = (ROOT / "seeds" / "tidal-barrier-vote.txt").read_text(encoding="utf-8")
    (view,) = Rules().suggest([text])
    spans = [
        {"start": s.start, "end": s.end, "label": s.label, "text": s.covered(text)}
        for s in view.in_order()
    ]
    return text, spans


def tasks(rows: Iterator[tuple[str, list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    """Return Label Studio's tasks with predictions."""
    return [
        {
            "data": {"text": text},
            "predictions": [{"model_version": "saidby", "result": [_region(s) for s in spans]}],
        }
        for text, spans in rows
    ]


def _region(span: dict[str, Any]) -> dict[str, Any]:
    value = {
        "start": span["start"],
        "end": span["end"],
        "text": span["text"],
        "labels": [span["label"]],
    }
    return {
        "id": uuid.uuid4().hex[:10],
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": value,
    }


# What the page of Label Studio's data manager asks before it asks for its task.
MANAGER = (
    "/api/version",
    "/api/projects/{}",
    "/api/current-user/whoami",
    "/api/ml",
    "/api/dm/columns",
    "/api/dm/views",
    "/api/current-user/whoami",
    "/api/users",
    "/api/dm/project",
)
COUNTS = (
    "interaction=timer&include=task_count%2Ctask_number%2Cannotation_count%2Cnum_tasks_with_annotations"
    "%2Cqueue_total"
)


@contextmanager
def label_studio(folder: Path, documents: int) -> Iterator[Site]:
    """Serve Label Studio with so many tasks in one project."""
    port = free_port()
    environment = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
        "COLLECT_ANALYTICS": "false",
        "SENTRY_DSN": "",
    }
    command = [
        "label-studio",
        "start",
        "--no-browser",
        "--port",
        str(port),
        "--username",
        "a@example.org",
        "--password",
        "secret-123",
        "--data-dir",
        str(folder),
    ]
    labels = "".join(f'<Label value="{name}"/>' for name in LABELS)
    config = f'<View><Labels name="label" toName="text">{labels}</Labels><Text name="text" value="$text"/></View>'
    text, spans = article()
    with running(command, folder, environment, port, "/health"):

        def admin() -> Browser:
            return Browser(port).sign_in(
                "/user/login/", email="a@example.org", password="secret-123"
            )

        def project(browser: Browser, title: str) -> int:
            answer = browser.ask(
                "POST", "/api/projects/", json.dumps({"title": title, "label_config": config})
            )
            found: int = json.loads(answer)["id"]
            return found

        first = admin()
        own = project(first, "reviewing")
        first.ask(
            "POST",
            f"/api/projects/{own}/import",
            json.dumps(tasks((text, spans) for _ in range(documents))),
        )
        listed = json.loads(first.ask("GET", f"/api/tasks?project={own}&page=1&page_size=100"))[
            "tasks"
        ]
        keys = sorted(task["id"] for task in listed)
        view = first.ask(
            "POST",
            f"/api/dm/views?project={own}",
            json.dumps({"data": {"title": "Default"}, "project": own}),
        )
        tab = json.loads(view)["id"]
        moved = project(first, "moving")

        def person(number: int) -> Person:
            browser = admin()

            def open_task(n: int) -> None:
                browser.ask("GET", f"/projects/{own}/data?tab={tab}&task={keys[n]}")
                for path in (
                    *MANAGER,
                    f"/api/tasks?page=1&page_size=30&view={tab}",
                    f"/api/dm/project?{COUNTS}",
                ):
                    browser.ask(
                        "GET", f"{path.format(own)}{'&' if '?' in path else '?'}project={own}"
                    )
                next_task(n)

            def next_task(n: int) -> None:
                browser.ask("GET", f"/api/tasks/{keys[n]}?project={own}")
                browser.ask("GET", f"/api/projects/{own}/label-stream-history?project={own}")
                browser.ask("GET", f"/api/label_links?project={own}&expand=label")

            result = [_region(span) for span in spans]
            made = json.loads(
                browser.ask(
                    "POST",
                    f"/api/tasks/{keys[EACH + number]}/annotations?project={own}",
                    json.dumps({"lead_time": 1, "result": result}),
                )
            )["id"]

            def save(n: int) -> None:
                result[0]["value"]["labels"] = [LABELS[n % 2]]
                browser.ask(
                    "PATCH",
                    f"/api/annotations/{made}?project={own}",
                    json.dumps({"result": result}),
                )
                browser.ask("GET", f"/api/tasks/{keys[EACH + number]}?project={own}")

            return Person(browser, open_task, next_task, save)

        def bring(path: Path) -> None:
            edge = uuid.uuid4().hex
            head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
            body = f"{head}{path.read_text(encoding='utf-8')}\r\n--{edge}--\r\n"
            first.ask(
                "POST",
                f"/api/projects/{moved}/import",
                body,
                f"multipart/form-data; boundary={edge}",
            )

        out = f"/api/projects/{moved}/export?exportType=JSON&download_all_tasks=true"
        yield Site(person, bring, lambda: first.ask("GET", out))


DOCCANO = """
import json, os, sys
import backend.cli
import django; django.setup()
from django.contrib.auth import get_user_model
from examples.models import Example
from label_types.models import SpanType
from labels.models import Span
from projects.models import Member, Project
from roles.models import Role
text, spans, documents, project = json.load(sys.stdin)
project = Project.objects.get(pk=project)
admin = get_user_model().objects.get(username="admin")
types = {name: SpanType.objects.create(text=name, project=project) for name in ("SPEAKER", "CLAIM", "CUE")}
made = Example.objects.bulk_create(Example(project=project, text=text) for _ in range(documents))
Span.objects.bulk_create(
    Span(example=e, user=admin, label=types[s["label"]], start_offset=s["start"], end_offset=s["end"])
    for e in Example.objects.filter(project=project)[:100] for s in spans
)
print(json.dumps([list(Example.objects.order_by("pk").values_list("pk", flat=True)[:100]), types["CUE"].pk]))
"""


@contextmanager
def doccano(folder: Path, documents: int) -> Iterator[Site]:
    """Serve doccano with so many examples in one project."""
    port = free_port()
    environment = {"DOCCANO_HOME": str(folder), "DEBUG": "False", "SECRET_KEY": "bench"}
    in_peer("doccano", ["doccano", "init"], environment)
    in_peer(
        "doccano", ["doccano", "createuser", "--username", "admin", "--password", "x"], environment
    )
    text, spans = article()
    with running(
        ["doccano", "webserver", "--port", str(port)], folder, environment, port, "/v1/health/"
    ):

        def admin() -> Browser:
            browser = Browser(port)
            browser.ask(
                "POST", "/v1/auth/login/", json.dumps({"username": "admin", "password": "x"})
            )
            return browser

        project = {
            "name": "bench",
            "description": "bench",
            "project_type": "SequenceLabeling",
            "resourcetype": "SequenceLabelingProject",
            "allow_overlapping": True,
        }
        own = json.loads(admin().ask("POST", "/v1/projects", json.dumps(project)))["id"]
        asked = json.dumps([text, spans, documents, own])
        keys, label = json.loads(
            in_peer("doccano", ["python", "-c", DOCCANO], environment, asked).splitlines()[-1]
        )

        def person(number: int) -> Person:
            browser = admin()
            home, mine = f"/v1/projects/{own}", keys[EACH + number]

            def listed(key: int) -> None:
                browser.ask("GET", f"{home}/examples/{key}/spans")
                browser.ask("GET", f"{home}/examples/{key}/relations")

            def open_example(n: int) -> None:
                for path in (
                    f"/projects/{own}/sequence-labeling?page={n + 1}",
                    "/v1/me",
                    home,
                    f"{home}/my-role",
                    f"{home}/span-types",
                    f"{home}/relation-types",
                ):
                    browser.ask("GET", path)
                next_example(n)
                browser.ask("GET", home)
                browser.ask("GET", f"{home}/metrics/progress")

            def next_example(n: int) -> None:
                browser.ask("GET", f"{home}/examples?limit=1&offset={n}&q=&confirmed=&ordering=")
                listed(keys[n])

            def save(n: int) -> None:
                place = {
                    "start_offset": 3 * n,
                    "end_offset": 3 * n + 2,
                    "label": label,
                    "example": mine,
                    "prob": 0,
                }
                browser.ask("POST", f"{home}/examples/{mine}/spans", json.dumps(place))
                listed(mine)

            return Person(browser, open_example, next_example, save)

        yield Site(person)


POTATO = """
port: 8000
server_name: bench
annotation_task_name: bench
task_dir: .
output_annotation_dir: out
output_annotation_format: jsonl
data_files: [items.jsonl]
item_properties: {id_key: id, text_key: text}
user_config: {allow_all_users: true, users: []}
require_password: false
annotation_schemes:
  - {annotation_type: span, name: said, description: who said what, labels: [SPEAKER, CLAIM, CUE]}
"""


@contextmanager
def potato(folder: Path, documents: int) -> Iterator[Site]:
    """Serve Potato with so many items."""
    port = free_port()
    text, spans = article()
    rows = "".join(json.dumps({"id": f"d{n}", "text": text}) + "\n" for n in range(documents))
    (folder / "items.jsonl").write_text(rows, encoding="utf-8")
    (folder / "config.yaml").write_text(POTATO, encoding="utf-8")
    command = ["potato", "start", "config.yaml", "-p", str(port), "--host", "127.0.0.1"]
    with running(command, folder, {}, port, "/health"):

        def person(number: int) -> Person:
            browser = Browser(port)
            browser.ask(
                "POST", "/auth", f"email=client{number}", "application/x-www-form-urlencoded"
            )
            marked = [
                {
                    "schema": "said",
                    "name": s["label"],
                    "start": s["start"],
                    "end": s["end"],
                    "value": s["text"],
                }
                for s in spans
            ]
            mine = ""

            def save(n: int) -> None:
                marked[0]["name"] = LABELS[n % 2]
                body = {"instance_id": mine, "annotations": {}, "span_annotations": marked}
                answer = json.loads(browser.ask("POST", "/updateinstance", json.dumps(body)))
                browser.failed += answer.get("status") == "error"

            # Its saves take longer the more somebody has done.
            for _ in range(DONE):
                page = browser.ask("GET", "/annotate").decode()
                mine = (
                    page.partition('id="instance_id"')[2].partition('value="')[2].partition('"')[0]
                )
                save(0)
                browser.ask(
                    "POST",
                    "/annotate",
                    json.dumps({"action": "next_instance", "instance_id": mine}),
                )

            def open_item(n: int) -> None:
                browser.ask("GET", "/annotate")
                for path in (
                    "/api/colors",
                    "/pocket/api/routing",
                    "/api/schemas",
                    *[f"/api/spans/{mine}"] * 2,
                    *[f"/api/keyword_highlights/{mine}"] * 3,
                    "/api/colors",
                ):
                    browser.ask("GET", path)

            return Person(browser, open_item, open_item, save)

        yield Site(person)


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


def install(name: str, folder: Path) -> None:
    """Install a peer into an environment of its own, unless it is there."""
    BINS[name] = folder / name / "bin"
    if not (BINS[name] / name).exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        for step in PEERS[name]:
            pip = [str(BINS[name] / "python"), "-m", "pip", "install", "--quiet", *step]
            subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)


BINS: dict[str, Path] = {}


def in_peer(name: str, command: list[str], environment: dict[str, str], given: str = "") -> str:
    """Run a command of a peer's environment and return what it prints."""
    path = f"{BINS[name]}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(BINS[name] / command[0]), *command[1:]],
        env={**os.environ, **environment, "PATH": path},
        input=given,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@contextmanager
def running(
    command: list[str], folder: Path, environment: dict[str, str], port: int, health: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a peer's server until it is no longer needed; raise `TimeoutError` when it never answers."""
    path = f"{BINS[command[0]]}{os.pathsep}{os.environ['PATH']}"
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [str(BINS[command[0]] / command[0]), *command[1:]],
            cwd=folder,
            stdout=log,
            stderr=log,
            env={**os.environ, **environment, "PATH": path},
            start_new_session=True,
        )
    try:
        end = time.monotonic() + START
        while time.monotonic() < end:
            try:
                Browser(port).ask("GET", health)
                break
            except OSError:
                time.sleep(0.2)
        else:
            raise TimeoutError(f"{command[0]} does not answer")
        yield server
    finally:
        os.killpg(server.pid, 15)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, 9)


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
        rows["import, s"] = _seconds(lambda: site.bring(transfer))
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
        rows = (json.loads(bench_transfer.row(n)) for n in range(options.transfer))
        moved.write_text(
            json.dumps(tasks((row["text"], row["spans"]) for row in rows)), encoding="utf-8"
        )
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

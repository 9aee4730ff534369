"""Label Studio, by the calls of its data manager's page."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.bench_http import (
    EACH,
    Browser,
    free_port,
)
from tools.peers.site import LABELS, Person, Site, article, running


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
    "interaction=timer&include=task_count%2Ctask_number%2Cannotation_count"
    "%2Cnum_tasks_with_annotations%2Cqueue_total"
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
    config = (
        f'<View><Labels name="label" toName="text">{labels}</Labels>'
        '<Text name="text" value="$text"/></View>'
    )
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
            disposition = f'form-data; name="file"; filename="{path.name}"'
            head = f"--{edge}\r\nContent-Disposition: {disposition}\r\n\r\n"
            body = f"{head}{path.read_text(encoding='utf-8')}\r\n--{edge}--\r\n"
            first.ask(
                "POST",
                f"/api/projects/{moved}/import",
                body,
                f"multipart/form-data; boundary={edge}",
            )

        out = f"/api/projects/{moved}/export?exportType=JSON&download_all_tasks=true"
        yield Site(person, bring, lambda: first.ask("GET", out))

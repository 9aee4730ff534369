"""Potato, by the calls of its annotation page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.bench_http import (
    Browser,
    free_port,
)
from tools.peers.site import LABELS, Person, Site, article, running

DONE = 50

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
